# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading single jobs of the three products, and the list of Notebook Server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from arcgis_simulator import Simulator

STUCK = "jb0ffe200000000000000000000stuck1"
FAILED = "je490400000000000000000000failed1"
NOTEBOOK = "j0000000{}-0b00-4000-8000-00000000000{}"
VIDEO = "j0000000{}-51de-4000-8000-00000000000{}"


def notebook_job(digit: str) -> str:
    """Return the ID of a notebook job of the demo."""
    return NOTEBOOK.format(digit, digit)


def video_job(digit: int) -> str:
    """Return the ID of a video job of the demo."""
    return VIDEO.format(digit, digit)


def digits(result: dict[str, Any]) -> str:
    """Return the digits that tell the notebook jobs of a result apart."""
    return "".join(job["job_id"][-1] for job in result["jobs"])


def listings(sim: Simulator) -> list[dict[str, Any]]:
    """Return the parameters of every list that was asked for."""
    return [request["query"] for request in sim.requests() if request["operation"] == "system/jobs"]


# gp_job_info


def test_one_gp_job(run: Callable, sim: Simulator) -> None:
    result = run("gp_job_info", service="Maps/Buffer", job_id=[STUCK])
    job = result["jobs"][0]
    assert (job["status"], job["username"], job["machine"], job["messages"]) == (
        "executing",
        "j_doe",
        "GIS01.EXAMPLE.COM",
        None,
    )
    assert (job["end_time"], job["duration"], job["finished"]) == (None, None, False)
    assert abs(sim.now() - 9 * 3600_000 - job["submitted_time_ms"]) < 60_000
    assert (result["missing"], result["total"], result["summary"]) == ([], 1, {"executing": 1})


def test_unknown_gp_jobs_are_no_error(run: Callable) -> None:
    result = run("gp_job_info", service="Maps/Buffer", job_ids=["jnone1", STUCK, "jnone2"])
    assert "failed" not in result
    assert result["missing"] == ["jnone1", "jnone2"]
    assert [job["job_id"] for job in result["jobs"]] == [STUCK]


@pytest.mark.parametrize("service", ["Maps/Bufer", "Buffer", "maps/buffer", "Map/Buffer", "Maps/Buffer.MapServer"])
def test_an_unknown_service_is_an_error(run: Callable, service: str) -> None:
    result = run("gp_job_info", service=service, job_ids=[STUCK])
    assert (result["failed"], result["error"]["code"]) == (True, "unknown_service")
    assert f"the site has no service {service}. Write the service as Folder/Name" in result["msg"]


def test_the_messages_of_a_failed_job(run: Callable) -> None:
    job = run("gp_job_info", service="Planning/NightlyExport", job_ids=[FAILED], messages=True)["jobs"][0]
    assert {
        "type": "esriJobMessageTypeError",
        "description": "ERROR 000732: Parcels: the dataset parcels.gdb does not exist",
    } in job["messages"]
    assert job["messages_reason"] is None


def test_messages_that_nobody_has(run: Callable, sim: Simulator) -> None:
    sim.add_job("server", service="Maps/Buffer", job_id="jodd1", task="Gone")
    job = run("gp_job_info", service="Maps/Buffer", job_ids=["jodd1"], messages=True)["jobs"][0]
    assert (job["messages"], job["messages_reason"]) == (
        None,
        "No task of the public service Maps/Buffer has messages of the job.",
    )


def test_a_gp_job_of_kubernetes_and_of_a_stand_alone_site(run: Callable) -> None:
    result = run(
        "gp_job_info",
        "kubernetes",
        platform="kubernetes",
        service="Maps/Buffer",
        job_ids=["jc800000000000000000000executing1"],
    )
    assert result["jobs"][0]["status"] == "executing"
    result = run("gp_job_info", "arcgis", "agsadmin", service="Buffer", job_ids=["ja650000000000000000000executing1"])
    assert result["jobs"][0]["service"] == "Buffer"


# notebook_jobs_info


@pytest.mark.parametrize(
    "options, expected, parameters",
    [
        ({}, "123456789abc", {"detail": "false", "sortByDate": "false", "num": "1000"}),
        ({"details": True}, "123456789abc", {"detail": "true", "sortByDate": "false"}),
        ({"sort_by_date": True}, None, {"detail": "false", "sortByDate": "true"}),
        ({"statuses": ["failed"]}, "34", {"detail": "true", "sortByDate": "true"}),
        ({"statuses": ["cancelled"]}, "5", {"detail": "true", "sortByDate": "true"}),
        ({"statuses": ["executing", "submitted"]}, "6789", {"detail": "true"}),
        ({"cancelled": True}, "5", {"detail": "true", "sortByDate": "true"}),
        ({"cancelled": False, "types": ["openNotebook"]}, "18ac", {"detail": "true"}),
        ({"types": ["openNotebook"]}, "18ac", {"detail": "false", "sortByDate": "true"}),
        ({"submitted_by": "a_doe"}, "458a", {"detail": "false", "sortByDate": "true"}),
        ({"start_time": "270m"}, "5789ac", {"detail": "false", "sortByDate": "true"}),
        ({"end_time": "270m"}, "12346b", {"detail": "false"}),
        ({"start_time": "12h", "types": ["executeNotebook"], "statuses": ["failed"]}, "3", {"detail": "true"}),
        ({"limit": 2}, "89", {"detail": "false", "sortByDate": "true"}),
        ({"limit": 0}, "", {"sortByDate": "true"}),
        ({"scan_limit": 5}, "12345", {"num": "5", "sortByDate": "false"}),
        ({"scan_limit": 5, "submitted_by": "a_doe"}, "8a", {"num": "5", "sortByDate": "true"}),
    ],
)
def test_the_list_of_notebook_jobs(
    run: Callable, sim: Simulator, options: dict[str, Any], expected: str | None, parameters: dict[str, str]
) -> None:
    result = run("notebook_jobs_info", "notebook", **options)
    if expected is not None:
        assert "".join(sorted(digits(result))) == expected
    assert result["changed"] is False
    assert parameters.items() <= listings(sim)[0].items()


def test_sorting_is_left_to_the_site(run: Callable) -> None:
    starts = [job["start_time_ms"] for job in run("notebook_jobs_info", "notebook", sort_by_date=True)["jobs"]]
    assert starts == sorted(starts, reverse=True)
    starts = [job["start_time_ms"] for job in run("notebook_jobs_info", "notebook", limit=3)["jobs"]]
    assert starts == sorted(starts, reverse=True)


@pytest.mark.parametrize(
    "options, total, returned, scanned, truncated",
    [
        ({}, 12, 12, 12, False),
        ({"scan_limit": 12}, 12, 12, 12, True),
        ({"scan_limit": 13}, 12, 12, 12, False),
        ({"scan_limit": 4}, 4, 4, 4, True),
        ({"limit": 4}, 12, 4, 12, True),
        ({"limit": 12}, 12, 12, 12, False),
        ({"statuses": ["failed"], "limit": 1}, 2, 1, 12, True),
        ({"statuses": ["failed"], "limit": 2}, 2, 2, 12, False),
    ],
)
def test_the_counts_say_whether_there_may_be_more(
    run: Callable, options: dict[str, Any], total: int, returned: int, scanned: int, truncated: bool
) -> None:
    result = run("notebook_jobs_info", "notebook", **options)
    assert (result["total"], result["returned"], result["scanned"], result["truncated"]) == (
        total,
        returned,
        scanned,
        truncated,
    )
    assert len(result["jobs"]) == returned


def test_the_summary_counts_statuses_where_there_are_any(run: Callable) -> None:
    assert run("notebook_jobs_info", "notebook")["summary"] == {}
    assert run("notebook_jobs_info", "notebook", details=True)["summary"] == {
        "succeeded": 5,
        "failed": 2,
        "cancelled": 1,
        "executing": 3,
        "submitted": 1,
    }


def test_notebook_jobs_by_their_ids(run: Callable) -> None:
    ids = [notebook_job("5"), "jnone", notebook_job("3"), notebook_job("5")]
    result = run("notebook_jobs_info", "notebook", job_ids=ids)
    assert (digits(result), result["missing"], result["truncated"]) == ("53", ["jnone"], False)
    assert result["jobs"][1]["messages"][1] == "Cell 7: KeyError: parcels"
    assert [job["status"] for job in result["jobs"]] == ["cancelled", "failed"]
    assert digits(run("notebook_jobs_info", "notebook", job_ids=ids, statuses=["failed"])) == "3"


def test_notebook_users_see_their_own_jobs(run: Callable) -> None:
    assert digits(run("notebook_jobs_info", "notebook", user="j_doe")) == "16"


def test_a_notebook_job_that_is_being_cancelled(run: Callable, sim: Simulator) -> None:
    sim.update_job(notebook_job("6"), is_cancelled=True)
    job = run("notebook_jobs_info", "notebook", job_id=[notebook_job("6")])["jobs"][0]
    assert (job["status"], job["finished"], job["end_time"]) == ("cancelling", False, None)


def test_a_list_of_another_shape(scripted: Callable, run_scripted: Callable) -> None:
    for answer in ({"results": {}}, {"asyncJobs": {"j1": "x"}}, {"asyncJobs": ["j1"]}):
        result = run_scripted("notebook_jobs_info", scripted(jobs=answer))
        assert result["error"]["code"] == "unexpected_shape"


def test_another_product_has_no_missing_notebook_jobs(run: Callable) -> None:
    result = run("notebook_jobs_info", "server", job_ids=[notebook_job("5")])
    assert (result["failed"], result["error"]["code"]) == (True, "not_found")


# video_job_info


@pytest.mark.parametrize(
    "digit, status, raw, steps, failed_step",
    [
        (1, "succeeded", "Completed", 16, None),
        (2, "executing", "In Progress", 2, None),
        (3, "failed", "FAILED", 7, True),
        (4, "succeeded", "COMPLETED", 16, None),
    ],
)
def test_video_jobs(run: Callable, digit: int, status: str, raw: str, steps: int, failed_step: bool | None) -> None:
    job = run("video_job_info", "video", job_ids=[video_job(digit)])["jobs"][0]
    assert (job["status"], job["raw_status"], job["finished"], len(job["steps"])) == (
        status,
        raw,
        status != "executing",
        steps,
    )
    assert [step["message"] for step in job["steps"]] == job["messages"]
    assert all(isinstance(step["code"], int) for step in job["steps"])
    assert job["failed_step"] == (job["steps"][-1] if failed_step else None)
    assert job["submitted_time"] is job["start_time"] is job["end_time"] is None


def test_a_video_job_advances(run: Callable, sim: Simulator) -> None:
    sim.advance(10)
    assert len(run("video_job_info", "video", job_ids=[video_job(2)])["jobs"][0]["steps"]) == 7
    sim.advance(60)
    assert run("video_job_info", "video", job_ids=[video_job(2)])["summary"] == {"succeeded": 1}


def test_video_jobs_in_the_order_given_with_those_that_are_missing(run: Callable) -> None:
    result = run("video_job_info", "video", job_ids=[video_job(3), "jnone", video_job(1), video_job(3)])
    assert [job["job_id"] for job in result["jobs"]] == [video_job(3), video_job(1)]
    assert (result["missing"], result["total"], result["summary"]) == (["jnone"], 2, {"failed": 1, "succeeded": 1})


def test_a_video_job_at_another_product_is_not_missing(run: Callable) -> None:
    result = run("video_job_info", "server", job_ids=[video_job(1)])
    assert (result["failed"], result["error"]["code"]) == (True, "wrong_url")


# token


@pytest.mark.parametrize(
    "options, user, source, issuer",
    [
        ({}, "gis_admin", "portal", "portal/sharing/rest/generateToken"),
        ({"token_source": "site"}, "siteadmin", "site", "server/admin/generateToken"),
    ],
)
def test_a_log_in(run: Callable, sim: Simulator, options: dict[str, Any], user: str, source: str, issuer: str) -> None:
    result = run("token", user=user, **options)
    assert (result["changed"], result["source"], result["issuer"]) == (False, source, f"{sim.base_url}/{issuer}")
    assert 0 < result["expires_ms"] - sim.now() <= 3_600_000
    assert result["expires"].endswith("Z")
    assert run("gp_job_query", user=None, token=result["token"], services=["Elevation"])["total"] == 4


def test_the_portal_alone_is_enough(run: Callable, sim: Simulator) -> None:
    result = run("token", without=("url",), portal_url=sim.url("portal"))
    assert result["source"] == "portal"
    assert run("token", portal_url=sim.url("portal"), token_expiration=5)["expires_ms"] <= sim.now() + 300_000


def test_neither_site_nor_portal(run: Callable) -> None:
    result = run("token", without=("url",))
    assert result["msg"] == "one of the following is required: url, portal_url"


def test_it_never_returns_the_token_that_it_was_given(run: Callable, sim: Simulator) -> None:
    first = run("token")["token"]
    second = run("token", token=first)["token"]
    assert second not in (first, "********") and len(second) > 20
    result = run("token", user=None, token=first)
    assert (result["failed"], result["error"]["code"]) == (True, "bad_option")
    assert "token" not in result
    assert "The option username is missing" in result["msg"]


def test_it_logs_in_in_check_mode_too(run: Callable, sim: Simulator) -> None:
    assert run("token", check=True)["token"]
    assert [request["operation"] for request in sim.requests()] == ["rest/info", "generateToken"]
