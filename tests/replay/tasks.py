# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which modules ask for what a folder holds, and where each product is, as its recorded paths tell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.gisops.arcgis.tests.replay.recording import Request

Options = dict[str, Any]

_STATUSES = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Rule:
    """A resource: the product that has it, the path below the context URL, and the module that asks for it.

    options gets what the path names and the parameters of the request; None where the module would ask otherwise.
    """

    product: str
    path: re.Pattern[str]
    module: str | None = None
    options: Callable[[Mapping[str, str], Mapping[str, str]], Options | None] = lambda names, parameters: {}


@dataclass
class Task:
    """A module and its options."""

    module: str
    options: Options = field(default_factory=dict)

    def __str__(self) -> str:
        options = ", ".join(f"{name}: {value}" for name, value in self.options.items())
        return f"{self.module}: {options}" if options else self.module

    def takes_in(self, other: Task) -> bool:
        """Read the jobs of another task as well, if it reads jobs in the same way; say whether it does."""
        if "job_ids" not in self.options or self._way() != other._way():
            return False
        ids = [*self.options["job_ids"], *other.options["job_ids"]]
        self.options = {**self.options, **other.options, "job_ids": list(dict.fromkeys(ids))}
        return True

    def _way(self) -> tuple[str, Options]:
        return self.module, {name: value for name, value in self.options.items() if name not in ("job_ids", "messages")}


def _service(names: Mapping[str, str]) -> str:
    """Return a service as the modules name it."""
    return names["service"].removesuffix(".GPServer")


def _query(names: Mapping[str, str], parameters: Mapping[str, str]) -> Options | None:
    """Return the options of a query. With a window or a user the module reads each job, which asks for more."""
    if not parameters.keys() <= {"number", "jobStatus"}:
        return None
    options: Options = {"services": [_service(names)]}
    if "jobStatus" in parameters:
        options["statuses"] = [_STATUSES.sub("_", parameters["jobStatus"].removeprefix("esriJob")).lower()]
    if "number" in parameters:
        options["page_size"] = int(parameters["number"])
    return options


def _statistics(names: Mapping[str, str], parameters: Mapping[str, str]) -> Options:
    return {"services": [_service(names)], "statistics": True}


def _gp_job(names: Mapping[str, str], parameters: Mapping[str, str]) -> Options:
    return {"service": _service(names), "job_ids": [names["job_id"]]}


def _notebook_list(names: Mapping[str, str], parameters: Mapping[str, str]) -> Options:
    return {
        "scan_limit": int(parameters.get("num", 1000)),
        "details": parameters.get("detail") == "true",
        "sort_by_date": parameters.get("sortByDate") == "true",
    }


def _job(names: Mapping[str, str], parameters: Mapping[str, str]) -> Options:
    return {"job_ids": [names["job_id"]]}


_ID = r"(?P<job_id>[^/]+)"
_GP_JOBS = r"admin/services/(?P<service>(?:[^/]+/)?[^/]+\.[A-Za-z]+Server)/jobs"
# The first rule that fits counts.
RULES = (
    Rule("gp", re.compile(f"{_GP_JOBS}/query"), "gp_job_query", _query),
    Rule("gp", re.compile(f"{_GP_JOBS}/statistics"), "gp_job_query", _statistics),
    Rule("gp", re.compile(f"{_GP_JOBS}/{_ID}"), "gp_job_info", _gp_job),
    Rule(
        "gp",
        re.compile(rf"rest/services/(?P<service>.+)/GPServer/[^/]+/jobs/{_ID}"),
        "gp_job_info",
        lambda names, parameters: {**_gp_job(names, parameters), "messages": True},
    ),
    Rule("gp", re.compile("admin/services"), "gp_services_info"),
    Rule("gp", re.compile("admin/services/.+")),
    Rule("gp", re.compile("admin/system/directories/arcgisjobs"), "gp_jobs_directory"),
    Rule("notebook", re.compile("admin/system/jobs"), "notebook_jobs_info", _notebook_list),
    Rule("notebook", re.compile(f"admin/system/jobs/{_ID}"), "notebook_jobs_info", _job),
    Rule(
        "notebook",
        re.compile("admin/notebooks/jobs"),
        "notebook_jobs_info",
        lambda names, parameters: {"platform": "kubernetes"},
    ),
    Rule(
        "notebook",
        re.compile(f"admin/notebooks/jobs/{_ID}"),
        "notebook_jobs_info",
        lambda names, parameters: {**_job(names, parameters), "platform": "kubernetes"},
    ),
    Rule("video", re.compile(f"rest/jobs/job/{_ID}"), "video_job_info", _job),
)
_CONTEXT = re.compile(r"(?P<context>/.*?)/(?P<path>(?:admin|rest)/.*)")


def rule_of(request: Request) -> tuple[Rule, str, Mapping[str, str]] | None:
    """Return the rule for a request, the path of the context, and what the path names; None where no rule fits."""
    parts = _CONTEXT.fullmatch(request.path)
    if parts is None:
        return None
    fitting = ((rule, rule.path.fullmatch(parts["path"])) for rule in RULES)
    return next(((rule, parts["context"], found.groupdict()) for rule, found in fitting if found), None)


def product_urls(requests: Sequence[Request]) -> dict[str, tuple[str, str]]:
    """Return origin and context of each product whose resources are among the requests, by action group."""
    found = [(request, rule_of(request)) for request in reversed(requests)]
    return {rule[0].product: (request.origin, rule[1]) for request, rule in found if rule}


def derived_tasks(requests: Sequence[Request]) -> list[Task]:
    """Return the tasks that ask for the recorded requests. What only other options would ask for is left out."""
    tasks: list[Task] = []
    for task in filter(None, map(_task_of, requests)):
        if task not in tasks and not any(each.takes_in(task) for each in tasks):
            tasks.append(task)
    return tasks


def _task_of(request: Request) -> Task | None:
    rule, _dummy, names = rule_of(request) or (None, "", {})
    if rule is None or rule.module is None:
        return None
    options = rule.options(names, dict(request.parameters))
    return None if options is None else Task(rule.module, options)
