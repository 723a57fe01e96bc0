# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX refuses, and what it makes of the answers to a survey, each rule as a function of plain data.

A function with `problems` in its name returns what AWX would refuse, each as a sentence; an empty list is accepted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

Question = Mapping[str, Any]

_FIELD_KEYS = {
    "id",
    "label",
    "type",
    "help_text",
    "secret",
    "multiline",
    "format",
    "choices",
    "default",
    "ask_at_runtime",
}
_QUESTION_TYPES = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": (float, int),
}
# What a list of playbooks is made of: files that start a play or import a playbook.
_PLAYBOOK = re.compile(r"\s*-?\s*(hosts|(ansible\.builtin\.)?(include|import_playbook)):", re.MULTILINE)
_NO_PLAYBOOKS = {"roles", "tasks", "group_vars", "host_vars"}
# What a message is tried with before a job has run: nothing is in the artifacts.
_EXAMPLE = {
    "job": {"name": "Example", "status": "running", "artifacts": {}},
    "job_friendly_name": "Job",
    "url": "https://awx.example.com/#/jobs/playbook/1",
    "job_metadata": "{}",
}


def render(text: str, variables: Mapping[str, Any]) -> str:
    """Return a template of AWX filled in. Raises TemplateError for a name that is not there."""
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(text).render(variables)


def _template_problems(texts: Iterable[str], variables: Mapping[str, Any]) -> list[str]:
    problems = []
    for text in texts:
        try:
            render(text, variables)
        except TemplateError as error:
            problems.append(f"{text!r}: {error}")
    return problems


def credential_type_problems(inputs: Mapping[str, Any], injectors: Mapping[str, Any]) -> list[str]:
    """Fields have known keys only, and injectors name fields only."""
    fields = inputs.get("fields", [])
    problems = [f"The field {field['id']} has {key}." for field in fields for key in sorted(field.keys() - _FIELD_KEYS)]
    problems += [f"There is no key {key} beside fields." for key in sorted(inputs.keys() - {"fields", "required"})]
    return problems + _template_problems(injectors.get("env", {}).values(), {field["id"]: "x" for field in fields})


def credential_problems(inputs: Mapping[str, Any], type_inputs: Mapping[str, Any]) -> list[str]:
    """A credential has inputs of its type only, and one with choices is one of them."""
    fields = {field["id"]: field for field in type_inputs["fields"]}
    unknown = [f"The credential type has no field {name}." for name in sorted(inputs.keys() - fields.keys())]
    return unknown + [
        f"{name} is {value!r}, which is not one of its choices."
        for name, value in inputs.items()
        if name in fields and value not in fields[name].get("choices", [value])
    ]


def playbooks(project: Path) -> set[str]:
    """Return the playbooks that AWX offers of a project, by their paths in it."""
    found = set()
    for path in project.rglob("*.y*ml"):
        inside = path.relative_to(project)
        hidden = any(part.startswith(".") or part in _NO_PLAYBOOKS for part in inside.parts[:-1])
        if not hidden and _PLAYBOOK.search(path.read_text(encoding="utf-8")):
            found.add(inside.as_posix())
    return found


def survey_problems(spec: Mapping[str, Any]) -> list[str]:
    """A default of a survey has the type of its question, and is among its choices."""
    missing = [f"The survey has no {key}." for key in ("name", "description", "spec") if key not in spec]
    questions = spec.get("spec", [])
    names = [question.get("variable") for question in questions]
    twice = [f"{name} is asked twice." for name in sorted(set(names)) if names.count(name) > 1]
    return missing + twice + [problem for question in questions for problem in _question_problems(question)]


def _question_problems(question: Question) -> list[str]:
    keys = ("variable", "question_name", "type", "required")
    missing = [f"A question has no {key}." for key in keys if key not in question]
    if missing or question["type"] not in _QUESTION_TYPES:
        return missing or [f"{question['type']} is no type of a question."]
    name, default = question["variable"], question.get("default", "")
    if default != "" and (not isinstance(default, _QUESTION_TYPES[question["type"]]) or isinstance(default, bool)):
        return [f"The default of {name} is not of the type {question['type']}."]
    if question["type"] not in ("multiplechoice", "multiselect"):
        return []
    chosen = str(default).splitlines()
    wrong = [
        f"The default {each} of {name} is not among its choices." for each in chosen if each not in question["choices"]
    ]
    if question["type"] == "multiplechoice" and len(chosen) > 1:
        wrong.append(f"{name} has several defaults.")
    return wrong


def rrule_problems(rrule: str) -> list[str]:
    """A recurrence rule begins with one DTSTART that has a zone, and each rule in it has an interval."""
    starts = re.findall(r"DTSTART(;TZID=[^:\s]+)?:\d{8}T\d{6}(Z?)", rrule)
    rules = re.findall(r"RULE:\S+", rrule)
    checks = {
        "DTSTART is required, once.": len(starts) == 1,
        "DTSTART needs a zone.": all(any(start) for start in starts),
        "A rule is required.": bool(rules),
        "INTERVAL is required in each rule.": all("INTERVAL=" in rule for rule in rules),
        "SECONDLY is not supported.": not any("SECONDLY" in rule for rule in rules),
    }
    return [problem for problem, holds in checks.items() if not holds]


def answer_problems(answers: Mapping[str, Any], template: Mapping[str, Any]) -> list[str]:
    """What a schedule or a node passes on is asked for by the survey, or the template asks for variables."""
    questions = {question["variable"]: question for question in template.get("survey", [])}
    problems = [
        f"{name} is not asked for." for name in answers if name not in questions and not template.get("ask_variables")
    ]
    problems += [
        f"{name} must be answered." for name, each in questions.items() if each.get("required") and name not in answers
    ]
    return problems + [
        f"{name} cannot be {value!r}."
        for name, value in answers.items()
        if name in questions and not is_answer(questions[name], value)
    ]


def is_answer(question: Question, value: Any) -> bool:
    """Say whether AWX takes a value for a question: a choice, a list of choices, a whole number or a text."""
    kind = question["type"]
    if kind == "multiselect":
        return isinstance(value, list) and all(each in question["choices"] for each in value)
    if kind == "multiplechoice":
        return value in question["choices"]
    if kind == "integer":
        return type(value) is int and value >= question.get("min", value)
    return isinstance(value, str)


def launch_variables(template: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the extra variables of a job: those of the template, the defaults of its survey, and what was answered.

    A default that would be no answer, such as that of several choices, which is a text, is left out.
    """
    defaults = {
        question["variable"]: question["default"]
        for question in template["survey"]
        if "default" in question and is_answer(question, question["default"])
    }
    return {**template.get("variables", {}), **defaults, **answers}


def unsafe_yaml(variables: Mapping[str, Any]) -> str:
    """Return extra variables as AWX writes them for ansible-runner: no text in them is ever templated."""

    class Dumper(yaml.SafeDumper):  # type: ignore[misc, unused-ignore]
        pass

    Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))
    # Through JSON, so that nothing is an anchor, which AWX does not write either.
    return str(yaml.dump(json.loads(json.dumps(variables)), Dumper=Dumper, default_flow_style=False))


def message_problems(messages: Mapping[str, Any]) -> list[str]:
    """The subject of a message is one line, and the templates in it can be filled in before a job has run."""
    events = [event for event in messages.values() if event]
    problems = [
        f"A message has a line break: {event['message']!r}" for event in events if "\n" in event.get("message", "")
    ]
    return problems + _template_problems((text for event in events for text in event.values()), _EXAMPLE)
