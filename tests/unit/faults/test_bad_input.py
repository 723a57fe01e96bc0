# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input is refused before anything is sent, by an error that names the option; what is odd but allowed is harmless.

Most cases come from the argument specs of all modules, so a new option is tested as soon as it exists.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterator
from pkgutil import iter_modules
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest

from ansible_collections.gisops.arcgis.plugins import modules
from ansible_collections.gisops.arcgis.plugins.module_utils._module import ANY_PRODUCT, connection_arguments
from ansible_collections.gisops.arcgis.tests.unit.faults.tasks import NOTEBOOK_JOB, STUCK_JOB, TASKS
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import job, page
from arcgis_simulator import Simulator

EVERY_MODULE = {
    entry.name: importlib.import_module(f"{modules.__name__}.{entry.name}") for entry in iter_modules(modules.__path__)
}
# Those that write files send nothing; their own tests are about their input.
MODULES = {name: module for name, module in EVERY_MODULE.items() if hasattr(module, "SPEC")}

PASSWORD = "gis_admin-Secret-1"

HUGE = 10**400  # more than a float can hold
HUGE_FLOAT = 10**300  # Ansible itself does not survive more in an option of type float
MASKS = ["********", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"]
BAD_TEXTS = ["", " ", "\t", "a\nb", "a\0b", "a\x7fb", *MASKS]
BAD_BY_TYPE: dict[str, list[Any]] = {
    "str": BAD_TEXTS,
    "path": ["", "/no/such/file", "no\0file", *MASKS],
    "int": ["many", "", "1.5", 1.5, [1], {"a": 1}, -1, -HUGE, HUGE, *MASKS],
    "float": ["soon", "", "nan", "inf", [1], {"a": 1}, -1, 0, -HUGE_FLOAT, HUGE_FLOAT, *MASKS],
    "bool": ["maybe", "", 7, [True], {"a": 1}, *MASKS],
    "list": [{"a": 1}, "", [None]],
}
BAD_ELEMENTS: dict[str, list[Any]] = {
    "str": [[text] for text in BAD_TEXTS],
    "dict": [["text"], [7], [{}], [["a"]]],
}
BAD_CHOICES = ["nonsense", "", " ", "a\nb", *MASKS]


# The connection is the same code for all modules: one that writes and one that reads stand for them.
WITH_CONNECTION = ("gp_job", "video_job_info")


# The URLs of further products, which count as not set where a form was left empty.
MAY_BE_EMPTY = ("notebook_url", "video_url")


def arguments_of(name: str) -> dict[str, dict[str, Any]]:
    """Return the options of a module to try."""
    shared = connection_arguments(ANY_PRODUCT) if name in WITH_CONNECTION else {}
    return {**shared, **MODULES[name].ARGUMENTS}


def bad_values(spec: dict[str, Any]) -> Iterator[Any]:
    """Yield values that an option cannot take."""
    if "choices" in spec:
        yield from [[word] for word in BAD_CHOICES] if spec["type"] == "list" else BAD_CHOICES
        return
    yield from BAD_BY_TYPE[spec["type"]]
    if spec["type"] == "list":
        yield from BAD_ELEMENTS[spec["elements"]]


def generated() -> list[Any]:
    """Return a case for each bad value of each option of each module."""
    cases = [
        (name, option, bad)
        for name in sorted(MODULES)
        for option, spec in sorted(arguments_of(name).items())
        for bad in bad_values(spec)
        if not (bad == "" and option in MAY_BE_EMPTY)
    ]
    return [pytest.param(*case, id="-".join((*case[:2], repr(case[2])[:30]))) for case in cases]


@pytest.fixture
def task(run: Callable) -> Callable[..., dict[str, Any]]:
    """Run the task of a module with some options changed; with None, an option is left out."""

    def task(name: str, changes: dict[str, Any], **more: Any) -> dict[str, Any]:
        context, options = TASKS[name]
        given = {option: value for option, value in {**options, **changes}.items() if value is not None}
        # Without no_log Ansible writes the options to the system log first, which does not take every sign.
        return run(name, context, **given, **more, _ansible_no_log=True)

    return task


def assert_refused(result: dict[str, Any], option: str, sim: Simulator) -> None:
    """Check that a task failed before it sent anything, and that it names the option and says what to write."""
    text = json.dumps(result)
    assert result["failed"] and not result.get("changed"), text
    assert re.search(rf"\b{option}\b", result["msg"]), text
    assert "Traceback" not in text and PASSWORD not in text
    if "error" in result:
        assert result["error"]["code"] == "bad_option", text
        assert result["error"]["hint"].endswith(".") and result["error"]["hint"] in result["msg"]
        assert result["api"]["requests"] == 0
    else:
        # Ansible itself has refused it.
        assert re.search("unable to convert|could not be converted|must be one|Elements value|is of type", text), text
    assert sim.requests() == []


def test_there_is_a_task_of_every_module_and_enough_cases() -> None:
    assert set(TASKS) == set(MODULES)
    assert len(generated()) >= 200


@pytest.mark.parametrize("name", sorted(TASKS))
def test_the_tasks_would_succeed_as_they_are(task: Callable, name: str) -> None:
    assert "failed" not in task(name, {})


@pytest.mark.parametrize("name, option, bad", generated())
def test_a_bad_value_is_refused(task: Callable, sim: Simulator, name: str, option: str, bad: Any) -> None:
    beside: dict[str, Any] = {"service": None, "job_ids": None} if option == "jobs" else {}
    if option == "client_key":
        beside = {"client_cert": sim.ca_path}
    assert_refused(task(name, {**beside, option: bad}), option, sim)


# Job IDs and names of services go into the path of a URL. What would change the path, there or behind a proxy, is
# refused; everything else is a name, however odd, since a site may list it.
BREAKING = ["..", ".", "../", "/", "\\", "%2e%2e", "%2F", "%00", "?f=html", "#", "*", "%s"]
UNSEEN = ["a\nb", "a\r\nb", "a\tb", "a\0b", "a\x85b", "a\x1b[31mb", "a\ud800b"]
ODD_SIGNS = [
    *[
        ";a=b",
        "&x",
        "=",
        "\u2044",
        "\u2215",
        "\uff0f",
        "\uff3c",
        "\u2024",
        "\u3002",
        "\uff0e",
        "\u202e",
        "\u200b",
        "\xa0",
    ],
    *["'", '"', "<b>", "{0}", "{{", "$(id)", "`id`", "|", "@", ":", "+", "~", "!", "\u2028", "\ufeff", "\u0915\u094d"],
]
STRANGE_IDS = [
    *[STUCK_JOB + odd for odd in (*BREAKING[2:], *UNSEEN)],
    *["..", ".", "../" + STUCK_JOB, "jobs/" + STUCK_JOB, STUCK_JOB + "/cancel", "j" * 5000, "None", "all"],
    *["query", "purgeQueue", "statistics", "deleteAll"],
]
STRANGE_SERVICES = [
    *["Maps/Buffer" + odd for odd in (*BREAKING[2:], *UNSEEN)],
    *["Maps" + odd + "Buffer" for odd in (*BREAKING, *UNSEEN) if odd not in ("/", "../", "..", ".")],
    *["../Maps/Buffer", "Maps/../Buffer", "Maps/..", "../../admin", "/Maps/Buffer", "Maps//Buffer", "/", "//"],
    *["Maps/Buffer/jobs", "Maps/Buffer.GPServer/jobs/" + STUCK_JOB, "Maps/Buffer.GPServer/", "Maps/A/Buffer", "Maps/ "],
    *[".GPServer", "Maps/.GPServer"],
]
ODD_IDS = [STUCK_JOB + odd for odd in ODD_SIGNS] + ["j", "J1", "1", "\u0458" + STUCK_JOB[1:], STUCK_JOB[:-1] + "\uff11"]
TAKE_IDS = sorted(name for name in TASKS if "job_ids" in arguments_of(name))
TAKE_SERVICES = [(name, "services" if "services" in arguments_of(name) else "service") for name in TASKS
                 if {"service", "services"} & set(arguments_of(name))]  # fmt: skip


@pytest.mark.parametrize("odd", STRANGE_IDS, ids=lambda text: ascii(text)[:40])
@pytest.mark.parametrize("name", TAKE_IDS)
def test_what_is_no_job_id_is_refused(task: Callable, sim: Simulator, name: str, odd: str) -> None:
    assert_refused(task(name, {"job_ids": [odd]}), "job_ids", sim)


@pytest.mark.parametrize("odd", STRANGE_SERVICES, ids=lambda text: ascii(text)[:40])
@pytest.mark.parametrize("name, option", TAKE_SERVICES)
def test_what_is_no_service_is_refused(task: Callable, sim: Simulator, name: str, option: str, odd: str) -> None:
    assert_refused(task(name, {option: odd if option == "service" else [odd]}), option, sim)


@pytest.mark.parametrize("odd", ODD_IDS, ids=lambda text: ascii(text)[:40])
@pytest.mark.parametrize("name", TAKE_IDS)
def test_an_odd_id_is_one_part_of_one_path(task: Callable, sim: Simulator, name: str, odd: str) -> None:
    result = task(name, {"job_ids": [odd]})
    assert result.get("error", {}).get("code") in (None, "unknown_job")
    assert odd in result["missing"]
    asked = [urlsplit(request["path"]).path for request in sim.requests() if request["operation"] == "job"]
    assert asked and {unquote(path.rpartition("/")[2]) for path in asked} == {odd}


@pytest.mark.parametrize("odd", ODD_SIGNS, ids=ascii)
@pytest.mark.parametrize("name, option", TAKE_SERVICES)
def test_an_odd_service_is_one_part_of_one_path(
    task: Callable, sim: Simulator, name: str, option: str, odd: str
) -> None:
    service = f"Maps/Buffer{odd}"
    result = task(name, {option: service if option == "service" else [service]})
    assert result["error"]["code"] == "unknown_service"
    assert f"/Maps/{quote('Buffer' + odd, safe='')}.GPServer/" in result["msg"] + str(result.get("unreadable"))


@pytest.mark.parametrize("state", ["absent", "cancelled"])
@pytest.mark.parametrize("odd", [*STRANGE_IDS[::3], *STRANGE_SERVICES[::4]], ids=lambda text: ascii(text)[:40])
def test_an_odd_entry_among_jobs_stops_no_other_job(task: Callable, sim: Simulator, state: str, odd: str) -> None:
    fine = {"service": "Maps/Buffer", "job_id": STUCK_JOB}
    key = "job_id" if odd in STRANGE_IDS else "service"
    jobs = [fine, {**fine, key: odd}]
    result = task("gp_job", {"service": None, "job_ids": None, "jobs": jobs, "state": state})
    if any(part in odd for part in UNSEEN) or any(ord(character) < 32 for character in odd):
        assert_refused(result, "jobs", sim)
    elif "error" in result and result["error"]["code"] == "bad_option":
        assert_refused(result, "jobs", sim)
        assert set(odd) == {"*"} or not odd.isprintable()
    else:
        assert result["changed"] and result["error"]["code"] == "some_jobs_failed"
        assert [job["error"]["code"] for job in result["jobs"]] == ["bad_option"]
        assert {request["operation"] for request in sim.requests()} <= {
            "generateToken", "rest/info", "job", "query", "cancel", "delete",
        }  # fmt: skip


STRANGE_URLS = [
    *[
        "",
        "gis.example.com/server",
        "//gis.example.com/server",
        "https:/gis.example.com/server",
        "https://",
        "https:///x",
    ],
    *[
        "ftp://gis.example.com/server",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:,x",
        "httpss://gis.example.com",
    ],
    *["https://gis.example.com:0/server", "https://gis.example.com:99999/server", "https://gis.example.com:-1/server"],
    *[
        "https://gis.example.com:4e2/server",
        "https://gis.example.com:443:443/server",
        "https://gis.example.com:\uff14/x",
    ],
    *["https://u:pw-in-url@gis.example.com/server", "https://@gis.example.com/server", "https://a@b@gis.example.com/"],
    *["https://gis.example.com/server?token=pw-in-url", "https://gis.example.com/server?", "https://gis.example.com/#"],
    *["https://gis.example.com\\@evil.example.com/", "https:\\\\gis.example.com", "https://gis.example.com/a\\..\\b"],
    *["https://gis.example.com/ser ver", "https://gis example.com/", "https://gis.example.com/\tx", "https://g\nis/x"],
    *["https://gis.example.com/..", "https://gis.example.com/./server", "https://gis.example.com/a//b"],
    *["https://gis.example.com/%2e%2e/server", "https://gis.example.com/a%2Fb", "https://gis.example.com/a%0d%0ab"],
    *["https://[::1/server", "https://::1/server", "https://[::1]extra/server", "https://[v1.x]/", "https://[]/"],
    *["https://gis..example.com/", "https://.example.com/", "https://.", "https://gis.example.com../server"],
    *["https://*.example.com/", "https://<host>/server", "https://{{ host }}/server", "https://$HOST/server"],
    *["https://gis.example.com;evil/", "https://gis.example.com,evil/", "https://gis.example.com%2fserver/x"],
    *["https://gis.example.com\uff0fserver", "https://gis.example.com\u2044server", "https://gis.example.com\uff20x/"],
    *["https://gis\u200b.example.com/", "https://\u202egis.example.com/", "https://gis.example.com\xa0/server"],
    *["https://gis.example.com/a\u2028b", "https://gis.example.com/a\u202eb", "https://gis.example.com/\ud800"],
    *["https://" + "a" * 64 + ".example.com/", "http://gis.example.com/server", "http://localhost.example.com/"],
    *[
        "http://127.\u0660.\u0660.\u0661/",
        "http://127.\uff10.\uff10.\uff11/",
        "http://0x7f000001/",
        "http://2130706433/",
    ],
]


@pytest.mark.parametrize("odd", STRANGE_URLS, ids=lambda text: ascii(text)[:50])
@pytest.mark.parametrize("option", ["url", "portal_url"])
def test_what_is_no_url_of_a_site_is_refused(task: Callable, sim: Simulator, option: str, odd: str) -> None:
    result = task("gp_job", {option: odd, "retries": 0})
    assert_refused(result, option, sim)
    assert "pw-in-url" not in json.dumps({**result, "invocation": None})


STRANGE_TIMES = [
    *["-1h", "1h30", "1h 30m", "h", "6", "1.5h", "6H", "9999999999d", "1e3", "0x10", "nan", "inf", "now", "yesterday"],
    *["2026-01-31", "2026-01-31T08:00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-31T25:00:00Z"],
    *["10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2026-01-31T08:00:00+99:00", "20260131"],
    *[
        "1769821200000",
        "-1",
        "2026-01-31T08:00:00Z; DROP",
        "2026-01-31T08:00:00Z\n6h",
        "9" * 5000,
        "\u202e6h",
        "6\u200bh",
    ],
]


@pytest.mark.parametrize("odd", STRANGE_TIMES, ids=lambda text: ascii(text)[:40])
@pytest.mark.parametrize("option", ["start_time", "end_time"])
@pytest.mark.parametrize("name", ["gp_job_query", "notebook_jobs_info"])
def test_what_is_no_moment_is_refused(task: Callable, sim: Simulator, name: str, option: str, odd: str) -> None:
    assert_refused(task(name, {option: odd}), option, sim)


# What is odd but allowed

LARGEST = 2**31 - 1
WRITES = {"cancel", "delete", "purgeQueue", "edit", "clean", "deleteAll"}


@pytest.mark.parametrize("name", ["gp_job_query", "notebook_jobs_info"])
def test_the_largest_limit_means_no_limit(task: Callable, name: str) -> None:
    everything, limited = task(name, {"details": True}), task(name, {"details": True, "limit": 2**31 - 1})
    assert len(everything["jobs"]) > 2
    assert {job["job_id"] for job in limited["jobs"]} == {job["job_id"] for job in everything["jobs"]}


@pytest.mark.parametrize("name", ["gp_job", "gp_queue", "notebook_job", "notebook_jobs"])
def test_the_largest_limit_of_changes_stops_none(task: Callable, name: str) -> None:
    assert task(name, {"max_jobs": 2**31 - 1})["changed"] is True


@pytest.mark.parametrize("state", ["cancelled", "absent"])
@pytest.mark.parametrize(
    "job_id",
    [
        pytest.param("jd0c0000000000000000000000000009f", id="of nobody"),
        pytest.param(NOTEBOOK_JOB, id="of another product"),
        pytest.param(STUCK_JOB, id="of another service"),
        pytest.param(STUCK_JOB.upper().replace("J", "j", 1), id="in other letters"),
        pytest.param(STUCK_JOB[:-1], id="that is a part of another"),
        pytest.param(STUCK_JOB + "-", id="that another is a part of"),
    ],
)
def test_the_id_of_another_job_touches_no_job(task: Callable, sim: Simulator, state: str, job_id: str) -> None:
    jobs = {context: sim.jobs(context) for context in ("server", "notebook")}
    service = "Planning/NightlyExport" if job_id == STUCK_JOB else "Maps/Buffer"
    result = task("gp_job", {"service": service, "job_ids": [job_id], "state": state})
    if state == "absent":
        assert (result["changed"], result["jobs"][0]["outcome"]) == (False, "already_absent")
    else:
        assert (result["changed"], result["error"]["code"]) == (False, "unknown_job")
    assert {context: sim.jobs(context) for context in jobs} == jobs
    assert not {request["operation"] for request in sim.requests()} & WRITES


ODD_TEXTS = [
    "../x",
    "a&jobStatus=esriJobFailed",
    "a b",
    "x#y?z",
    "%2e%2e%2f",
    "\u202ex",
    "\u2215",
    "{0}",
    "%s",
    "a\\b",
    "'",
]


@pytest.mark.parametrize("odd", ODD_TEXTS, ids=ascii)
@pytest.mark.parametrize("option, parameter", [("submitted_by", "userName"), ("machine", "machineName")])
def test_an_odd_word_stays_one_parameter(task: Callable, sim: Simulator, option: str, parameter: str, odd: str) -> None:
    result = task("gp_job_query", {option: odd})
    assert (result["jobs"], result["total"]) == ([], 0)
    asked = [request for request in sim.requests() if request["operation"] == "query"]
    assert {request["path"] for request in asked} == {"/server/admin/services/Maps/Buffer.GPServer/jobs/query"}
    # Other queries look for another spelling of the name, and for any job, and so name nobody.
    named = [request for request in asked if parameter in request["query"]]
    assert named and {request["query"][parameter] for request in named} == {odd}
    assert all("jobStatus" not in request["query"] for request in asked)


@pytest.mark.parametrize("odd", ODD_TEXTS, ids=ascii)
def test_odd_credentials_arrive_as_they_are_and_are_not_repeated(task: Callable, sim: Simulator, odd: str) -> None:
    password = f"pw {odd} \xe4\u20ac\"'<&"
    result = task("gp_job", {"username": odd, "password": password})
    assert result["error"]["code"] == "bad_credentials"
    log_in = sim.requests()[-1]
    assert (log_in["path"], log_in["form"]["username"], log_in["query"]) == (
        "/portal/sharing/rest/generateToken",
        odd,
        {},
    )
    assert password not in json.dumps(result, ensure_ascii=False) and password not in str(result)


@pytest.mark.parametrize(
    "service, path",
    [
        ("Maps/B\xfcffer", "Maps/B%C3%BCffer"),
        ("M\u0430ps/Buffer", "M%D0%B0ps/Buffer"),
        ("Maps/\u2488", "Maps/%E2%92%88"),
        ("Ma ps/Buf fer", "Ma%20ps/Buf%20fer"),
        ("\uff2daps/Buffer", "%EF%BC%ADaps/Buffer"),
    ],
)
def test_an_odd_service_stays_one_segment(run_scripted: Callable, scripted: Callable, service: str, path: str) -> None:
    site = scripted(query=page(j1="New"), job=job("j1", "esriJobNew"), delete={"status": "success"})
    run_scripted("gp_job", site, service=service, job_ids=["j1"], state="absent")
    below = {request.target.partition("/jobs/")[0] for request in site.received}
    assert below == {f"/server/admin/services/{path}.GPServer"}


ODD_NAMES = ["..", ".", "../system", "a/../../system", "a?f=html", "a#b", "a%2e%2e", "a\\..\\b"]


@pytest.mark.parametrize("odd", ODD_NAMES)
@pytest.mark.parametrize("place", ["folder", "service", "job"])
def test_names_that_the_site_supplies_stay_one_segment(
    run_scripted: Callable, scripted: Callable, place: str, odd: str
) -> None:
    folders, service = ([odd] if place == "folder" else []), (odd if place == "service" else "Buffer")
    listing = {"folders": folders, "services": [{"serviceName": service, "type": "GPServer"}]}
    jobs = {odd: "Executing"} if place == "job" else {}
    site = scripted(services=listing, query=page(**jobs))
    run_scripted("gp_job_query", site, all_services=True, details=True, ignore_unreadable=True, retries=0)
    assert len(site.received) > 1
    for request in site.received:
        segments = request.target.partition("?")[0].split("/")
        assert segments[:4] == ["", "server", "admin", "services"]
        assert len(segments) in (4, 5, 7) and not {".", "..", ""} & set(segments[1:])
