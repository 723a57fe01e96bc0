# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault that the simulator can inject, met by every module: the error, the sentence, the tries and the pauses."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis import transport
from ansible_collections.gisops.arcgis.tests.unit.faults.matrix_cases import (
    FAULTS,
    HARMFUL,
    PASSING,
    RETRIES,
    SMALL_LIMIT,
    TASKS,
    WITH_TOKEN,
    WRITING,
    Fault,
    Task,
)
from arcgis_simulator import Simulator


@pytest.fixture
def do(run: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Run a task of the matrix, with a small limit for bodies."""
    monkeypatch.setattr(transport, "LARGEST_BODY", SMALL_LIMIT)

    def do(task: Task, **more: Any) -> dict[str, Any]:
        return run(task.module, task.context, **{"retries": RETRIES, **task.options, **more})

    return do


def sent(sim: Simulator, operation: str, **fields: Any) -> int:
    """Count the requests for an operation that arrived, with these values in the log."""
    return sum(
        entry["operation"] == operation and all(entry[name] == value for name, value in fields.items())
        for entry in sim.requests()
    )


def check_failure(result: dict[str, Any], code: str, attempted: str, said: str) -> None:
    """Check the error of a task and its sentence: what was attempted, where, and what came back."""
    assert result.get("failed"), result
    assert result["error"]["code"] == code, result["msg"]
    assert re.match(rf"Could not {re.escape(attempted)}.*\((GET|POST) https://localhost:\d+/.*\): ", result["msg"])
    assert re.search(said, result["msg"])
    assert re.search(said, result["error"]["message"])
    assert "Traceback" not in result["msg"]


def no_write(sim: Simulator, task: Task) -> bool:
    """Say whether the site saw no write of this task."""
    return not task.write or sent(sim, task.write) == 0


# Reading, and the log-in


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", WITH_TOKEN)
def test_the_first_read_meets_a_fault(do: Callable, sim: Simulator, pauses: list[float], name: str, fault: str) -> None:
    task, rule = TASKS[name], FAULTS[fault]
    sim.add_fault(operation=task.read, context=task.context, **rule.rule)
    result = do(task)
    if rule.code is None:
        assert not result.get("failed") and pauses == []
        return
    check_failure(result, rule.code, task.reads, rule.said)
    tries = 1 + RETRIES if rule.passes else 1
    assert sent(sim, task.read) == tries * rule.sent
    assert (len(pauses), result["api"]["retries"]) == (tries - 1, tries - 1)
    assert no_write(sim, task) and result["changed"] is False


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("name", WITH_TOKEN)
def test_the_first_read_meets_a_fault_that_passes(
    do: Callable, sim: Simulator, pauses: list[float], name: str, fault: str
) -> None:
    task = TASKS[name]
    sim.add_fault(operation=task.read, context=task.context, count=1, **FAULTS[fault].rule)
    result = do(task)
    assert not result.get("failed")
    assert result["changed"] is bool(task.write)
    assert (len(pauses), result["api"]["retries"]) == (1, 1)
    assert sim.faults()[0]["struck"] == 1


# All modules log in by the same way: one task of each product stands for the others.
LOGGING_IN = ["gp_job-absent", "notebook_jobs", "video_job_info", "token"]


@pytest.mark.parametrize("fault", HARMFUL)
@pytest.mark.parametrize("name", LOGGING_IN)
def test_the_log_in_meets_a_fault(do: Callable, sim: Simulator, pauses: list[float], name: str, fault: str) -> None:
    task, rule = TASKS[name], FAULTS[fault]
    sim.add_fault(operation="generateToken", **rule.rule)
    result = do(task)
    # A refusal at the log-in is about the credentials.
    code = "bad_credentials" if rule.code in ("no_privilege", "token_required") else rule.code
    check_failure(result, code, "log in", rule.said)
    # It is sent once, because sites count the passwords that arrive.
    assert [entry["operation"] for entry in sim.requests()] == ["rest/info"] + ["generateToken"] * rule.sent
    assert (pauses, result["api"]["logins"]) == ([], 1)
    assert sim.other_origin_requests() == []


# By the method, the target and the headers of a request.
HELD_BACK: dict[str, Callable[[str, str, Mapping[str, str]], bool]] = {
    "read": lambda method, target, headers: "X-Esri-Authorization" in headers,
    "write": lambda method, target, headers: method == "POST" and not target.endswith("generateToken"),
    "log in": lambda method, target, headers: target.endswith("generateToken"),
}

# Writing


def ways(fault: Fault) -> list[bool]:
    """Return whether a write that meets this fault is carried out, for each way in which the fault comes."""
    return [False, True] if fault.done is None else [fault.done]


WRITE_FAULTS = [
    pytest.param(
        {**fault.rule, **({"carried_out": done} if fault.done is None else {})},
        fault,
        done,
        id=f"{name}-{'done' if done else 'not_done'}",
    )
    for name, fault in HARMFUL.items()
    for done in ways(fault)
]
LOST = [param for param in WRITE_FAULTS if param.values[1].lost]
NOT_DONE = [param for param in LOST if not param.values[2]]
DONE = [param for param in LOST if param.values[2]]
REFUSALS = [param for param in WRITE_FAULTS if not param.values[1].lost]


@pytest.mark.parametrize("rule, fault, done", DONE)
@pytest.mark.parametrize("name", WRITING)
def test_a_write_is_carried_out_and_its_answer_lost(
    do: Callable, sim: Simulator, name: str, rule: dict[str, Any], fault: Fault, done: bool
) -> None:
    task = WRITING[name]
    sim.add_fault(operation=task.write, context=task.context, **rule)
    result = do(task)
    assert not result.get("failed"), result["msg"]
    assert result["changed"] is True
    assert sent(sim, task.write) == 1


@pytest.mark.parametrize("rule, fault, done", NOT_DONE)
@pytest.mark.parametrize("name", WRITING)
def test_no_write_comes_through(
    do: Callable, sim: Simulator, name: str, rule: dict[str, Any], fault: Fault, done: bool
) -> None:
    task = WRITING[name]
    before = sim.jobs()
    sim.add_fault(operation=task.write, context=task.context, **rule)
    result = do(task)
    check_nothing_done(result, task, fault)
    assert sent(sim, task.write) == (1 + RETRIES if task.repeats and fault.passes else 1)
    assert sim.jobs() == before


@pytest.mark.parametrize("rule, fault, done", NOT_DONE)
@pytest.mark.parametrize("name", WRITING)
def test_one_write_does_not_come_through(
    do: Callable, sim: Simulator, name: str, rule: dict[str, Any], fault: Fault, done: bool
) -> None:
    task = WRITING[name]
    sim.add_fault(operation=task.write, context=task.context, count=1, **rule)
    result = do(task)
    if task.repeats and fault.passes:
        assert not result.get("failed") and result["changed"] is True
        assert operations_between(sim, task.write) == [task.read]
    else:
        check_nothing_done(result, task, fault)
        assert sent(sim, task.write) == 1


def check_nothing_done(result: dict[str, Any], task: Task, fault: Fault) -> None:
    """Check the error of a task whose write met a fault and changed nothing."""
    assert result["changed"] is False
    if task.nothing_done and fault.passes:
        assert result["error"]["code"] == task.nothing_done
        assert re.search(task.seen, result["msg"])
    else:
        check_failure(result, str(fault.code), task.writes, fault.said)


def operations_between(sim: Simulator, operation: str) -> list[str]:
    """Return what arrived between the first and the last request for an operation."""
    operations = [entry["operation"] for entry in sim.requests()]
    first, last = operations.index(operation), len(operations) - 1 - operations[::-1].index(operation)
    assert last > first
    return operations[first + 1 : last]


@pytest.mark.parametrize("rule, fault, done", REFUSALS)
@pytest.mark.parametrize("name", WRITING)
def test_a_write_is_refused(
    do: Callable, sim: Simulator, pauses: list[float], name: str, rule: dict[str, Any], fault: Fault, done: bool
) -> None:
    task = WRITING[name]
    before = sim.jobs()
    sim.add_fault(operation=task.write, context=task.context, **rule)
    result = do(task)
    code = task.refused if fault.code == "site_error" else fault.code
    check_failure(result, code, task.writes, fault.said)
    assert (result["changed"], sent(sim, task.write), pauses) == (False, 1, [])
    assert sim.jobs() == before
    assert sim.other_origin_requests() == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", WRITING)
def test_a_redirected_write_becomes_no_other_request(do: Callable, sim: Simulator, name: str, status: int) -> None:
    task = WRITING[name]
    sim.add_fault("redirect", operation=task.write, context=task.context, status=status)
    result = do(task)
    assert (result["error"]["code"], result["error"]["http_status"]) == ("redirected", status)
    assert (sent(sim, task.write), sent(sim, task.write, carried_out=True)) == (1, 0)


@pytest.mark.parametrize("rule, fault, done", LOST)
def test_a_clean_up_is_sent_once(do: Callable, sim: Simulator, rule: dict[str, Any], fault: Fault, done: bool) -> None:
    sim.add_fault(operation="directory clean", **rule)
    result = do(TASKS["gp_jobs_directory"], max_age_minutes=None, cleanup=True)
    check_failure(result, str(fault.code), "clean the jobs directory", fault.said)
    assert "It is unknown whether the request to clean it was carried out" in result["msg"]
    assert result["error"]["hint"] == "Run the task again: a second clean-up does no harm."
    assert (result["changed"], sent(sim, "directory clean")) == (False, 1)


@pytest.mark.parametrize("name", WRITING)
def test_a_write_is_carried_out_and_nothing_can_be_read_afterwards(do: Callable, sim: Simulator, name: str) -> None:
    task = WRITING[name]
    sim.add_fault("http_status", context=task.context, method="GET", skip=reads_before_write(do, sim, task))
    result = do(task)
    assert result["changed"] is True
    assert sent(sim, task.write, carried_out=True) == 1
    assert "HTTP 503" in json.dumps([result.get("msg"), result.get("warnings")])


@pytest.mark.parametrize("name", WRITING)
def test_an_answer_is_lost_and_nothing_can_be_read_afterwards(do: Callable, sim: Simulator, name: str) -> None:
    task = WRITING[name]
    sim.add_fault("http_status", context=task.context, method="GET", skip=reads_before_write(do, sim, task))
    sim.add_fault("answer_lost", context=task.context, operation=task.write)
    result = do(task)
    assert result["failed"]
    assert sent(sim, task.write) == 1
    assert result["changed"] is False
    assert "It is unknown whether" in result["msg"]


def reads_before_write(do: Callable, sim: Simulator, task: Task) -> int:
    """Return how many GET requests a task sends before its write, and make the enterprise as new."""
    do(task)
    operations = [(entry["method"], entry["operation"]) for entry in sim.requests()]
    before = operations[: operations.index(("POST", task.write))]
    sim.reset("demo")
    sim.freeze()
    return sum(method == "GET" for method, dummy in before)


# One budget of tries for a write, its log-in and its looks

NO_CONNECTION = {
    "refused": ("unreachable", NewConnectionError(None, "Connection refused")),
    "connect time-out": ("timeout", ConnectTimeoutError(None, "timed out")),
}


@pytest.mark.parametrize("kind", NO_CONNECTION)
@pytest.mark.parametrize("name", WRITING)
def test_no_connection_comes_about_for_the_write(
    do: Callable, sim: Simulator, pauses: list[float], monkeypatch: pytest.MonkeyPatch, name: str, kind: str
) -> None:
    task, (code, problem) = WRITING[name], NO_CONNECTION[kind]
    true, tried = HTTPConnectionPool.urlopen, []

    def urlopen(self: HTTPConnectionPool, method: str, target: str, **more: Any) -> Any:
        if HELD_BACK["write"](method, target, more["headers"]):
            tried.append(target)
            raise problem
        return true(self, method, target, **more)

    monkeypatch.setattr(HTTPConnectionPool, "urlopen", urlopen)
    before = sim.jobs()
    result = do(task)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, code)
    assert (len(tried), result["api"]["retries"], len(pauses)) == (1 + RETRIES, RETRIES, RETRIES)
    assert "It is unknown" not in result["msg"] and sim.jobs() == before


@pytest.mark.parametrize("name", [name for name in WRITING if WRITING[name].repeats])
def test_a_write_and_its_looks_share_the_tries(do: Callable, sim: Simulator, name: str) -> None:
    task = WRITING[name]
    sim.add_fault("refuse", operation=task.write, context=task.context)
    sim.add_fault("http_status", operation=task.read, context=task.context, skip=1, every=2)
    result = do(task, retries=5)
    assert (result["failed"], result["api"]["retries"]) == (True, 5)


# By way of a proxy, as HTTP(S)_PROXY says: the HTTP library tells every break behind one as a failure of the proxy

BY_PROXY = ["connect", "plain"]


@pytest.fixture
def do_by_proxy(do: Callable, sim: Simulator, proxy: Callable, monkeypatch: pytest.MonkeyPatch) -> Callable:
    """Run a task of the matrix by way of a proxy, which sees plain requests or tunnels."""

    def do_by_proxy(way: str, task: Task, *refusal: Any, **more: Any) -> dict[str, Any]:
        between = proxy(*refusal, ca_path=sim.ca_path)
        monkeypatch.setenv("HTTPS_PROXY" if way == "connect" else "HTTP_PROXY", f"http://{between.address}")
        url = sim.url(task.context)
        if way == "plain":
            # Enterprise on Kubernetes is its own portal.
            portal = sim.url("kubernetes" if task.context == "kubernetes" else "portal")
            more = {"url": url.replace("https:", "http:"), "portal_url": portal, **more}
        result = do(task, **more)
        assert between.heads and any(head.startswith("CONNECT") for head in between.heads) is (way == "connect")
        return result

    return do_by_proxy


# An answer that arrives whole is the same by way of a proxy.
BREAKS = [param for param in DONE if param.values[1].code in ("unreachable", "cut_short")]


@pytest.mark.parametrize("rule, fault, done", BREAKS)
@pytest.mark.parametrize("name", WRITING)
@pytest.mark.parametrize("way", BY_PROXY)
def test_a_write_by_proxy_is_carried_out_and_its_answer_lost(
    do_by_proxy: Callable, sim: Simulator, way: str, name: str, rule: dict[str, Any], fault: Fault, done: bool
) -> None:
    task = WRITING[name]
    sim.add_fault(operation=task.write, context=task.context, **rule)
    result = do_by_proxy(way, task)
    assert not result.get("failed"), result["msg"]
    assert (result["changed"], sent(sim, task.write)) == (True, 1)


@pytest.mark.parametrize("kind", ["refuse", "reset_before"])
@pytest.mark.parametrize("name", WRITING)
@pytest.mark.parametrize("way", BY_PROXY)
def test_no_write_comes_through_by_proxy(do_by_proxy: Callable, sim: Simulator, way: str, name: str, kind: str) -> None:
    task, before = WRITING[name], sim.jobs()
    sim.add_fault(kind, operation=task.write, context=task.context)
    result = do_by_proxy(way, task)
    assert (result["failed"], result["changed"]) == (True, False)
    assert sent(sim, task.write) == (1 + RETRIES if task.repeats else 1)
    assert sim.jobs() == before


@pytest.mark.parametrize("name", WRITING)
def test_a_proxy_refuses_the_write(do_by_proxy: Callable, sim: Simulator, pauses: list[float], name: str) -> None:
    task, before = WRITING[name], sim.jobs()
    refusal = b"HTTP/1.1 407 Who are you?\r\nContent-Length: 0\r\n\r\n"
    result = do_by_proxy("plain", task, refusal, lambda head: head.startswith("POST"))
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "web_tier_login")
    assert (sent(sim, task.write), pauses, sim.jobs()) == (0, [], before)


@pytest.mark.parametrize("status", [403, 407, 502])
@pytest.mark.parametrize("name", WRITING)
def test_a_proxy_refuses_to_connect(do_by_proxy: Callable, sim: Simulator, name: str, status: int) -> None:
    task = WRITING[name]
    result = do_by_proxy("connect", task, f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "unreachable")
    assert "proxy" in result["error"]["message"] and "It is unknown" not in result["msg"]
    assert sim.requests() == []


# Answers that are about another job, and sites that contradict themselves


READING_A_JOB = [name for name, task in TASKS.items() if task.read == "job"]


@pytest.mark.parametrize("name", READING_A_JOB)
def test_the_job_that_is_read_is_another_one(do: Callable, sim: Simulator, name: str) -> None:
    task = TASKS[name]
    sim.add_fault("wrong_types", operation="job", context=task.context, values={"jobId": "janother"})
    result = do(task)
    check_failure(result, "unexpected_shape", task.reads, "the answer is about another job, janother")
    assert no_write(sim, task) and result["changed"] is False


@pytest.mark.parametrize("name", [name for name in WRITING if WRITING[name].repeats])
def test_the_answer_to_a_write_is_about_another_job(do: Callable, sim: Simulator, name: str) -> None:
    task = WRITING[name]
    sim.add_fault("wrong_types", operation=task.write, context=task.context, values={"jobId": "janother"})
    result = do(task)
    assert not result.get("failed"), result["msg"]
    assert (result["changed"], sent(sim, task.write)) == (True, 1)


def hide_jobs(sim: Simulator, context: str, operations: tuple[str, ...] = ("job", "cancel", "delete")) -> None:
    """Let a machine of the site answer that knows none of the jobs that the pages show."""
    sim.add_fault("site_error", operation=list(operations), context=context, code=404, message="Not found.")


@pytest.mark.parametrize("name", [name for name in READING_A_JOB if name != "video_job_info"])
def test_the_pages_show_a_job_that_the_site_does_not_find(do: Callable, sim: Simulator, name: str) -> None:
    task, before = TASKS[name], sim.jobs()
    hide_jobs(sim, task.context)
    for more in ({}, {"wait": True, "wait_timeout": 0}):
        result = do(task, **more)
        assert (result.get("failed"), result["changed"]) == (True, False), result
        assert result["error"]["code"] == "contradicted"
        assert sim.jobs() == before


@pytest.mark.parametrize("state", ["absent", "cancelled"])
def test_the_pages_show_several_jobs_that_the_site_does_not_find(do: Callable, sim: Simulator, state: str) -> None:
    task, before = TASKS[f"gp_job-{state}"], sim.jobs()
    ids = [job["job_id"] for job in before if job.get("service") == task.options["service"]][:4]
    hide_jobs(sim, "server")
    result = do(task, job_ids=ids)
    assert (result["failed"], result["changed"], sim.jobs()) == (True, False, before)
    assert {job["error"]["code"] for job in result["jobs"] if job["error"]} == {"contradicted"}


def test_a_query_lists_jobs_that_the_site_does_not_find_as_unreadable(do: Callable, sim: Simulator) -> None:
    hide_jobs(sim, "server")
    result = do(TASKS["gp_job_query"], end_time="0s")
    assert (result["failed"], result["jobs"], result["error"]["code"]) == (True, [], "unreadable_services")
    shown = {job["job_id"] for job in sim.jobs("server", TASKS["gp_job_query"].options["services"][0])}
    assert [entry["error"]["code"] for entry in result["unreadable"]] == ["contradicted"]
    assert set(result["unreadable"][0]["job_ids"]) == shown
    assert not do(TASKS["gp_job_query"], end_time="0s", ignore_unreadable=True).get("failed")


@pytest.mark.parametrize("lost", [False, True])
def test_one_machine_of_two_does_not_find_the_job(do: Callable, sim: Simulator, lost: bool) -> None:
    sim.add_fault("site_error", operation="job", context="server", code=404, message="Not found.", every=2)
    if lost:
        sim.add_fault("answer_lost", operation="delete")
    result = do(TASKS["gp_job-absent"])
    assert (result.get("failed"), result["changed"], sim.job(TASKS["gp_job-absent"].options["job_ids"][0])) == (
        None, True, None,
    ), result.get("msg")  # fmt: skip


# Errors of the site that are none


@pytest.mark.parametrize("code", [400, 500])
@pytest.mark.parametrize("name", WRITING)
def test_a_write_is_carried_out_and_answered_with_an_error(do: Callable, sim: Simulator, name: str, code: int) -> None:
    task = WRITING[name]
    sim.add_fault("site_error", operation=task.write, context=task.context, code=code, carried_out=True)
    result = do(task)
    assert not result.get("failed"), result["msg"]
    assert (result["changed"], sent(sim, task.write)) == (True, 1)


@pytest.mark.parametrize("name", list(WRITING))
def test_a_write_is_carried_out_and_answered_with_words_that_only_look_like_a_refusal(
    do: Callable, sim: Simulator, name: str
) -> None:
    task, words = WRITING[name], "Unable to complete operation."
    sim.add_fault("site_error", operation=task.write, context=task.context, code=500, message=words, carried_out=True)
    result = do(task)
    assert not result.get("failed"), result["msg"]
    assert (result["changed"], sent(sim, task.write)) == (True, 1)


@pytest.mark.parametrize("code", [403, 404])
@pytest.mark.parametrize("name", [name for name in WRITING if not WRITING[name].repeats])
def test_a_write_on_many_is_carried_out_and_answered_with_a_refusal(
    do: Callable, sim: Simulator, name: str, code: int
) -> None:
    task = WRITING[name]
    sim.add_fault("site_error", operation=task.write, context=task.context, code=code, carried_out=True)
    result = do(task)
    assert not result.get("failed"), result["msg"]
    assert (result["changed"], sent(sim, task.write)) == (True, 1)


@pytest.mark.parametrize("status", [None, 7, "esriJobFailed", "esriJobExecuting", {"text": "esriJobCancelled"}])
@pytest.mark.parametrize("done", [False, True])
def test_a_cancel_is_answered_with_a_status_that_says_nothing(
    do: Callable, sim: Simulator, done: bool, status: Any
) -> None:
    task = WRITING["gp_job-cancelled"]
    sim.add_fault("wrong_shape", operation="cancel", body={"jobStatus": status}, carried_out=done)
    result = do(task)
    assert (bool(result.get("failed")), result["changed"], sent(sim, "cancel")) == (not done, done, 1)


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize("name", LOGGING_IN)
def test_a_busy_site_gets_the_password_once(do: Callable, sim: Simulator, name: str, code: int) -> None:
    sim.add_fault("site_error", operation="generateToken", code=code, message="Busy.")
    assert do(TASKS[name])["error"]["code"] == "busy"
    assert sent(sim, "generateToken") == 1


# Redirects that may be followed


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", TASKS)
def test_a_read_and_a_log_in_follow_a_redirect_as_they_were_sent(
    do: Callable, sim: Simulator, pauses: list[float], name: str, status: int
) -> None:
    task = TASKS[name]
    for operation in sorted({task.read, "generateToken"}):
        sim.add_fault("redirect", operation=operation, status=status, count=1)
    assert not do(task).get("failed")
    assert pauses == []
    assert {entry["method"] for entry in sim.requests() if entry["operation"] == "generateToken"} == {"POST"}
    assert sent(sim, "generateToken") == 2


# Time


SLOW = {"hang": {}, "answer_lost": {"seconds": None}}


@pytest.fixture
def time_flies(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let the 20 seconds that the tasks here have for an answer pass in a fifth of one, for one sort of request."""
    true = HTTPConnectionPool.urlopen

    def time_flies(sort: str) -> None:
        def urlopen(self: HTTPConnectionPool, method: str, target: str, timeout: float, **more: Any) -> Any:
            assert timeout == 20
            is_held_back = HELD_BACK[sort](method, target, more["headers"])
            return true(self, method, target, timeout=0.2 if is_held_back else timeout, **more)

        monkeypatch.setattr(HTTPConnectionPool, "urlopen", urlopen)

    return time_flies


@pytest.mark.parametrize("kind", SLOW)
@pytest.mark.parametrize("name", TASKS)
def test_a_read_that_takes_too_long_ends(
    do: Callable, sim: Simulator, pauses: list[float], time_flies: Callable, name: str, kind: str
) -> None:
    task = TASKS[name]
    time_flies("read" if task in WITH_TOKEN.values() else "log in")
    sim.add_fault(kind, operation=task.read, **SLOW[kind])
    result = do(task, retries=1, timeout=20)
    check_failure(result, "timeout", task.reads, "the site sent nothing for 20 seconds")
    assert (sent(sim, task.read), len(pauses)) == ((1, 0) if name == "token" else (2, 1))
    assert no_write(sim, task)


@pytest.mark.parametrize("kind", SLOW)
@pytest.mark.parametrize("name", WRITING)
def test_a_write_that_takes_too_long_ends(
    do: Callable, sim: Simulator, time_flies: Callable, name: str, kind: str
) -> None:
    task = WRITING[name]
    time_flies("write")
    sim.add_fault(kind, operation=task.write, context=task.context, **SLOW[kind])
    result = do(task, retries=1, timeout=20)
    carried_out = kind != "hang"
    assert result["changed"] is carried_out
    assert bool(result.get("failed")) is not carried_out
    assert sent(sim, task.write) == (2 if task.repeats and not carried_out else 1)
    if not carried_out:
        assert result["error"]["code"] == (task.nothing_done or "timeout")


@pytest.mark.parametrize("kind", SLOW)
def test_a_log_in_that_takes_too_long_ends(do: Callable, sim: Simulator, time_flies: Callable, kind: str) -> None:
    time_flies("log in")
    sim.add_fault(kind, operation="generateToken", **SLOW[kind])
    check_failure(do(TASKS["gp_job_info"], retries=1, timeout=20), "timeout", "log in", "for 20 seconds")
    assert sent(sim, "generateToken") == 1


def test_the_option_timeout_says_how_long(do: Callable, sim: Simulator) -> None:
    sim.add_fault("hang", operation="job")
    began = time.monotonic()
    check_failure(do(TASKS["gp_job_info"], retries=0, timeout=1), "timeout", TASKS["gp_job_info"].reads, "for 1 sec")
    assert 1 <= time.monotonic() - began < 5


# What the site asks to wait: the header, what the clock of the site is ahead in seconds, and the pause.
RETRY_AFTER = [
    ({"retry_after": 7}, 0, 7.0),
    ({"retry_after": 9999}, 0, 120.0),
    ({"retry_after": 0}, 0, 0.0),
    ({"retry_after_date": 40}, 0, 40.0),
    ({"retry_after_date": -40}, 0, 0.0),
    ({"retry_after_date": 9999}, 0, 120.0),
    ({"retry_after_date": 40}, 3600, 40.0),
    ({"retry_after_date": 40}, -3600, 40.0),
]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("header, ahead, pause", RETRY_AFTER)
@pytest.mark.parametrize("name", ["gp_job_info", "gp_job-absent"])
def test_the_site_says_how_long_to_wait(
    do: Callable, sim: Simulator, pauses: list[float], name: str, header: dict[str, Any], ahead: int, pause: float,
    status: int,
) -> None:  # fmt: skip
    task = TASKS[name]
    sim.advance(ahead)
    sim.add_fault("http_status", operation=task.write or task.read, status=status, count=1, **header)
    assert not do(task).get("failed")
    assert pauses == [pytest.approx(pause, abs=2)]


@pytest.mark.parametrize("garbage", ["soon", "-5", "1e9", "", "٣", "Sun, 99 Foo 2026 25:61:61 GMT", "9" * 400])
def test_a_site_that_says_nonsense_about_the_wait_is_tried_again_as_usual(
    do: Callable, sim: Simulator, pauses: list[float], garbage: str
) -> None:
    sim.add_fault("http_status", operation="job", count=1, retry_after=garbage)
    assert not do(TASKS["gp_job_info"]).get("failed")
    assert len(pauses) == 1 and 0 <= pauses[0] <= 120


# Tokens


@pytest.mark.parametrize("kind", ["token_expired", "token_revoked"])
@pytest.mark.parametrize("name", [name for name in WITH_TOKEN if name != "site_info"])
def test_a_token_ends_between_any_two_requests(do: Callable, sim: Simulator, name: str, kind: str) -> None:
    task = TASKS[name]
    do(task)
    requests = sum(entry["token_in"] != "none" for entry in sim.requests())
    assert requests >= 1
    for before in range(requests):
        sim.reset("demo")
        sim.freeze()
        sim.add_fault(kind, skip=before, count=1)
        result = do(task)
        assert not result.get("failed"), (before, result["msg"])
        assert result["changed"] is bool(task.write)
        assert (result["api"]["logins"], result["api"]["retries"]) == (2, 0)
        assert not task.write or sent(sim, task.write, error_code=None) == 1


@pytest.mark.parametrize("kind", ["token_expired", "token_revoked"])
@pytest.mark.parametrize("name", WITH_TOKEN)
def test_no_token_is_ever_good(do: Callable, sim: Simulator, pauses: list[float], name: str, kind: str) -> None:
    task = TASKS[name]
    sim.add_fault(kind, count=10)
    result = do(task)
    check_failure(result, "token_invalid", task.reads, "code 498")
    assert result["api"]["logins"] <= 2 and pauses == []
    assert no_write(sim, task)


# TLS and ports

LISTENERS = {
    "self_signed": ("tls_failure", "self-signed certificate"),
    "expired": ("tls_failure", "certificate has expired"),
    "wrong_name": ("tls_failure", "(?i)hostname mismatch"),
    "unknown_ca": ("tls_failure", "unable to get local issuer certificate"),
    # It closes the connection in place of saying what it misses.
    "client_certificate": ("unreachable", "the other side closed the TLS connection"),
    "refused": ("unreachable", "Connection refused"),
}


def listener(sim: Simulator, name: str, context: str) -> str:
    """Return the URL of a context behind a bad listener."""
    return f"{sim.refused_url}/{context}" if name == "refused" else sim.tls_url(name, context)


@pytest.mark.parametrize("flaw", LISTENERS)
@pytest.mark.parametrize("name", TASKS)
def test_the_site_is_behind_a_bad_listener(
    do: Callable, sim: Simulator, pauses: list[float], name: str, flaw: str
) -> None:
    code, said = LISTENERS[flaw]
    result = do(TASKS[name], url=listener(sim, flaw, TASKS[name].context))
    check_failure(result, code, "find out who issues the tokens of the site", said)
    assert sim.requests() == []
    assert len(pauses) == (RETRIES if code == "unreachable" else 0)


@pytest.mark.parametrize("flaw", LISTENERS)
@pytest.mark.parametrize("name", TASKS)
def test_the_portal_is_behind_a_bad_listener(do: Callable, sim: Simulator, name: str, flaw: str) -> None:
    code, said = LISTENERS[flaw]
    result = do(TASKS[name], portal_url=listener(sim, flaw, "portal"))
    check_failure(result, code, "log in", said)
    # The check-up asks the site who it is in any case.
    assert [entry["operation"] for entry in sim.requests()] == (["rest/info"] if name == "site_info" else [])


@pytest.mark.parametrize("name", TASKS)
def test_the_site_asks_for_a_certificate_and_gets_it(do: Callable, sim: Simulator, name: str) -> None:
    url = sim.tls_url("client_certificate", TASKS[name].context)
    result = do(TASKS[name], url=url, client_cert=sim.client_cert_path, client_key=sim.client_key_path)
    assert not result.get("failed"), result["msg"]
