# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data from which playbooks/awx_setup.yml sets up AWX: AWX refuses none of it, and surveys ask what roles take."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
PROJECT = ROOT / "examples" / "awx"
sys.path.insert(0, str(ROOT / "tests" / "controller"))

import rules  # noqa: E402


class Loader(yaml.SafeLoader):
    """Reads the tag with which Ansible marks a text that it must not template."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def read(*path: str) -> Any:
    return yaml.load(ROOT.joinpath(*path).read_text(encoding="utf-8"), Loader)


DATA = {name: value for path in (PROJECT / "controller").glob("*.yml") for name, value in read(path.as_posix()).items()}
TEMPLATES = {template["name"]: template for template in DATA["awx_setup_job_templates"]}
NODES = DATA["awx_setup_workflow"]["nodes"]
CREDENTIAL_INPUTS = read("examples", "awx", "credential_type", "input.yml")
INJECTORS = read("examples", "awx", "credential_type", "injectors.yml")
OPTIONS = {
    name: option
    for path in ROOT.glob("roles/*/meta/argument_specs.yml")
    for name, option in read(path.as_posix())["argument_specs"]["main"]["options"].items()
}
QUESTIONS = [
    pytest.param(question, id=f"{template['playbook']}-{question['variable']}")
    for template in TEMPLATES.values()
    for question in template["survey"]
]
TASKS = read("playbooks", "tasks", "awx_setup.yml")
CHECK_SITE = ROOT / "playbooks" / "check_site.yml"


def survey(template: dict[str, Any]) -> dict[str, Any]:
    """Return the survey as the playbook sends it."""
    common = read("playbooks", "awx_setup.yml")[0]["vars"]["awx_setup_question"]
    return {"name": "", "description": "", "spec": [{**common, **question} for question in template["survey"]]}


# What AWX refuses


def test_the_credential_type_has_known_keys_and_injects_known_fields() -> None:
    assert rules.credential_type_problems(CREDENTIAL_INPUTS, INJECTORS) == []


def test_the_credential_has_an_input_for_each_field_and_no_other() -> None:
    inputs = DATA["awx_setup_credential"]["inputs"]
    assert (
        rules.credential_problems(
            {name: value for name, value in inputs.items() if name != "token_source"}, CREDENTIAL_INPUTS
        )
        == []
    )
    assert set(inputs) == {field["id"] for field in CREDENTIAL_INPUTS["fields"]}


def test_an_input_is_read_from_the_variable_that_its_field_becomes() -> None:
    inputs = DATA["awx_setup_credential"]["inputs"]
    for variable, template in INJECTORS["env"].items():
        name = template.strip("{} ")
        assert name == "ca_path" or f"'{variable}'" in inputs[name]


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template["playbook"])
def test_the_project_has_the_playbook(template: dict[str, Any]) -> None:
    assert template["playbook"] in rules.playbooks(PROJECT)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template["playbook"])
def test_awx_takes_the_survey(template: dict[str, Any]) -> None:
    assert rules.survey_problems(survey(template)) == []


@pytest.mark.parametrize("schedule", DATA["awx_setup_schedules"], ids=lambda schedule: schedule["name"])
def test_awx_takes_the_schedule(schedule: dict[str, Any]) -> None:
    assert rules.rrule_problems(schedule["rrule"]) == []
    assert rules.answer_problems(schedule["answers"], TEMPLATES[schedule["template"]]) == []


@pytest.mark.parametrize(
    "node", [node for node in NODES if "job_template" in node], ids=lambda node: node["identifier"]
)
def test_awx_takes_the_answers_of_a_node(node: dict[str, Any]) -> None:
    assert rules.answer_problems(node.get("answers", {}), TEMPLATES[node["job_template"]]) == []


def test_awx_takes_the_messages() -> None:
    assert rules.message_problems(DATA["awx_setup_notification_template"]["messages"]) == []


def test_the_mail_has_the_text_of_the_report() -> None:
    body = DATA["awx_setup_notification_template"]["messages"]["success"]["body"]
    job = {"name": "report", "artifacts": {"job_report_text": "2 jobs failed"}}
    assert rules.render(body, {"job": job, "url": "https://awx/1"}).startswith("2 jobs failed")


# The workflow


def test_a_node_is_made_after_those_that_follow_it() -> None:
    made: set[str] = set()
    for node in reversed(NODES):
        assert set(node.get("then", [])) <= made
        made.add(node["identifier"])
    assert [node["identifier"] for node in NODES] == ["report", "approval", "clean-up", "report-again"]


def test_an_approval_stands_between_the_report_and_the_clean_up() -> None:
    assert [("approval" in node, node.get("job_template")) for node in NODES] == [
        (False, "ArcGIS report"),
        (True, None),
        (False, "ArcGIS clean-up"),
        (False, "ArcGIS report"),
    ]


def test_nodes_are_tasks_of_their_own_in_reverse_order_and_the_approval_comes_last() -> None:
    workflows = [task["workflow_job_template"] for task in TASKS if "workflow_job_template" in task]
    assert workflows and not any({"workflow_nodes", "schema"} & set(task) for task in workflows)
    nodes = [task for task in TASKS if "workflow_job_template_node" in task]
    names = [set(task["workflow_job_template_node"]) for task in nodes]
    assert [("success_nodes" in each, "approval_node" in each) for each in names] == [(True, False), (False, True)]
    assert nodes[0]["loop"] == "{{ awx_setup_workflow.nodes | reverse }}"


# The surveys and the roles


def expected(option: dict[str, Any]) -> dict[str, Any]:
    """Return what the question for an option of a role says of its type, its choices and its default."""
    kind, choices, default = option["type"], option.get("choices"), option.get("default")
    if kind == "list" and choices:
        return {"type": "multiselect", "choices": choices, "default": "\n".join(default or [])}
    if kind == "list":
        return {"type": "textarea", "default": "\n".join(default or [])}
    if kind == "bool":
        return {"type": "multiplechoice", "choices": ["true", "false"], "default": str(default).lower()}
    if choices:
        return {"type": "multiplechoice", "choices": choices, "default": default}
    return {"type": "integer" if kind == "int" else "text", "default": default}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_the_type_the_choices_and_the_default_of_the_role(question: dict[str, Any]) -> None:
    name = question["variable"]
    option = OPTIONS.get(name) or check_site_option(name)
    wanted = expected(option)
    asked = {key: question[key] for key in ("type", "choices", "default") if key in question}
    if question.get("required"):
        # It has to be answered, so nothing is suggested; that is for what selects nothing by default.
        assert not wanted.pop("default")
    assert asked == wanted


def check_site_option(name: str) -> dict[str, Any]:
    """Return an option of the playbook check_site, which has no role: its values are those of the module."""
    if not CHECK_SITE.exists():
        pytest.skip("playbooks/check_site.yml does not exist yet")
    assert name in CHECK_SITE.read_text(encoding="utf-8")
    if name == "check_site_assumptions":  # the playbook turns on what the module has off
        return {"type": "bool", "default": True}
    module = importlib.import_module("ansible_collections.gisops.arcgis.plugins.modules.site_info")
    option: dict[str, Any] = yaml.safe_load(module.DOCUMENTATION)["options"][name.removeprefix("check_site_")]
    return option


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template["playbook"])
def test_what_a_role_requires_is_given_by_the_template(template: dict[str, Any]) -> None:
    prefix = {"report.yml": "job_report_", "cleanup.yml": "gp_job_cleanup_", "drain.yml": "gp_drain_"}
    required = {
        name
        for name, option in OPTIONS.items()
        if option.get("required") and name.startswith(prefix.get(template["playbook"], "gp_job_cleanup_"))
    }
    assert required <= set(rules.launch_variables(template, {}))


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template["playbook"])
def test_a_playbook_of_the_project_only_imports_one_of_the_collection(template: dict[str, Any]) -> None:
    (play,) = read("examples", "awx", template["playbook"])
    name = play["ansible.builtin.import_playbook"].removeprefix("gisops.arcgis.")
    if name == "check_site" and not CHECK_SITE.exists():
        pytest.skip("playbooks/check_site.yml does not exist yet")
    assert set(play) - {"vars"} == {"name", "ansible.builtin.import_playbook"}
    assert (ROOT / "playbooks" / f"{name}.yml").exists()


def test_stuck_jobs_are_cancelled_by_a_template_that_cannot_delete() -> None:
    asked = {question["variable"] for question in TEMPLATES["ArcGIS cancel stuck jobs"]["survey"]}
    assert asked and not any("delete" in name for name in asked)
    # Nor can an inventory, which may have an age for the other template.
    (play,) = read("examples", "awx", "cancel_stuck.yml")
    assert play["vars"] == {"gp_job_cleanup_delete_after": ""}


# The rules, each broken once


def question(**changed: Any) -> dict[str, Any]:
    return {"variable": "a", "question_name": "A", "type": "text", "required": False, **changed}


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (question(type="multiplechoice", choices=["x", "y"], default="z"), "not among its choices"),
        (question(type="multiplechoice", choices=["x", "y"], default="x\ny"), "several defaults"),
        (question(type="multiselect", choices=["x", "y"], default="x\nz"), "not among its choices"),
        (question(type="multiselect", choices=["x", "y"], default=["x"]), "not of the type"),
        (question(type="integer", default="1"), "not of the type"),
        (question(type="text", default=1), "not of the type"),
        (question(type="bool"), "no type of a question"),
        ({"variable": "a", "type": "text", "required": False}, "no question_name"),
    ],
)
def test_a_survey_is_refused(broken: dict[str, Any], problem: str) -> None:
    problems = rules.survey_problems({"name": "", "description": "", "spec": [broken]})
    assert len(problems) == 1 and problem in problems[0]


def test_a_survey_that_asks_twice_or_has_no_name_is_refused() -> None:
    assert rules.survey_problems({"name": "", "description": "", "spec": [question(), question()]}) == [
        "a is asked twice."
    ]
    assert rules.survey_problems({"description": "", "spec": [question()]}) == ["The survey has no name."]


@pytest.mark.parametrize(
    ("rrule", "problem"),
    [
        ("RRULE:FREQ=DAILY;INTERVAL=1", "DTSTART is required, once."),
        ("DTSTART:20260101T020000 RRULE:FREQ=DAILY;INTERVAL=1", "DTSTART needs a zone."),
        ("DTSTART:20260101T020000Z RRULE:FREQ=DAILY", "INTERVAL is required in each rule."),
        ("DTSTART:20260101T020000Z RRULE:FREQ=SECONDLY;INTERVAL=1", "SECONDLY is not supported."),
        ("DTSTART:20260101T020000Z", "A rule is required."),
    ],
)
def test_a_recurrence_rule_is_refused(rrule: str, problem: str) -> None:
    assert rules.rrule_problems(rrule) == [problem]


def test_a_recurrence_rule_may_name_its_zone() -> None:
    assert rules.rrule_problems("DTSTART;TZID=Europe/Zurich:20260101T020000 RRULE:FREQ=DAILY;INTERVAL=1") == []


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"b": "x"}, "b is not asked for."),
        ({"a": "z"}, "a cannot be 'z'."),
        ({"a": True}, "a cannot be True."),
    ],
)
def test_an_answer_is_refused(answers: dict[str, Any], problem: str) -> None:
    template = {"survey": [question(type="multiplechoice", choices=["x", "y"])]}
    assert rules.answer_problems(answers, template) == [problem]


def test_a_template_that_asks_for_variables_takes_any() -> None:
    assert rules.answer_problems({"b": "x"}, {"survey": [question()], "ask_variables": True}) == []


def test_a_required_question_must_be_answered() -> None:
    assert rules.answer_problems({}, {"survey": [question(required=True)]}) == ["a must be answered."]


def test_other_inputs_of_a_credential_are_refused() -> None:
    assert rules.credential_problems({"server": "x"}, CREDENTIAL_INPUTS) == ["The credential type has no field server."]
    assert "not one of its choices" in rules.credential_problems({"token_source": ""}, CREDENTIAL_INPUTS)[0]


def test_other_keys_of_a_field_are_refused() -> None:
    fields = {"fields": [{"id": "a", "label": "A", "help_txt": "x"}]}
    assert rules.credential_type_problems(fields, {"env": {"A": "{{ a }}"}}) == ["The field a has help_txt."]
    assert "'b' is undefined" in rules.credential_type_problems({"fields": []}, {"env": {"A": "{{ b }}"}})[0]


def test_a_message_with_what_no_job_has_is_refused() -> None:
    body = {"success": {"message": "x", "body": "{{ job.artifacts.job_report_text }}"}}
    assert "job_report_text" in rules.message_problems(body)[0]
    assert "line break" in rules.message_problems({"error": {"message": "a\nb"}})[0]


# What AWX makes of the answers


def test_the_defaults_of_a_survey_are_passed_on_but_for_several_choices() -> None:
    template = {
        "variables": {"d": "kept"},
        "survey": [
            question(default=""),
            question(variable="b", type="integer", default=3),
            question(variable="c", type="multiselect", choices=["x", "y"], default="x\ny"),
            question(variable="e"),
        ],
    }
    assert rules.launch_variables(template, {"b": 4}) == {"a": "", "b": 4, "d": "kept"}


def test_texts_are_marked_and_numbers_are_not() -> None:
    text = rules.unsafe_yaml({"a": "{{ b }}", "c": ["d"], "e": 1})
    assert text.count("!unsafe") == 5
    assert yaml.load(text, Loader) == {"a": "{{ b }}", "c": ["d"], "e": 1}
