# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is new between looks at a site, without a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.record import is_finished
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.source import JobRef
from ansible_collections.gisops.arcgis.plugins.module_utils._options import parse_time
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.watch import Look, News, Watch

BUFFER, EXPORT = Service("Maps", "Buffer"), Service("", "Export")
HOUR = 3600 * 1000
NOW = 1_800_000_000_000


class Site:
    """Jobs of two services as a watch sees them; times are hours before the start, and read notes what was read."""

    def __init__(self, **news: Any) -> None:
        self.watch = Watch("gis", "gp", News(**news))
        self.now = NOW
        self.read: list[str] = []
        self.listed: dict[Service, dict[str, str]] = {BUFFER: {}, EXPORT: {}}
        self.own: dict[str, Any] = {}
        self.times: dict[str, dict[str, int]] = {}
        self.whole = True
        self.existing: list[Service] | None = None

    def records(self, refs: Sequence[JobRef]) -> Mapping[JobRef, Any]:
        """Return the records of jobs: what they say themselves, or else what the list says."""
        self.read += [ref.job_id for ref in refs]
        return {ref: self._record(ref) for ref in refs}

    def _record(self, ref: JobRef) -> Any:
        status = self.own.get(ref.job_id, self.listed.get(ref.service, {}).get(ref.job_id))
        if not isinstance(status, str):
            return status
        times = {name: None for name in ("submitted_time_ms", "start_time_ms", "end_time_ms")}
        times.update(self.times.get(ref.job_id, {"submitted_time_ms": self.now}))
        return {"job_id": ref.job_id, "service": ref.service.label, "status": status, **times}

    @property
    def present(self) -> Look:
        """Return what the site lists now."""
        statuses = {
            JobRef(service, job_id): status for service, jobs in self.listed.items() for job_id, status in jobs.items()
        }
        return Look(statuses, dict.fromkeys(self.listed, self.whole), self.now, existing=self.existing)

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """Look, and return the events, those of some kinds or those about jobs."""
        self.now += 60_000
        told = [event["arcgis"] for event in self.watch.events(self.present, self.records)]
        return [
            event for event in told if event["kind"] in (kinds or ("appeared", "status_changed", "stuck", "vanished"))
        ]

    def told(self) -> list[tuple[Any, ...]]:
        """Look, and return the kind, the job, its status before and its status of each event about a job."""
        keys = ("kind", "previous_status")
        return [
            (event["job"]["job_id"], *(event[key] for key in keys), event["job"]["status"]) for event in self.events()
        ]


def test_what_is_there_at_the_start_is_no_news_and_costs_nothing() -> None:
    site = Site()
    site.listed[BUFFER] = {"a": "executing", "b": "failed"}
    assert site.told() == [] and site.told() == []
    assert site.read == []


def test_a_job_appears_goes_on_and_is_cleaned_up() -> None:
    site = Site()
    assert site.told() == []
    site.listed[BUFFER]["a"] = "submitted"
    assert site.told() == [("a", "appeared", None, "submitted")]
    site.listed[BUFFER]["a"] = "executing"
    assert site.told() == [("a", "status_changed", "submitted", "executing")]
    site.listed[BUFFER]["a"] = "failed"
    assert site.told() == [("a", "status_changed", "executing", "failed")]
    del site.listed[BUFFER]["a"]
    assert site.told() == []
    assert site.read == ["a", "a", "a"]
    assert site.watch._known == {}


def test_an_open_job_that_is_gone_vanished_once() -> None:
    site = Site()
    site.listed[BUFFER]["a"] = "executing"
    assert site.told() == []
    site.listed[BUFFER].clear()
    (event,) = site.events()
    assert (event["kind"], event["previous_status"], event["service"]) == ("vanished", "executing", "Maps/Buffer")
    assert event["job"] == {"job_id": "a", "service": "Maps/Buffer", "status": "executing"}
    assert site.told() == []


def test_a_job_that_a_list_passes_over_has_not_vanished() -> None:
    site = Site()
    site.listed[BUFFER]["a"] = "executing"
    site.told()
    site.listed[BUFFER].clear()
    site.own["a"] = "executing"
    assert site.told() == []
    site.own["a"] = "succeeded"
    assert site.told() == [("a", "status_changed", "executing", "succeeded")]


def test_a_service_that_cannot_be_read_keeps_its_jobs() -> None:
    site = Site()
    site.listed[BUFFER]["a"], site.listed[EXPORT]["b"] = "executing", "executing"
    site.told()
    hidden = site.listed.pop(BUFFER)
    site.listed[EXPORT]["b"] = "failed"
    assert site.told() == [("b", "status_changed", "executing", "failed")]
    site.listed[BUFFER] = hidden
    assert site.told() == []


def test_the_open_jobs_of_a_service_that_is_gone_vanish_and_it_is_forgotten() -> None:
    site = Site()
    site.existing = [BUFFER, EXPORT]
    site.listed[BUFFER] = {"a": "executing", "b": "failed"}
    site.told()
    hidden = site.listed.pop(BUFFER)
    assert site.events("vanished", "summary") == []
    site.existing = [EXPORT]
    told = site.events("vanished", "summary")
    assert [(event["kind"], event["service"], event.get("jobs", event.get("job"))) for event in told] == [
        ("vanished", "Maps/Buffer", {"job_id": "a", "service": "Maps/Buffer", "status": "executing"}),
        ("summary", "Maps/Buffer", 0),
    ]
    assert site.events("vanished", "summary") == [] and site.read == [] and site.watch._known == {}
    site.listed[BUFFER], site.existing = hidden, [BUFFER, EXPORT]
    assert site.told() == [("a", "appeared", None, "executing"), ("b", "appeared", None, "failed")]


def test_a_job_that_was_never_read_is_new_after_its_service_was_gone() -> None:
    site = Site(stuck_after=HOUR / 1000)
    site.existing, site.listed[BUFFER] = [BUFFER, EXPORT], {"a": "executing"}
    site.own["a"] = Failure("busy", "the site is busy")
    site.told()
    hidden = site.listed.pop(BUFFER)
    site.existing = [EXPORT]
    assert site.told() == [] and site.watch._unread == set()
    site.listed[BUFFER], site.existing, site.own = hidden, [BUFFER, EXPORT], {}
    assert site.told() == [("a", "appeared", None, "executing")]


def test_what_is_there_when_a_service_is_first_read_is_no_news() -> None:
    site = Site()
    del site.listed[BUFFER]
    site.told()
    site.listed[BUFFER] = {"a": "failed"}
    assert site.told() == []
    site.listed[BUFFER]["b"] = "failed"
    assert site.told() == [("b", "appeared", None, "failed")]


def test_a_list_that_is_not_whole_does_not_make_a_job_forgotten() -> None:
    site = Site()
    site.listed[BUFFER]["a"] = "failed"
    site.told()
    site.whole = False
    del site.listed[BUFFER]["a"]
    assert site.told() == []
    site.listed[BUFFER]["a"] = "failed"
    assert site.told() == []


def test_what_the_job_says_itself_decides_and_is_asked_once() -> None:
    site = Site()
    site.told()
    site.listed[BUFFER]["a"], site.own["a"] = "failed", "cancelled"
    assert site.told() == [("a", "appeared", None, "cancelled")]
    assert site.told() == [] and site.read == ["a"]


def test_a_machine_that_is_behind_opens_no_job_again() -> None:
    site = Site()
    site.listed[BUFFER]["a"] = "executing"
    site.told()
    site.listed[BUFFER]["a"] = "succeeded"
    assert len(site.told()) == 1
    site.listed[BUFFER]["a"] = "executing"
    assert site.told() == []
    site.listed[BUFFER]["a"] = "succeeded"
    assert site.told() == []
    site.listed[BUFFER]["a"] = "deleting"
    assert site.told() == [("a", "status_changed", "succeeded", "deleting")]


def test_only_the_statuses_asked_for_are_news() -> None:
    site = Site(statuses=["failed"])
    site.told()
    site.listed[BUFFER] = {"a": "executing", "b": "failed"}
    assert site.told() == [("b", "appeared", None, "failed")]
    site.listed[BUFFER] = {"a": "failed", "b": "failed"}
    assert site.told() == [("a", "status_changed", "executing", "failed")]


def test_existing_jobs_are_emitted_where_that_is_asked_for() -> None:
    site = Site(emit_existing=True)
    site.listed[BUFFER] = {"a": "failed"}
    assert site.told() == [("a", "appeared", None, "failed")]
    assert site.told() == []


def test_a_restart_emits_again_what_since_covers() -> None:
    site = Site(since=parse_time("since", "2h"))
    site.listed[BUFFER] = {"old": "failed", "submitted": "executing", "ended": "failed", "unknown": "failed"}
    site.times = {
        "old": {"submitted_time_ms": NOW - 9 * HOUR, "end_time_ms": NOW - 8 * HOUR},
        "submitted": {"submitted_time_ms": NOW - HOUR},
        "ended": {"submitted_time_ms": NOW - 9 * HOUR, "end_time_ms": NOW - HOUR},
        "unknown": {},
    }
    first = site.events()
    assert [event["job"]["job_id"] for event in first] == ["submitted", "ended", "unknown"]
    assert site.told() == []
    again = Site(since=parse_time("since", "2h"))
    again.listed, again.times = site.listed, site.times
    assert [event["event_id"] for event in again.events()] == [event["event_id"] for event in first]


@pytest.mark.parametrize("status, read", [("failed", ["b"]), ("cancelled", ["b", "c"])])
def test_of_what_is_there_only_that_is_read_which_may_be_news(status: str, read: list[str]) -> None:
    site = Site(emit_existing=True, statuses=[status])
    site.listed[BUFFER] = {"a": "executing", "b": "failed", "c": "succeeded"}
    site.own["b"] = status
    assert site.told() == [("b", "appeared", None, status)]
    assert site.read == read


def test_a_stuck_job_is_told_once_also_where_it_was_there_before() -> None:
    site = Site(stuck_after=HOUR / 1000)
    site.listed[BUFFER] = {"a": "executing", "b": "executing", "c": "failed"}
    site.times = {
        "a": {"submitted_time_ms": NOW - 2 * HOUR},
        "b": {"submitted_time_ms": NOW - HOUR // 2},
        "c": {"submitted_time_ms": NOW - 2 * HOUR},
    }
    assert site.told() == [("a", "stuck", None, "executing")]
    assert site.read == ["a", "b"]
    assert site.told() == []
    site.now += HOUR
    assert site.told() == [("b", "stuck", "executing", "executing")]
    site.listed[BUFFER]["b"] = "cancelling"
    assert site.told() == [("b", "status_changed", "executing", "cancelling")]


def test_a_job_that_ended_meanwhile_is_not_stuck() -> None:
    site = Site(stuck_after=HOUR / 1000)
    site.listed[BUFFER]["a"] = "executing"
    site.told()
    site.now += 2 * HOUR
    site.own["a"] = "succeeded"
    assert site.told() == [("a", "status_changed", "executing", "succeeded")]


def test_a_job_without_times_is_reckoned_from_when_it_was_first_seen() -> None:
    site = Site(stuck_after=HOUR / 1000)
    site.listed[BUFFER]["a"], site.times["a"] = "executing", {}
    assert site.told() == []
    site.now += HOUR
    assert site.told() == [("a", "stuck", "executing", "executing")]


def test_a_job_that_cannot_be_read_is_told_later_and_hides_no_other() -> None:
    site = Site()
    site.told()
    site.listed[BUFFER] = {"a": "failed", "b": "failed"}
    site.own["a"] = Failure("busy", "the site is busy")
    assert site.told() == [("b", "appeared", None, "failed")]
    assert [failure.code for failure in site.watch.failures] == ["busy"]
    del site.own["a"]
    assert site.told() == [("a", "appeared", None, "failed")]
    assert site.watch.failures == []


def test_a_first_look_that_was_not_whole_makes_no_news_of_what_was_there() -> None:
    site = Site(stuck_after=HOUR / 1000)
    site.listed[BUFFER]["a"], site.times["a"] = "executing", {"submitted_time_ms": NOW}
    site.own["a"] = Failure("busy", "the site is busy")
    assert site.told() == []
    site.listed[BUFFER]["b"] = "failed"
    assert site.told() == [("b", "appeared", None, "failed")]
    hidden = site.listed.pop(BUFFER)
    assert site.told() == []
    site.listed[BUFFER] = hidden
    del site.own["a"]
    assert site.told() == []
    site.now += HOUR
    assert site.told() == [("a", "stuck", "executing", "executing")]


def test_an_event_that_nobody_took_is_told_again() -> None:
    site = Site()
    site.told()
    site.listed[BUFFER]["a"] = "failed"
    given_up = site.watch.events(site.present, site.records)
    first = next(given_up)["arcgis"]
    given_up.close()
    assert [event["event_id"] for event in site.events()] == [first["event_id"]]
    assert site.told() == []


def test_the_id_of_an_event_is_that_of_what_it_tells() -> None:
    site, other = Site(), Site(emit_existing=True)
    site.listed[BUFFER]["a"] = "executing"
    site.told()
    site.listed[BUFFER]["a"] = "failed"
    other.listed[BUFFER] = {"a": "failed", "b": "failed"}
    changed, (same, another) = site.events()[0]["event_id"], other.events()
    assert changed == same["event_id"] != another["event_id"]
    assert len(changed) == 32 and same["observed_at"] == "2027-01-15T08:01:00Z"


def test_a_summary_comes_whenever_the_counts_of_a_service_change() -> None:
    site = Site(queue_longer_than=1)
    site.listed[BUFFER] = {"a": "submitted", "b": "failed"}
    first = site.events("summary")
    assert [(event["service"], event["jobs"], event["queued"]) for event in first] == [
        ("Maps/Buffer", 2, 1),
        ("Export", 0, 0),
    ]
    assert first[0]["statuses"] == {"submitted": 1, "failed": 1} and not first[0]["is_queue_long"]
    assert site.events("summary") == []
    site.listed[BUFFER]["c"] = "waiting"
    (second,) = site.events("summary")
    assert (second["queued"], second["is_queue_long"]) == (2, True)
    assert "job" not in second


@pytest.mark.parametrize("limit", [None, 5])
def test_a_queue_is_long_only_beyond_its_limit(limit: int | None) -> None:
    site = Site(queue_longer_than=limit)
    site.listed[BUFFER] = {f"j{number}": "submitted" for number in range(5)}
    assert not any(event["is_queue_long"] for event in site.events("summary"))


def test_the_memory_is_bounded_and_open_jobs_stay_in_it() -> None:
    site = Site()
    site.watch.most_known = 10
    site.listed[BUFFER] = {"a": "executing"}
    site.told()
    site.listed[BUFFER].update((f"old{number}", "succeeded") for number in range(20))
    assert site.told() == []
    assert len(site.watch._known) == 1 and site.watch.is_crowded
    site.listed[BUFFER].update(a="failed", b="executing", c="failed")
    assert site.told() == [("a", "status_changed", "executing", "failed"), ("b", "appeared", None, "executing")]
    assert all(not is_finished(known.status) for known in site.watch._known.values())
    # There is room again: what has ended meanwhile is no news, and what comes from now on is.
    site.listed[BUFFER] = {"b": "executing", "c": "failed", "old1": "succeeded"}
    assert site.told() == [] and not site.watch.is_crowded
    site.listed[BUFFER].update(b="failed", d="failed")
    assert site.told() == [("b", "status_changed", "executing", "failed"), ("d", "appeared", None, "failed")]


def test_what_is_read_at_once_is_bounded() -> None:
    site = Site()
    site.told()
    site.listed[BUFFER] = {f"j{number}": "failed" for number in range(1201)}
    sizes = []

    def read(refs: Sequence[JobRef]) -> Mapping[JobRef, Any]:
        sizes.append(len(refs))
        return site.records(refs)

    assert sum(event["arcgis"]["kind"] == "appeared" for event in site.watch.events(site.present, read)) == 1201
    assert sizes == [500, 500, 201]
