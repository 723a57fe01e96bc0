# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pollers of an event source, against the simulated site."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._watcher import Poller, parse_options, pollers
from ansible_collections.gisops.arcgis.tests.unit.doubles import (
    BUFFER,
    EXPORT,
    FAILED_EXPORT,
    RUNNING_EXPORT,
    STUCK,
    VIDEO,
    FakeClock,
    operations,
    writes,
)

if TYPE_CHECKING:
    from arcgis_simulator import Simulator

Make = Callable[..., Poller]


@pytest.fixture
def clock() -> FakeClock:
    """The clock of the pollers."""
    return FakeClock()


@pytest.fixture
def make(sim: Simulator, clock: FakeClock) -> Iterator[Make]:
    """Make the poller of one product of the simulated site."""
    made: list[Poller] = []

    def make(product: str = "gp", **more: Any) -> Poller:
        context = {"gp": "server"}.get(product, product)
        options = {f"{context}_url": sim.url(context), "ca_path": sim.ca_path, "products": [product], "retries": 0}
        options.update(username="gis_admin", password=sim.accounts["gis_admin"].password)
        if product == "gp" and "all_services" not in more:
            options["services"] = [BUFFER, EXPORT]
        given = {**options, **more}
        (poller,) = pollers(
            parse_options({name: value for name, value in given.items() if value is not None}), clock.clock
        )
        made.append(poller)
        return poller

    yield make
    for poller in made:
        poller.close()


def told(poller: Poller) -> list[tuple[Any, ...]]:
    """Poll, and return the kind, the job and its status of each event about a job."""
    events = [event["arcgis"] for event in poller.poll() if "arcgis" in event]
    return [(event["kind"], event["job"]["job_id"], event["job"]["status"]) for event in events if "job" in event]


def states(poller: Poller) -> list[Any]:
    """Poll, and return the states of the source."""
    return [event["arcgis_source"]["state"] for event in poller.poll() if "arcgis_source" in event]


def test_gp_jobs_from_their_submission_to_their_end(sim: Simulator, make: Make) -> None:
    poller = make()
    assert told(poller) == []
    sim.add_job("server", service=BUFFER, job_id="j1", status="submitted")
    assert told(poller) == [("appeared", "j1", "submitted")]
    sim.update_job("j1", status="executing")
    sim.update_job(RUNNING_EXPORT, status="failed")
    assert told(poller) == [("status_changed", "j1", "executing"), ("status_changed", RUNNING_EXPORT, "failed")]
    sim.remove_job("j1")
    assert told(poller) == [("vanished", "j1", "executing")]
    assert told(poller) == []
    assert writes(sim) == []


def test_an_event_holds_the_record_that_modules_return(
    sim: Simulator, make: Make, run: Callable[..., dict[str, Any]]
) -> None:
    poller = make(emit_existing=True, site="Production")
    (event,) = [
        event["arcgis"] for event in poller.poll() if event["arcgis"].get("job", {}).get("job_id") == FAILED_EXPORT
    ]
    assert event["job"] == run("gp_job_info", service=EXPORT, job_ids=[FAILED_EXPORT])["jobs"][0]
    assert {name: event[name] for name in ("site", "product", "service", "previous_status")} == {
        "site": "Production",
        "product": "gp",
        "service": EXPORT,
        "previous_status": None,
    }


def test_a_stuck_job_is_told_at_the_start(make: Make) -> None:
    poller = make(stuck_after="6h", all_services=True)
    assert told(poller) == [("stuck", STUCK, "executing")]
    assert told(poller) == []


def test_a_restart_tells_what_happened_meanwhile(sim: Simulator, make: Make) -> None:
    assert told(make(since="10m", services=[EXPORT])) == []
    sim.advance(300)
    sim.update_job(RUNNING_EXPORT, status="failed")
    sim.advance(60)
    again = make(since="10m", services=[EXPORT])
    assert told(again) == [("appeared", RUNNING_EXPORT, "failed")]
    assert told(make(services=[EXPORT])) == []


def test_notebook_jobs(sim: Simulator, make: Make) -> None:
    poller = make("notebook")
    assert told(poller) == []
    sim.add_job("notebook", job_id="j-9", type="executeNotebook", status="PROCESSING", username="j_doe")
    assert told(poller) == [("appeared", "j-9", "executing")]
    sim.update_job("j-9", status="FAILED")
    assert told(poller) == [("status_changed", "j-9", "failed")]


def test_notebook_jobs_on_kubernetes_whose_list_does_not_tell_what_was_cancelled(sim: Simulator, make: Make) -> None:
    poller = make("notebook", notebook_url=sim.url("kubernetes"), platform="kubernetes")
    told(poller)
    sim.add_job("kubernetes", job_id="j-9", type="executeNotebook", status="FAILED", is_cancelled=True)
    assert told(poller) == [("appeared", "j-9", "cancelled")]
    sim.clear_requests()
    assert told(poller) == []
    assert len(sim.requests()) == 1


def test_video_jobs(sim: Simulator, make: Make) -> None:
    sim.add_job("video", job_id="j-8", start="-3s", step_seconds=1e6, running_status="In Progress")
    poller = make("video", video_job_ids=["j-8", VIDEO.format(1)])
    assert told(poller) == []
    sim.remove_job("j-8")
    assert told(poller) == [("vanished", "j-8", "executing")]
    sim.clear_requests()
    assert told(poller) == [] and states(poller) == []
    asked = {request["path"].rpartition("/")[2] for request in sim.requests()}
    assert "j-8" not in asked, "a job that is gone is asked for again"


def test_a_video_job_that_never_was_degrades_the_source(make: Make) -> None:
    poller = make("video", video_job_ids=[VIDEO.format(1), "j-none"], failure_budget=1)
    with pytest.raises(ArcGISError, match="no job j-none"):
        told(poller)


@pytest.mark.parametrize("product, more", [("gp", {}), ("notebook", {}), ("gp", {"all_services": True})])
def test_a_quiet_poll_costs_at_most_two_requests_a_service(
    sim: Simulator, make: Make, product: str, more: dict[str, Any]
) -> None:
    poller = make(product, stuck_after="6h", **more)
    told(poller)
    for _number in range(3):
        sim.clear_requests()
        assert told(poller) == []
        assert 1 <= len(sim.requests()) <= 2 * len(poller.watch._counts)


@pytest.mark.parametrize("reading", ["ignored", "matches_nothing", "error"])
def test_a_service_without_jobs_costs_one_request_once_a_page_has_shown_a_job(
    sim: Simulator, make: Make, reading: str
) -> None:
    sim.settings("server", empty_start_time=reading)
    for job in sim.jobs("server", EXPORT):
        sim.remove_job(job["job_id"])
    poller = make()
    told(poller)
    sim.clear_requests()
    assert told(poller) == []
    assert operations(sim) == {"query": 2}
    # Another client may ask another release of the site.
    poller.close()
    sim.clear_requests()
    assert told(poller) == []
    assert operations(sim)["query"] > 2


def test_an_outage_is_told_after_the_budget_and_the_recovery_after_it(sim: Simulator, make: Make) -> None:
    poller = make(failure_budget=2)
    assert states(poller) == []
    fault = {"context": "server", "status": 503}
    sim.add_fault("http_status", **fault)
    assert states(poller) == []
    (event,) = poller.poll()
    content = event["arcgis_source"]
    assert (content["state"], content["product"], content["error"]["code"]) == ("degraded", "gp", "busy")
    assert "503" in content["error"]["text"]
    sim.update_job(RUNNING_EXPORT, status="failed")
    assert states(poller) == []
    sim.clear_faults()
    events = list(poller.poll())
    assert [event["arcgis"]["kind"] for event in events if "arcgis" in event] == ["status_changed", "summary"]
    assert events[-1]["arcgis_source"] == {**events[-1]["arcgis_source"], "state": "recovered", "error": None}
    assert states(poller) == []


def test_a_site_that_is_down_at_the_start_is_waited_for(sim: Simulator, make: Make) -> None:
    poller = make(failure_budget=1)
    sim.add_fault("http_status", context=["server", "portal"], status=503)
    assert states(poller) == ["degraded"]
    sim.clear_faults()
    assert states(poller) == ["recovered"]


def test_one_service_that_cannot_be_read_hides_no_other(sim: Simulator, make: Make) -> None:
    poller = make(failure_budget=1)
    told(poller)
    sim.add_fault("http_status", context="server", path="*Buffer*", status=503)
    sim.update_job(RUNNING_EXPORT, status="failed")
    events = list(poller.poll())
    assert [event["arcgis"]["kind"] for event in events if "arcgis" in event] == ["status_changed", "summary"]
    assert events[-1]["arcgis_source"]["state"] == "degraded"
    sim.clear_faults()
    assert states(poller) == ["recovered"]


def test_the_open_jobs_of_a_service_that_the_site_no_longer_has_vanish(sim: Simulator, make: Make) -> None:
    poller = make(all_services=True)
    told(poller)
    fault = {"context": "server", "path": "*services/Planning"}
    # A folder that cannot be read may have the service.
    sim.add_fault("http_status", **fault, status=503)
    assert told(poller) == [] and poller.watch.failures
    sim.clear_faults()
    sim.add_fault("wrong_types", **fault, values={"services": []})
    events = [event["arcgis"] for event in poller.poll() if event.get("arcgis", {}).get("service") == EXPORT]
    assert [(event["kind"], event.get("jobs")) for event in events] == [("vanished", None), ("summary", 0)]
    assert events[0]["job"] == {"job_id": RUNNING_EXPORT, "service": EXPORT, "status": "executing"}
    assert told(poller) == []
    sim.clear_faults()
    assert ("appeared", RUNNING_EXPORT, "executing") in told(poller)


@pytest.mark.parametrize("more", [{"services": [BUFFER, EXPORT]}, {"all_services": True}])
def test_a_service_that_is_named_or_listed_and_cannot_be_read_is_not_gone(
    sim: Simulator, make: Make, more: dict[str, Any]
) -> None:
    poller = make(**more)
    told(poller)
    sim.add_fault("http_status", context="server", path="*NightlyExport.GPServer/*", status=404)
    assert [event for event in poller.poll() if event.get("arcgis", {}).get("service") == EXPORT] == []
    assert poller.watch.failures
    sim.clear_faults()
    assert told(poller) == []


def test_refused_credentials_end_it_at_once_and_are_sent_once(sim: Simulator, make: Make) -> None:
    poller = make(password="wrong")
    with pytest.raises(ArcGISError) as raised:
        told(poller)
    assert raised.value.failure.code == "bad_credentials"
    assert "wrong" not in str(raised.value)
    assert operations(sim)["generateToken"] == 1


def test_a_password_that_changes_while_it_runs_ends_it(sim: Simulator, make: Make) -> None:
    poller = make()
    told(poller)
    sim.expire_tokens()
    sim.add_fault("site_error", context="portal", operation="generateToken", code=400, message="Invalid password.")
    with pytest.raises(ArcGISError) as raised:
        told(poller)
    assert raised.value.failure.code == "bad_credentials"


def test_a_token_that_nothing_renews_ends_it(sim: Simulator, make: Make, client: Callable[..., Any]) -> None:
    poller = make(username=None, password=None, token=client().log_in().value)
    assert told(poller) == []
    sim.expire_tokens()
    with pytest.raises(ArcGISError) as raised:
        told(poller)
    assert raised.value.failure.code == "token_invalid"


def test_a_service_that_is_not_there_ends_it_at_the_start_only(sim: Simulator, make: Make) -> None:
    with pytest.raises(ArcGISError, match="Did you mean Maps/Buffer"):
        told(make(services=["Maps/Bufer"]))
    poller = make(failure_budget=1)
    told(poller)
    sim.add_fault("http_status", context="server", path="*", status=404, carried_out=False)
    assert states(poller) == ["degraded"]


def test_what_could_be_a_template_or_a_secret_is_in_no_event(sim: Simulator, make: Make) -> None:
    password = sim.accounts["gis_admin"].password
    poller = make("notebook", emit_existing=True)
    evil = "{{ lookup('pipe', 'id') }} {% if %} {# #}"
    sim.add_job(
        "notebook",
        job_id="j-9",
        type="executeNotebook",
        status="FAILED",
        username=evil,
        inputs={evil: [{"deep": evil, "said": f"is {password}"}]},
    )
    (job,) = [
        event["arcgis"]["job"] for event in poller.poll() if event["arcgis"].get("job", {}).get("job_id") == "j-9"
    ]
    safe = "{ { lookup('pipe', 'id') }} { % if %} { # #}"
    assert job["username"] == safe
    assert job["inputs"] == {safe: [{"deep": safe, "said": "is ********"}]}


def test_warnings_are_handed_on_after_each_poll_and_masked(sim: Simulator, make: Make) -> None:
    poller = make()
    look, warnings = poller._look, []

    def warns(client: Client) -> Any:
        client.warn(f"The site said {sim.accounts['gis_admin'].password}.")
        return look(client)

    poller._look = warns
    list(poller.poll(warnings.append))
    list(poller.poll(warnings.append))
    assert warnings == ["The site said ********."] * 2


# Options


@pytest.mark.parametrize(
    "given, message",
    [
        ({"stuck_after": "soon"}, "stuck_after"),
        ({"stuck_after": "2026-01-31T08:00:00Z"}, "Write an age"),
        ({"since": "yesterday"}, "since"),
        ({"services": None}, "services is missing"),
        ({"services": ["../x"]}, "services"),
        ({"all_services": True, "services": [BUFFER]}, "beside all_services"),
        ({"server_url": None}, "ARCGIS_SERVER_URL"),
        ({"server_url": "http://gis.example.com/server"}, "option server_url uses http"),
        ({"password": None}, "password"),
        ({"interval": 0}, "interval"),
        ({"failure_budget": 0}, "failure_budget"),
        ({"products": ["maps"]}, "products"),
        ({"products": []}, "option products is empty"),
        ({"unknown": 1}, "unknown"),
        ({"statuses": ["ill"]}, "statuses"),
        ({"site": ""}, "site"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_sent(
    sim: Simulator, make: Make, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArcGISError, match=message) as raised:
        make(**given)
    assert raised.value.failure.code == "bad_option"
    assert sim.requests() == []


def test_video_jobs_have_to_be_named(make: Make) -> None:
    with pytest.raises(ArcGISError, match="video_job_ids is missing"):
        make("video")


def test_the_environment_stands_in_for_options(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "ARCGIS_URL": sim.url("server"),
        "ARCGIS_NOTEBOOK_URL": sim.url("notebook"),
        "ARCGIS_USERNAME": "gis_admin",
        "ARCGIS_PASSWORD": sim.accounts["gis_admin"].password,
        "ARCGIS_CA_PATH": sim.ca_path,
    }.items():
        monkeypatch.setenv(name, value)
    made = pollers(parse_options({"products": ["gp", "notebook"], "all_services": "true", "interval": "30"}))
    assert [poller.watch.product for poller in made] == ["gp", "notebook"]
    assert [event["arcgis"]["kind"] for poller in made for event in poller.poll()] == ["summary"] * 6
    for poller in made:
        poller.close()


# For days


def size_of(root: Any) -> int:
    """Return how many bytes the objects have that can be reached from one, but for code."""
    seen, left, size = set(), [root], 0
    while left:
        each = left.pop()
        if id(each) in seen or isinstance(each, (type, ModuleType, FunctionType, FakeClock)):
            continue
        seen.add(id(each))
        size += sys.getsizeof(each)
        left += gc.get_referents(each)
    return size


def test_ten_thousand_polls_renew_their_token_and_need_no_more_memory(
    sim: Simulator, make: Make, clock: FakeClock
) -> None:
    """A week at one poll a minute: a job comes and goes every 200 polls, and the token expires each hour."""
    poller = make(services=["Elevation"])
    kinds: Counter[str] = Counter()
    log_ins, sizes = 0, []
    for number in range(10_000):
        sim.advance(60)
        clock.seconds += 60
        if number % 200 == 1:
            sim.add_job("server", service="Elevation", job_id=f"j{number}", status="executing")
        elif number % 200 == 100:
            sim.remove_job(f"j{number - 99}")
        kinds.update(event.get("arcgis", {}).get("kind", "state") for event in poller.poll())
        if number % 1000 == 999:
            log_ins += operations(sim)["generateToken"]
            sizes.append(size_of(poller))
            sim.clear_requests()
    assert kinds["appeared"] == kinds["vanished"] == 50 and not kinds["state"]
    # 10,000 minutes are 167 hours, and a client is replaced after four log-ins.
    assert 160 <= log_ins <= 230
    assert max(sizes) - min(sizes) < 20_000, sizes
