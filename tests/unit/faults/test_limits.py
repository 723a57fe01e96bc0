# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers beyond all bounds: bodies that are too large, and values of every kind but the right one.

No value of a site may crash a task or spoil its output: a record says which of its fields could not be read.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis import transport
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import Answer, Received
from arcgis_simulator import Simulator

MB = 1024 * 1024


def sound(result: dict[str, Any]) -> dict[str, Any]:
    """Check that a result is valid JSON that can be sent anywhere, and that nothing went wrong inside; return it."""
    json.dumps(result, allow_nan=False).encode("ascii")
    json.dumps(result, ensure_ascii=False).encode("utf-8")
    assert result.get("error", {}).get("code") != "internal_error", result["msg"]
    return result


# Bodies

MEASURED_TASK = """
import resource, sys
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client, Operation
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.connection import Connection
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
client = Client(Connection(url=sys.argv[1], verify=sys.argv[2], token="given-token"))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    client.call(Operation("read the thing", "GET", "rest/info"))
except ArcGISError as error:
    print(error.failure.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(
    "body", [{}, {"announced": False}, {"compressed": True}], ids=["announced", "unannounced", "compressed"]
)
def test_a_huge_body_is_refused_and_fills_no_memory(sim: Simulator, body: dict[str, Any]) -> None:
    sim.add_fault("huge_body", size=400 * MB, **body)
    command = [sys.executable, "-c", MEASURED_TASK, sim.url("server"), sim.ca_path]
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60).stdout
    code, kilobytes = told.split()
    assert code == "body_too_large"
    assert int(kilobytes) * 1024 < 3 * transport.LARGEST_BODY
    assert len(sim.requests()) == 1


def test_a_body_that_is_announced_as_huge_is_not_waited_for(scripted: Callable, run_scripted: Callable) -> None:
    announced = Answer({}, headers={"Content-Length": str(200 * MB)})
    server = scripted(job=announced)
    result = run_scripted("gp_job_info", server, service="Maps/Buffer", job_ids=["j1"], retries=0, timeout=1)
    assert result["error"]["code"] == "body_too_large"
    assert "larger than 64 MB" in result["msg"]


def test_a_body_within_the_limit_is_read(scripted: Callable, run_scripted: Callable) -> None:
    server = scripted(job={**GP_JOB, "filling": "x" * 8 * MB})
    assert not run_scripted("gp_job_info", server, service="Maps/Buffer", job_ids=["j1"]).get("failed")


# Values of one field, as JSON goes over the wire.

TEXTS = {
    "text": '"yesterday"',
    "digits_in_text": '"' + "9" * 5000 + '"',
    "nul": r'"\u0000"',
    "surrogate": r'"\ud800"',
    "controls": r'"\u001b[31m\r\n\t\u2028"',
    "long_text": '"' + "x" * MB + '"',
}
# What is no number that JSON knows, or beyond what numbers can be, is taken for a text.
BEYOND = {"beyond_float": "1e400", "nan": "NaN", "infinity": "-Infinity", "many_digits": "9" * 5000}
NUMBERS = {"negative": "-5", "far_future": "99999999999999999"}
OTHERS = {"true": "true", "list": "[1]", "object": '{"a": NaN}', "empty_list": "[]", "deep": "[" * 60 + "]" * 60}
VALUES = {**TEXTS, **BEYOND, **NUMBERS, **OTHERS}
WORDS = (*TEXTS, *BEYOND)

GP_JOB: dict[str, Any] = {
    "jobId": "j1",
    "status": "esriJobSucceeded",
    "submittedTime": 1700000000000,
    "endTime": 1700000060000,
    "username": "j_doe",
    "machinename": "GIS01",
    "url": "https://gis.example.com/job",
}
NOTEBOOK_JOB: dict[str, Any] = {
    "jobId": "j1",
    "type": "executeNotebook",
    "status": "COMPLETED",
    "startTime": 1700000000000,
    "endTime": 1700000060000,
    "username": "j_doe",
    "messages": ["Done"],
    "inputs": {},
    "results": {},
    "customAttributes": {"isCancelled": False},
}
VIDEO_JOB: dict[str, Any] = {
    "jobId": "j1",
    "type": "Append",
    "status": "COMPLETED",
    "username": "j_doe",
    "messages": ["Done"],
    "inputs": {},
    "results": {},
    "customAttributes": {"messageCodes": [1]},
}
# What a product sends of one job, the module that reads it, and its options.
PRODUCTS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "gp": (GP_JOB, "gp_job_info", {"service": "Maps/Buffer"}),
    "notebook": (NOTEBOOK_JOB, "notebook_jobs_info", {}),
    "video": (VIDEO_JOB, "video_job_info", {}),
}
TIMES = {"submittedTime": "submitted_time", "startTime": "start_time", "endTime": "end_time"}
KEYS = {"machinename": "machine", "customAttributes": "custom_attributes"}
FIELDS = [
    (product, name)
    for product, (payload, *dummy) in PRODUCTS.items()
    for name in payload
    if name not in ("status", "jobId")
]


def with_value(payload: dict[str, Any], name: str, value: str) -> Answer:
    """Return a payload in which one field has this JSON."""
    return Answer(json.dumps({**payload, name: "<value>"}).replace('"<value>"', value))


def is_readable(name: str, kind: str) -> bool:
    """Say whether a value is of the kind that a field should have."""
    if name in ("messages", "inputs", "results", "customAttributes"):
        return (kind in ("list", "empty_list", "deep")) if name == "messages" else kind == "object"
    return kind in WORDS and kind != "surrogate" and name not in TIMES


@pytest.mark.parametrize("product, name", FIELDS)
def test_a_record_says_which_field_cannot_be_read(
    scripted: Callable, run_scripted: Callable, product: str, name: str
) -> None:
    payload, module, options = PRODUCTS[product]

    def answer(received: Received) -> Answer:
        job_id = received.path.rpartition("/")[2]
        return with_value({**payload, "jobId": job_id}, name, VALUES[job_id[1:]])

    server = scripted(job=answer)
    usual = run_scripted(module, scripted(job=payload), **options, job_ids=["j1"])["jobs"][0]
    result = sound(run_scripted(module, server, **options, job_ids=[f"j{kind}" for kind in VALUES]))
    assert not result.get("failed"), result["msg"]
    key = TIMES.get(name) or KEYS.get(name, name)
    for kind, job in zip(VALUES, result["jobs"]):
        assert job["unreadable_fields"] == ([] if is_readable(name, kind) else [name]), kind
        touched = {"job_id", key, f"{key}_ms", "duration", "unreadable_fields", "steps", "failed_step", "messages"}
        touched |= {f"{key}_reason"}
        assert {field: job[field] for field in job.keys() - touched} == {
            field: usual[field] for field in usual.keys() - touched
        }
        if name in TIMES:
            assert (job[key], job[f"{key}_ms"], job["duration"]) == (None, None, None)
        elif not is_readable(name, kind):
            assert not job[key]


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("product", PRODUCTS)
def test_an_id_is_the_one_asked_for_or_none_or_an_error(
    scripted: Callable, run_scripted: Callable, product: str, kind: str
) -> None:
    payload, module, options = PRODUCTS[product]
    server = scripted(job=with_value(payload, "jobId", VALUES[kind]))
    result = sound(run_scripted(module, server, **options, job_ids=["j1"]))
    if kind in WORDS:
        assert result["error"]["code"] == "unexpected_shape" and "another job" in result["msg"]
    else:
        assert (result["jobs"][0]["job_id"], result["jobs"][0]["unreadable_fields"]) == ("j1", ["jobId"])


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("product", PRODUCTS)
def test_a_status_is_a_word_or_an_error(scripted: Callable, run_scripted: Callable, product: str, kind: str) -> None:
    payload, module, options = PRODUCTS[product]
    result = sound(
        run_scripted(module, scripted(job=with_value(payload, "status", VALUES[kind])), **options, job_ids=["j1"])
    )
    if kind in WORDS:
        assert result["jobs"][0]["finished"] is False
    else:
        assert result["error"]["code"] == "unexpected_shape"


@pytest.mark.parametrize("value", ["NaN", "Infinity", '"\\ud800"', "1e400", "9" * 5000])
@pytest.mark.parametrize("field", ["messages", "inputs", "results", "customAttributes"])
@pytest.mark.parametrize("product", ["notebook", "video"])
def test_what_is_passed_on_as_it_is_spoils_nothing(
    scripted: Callable, run_scripted: Callable, product: str, field: str, value: str
) -> None:
    payload, module, options = PRODUCTS[product]
    inside = f"[{value}]" if field == "messages" else f'{{"a": {value}}}'
    result = run_scripted(module, scripted(job=with_value(payload, field, inside)), **options, job_ids=["j1"])
    assert not sound(result).get("failed"), result["msg"]
    assert result["jobs"][0]["job_id"] == "j1"


@pytest.mark.parametrize(
    "sent, shown",
    [
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"\ud83d"', "\ufffd"),
        (r'"\ude00\ud83d"', "\ufffd\ufffd"),
        (r'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (r'"\uDBFF\uDFFF\udfff"', "\U0010ffff\ufffd"),
        (r'"\ud83d \ude00"', "\ufffd \ufffd"),
        (r'"C:\\ud800"', r"C:\ud800"),
        (r'"C:\\\ud800"', "C:\\\ufffd"),
    ],
)
def test_half_a_sign_is_replaced_and_a_whole_one_kept(
    scripted: Callable, run_scripted: Callable, sent: str, shown: str
) -> None:
    server = scripted(job=with_value(NOTEBOOK_JOB, "messages", f"[{sent}]"))
    result = sound(run_scripted("notebook_jobs_info", server, job_ids=["j1"]))
    assert result["jobs"][0]["messages"] == [shown]


# Newer releases of ansible-core cannot handle a result that is nested about 300 deep.
DEEPEST = 200


def depth_of(value: Any) -> int:
    """Return how deep lists and objects are nested in each other."""
    level, deep = [value], 0
    while level:
        inside = [
            list(each.values()) if isinstance(each, dict) else each for each in level if isinstance(each, (dict, list))
        ]
        level, deep = [item for items in inside for item in items], deep + bool(inside)
    return deep


@pytest.mark.parametrize("opening, closing", ["[]", ('{"a":', "}")])
@pytest.mark.parametrize("depth", [50, 100, 300, 900, 980, 1000, 1100, 2000, 5000, 100_000])
def test_nesting_has_an_end(scripted: Callable, run_scripted: Callable, depth: int, opening: str, closing: str) -> None:
    deep = with_value(
        NOTEBOOK_JOB, "inputs", f'{{"a": {opening * depth}{"1" if opening != "[" else ""}{closing * depth}}}'
    )
    result = run_scripted("notebook_jobs_info", scripted(job=deep), job_ids=["j1"], retries=0)
    assert depth_of(result) <= DEEPEST
    assert result.get("error", {}).get("code") in (None, "cut_short", "unexpected_shape")
    if depth == 50:
        assert depth_of(result["jobs"][0]["inputs"]) == 51


# Lists


def page(total: str = "2", following: str = "-1", results: str | None = None) -> Answer:
    """Return a page of the job query with this JSON in it."""
    results = results or '{"j1": "Executing", "j2": "Succeeded"}'
    return Answer(f'{{"total": {total}, "nextStart": {following}, "results": {results}}}')


def few(script: Answer, most: int = 20) -> Callable[[Received], Answer]:
    """Return a turn that ends a task which does not stop to ask for pages."""
    left = iter(range(most))
    return lambda received: page() if next(left, None) is None else script


ABSURD = {**VALUES, "null": "null", "zero": "0", "one": "1", "two": "2", "half": "1.5", "million": "1000000"}


@pytest.mark.parametrize("kind", ABSURD)
@pytest.mark.parametrize("module", ["gp_job_query", "gp_queue", "gp_job"])
def test_absurd_totals_and_next_pages_end(scripted: Callable, run_scripted: Callable, module: str, kind: str) -> None:
    options = {
        "gp_job_query": {"services": ["Maps/Buffer"]},
        "gp_queue": {"services": ["Maps/Buffer"], "state": "empty"},
        "gp_job": {"service": "Maps/Buffer", "job_ids": ["j1", "j2"], "state": "cancelled"},
    }[module]
    for script in (page(total=ABSURD[kind]), page(following=ABSURD[kind])):
        server = scripted(query=few(script), job=GP_JOB, cancel={"status": "success"})
        result = sound(run_scripted(module, server, **options))
        assert not result.get("failed"), result["msg"]
        assert server.operations().count("query") <= 6
        if module == "gp_job_query":
            assert [job["job_id"] for job in result["jobs"]] == ["j1", "j2"]


@pytest.mark.parametrize("starts", [["2", "1"], ["2", "2"], ["3", "2"], ["9", "8", "9"]])
def test_pages_in_a_circle_end(scripted: Callable, run_scripted: Callable, starts: list[str]) -> None:
    turns = [page(following=start, results=f'{{"j{n}": "New"}}') for n, start in enumerate(starts)]
    server = scripted(query=[*turns, few(page(following="99"))])
    result = sound(run_scripted("gp_job_query", server, services=["Maps/Buffer"]))
    assert not result.get("failed")
    assert len(server.received) <= len(starts) + 2


@pytest.mark.parametrize("kind", [*NUMBERS, *OTHERS, "null"])
def test_a_label_that_is_no_word_is_an_unknown_status(scripted: Callable, run_scripted: Callable, kind: str) -> None:
    answer = page(results=f'{{"j1": {ABSURD[kind]}, "j2": "Succeeded"}}')
    result = sound(run_scripted("gp_job_query", scripted(query=answer), services=["Maps/Buffer"]))
    assert {job["job_id"]: job["status"] for job in result["jobs"]} == {"j1": "unknown", "j2": "succeeded"}
    result = sound(
        run_scripted("gp_job_query", scripted(query=answer), services=["Maps/Buffer"], statuses=["succeeded"])
    )
    assert [job["job_id"] for job in result["jobs"]] == ["j2"]


ODD_IDS = [
    "",
    " ",
    ".",
    "..",
    "../../x",
    "a/b",
    "a?b",
    "a#b",
    "%2e%2e",
    "\u0000",
    "\ud800",
    "ж",
    "a" * 5000,
    "\r\nX: 1",
]


@pytest.mark.parametrize("job_id", ODD_IDS, ids=lambda job_id: ascii(job_id)[:20])
def test_an_odd_id_in_a_list_leads_nowhere_else(scripted: Callable, run_scripted: Callable, job_id: str) -> None:
    answer = page(results=json.dumps({job_id: "Executing", "j2": "Executing"}))
    server = scripted(query=answer, job=GP_JOB)
    result = sound(run_scripted("gp_job_query", server, services=["Maps/Buffer"], details=True, retries=0))
    paths = [received.target.partition("?")[0] for received in server.received]
    assert all(path.startswith("/server/admin/services/Maps/Buffer.GPServer/jobs/") for path in paths), paths
    assert all(path.count("/") == 7 for path in paths), paths
    assert "j2" in [job["job_id"] for job in result["jobs"]] or result["failed"]


# Services, and the jobs directory


@pytest.mark.parametrize("kind", VALUES)
def test_odd_services_are_no_services(scripted: Callable, run_scripted: Callable, kind: str) -> None:
    value = VALUES[kind]
    good = '{"serviceName": "Buffer", "type": "GPServer"}'
    root = (
        f'{{"folders": ["Maps", {value}], "services": [{good}, {value}, {{"serviceName": {value}, "type": "GPServer"}},'
        f' {{"serviceName": "Odd", "type": {value}}}]}}'
    )
    state = Answer(f'{{"configuredState": {value}, "realTimeState": {value}}}')
    tasks = Answer(f'{{"tasks": ["Buffer", {value}]}}')
    folder = {"folders": [], "services": []}
    server = scripted(services=Answer(root), Maps=folder, status=state, GPServer=tasks)
    result = sound(run_scripted("gp_services_info", server, ignore_unreadable=True, retries=0))
    assert not result.get("failed"), result["msg"]
    assert [job["name"] for job in result["services"]][:1] == ["Buffer"]
    if kind not in WORDS:
        assert len(result["services"]) == 1
        assert result["services"][0]["tasks"] == ["Buffer"]
    assert result["services"][0]["started"] is False


DIRECTORY: dict[str, Any] = {
    "name": "arcgisjobs",
    "physicalPath": "/data/arcgisjobs",
    "cleanupMode": "TIME_ELAPSED_SINCE_LAST_MODIFIED",
    "maxFileAge": 360,
}


@pytest.mark.parametrize(
    "name, kind",
    [
        (name, kind)
        for name in ("maxFileAge", "cleanupMode", "physicalPath")
        for kind in VALUES
        if kind not in (NUMBERS if name == "maxFileAge" else WORDS)
    ],
)
def test_an_odd_jobs_directory_is_never_written_back(
    scripted: Callable, run_scripted: Callable, name: str, kind: str
) -> None:
    server = scripted(arcgisjobs=with_value(DIRECTORY, name, VALUES[kind]), edit={"status": "success"})
    for change in ({}, {"max_age_minutes": 99, "allow_restart": True}):
        result = sound(run_scripted("gp_jobs_directory", server, **change))
        assert (result["error"]["code"], result["changed"]) == ("unexpected_shape", False)
    assert "edit" not in server.operations()


# Messages

ODD_MESSAGES = '[1, null, true, ["a"], {"description": "ERROR 1"}, {"description": [2]}, {}, "", "the end", "\\u0000"]'


@pytest.mark.parametrize("messages", [ODD_MESSAGES, "null", "17", '"text"', '{"a": 1}', "[]", "[[]]"])
@pytest.mark.parametrize("product", PRODUCTS)
def test_messages_of_any_kind_are_told_or_left_out(
    scripted: Callable, run_scripted: Callable, product: str, messages: str
) -> None:
    payload, module, options = PRODUCTS[product]
    failed = {**payload, "status": "esriJobFailed" if product == "gp" else "FAILED"}
    server = scripted(job=with_value(failed, "messages", messages), GPServer={"tasks": ["Buffer"]})
    result = sound(run_scripted(module, server, **options, job_ids=["j1"], fail_on=["failed"], retries=0))
    assert result["error"]["code"] == "job_ended_badly"
    assert "j1 is failed." in result["msg"]
    assert ("the end" in result["msg"]) is (messages == ODD_MESSAGES)


@pytest.mark.parametrize("text", ["\ud800", "\u0000", "x" * MB, "\u001b[31m", "a\nb"])
def test_an_error_of_the_site_with_any_text_is_one_line(scripted: Callable, run_scripted: Callable, text: str) -> None:
    for envelope in (
        {"status": "error", "messages": [text, 17, None, [text]], "code": 500},
        {"status": "error", "messages": text, "code": text},
        {"error": {"code": [500], "message": {"a": text}, "details": text}},
        {"error": text},
        {"error": [text]},
        {"success": False, "message": text, "code": 1e300},
    ):
        result = sound(run_scripted("gp_job_info", scripted(job=envelope), service="Maps/Buffer", job_ids=["j1"]))
        assert result["error"]["code"] == "site_error"
        assert result["msg"].isprintable() and len(result["msg"]) < 4000
