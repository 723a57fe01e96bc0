# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small world to run tasks in: what the site really did, request by request, beside what the module said of it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common import warnings

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import Failure
from arcgis_simulator.call import Call
from arcgis_simulator.delivery import body_of
from arcgis_simulator.product import WRITING, Product
from arcgis_simulator.request_log import RequestLog
from arcgis_simulator.tokens import TokenStore

ABSENT = "absent"
QUEUED = ("new", "submitted", "waiting")
FINISHED = ("succeeded", "failed", "cancelled", "timed_out")

# The faults after which a request's answer reaches the module whole, whatever else they do.
HARMLESS = frozenset(
    ("clock_skew", "content_type", "token_expired", "token_revoked", "job_vanishes_before", "job_vanishes_after")
    + ("job_changes", "carried_out_later", "stale", "filters_ignored", "wrong_unit")
)

_NOTEBOOK_WORDS = {"SUBMITTED": "submitted", "PROCESSING": "executing", "COMPLETED": "succeeded", "FAILED": "failed"}


def gp_status(word: str) -> str:
    """Return timed_out for esriJobTimedOut and for TimedOut."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word.replace("esriJob", "")).lower()


def notebook_status(word: str, is_cancelled: bool) -> str:
    """Return the status of a notebook job, which the site does not tell in one word."""
    status = _NOTEBOOK_WORDS[word]
    if is_cancelled:
        return "cancelled" if status in FINISHED else "cancelling"
    return status


def statuses_of(views: list[dict[str, Any]]) -> dict[str, str]:
    """Return {job ID: status} of jobs as the simulator shows them to tests."""
    return {
        view["job_id"]: notebook_status(view["status"], view["is_cancelled"])
        if view["context"] == "notebook"
        else gp_status(view["status"])
        for view in views
    }


@dataclass
class Visit:
    """A request that arrived: the faults that it met, and, if it came through to the product, what that did.

    touched holds the jobs that a write changed, shown the statuses that an answer told.
    """

    call: Call
    faults: frozenset[str]
    accepted: bool = False
    touched: frozenset[str] = frozenset()
    shown: dict[str, str] = field(default_factory=dict)

    @property
    def is_write(self) -> bool:
        """Say whether the request would change jobs."""
        return self.call.operation in WRITING

    @property
    def answer_arrived(self) -> bool:
        """Say whether the module got the answer of the product."""
        return self.faults <= HARMLESS

    @property
    def answer_may_have_arrived(self) -> bool:
        """Say whether the module got the answer of the product, or one of which other keys may have been changed."""
        return self.faults <= HARMLESS | {"wrong_types"}

    def concerns(self, job_id: str, service: str | None) -> bool:
        """Say whether a write is about this job."""
        return self.call.job in (None, job_id) and self.call.service in (None, f"{service}.GPServer")


def shown_in(call: Call, payload: Any) -> dict[str, str]:
    """Return the statuses that the answer to a reading request tells."""
    if call.operation == "job" and call.job is not None:
        if call.error_code is not None:
            return {call.job: ABSENT} if call.error_code == 404 else {}
        if call.context == "notebook":
            return {call.job: notebook_status(payload["status"], payload["customAttributes"]["isCancelled"])}
        return {call.job: gp_status(payload["status"])}
    if call.operation == "query" and call.error_code is None:
        return {job_id: gp_status(word) for job_id, word in payload["results"].items()}
    if call.operation == "system/jobs" and call.error_code is None:
        return {
            entry["jobId"]: notebook_status(entry["status"], entry["customAttributes"]["isCancelled"])
            for entry in payload["asyncJobs"]
            if "status" in entry
        }
    return {}


@dataclass(frozen=True)
class Task:
    """A module with its options, and the jobs that it selects; jobs maps the ID of each to its service."""

    module: str
    context: str
    options: dict[str, Any]
    jobs: dict[str, str | None] = field(default_factory=dict)
    check: bool = False
    diff: bool = False

    @property
    def state(self) -> str | None:
        """Return the wanted state."""
        return self.options.get("state")

    @property
    def goal(self) -> tuple[str, ...]:
        """Return the statuses that say that a write had its effect."""
        if self.module == "gp_queue":
            return (ABSENT, "cancelling", "cancelled")
        return (ABSENT, "deleting") if self.state == ABSENT else ("cancelling", "cancelled")


@dataclass
class Run:
    """A task that has run: what it said, what arrived at the site, and the jobs before and after.

    stirred holds the jobs that other actors changed meanwhile; None stands for any.
    """

    task: Task
    result: dict[str, Any]
    visits: list[Visit]
    before: dict[str, str]
    after: dict[str, str]
    stirred: frozenset[str | None]
    printed: str
    log: list[dict[str, Any]]
    errors: list[Failure]

    @property
    def failed(self) -> bool:
        """Say whether the task failed."""
        return bool(self.result.get("failed"))

    @property
    def items(self) -> list[dict[str, Any]]:
        """Return what the module said of each job."""
        return self.result.get("jobs", [])

    @property
    def writes(self) -> list[Visit]:
        """Return the writes that arrived."""
        return [visit for visit in self.visits if visit.is_write]

    def is_stirred(self, job_id: str) -> bool:
        """Say whether other actors may have changed a job."""
        return None in self.stirred or job_id in self.stirred

    def struck(self, *kinds: str) -> bool:
        """Say whether a request met a fault of one of these kinds."""
        return any(visit.faults & set(kinds) for visit in self.visits)


class World:
    """The simulated site, what arrived there, and the secrets that it knows."""

    def __init__(self, sim: Any, scenario: str, run: Callable[..., dict[str, Any]], folder: Path) -> None:
        self.sim = sim
        self.folder = folder
        self.visits: list[Visit] = []
        self.errors: list[Failure] = []
        self.secrets: set[str] = set()
        # Puts a proxy between the tasks and the site, or takes it away.
        self.use_proxy: Callable[[bool], None] = lambda used: None
        # The jobs, or None for any, to which the site may yet do what an earlier task asked for.
        self.late: set[str | None] = set()
        self._scenario = scenario
        self._run = run

    def begin(self) -> None:
        """Make the site as new."""
        self.sim.reset(self._scenario)
        self.sim.freeze()
        self.secrets = {"gis_admin-Secret-1"}
        self.late = set()

    def run(self, task: Task) -> Run:
        """Run a task."""
        self.visits, self.errors = [], []
        self.sim.clear_requests()
        warnings._global_warnings.clear()
        before, stderr = self.jobs(task), io.StringIO()
        stirred = self.late | {
            None for fault in self.sim.faults() if fault["kind"].startswith("job_") and not fault.get("job")
        }
        stirred |= {job for fault in self.sim.faults() for job in fault.get("job") or ()}
        with redirect_stderr(stderr):
            result = self._run(task.module, context=task.context, check=task.check, diff=task.diff, **task.options)
        self.late |= {visit.call.job for visit in self.visits if "carried_out_later" in visit.faults}
        left = "".join(path.read_text(errors="replace") for path in self.folder.rglob("*") if path.is_file())
        return Run(
            task,
            result,
            list(self.visits),
            before,
            self.jobs(task),
            frozenset(stirred),
            json.dumps(result) + stderr.getvalue() + left,
            self.sim.requests(),
            list(self.errors),
        )

    def jobs(self, task: Task) -> dict[str, str]:
        """Return {job ID: status} as it is now, without jobs that the task looks for in another service."""
        views = self.sim.jobs(task.context)
        return statuses_of(
            [view for view in views if task.jobs.get(view["job_id"], view["service"]) == view["service"]]
        )

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Note from now on every request that arrives, every token that is issued, and every error that is reported."""
        add, answer, issue, as_result = RequestLog.add, Product.answer, TokenStore.issue, Failure.as_result

        def noting_add(log: RequestLog, call: Call, at: int, faults: list[str]) -> dict[str, Any]:
            self.visits.append(Visit(call, frozenset(faults)))
            return add(log, call, at, faults)

        def noting_answer(product: Product, call: Call) -> Any:
            visit = next((visit for visit in reversed(self.visits) if visit.call is call), None)
            # A write that is carried out later comes without a visit of its own.
            before = statuses_of(product.job_views()) if visit and visit.is_write else {}
            response = answer(product, call)
            if visit is not None:
                visit.accepted = call.error_code is None
                if visit.is_write:
                    after = statuses_of(product.job_views())
                    visit.touched = frozenset(job_id for job_id in before if before[job_id] != after.get(job_id))
                else:
                    visit.shown = shown_in(call, json.loads(body_of(response) or b"{}"))
            return response

        def noting_issue(store: TokenStore, token: Any) -> str:
            text = issue(store, token)
            self.secrets.add(text)
            return text

        def noting_as_result(error: Failure) -> dict[str, Any]:
            self.errors.append(error)
            return as_result(error)

        monkeypatch.setattr(RequestLog, "add", noting_add)
        monkeypatch.setattr(Product, "answer", noting_answer)
        monkeypatch.setattr(TokenStore, "issue", noting_issue)
        monkeypatch.setattr(Failure, "as_result", noting_as_result)
