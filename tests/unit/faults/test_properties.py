# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks run against a site that fails in every way while others work there; what the tasks say must stay true."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from ansible_collections.gisops.arcgis.tests.unit.faults.conftest import PARTS
from ansible_collections.gisops.arcgis.tests.unit.faults.model import ABSENT, FINISHED, QUEUED, Run, Task, World
from ansible_collections.gisops.arcgis.tests.unit.faults.promises import PROMISES, no_secret_is_told

BUFFER, EXPORT = "Maps/Buffer", "Planning/Export"
GP_JOBS = {**{f"jb{n}": BUFFER for n in range(5)}, **{f"je{n}": EXPORT for n in range(3)}}
NOTEBOOK_JOBS: dict[str, str | None] = {f"jn{n}": None for n in range(4)}
GP_STATUSES = (
    "new",
    "submitted",
    "waiting",
    "executing",
    "succeeded",
    "failed",
    "cancelling",
    "cancelled",
    "timed_out",
)
USUAL_STATUSES = ("executing", "submitted", "waiting", "executing", "submitted", *GP_STATUSES)
NOTEBOOK_STATUSES = ("SUBMITTED", "PROCESSING", "COMPLETED", "FAILED")
SETTLED = 300.0  # seconds after which every cancel, deletion and lag of the small site is over

# Faults


def faults(*kinds: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return faults of these kinds that strike some of the requests, with these parameters."""
    strikes = st.one_of(
        st.fixed_dictionaries({"skip": st.sampled_from((0, 0, 0, 1, 2, 4)), "count": st.integers(1, 3)}),
        st.fixed_dictionaries({"probability": st.sampled_from((0.2, 0.5)), "seed": st.integers(0, 99)}),
    )
    what = st.fixed_dictionaries({"kind": st.sampled_from(kinds), **more})
    return st.tuples(what, strikes).map(lambda both: {**both[0], **both[1]})


WRITES = ["cancel", "delete", "purgeQueue", "deleteAll"]
WHERE = st.sampled_from((None, "job", "query", "system/jobs", "generateToken", "rest/info"))
AT_WRITES = st.just(WRITES)
CARRIED_OUT = st.booleans()
GP_ID = st.lists(st.sampled_from(tuple(GP_JOBS)), min_size=1, max_size=3, unique=True)
NOTEBOOK_ID = st.lists(st.sampled_from(tuple(NOTEBOOK_JOBS)), min_size=1, max_size=3, unique=True)
GP, NOTEBOOK = st.just("server"), st.just("notebook")


def what_breaks(where: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return faults that damage, replace or lose the answers to these requests."""
    # "Not found" in answer to a look says that a job is gone, so it would be a lie there.
    codes = (400, 403, 429, 498, 500, 503) + ((404,) if where is AT_WRITES else ())
    return st.one_of(
        faults("refuse", "reset_before", "reset_during", "truncated", operation=where),
        faults("reset_after", "answer_lost", operation=where),
        faults("truncated", operation=where, announced=st.just(False)),
        faults("sign_in_page", "empty_body", "non_json", operation=where, carried_out=CARRIED_OUT),
        faults("non_json", operation=where, text=st.just("password=gis_admin-Secret-1")),
        faults("wrong_shape", operation=where, body=st.sampled_from(({}, [], None, 7)), carried_out=CARRIED_OUT),
        faults("wrong_types", operation=where),
        faults(
            "http_status",
            operation=where,
            status=st.sampled_from((429, 500, 502, 503, 504)),
            retry_after=st.sampled_from((None, 1, 7, "soon", -1)),
            carried_out=CARRIED_OUT,
        ),
        faults("http_status", operation=where, retry_after_date=st.sampled_from((-5, 5)), carried_out=CARRIED_OUT),
        faults(
            "site_error",
            operation=where,
            code=st.sampled_from(codes),
            message=st.sampled_from(("Something went wrong.", "No: gis_admin-Secret-1 does not do.")),
            carried_out=CARRIED_OUT,
        ),
        faults("redirect", operation=where, to=st.sampled_from(("same", "other_origin")), carried_out=CARRIED_OUT),
    )


ANSWERS_FAIL = st.sampled_from((AT_WRITES, AT_WRITES, WHERE)).flatmap(what_breaks)
OTHERS_ARE_AT_WORK = st.one_of(
    faults("job_vanishes_before", "job_vanishes_after", context=GP, job=GP_ID),
    faults("job_vanishes_before", "job_vanishes_after", context=NOTEBOOK, job=NOTEBOOK_ID),
    faults("job_vanishes_after", operation=st.sampled_from(("query", "system/jobs"))),
    faults("job_changes", context=GP, job=GP_ID, operation=AT_WRITES, status=st.sampled_from(GP_STATUSES)),
    # All jobs move on between the look and the write.
    faults(
        "job_changes",
        context=GP,
        job=st.just(list(GP_JOBS)),
        operation=AT_WRITES,
        status=st.sampled_from(("executing", "succeeded")),
    ),
    faults("job_changes", context=GP, job=GP_ID, operation=WHERE, status=st.sampled_from(GP_STATUSES)),
    faults("job_changes", context=NOTEBOOK, job=NOTEBOOK_ID, status=st.sampled_from(NOTEBOOK_STATUSES)),
)
# It knows none of the jobs that the pages of the site show.
ONE_MACHINE_IS_OUT = faults(
    "site_error", operation=st.just(["job", "cancel", "delete"]), code=st.just(404), message=st.just("Not found.")
)
THE_SITE_IS_ODD = st.one_of(
    faults("content_type", "token_expired", "token_revoked"),
    faults("wrong_types", without=st.sampled_from((["status"], ["results"], ["total"], ["nextStart"], ["asyncJobs"]))),
    faults("carried_out_later", operation=AT_WRITES, seconds=st.sampled_from((0.1, 1, 5, 30))),
    faults("stale", seconds=st.sampled_from((0.1, 1, 5, 30))),
    ONE_MACHINE_IS_OUT,
    faults("clock_skew", seconds=st.sampled_from((-7200, 7200))),
    faults("filters_ignored", "wrong_unit"),
)
# The kinds of a group share its likelihood.
FAULTS = st.sampled_from((ANSWERS_FAIL, ANSWERS_FAIL, OTHERS_ARE_AT_WORK, THE_SITE_IS_ODD)).flatmap(lambda group: group)
SEVERAL = st.lists(FAULTS, min_size=1, max_size=4)
# Jobs move on right before a write whose answer is lost: what is seen then is not the doing of the task.
MOVED_UNSEEN = st.sampled_from(("executing", "succeeded")).map(
    lambda status: [
        {"kind": "job_changes", "context": "server", "operation": WRITES, "job": list(GP_JOBS), "status": status},
        {"kind": "reset_after", "operation": WRITES, "count": 2},
    ]
)

# Tasks


def options(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return options of a module; those that are None are left out."""
    common = {
        "retries": st.integers(0, 2),
        "max_concurrency": st.sampled_from((1, 1, 4)),
        "token_location": st.sampled_from(("header", "header", "body")),
    }
    return st.fixed_dictionaries({**common, **more}).map(
        lambda given: {name: value for name, value in given.items() if value is not None}
    )


MAX_JOBS = st.sampled_from((None,) * 8 + (0, 3))
WAIT = {
    "wait": st.sampled_from((False, False, True)),
    "wait_timeout": st.sampled_from((0, 5, 60)),
    "missing_ok": st.booleans(),
    "max_jobs": MAX_JOBS,
}
SOME_STATUSES = st.one_of(
    st.none(),
    st.none(),
    st.none(),
    st.just(["submitted", "executing"]),
    st.lists(st.sampled_from(GP_STATUSES), unique=True),
    st.just(list(FINISHED)),
)


def gp_task(given: dict[str, Any], ids: list[str], by_service: str | None, **modes: bool) -> Task:
    """Select jobs as gp_job_query returns them, or by the IDs of one service, some of which may be another's."""
    if by_service is None:
        chosen = {job_id: GP_JOBS[job_id] for job_id in ids}
        selection: dict[str, Any] = {"jobs": [{"service": chosen[job_id], "job_id": job_id} for job_id in ids]}
    else:
        chosen = dict.fromkeys(ids, by_service)
        selection = {"service": by_service, "job_ids": ids}
    return Task("gp_job", "server", {**given, **selection}, chosen, **modes)


def in_services(module: str, given: dict[str, Any], services: list[str], **modes: bool) -> Task:
    """Select the jobs of services."""
    chosen = {job_id: service for job_id, service in GP_JOBS.items() if service in services}
    return Task(module, "server", {**given, "services": services}, chosen, **modes)


def notebook_task(module: str, given: dict[str, Any], ids: list[str], **modes: bool) -> Task:
    """Select jobs of the Notebook Server."""
    selection = {"job_ids": ids} if module == "notebook_job" else {"scope": "all_finished"}
    return Task(module, "notebook", {**given, **selection}, dict.fromkeys(ids), **modes)


IDS = st.lists(st.sampled_from(tuple(GP_JOBS)), min_size=1, max_size=8, unique=True)
SERVICES = st.sampled_from(([BUFFER], [BUFFER, EXPORT], [EXPORT]))
MODES = {"check": st.sampled_from((False,) * 6 + (True,)), "diff": st.booleans()}

GP_JOB = st.builds(
    gp_task,
    options(
        **WAIT,
        state=st.sampled_from(("cancelled", "absent")),
        only_statuses=SOME_STATUSES,
        summary_only=st.sampled_from((False, False, True)),
    ),
    IDS,
    st.sampled_from((None, None, BUFFER)),
    **MODES,
)
GP_QUEUE = st.builds(
    in_services, st.just("gp_queue"), options(state=st.just("empty"), max_jobs=MAX_JOBS), SERVICES, **MODES
)
GP_JOB_QUERY = st.builds(
    in_services,
    st.just("gp_job_query"),
    options(
        statuses=SOME_STATUSES,
        end_time=st.sampled_from((None, None, "0s")),
        details=st.booleans(),
        page_size=st.sampled_from((None, 2)),
    ),
    SERVICES,
)
NOTEBOOK_JOB = st.builds(
    notebook_task,
    st.just("notebook_job"),
    options(**WAIT, state=st.just("cancelled")),
    NOTEBOOK_ID,
    **MODES,
)
DELETE_ALL = st.builds(
    notebook_task,
    st.just("notebook_jobs"),
    options(state=st.just(ABSENT), max_jobs=MAX_JOBS),
    st.just(list(NOTEBOOK_JOBS)),
    **MODES,
)
TASKS = st.one_of(GP_JOB, GP_JOB, GP_JOB, GP_JOB_QUERY, GP_QUEUE, NOTEBOOK_JOB, NOTEBOOK_JOB, DELETE_ALL)

SETTINGS = st.fixed_dictionaries(
    {
        "max_number": st.sampled_from((None, 2)),
        "cancel_refuses": st.sampled_from(([], ["waiting", "new"])),
        "delete_seconds": st.sampled_from((0, 0, 4)),
    }
)


def quiet_outcome(task: Task, status: str | None, settings: dict[str, Any]) -> str:
    """Return what becomes of a job in this status where nothing fails and nobody else is about."""
    only = task.options.get("only_statuses")
    if status is None:
        if task.state == ABSENT:
            return "already_absent"
        return "missing" if task.options["missing_ok"] else "failed"
    if only is not None and status not in only:
        return "not_selected"
    if task.state == ABSENT:
        return "deleted"
    if status in ("cancelling", "cancelled"):
        return f"already_{status}"
    if status in FINISHED:
        return "already_finished"
    refused = task.module == "gp_job" and status in settings["cancel_refuses"]
    return "failed" if refused else "cancel_accepted"


class Operations(RuleBasedStateMachine):
    """People who run tasks, others who work at the same site, and a network that fails."""

    def __init__(self, world: World, counted: Counter[str]) -> None:
        super().__init__()
        self.world = world
        self.sim = world.sim
        self.counted = counted
        self.last: Task | None = None
        self.settings: dict[str, Any] = {}

    @initialize(
        by_proxy=st.booleans(),
        settings=SETTINGS,
        gp=st.lists(st.sampled_from(USUAL_STATUSES), min_size=len(GP_JOBS), max_size=len(GP_JOBS)),
        notebook=st.lists(st.sampled_from(NOTEBOOK_STATUSES), min_size=2, max_size=len(NOTEBOOK_JOBS)),
        stubborn=st.sets(st.sampled_from(tuple(GP_JOBS)), max_size=1),
    )
    def begin(
        self, by_proxy: bool, settings: dict[str, Any], gp: list[str], notebook: list[str], stubborn: set[str]
    ) -> None:
        """Set the site up, and a proxy in front of it or none."""
        self.world.begin()
        self.world.use_proxy(by_proxy)
        self.settings = settings
        self.sim.settings("server", **settings)
        for (job_id, service), status in zip(GP_JOBS.items(), gp):
            fields = {"status": status, "submitted": "-2h", "honours_cancel": job_id not in stubborn}
            self.sim.add_job("server", service=service, job_id=job_id, **fields)
        for job_id, status in zip(NOTEBOOK_JOBS, notebook):
            self.sim.add_job("notebook", job_id=job_id, status=status, start="-1h")

    @rule(task=TASKS, under=st.sampled_from((SEVERAL,) * 7 + (MOVED_UNSEEN,)).flatmap(lambda group: group))
    def run_a_task(self, task: Task, under: list[dict[str, Any]]) -> None:
        """Run a task under faults, and hold it to its promises."""
        self.last = None
        for fault in under:
            self.sim.add_fault(**fault)
        try:
            self.check(self.world.run(task))
        finally:
            self.sim.clear_faults()
        self.last = task

    @rule(
        job_id=st.sampled_from(tuple(GP_JOBS)),
        status=st.sampled_from((None, *GP_STATUSES)),
        seconds=st.sampled_from((0, 1, 10)),
    )
    def somebody_changes_a_gp_job(self, job_id: str, status: str | None, seconds: float) -> None:
        """Time passes, and another actor submits, finishes, cancels or removes a GP job."""
        self.sim.advance(seconds)
        there = self.sim.job(job_id) is not None
        if there and status is None:
            self.sim.remove_job(job_id)
        elif there:
            self.sim.update_job(job_id, status=status)
        elif status is not None:
            self.sim.add_job("server", service=GP_JOBS[job_id], job_id=job_id, status=status, submitted="-1h")

    @precondition(lambda self: self.last is not None)
    @rule()
    def run_it_again_without_faults(self) -> None:
        """Run the last task again, which then reaches the wanted state, and once more, which then changes nothing."""
        task, self.last = self.last, None
        assert task is not None
        self.let_settle()
        foretold = self.check(self.world.run(replace(task, check=True, diff=True)))
        done = self.check(self.world.run(replace(task, check=False, diff=True)))
        self.check_quiet_run(foretold, done)
        self.let_settle()
        again = self.check(self.world.run(replace(task, check=False)))
        if task.module != "gp_job_query":
            self.check_wanted_state(done, again)

    def let_settle(self) -> None:
        """Let everything come to its end that is under way: what begins late, and then takes its time."""
        for _dummy in range(2):
            self.sim.advance(SETTLED)
            self.sim.jobs()
        self.world.late.clear()

    def teardown(self) -> None:
        """End with the last task in its wanted state; after a failure there is no last task."""
        if self.last is not None:
            self.run_it_again_without_faults()

    def check(self, run: Run) -> Run:
        """Hold a run to every promise, and count what it met."""
        for promise in PROMISES:
            promise(run)
        no_secret_is_told(run, self.world.secrets)
        assert self.sim.other_origin_requests() == []
        self.counted["runs"] += 1
        self.counted["by proxy"] += bool(os.environ["HTTPS_PROXY"])
        self.counted.update({f"fault {kind}" for visit in run.visits for kind in visit.faults})
        self.counted.update(f"outcome {name}" for name in run.result.get("summary", {}) if run.task.state)
        self.counted[f"error {run.result['error']['code'] if run.failed else None}"] += 1
        return run

    def check_quiet_run(self, foretold: Run, done: Run) -> None:
        """A run without faults does what the statuses of the jobs say, and what check mode foretold."""
        task = done.task
        error = done.result["error"]["code"] if done.failed else None
        assert error in (None, "cancel_refused", "unknown_job", "some_jobs_failed", "too_many_jobs", "wait_timeout")
        if error == "too_many_jobs":
            assert task.options["max_jobs"] < len(done.before)
            assert not done.writes
        elif task.module in ("gp_job", "notebook_job"):
            selected = () if task.options.get("only_statuses") == [] else task.jobs
            expected = Counter(quiet_outcome(task, done.before.get(job_id), self.settings) for job_id in selected)
            found = Counter(done.result["summary"])
            # A job that the site takes its time to delete is gone when the task is run again.
            found["deleted"] += found.pop("delete_accepted", 0)
            assert found == expected
        elif task.module == "gp_queue":
            waited = [job_id for job_id in task.jobs if done.before.get(job_id) in QUEUED]
            assert done.result["total"] == len(waited)
        if error in (None, "wait_timeout"):
            assert foretold.result["changed"] == done.result["changed"]

    def check_wanted_state(self, done: Run, again: Run) -> None:
        """The wanted state is reached, apart from what the site refuses, and a further run changes nothing."""
        assert not again.result["changed"]
        assert not any(visit.accepted for visit in again.writes)
        if done.result.get("error", {}).get("code") == "too_many_jobs":
            return
        for job_id in again.task.jobs:
            status = again.after.get(job_id)
            if status is not None:
                self.check_wanted_status(again, job_id, status)

    def check_wanted_status(self, again: Run, job_id: str, status: str) -> None:
        """A job that is still there has a status that the task was to bring about, or may not change."""
        task, only = again.task, again.task.options.get("only_statuses")
        refused = self.settings["cancel_refuses"] if task.module == "gp_job" else []
        if task.module == "gp_queue":
            assert status not in QUEUED
        elif task.module == "notebook_jobs":
            assert status not in FINISHED
        elif only is not None and status not in only:
            assert job_id not in {visit.call.job for visit in again.writes}
        else:
            assert task.state != ABSENT and status in (*FINISHED, "cancelling", *refused)


CANCEL = gp_task({"retries": 1, "state": "cancelled", "missing_ok": False}, ["jb0", "jb1", "je0"], None)
DELETE = gp_task({"retries": 1, "state": "absent", "missing_ok": False}, ["jb0", "jb1", "je0"], None)
PURGE = in_services("gp_queue", {"retries": 1, "state": "empty"}, [BUFFER, EXPORT])
MOVED_ON = {"kind": "job_changes", "context": "server", "operation": WRITES, "job": list(GP_JOBS)}
LOST = {"kind": "reset_after", "operation": WRITES}


@pytest.mark.parametrize(
    ("task", "status", "under", "changed"),
    [
        (CANCEL, "executing", [LOST], True),
        (CANCEL, "executing", [{"kind": "refuse", "operation": WRITES}], False),
        (CANCEL, "executing", [{**MOVED_ON, "status": "succeeded"}, LOST], False),
        (DELETE, "succeeded", [LOST], True),
        (DELETE, "succeeded", [LOST, {"kind": "carried_out_later", "seconds": 1, "operation": WRITES}], True),
        (DELETE, "succeeded", [{"kind": "refuse", "operation": WRITES}], False),
        (PURGE, "submitted", [LOST], True),
        (PURGE, "submitted", [{**MOVED_ON, "status": "executing"}], False),
        (PURGE, "submitted", [{**MOVED_ON, "status": "executing"}, LOST], False),
    ],
    ids=lambda value: value.module if isinstance(value, Task) else None,
)
def test_writes_whose_effect_is_in_doubt(
    world: World, task: Task, status: str, under: list[dict[str, Any]], changed: bool
) -> None:
    """What random faults meet seldom: every write is lost, or comes too late, for all of the jobs."""
    world.begin()
    for job_id in task.jobs:
        world.sim.add_job("server", service=GP_JOBS[job_id], job_id=job_id, status=status)
    for fault in under:
        world.sim.add_fault(**fault)
    run = world.run(task)
    for promise in PROMISES:
        promise(run)
    assert run.result["changed"] is changed


@pytest.mark.parametrize("part", range(PARTS))
def test_what_tasks_say_stays_true_under_faults(world: World, part: int) -> None:
    """Random tasks under random faults, with others at work, keep every promise; most kinds of faults are met."""
    counted: Counter[str] = Counter()
    run_state_machine_as_test(partial(Operations, world, counted))
    for name, number in sorted(counted.items()):
        print(f"{name}: {number}")
    met = {name.partition(" ")[2] for name in counted if name.startswith("fault ")}
    assert len(met) >= 15
    assert counted["by proxy"] >= counted["runs"] / 5
