# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The waiter alone: when it looks, how long it pauses, what it survives, and what it reports."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._wait import (
    Patience,
    Waited,
    bad_end,
    is_over,
    time_out,
    wait_until,
)

LONGEST = 30.0
OPEN = "executing"
BUSY = ArcGISError("busy", "the site is overloaded")
DENIED = ArcGISError("no_privilege", "access is denied")


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move the clock and note the pause."""
        self.naps.append(seconds)
        self.now += seconds


class Site:
    """What is seen of the jobs, round by round; the last round is seen again and again."""

    def __init__(self, *rounds: Any) -> None:
        self.rounds = list(rounds)
        self.asked: list[list[str]] = []

    def __call__(self, items: list[str]) -> dict[str, Any]:
        self.asked.append(list(items))
        seen = self.rounds.pop(0) if len(self.rounds) > 1 else self.rounds[0]
        if isinstance(seen, ArcGISError):
            raise seen
        return {item: seen[item] for item in items if item in seen}


def wait(site: Site, *items: str, timeout: float = 600, pause: float = 2) -> tuple[Waited[str], Clock]:
    """Wait for jobs of a site on a clock of its own."""
    clock = Clock()
    return wait_until(site, items, is_over, Patience(timeout, pause), clock.sleep, clock), clock


def still_executing(*items: str) -> dict[str, str]:
    """Return a round in which nothing has ended."""
    return dict.fromkeys(items, OPEN)


def test_no_job_needs_no_look() -> None:
    site = Site({})
    waited, clock = wait(site)
    assert (site.asked, clock.naps, waited.still_open) == ([], [], [])


def test_jobs_that_have_ended_cost_one_look_and_no_pause() -> None:
    site = Site({"a": "succeeded", "b": "failed", "c": "cancelled", "d": "timed_out", "e": "deleted"})
    waited, clock = wait(site, *"abcde")
    assert (len(site.asked), clock.naps, waited.still_open) == (1, [], [])
    assert waited.last["b"] == "failed"


def test_all_open_jobs_are_read_in_one_round_and_those_that_ended_no_more() -> None:
    site = Site(
        {"a": OPEN, "b": "waiting", "c": "succeeded"}, {"a": OPEN, "b": "failed"}, {"a": "cancelled", "b": OPEN}
    )
    waited, dummy = wait(site, "a", "b", "c")
    assert site.asked == [["a", "b", "c"], ["a", "b"], ["a"]]
    assert waited.last == {"a": "cancelled", "b": "failed", "c": "succeeded"}


@pytest.mark.parametrize("word", ["paused_for_lunch", "unknown", "new", "submitted", "cancelling", "deleting"])
def test_only_the_known_ends_are_ends(word: str) -> None:
    waited, dummy = wait(Site({"a": word}), "a", timeout=5)
    assert (waited.still_open, waited.last) == (["a"], {"a": word})


def test_a_job_that_vanished_is_done_and_not_polled_to_the_end() -> None:
    site = Site(still_executing("a", "b"), {"a": None, "b": OPEN}, {"b": "succeeded"})
    waited, dummy = wait(site, "a", "b")
    assert site.asked == [["a", "b"], ["a", "b"], ["b"]]
    assert (waited.last, waited.still_open) == ({"a": None, "b": "succeeded"}, [])


# The deadline


@pytest.mark.parametrize("timeout, pause", [(10, 2), (61, 2), (600, 0.1), (45, 45), (5, 60), (0.5, 2)])
def test_the_deadline_is_kept_to_the_second_with_a_last_look_at_it(timeout: float, pause: float) -> None:
    site = Site(still_executing("a"))
    waited, clock = wait(site, "a", timeout=timeout, pause=pause)
    assert clock.now == pytest.approx(1000 + timeout)
    assert waited.seconds == pytest.approx(timeout)
    assert len(site.asked) == len(clock.naps) + 1
    assert waited.still_open == ["a"]


def test_a_timeout_of_zero_is_one_look() -> None:
    site = Site(still_executing("a"))
    waited, clock = wait(site, "a", timeout=0)
    assert (len(site.asked), clock.naps, waited.still_open) == (1, [], ["a"])
    waited, clock = wait(Site({"a": "succeeded"}), "a", timeout=0)
    assert waited.still_open == []


def test_a_slow_look_counts_against_the_deadline() -> None:
    clock = Clock()

    def slow(items: list[str]) -> dict[str, str]:
        clock.now += 40
        return still_executing(*items)

    waited = wait_until(slow, ["a"], is_over, Patience(60, 2), clock.sleep, clock)
    assert (len(clock.naps), waited.seconds) == (1, pytest.approx(82, abs=0.3))


# The pauses


def test_the_pauses_begin_with_what_was_asked_for_and_grow_to_thirty_seconds() -> None:
    dummy, clock = wait(Site(still_executing("a")), "a", timeout=3600, pause=2)
    naps = clock.naps[:-1]
    assert 1.8 <= naps[0] <= 2.2
    for number, nap in enumerate(naps):
        planned = min(LONGEST, 2 * 1.5**number)
        assert 0.9 * planned <= nap <= 1.1 * planned
    assert naps[-1] >= 0.9 * LONGEST
    assert len(naps) < 3600 / (0.9 * LONGEST) + 8


def test_the_pauses_are_jittered_so_that_many_waiters_do_not_meet() -> None:
    dummy, clock = wait(Site(still_executing("a")), "a", timeout=3600)
    assert len({round(nap, 6) for nap in clock.naps[-20:]}) > 10


def test_a_longer_pause_than_thirty_seconds_is_kept_as_asked_for() -> None:
    dummy, clock = wait(Site(still_executing("a")), "a", timeout=3600, pause=90)
    assert all(0.9 * 90 <= nap <= 1.1 * 90 for nap in clock.naps[:-1])


# Failures


def test_up_to_four_passing_failures_in_a_row_are_survived_again_and_again() -> None:
    site = Site(*[BUSY] * 4, still_executing("a"), *[BUSY] * 4, {"a": "succeeded"})
    waited, dummy = wait(site, "a")
    assert (len(site.asked), waited.last) == (10, {"a": "succeeded"})


@pytest.mark.parametrize("code", ["busy", "unreachable", "timeout", "cut_short"])
def test_the_fifth_passing_failure_in_a_row_ends_the_wait(code: str) -> None:
    site = Site(still_executing("a"), ArcGISError(code, "again"))
    with pytest.raises(ArcGISError) as caught:
        wait(site, "a")
    assert (caught.value.code, len(site.asked)) == (code, 6)


def test_failures_of_single_jobs_count_where_no_job_could_be_read() -> None:
    site = Site({"a": BUSY, "b": BUSY})
    with pytest.raises(ArcGISError) as caught:
        wait(site, "a", "b")
    assert (caught.value.code, len(site.asked)) == ("busy", 5)


def test_one_job_that_can_be_read_shows_that_the_site_is_there() -> None:
    site = Site(*[{"a": BUSY, "b": OPEN}] * 9, {"a": "succeeded", "b": "succeeded"})
    waited, dummy = wait(site, "a", "b")
    assert (len(site.asked), waited.still_open) == (10, [])


@pytest.mark.parametrize("failure", [DENIED, {"a": DENIED}], ids=["of all", "of each"])
def test_a_failure_that_does_not_pass_ends_the_wait_at_once(failure: Any) -> None:
    site = Site(failure)
    with pytest.raises(ArcGISError) as caught:
        wait(site, "a")
    assert (caught.value.code, len(site.asked)) == ("no_privilege", 1)


def test_a_job_that_cannot_be_read_for_good_is_left_alone_and_told_apart() -> None:
    site = Site({"a": DENIED, "b": OPEN}, {"b": "succeeded"})
    waited, dummy = wait(site, "a", "b")
    assert site.asked == [["a", "b"], ["b"]]
    assert (waited.still_open, waited.unreadable) == ([], {"a": DENIED})


def test_a_round_that_failed_at_the_deadline_is_a_time_out() -> None:
    site = Site(still_executing("a"), BUSY)
    waited, dummy = wait(site, "a", timeout=3)
    assert (waited.still_open, waited.last) == (["a"], {"a": OPEN})


# What is reported


def test_the_time_out_names_every_open_job_with_its_last_status_and_the_time_waited() -> None:
    waited, dummy = wait(Site({"a": OPEN, "b": "cancelling", "c": "succeeded"}), "a", "b", "c", timeout=12)
    error = time_out(waited, lambda job: f"job {job}")
    assert error is not None and error.code == "wait_timeout"
    assert error.said == "jobs that were still open after 12 seconds: 2"
    assert error.details == ["job a is executing.", "job b is cancelling."]
    assert "job a is executing. job b is cancelling." in str(error)


def test_nothing_is_reported_where_nothing_is_open() -> None:
    assert time_out(Waited({"a": "succeeded"}, [], {})) is None


JOBS = [
    {"job_id": "j1", "status": "succeeded", "messages": None},
    {
        "job_id": "j2",
        "status": "failed",
        "messages": [{"description": text} for text in ("one", "two", "three", "end")],
    },
    {"job_id": "j3", "status": "cancelled", "messages": ["plain"]},
    {"job_id": "j4", "status": "timed_out", "messages": None},
    {"job_id": "j5", "status": "executing", "messages": None},
]


@pytest.mark.parametrize(
    "fail_on, details",
    [
        (["failed"], ["j2 is failed. two three end"]),
        (["cancelled"], ["j3 is cancelled. plain"]),
        (["timed_out"], ["j4 is timed_out. It has no messages."]),
        (["missing"], ["j6 is missing."]),
    ],
)
def test_a_bad_end_is_named_with_the_last_messages(fail_on: list[str], details: list[str]) -> None:
    error = bad_end(JOBS, ["j6"], fail_on)
    assert error is not None
    assert (error.code, error.details) == ("job_ended_badly", details)


def test_all_bad_ends_are_in_one_error() -> None:
    error = bad_end(JOBS, ["j6"], ["failed", "timed_out", "cancelled", "missing"])
    assert error is not None
    assert (error.said, len(error.details)) == ("jobs that ended badly: 4", 4)


@pytest.mark.parametrize(
    "jobs, missing, fail_on", [(JOBS, ["j6"], []), (JOBS[:1], [], ["failed", "missing"]), ([], [], ["missing"])]
)
def test_no_bad_end_is_no_error(jobs: list[dict[str, Any]], missing: list[str], fail_on: list[str]) -> None:
    assert bad_end(jobs, missing, fail_on) is None
