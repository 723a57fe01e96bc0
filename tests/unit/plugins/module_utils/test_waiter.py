# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The waiter alone: when it looks, how long it pauses, what it survives, and what it reports."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.desired_state import DesiredState
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.source import JobRef, StatusOrError
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.waiter import (
    Reading,
    WaitOptions,
    WaitResult,
    fail_on_failure,
    jobs_at_fault,
    read_and_wait,
    timeout_failure,
    wait_for,
)
from ansible_collections.gisops.arcgis.plugins.module_utils._retries import Retries
from ansible_collections.gisops.arcgis.tests.unit.doubles import FakeClock, FakeJobSource, task

LONGEST = 30.0
OPEN = "executing"
BUSY = Failure("busy", "the site is overloaded")
DENIED = Failure("no_privilege", "access is denied")


class Rounds:
    """What is seen of the jobs, round by round; the last round is seen again and again."""

    def __init__(self, *rounds: Any) -> None:
        self.rounds = list(rounds)
        self.asked: list[str] = []
        self.time_left: list[float] = []

    def __call__(self, refs: Sequence[JobRef], retries: Retries) -> dict[JobRef, StatusOrError]:
        self.asked.append("".join(ref.job_id for ref in refs))
        self.time_left.append(retries.time_left(math.inf))
        seen = self.rounds.pop(0) if len(self.rounds) > 1 else self.rounds[0]
        if isinstance(seen, Failure):
            raise ArcGISError.of(seen)
        return {ref: seen[ref.job_id] for ref in refs if ref.job_id in seen}


@dataclass(frozen=True)
class Seen:
    """What a wait saw, by job ID."""

    last: dict[str, str | None]
    still_open: list[str]
    unreadable: dict[str, Failure]
    seconds: float
    naps: list[float]


def refs_of(ids: str) -> list[JobRef]:
    """Return the jobs with these IDs, which have one letter each."""
    return [JobRef(None, job_id) for job_id in ids]


def wait(read: Callable[..., Any], ids: str, timeout: float = 600, sleep: float = 2) -> Seen:
    """Wait for jobs on a clock of their own."""
    clock = FakeClock()
    result = wait_for(
        read, refs_of(ids), DesiredState("cancelled").is_reached, WaitOptions(timeout, sleep), task(clock)
    )
    assert result.seconds == pytest.approx(clock.seconds - 1000)
    return Seen(
        {ref.job_id: status for ref, status in result.last.items()},
        [ref.job_id for ref in result.still_open],
        {ref.job_id: failure for ref, failure in result.unreadable.items()},
        result.seconds,
        clock.naps,
    )


def still_executing(ids: str) -> dict[str, str]:
    """Return a round in which nothing has ended."""
    return dict.fromkeys(ids, OPEN)


def test_no_job_needs_no_look() -> None:
    rounds = Rounds({})
    waited = wait(rounds, "")
    assert (rounds.asked, waited.naps, waited.still_open) == ([], [], [])


def test_jobs_that_have_ended_cost_one_look_and_no_pause() -> None:
    rounds = Rounds({"a": "succeeded", "b": "failed", "c": "cancelled", "d": "timed_out", "e": "deleted"})
    waited = wait(rounds, "abcde")
    assert (len(rounds.asked), waited.naps, waited.still_open) == (1, [], [])
    assert waited.last["b"] == "failed"


def test_all_open_jobs_are_read_in_one_round_and_those_that_ended_no_more() -> None:
    rounds = Rounds(
        {"a": OPEN, "b": "waiting", "c": "succeeded"}, {"a": OPEN, "b": "failed"}, {"a": "cancelled", "b": OPEN}
    )
    waited = wait(rounds, "abc")
    assert rounds.asked == ["abc", "ab", "a"]
    assert waited.last == {"a": "cancelled", "b": "failed", "c": "succeeded"}


def test_a_job_that_vanished_is_done_and_not_polled_to_the_end() -> None:
    rounds = Rounds(still_executing("ab"), {"a": None, "b": OPEN}, {"b": "succeeded"})
    waited = wait(rounds, "ab")
    assert rounds.asked == ["ab", "ab", "b"]
    assert (waited.last, waited.still_open) == ({"a": None, "b": "succeeded"}, [])


# The deadline


@pytest.mark.parametrize("timeout, sleep", [(10, 2), (61, 2), (600, 0.1), (45, 45), (5, 60), (0.5, 2)])
def test_the_deadline_is_kept_to_the_second_with_a_last_look_at_it(timeout: float, sleep: float) -> None:
    rounds = Rounds(still_executing("a"))
    waited = wait(rounds, "a", timeout=timeout, sleep=sleep)
    assert waited.seconds == pytest.approx(timeout)
    assert len(rounds.asked) == len(waited.naps) + 1
    assert waited.still_open == ["a"]


def test_a_timeout_of_zero_is_one_look() -> None:
    rounds = Rounds(still_executing("a"))
    waited = wait(rounds, "a", timeout=0)
    assert (len(rounds.asked), waited.naps, waited.still_open) == (1, [], ["a"])
    waited = wait(Rounds({"a": "succeeded"}), "a", timeout=0)
    assert waited.still_open == []


def test_a_slow_look_counts_against_the_deadline() -> None:
    clock = FakeClock()

    def slow(refs: Sequence[JobRef], retries: Retries) -> dict[JobRef, StatusOrError]:
        clock.seconds += 40
        return dict.fromkeys(refs, OPEN)

    waited = wait_for(slow, refs_of("a"), DesiredState("absent").is_reached, WaitOptions(60, 2), task(clock))
    assert (len(clock.naps), waited.seconds) == (1, pytest.approx(82, abs=0.3))


def test_no_request_of_a_round_may_wait_beyond_the_deadline_and_the_last_look_gets_a_second() -> None:
    rounds = Rounds(still_executing("a"))
    waited = wait(rounds, "a", timeout=10)
    passed = [sum(waited.naps[:number]) for number in range(len(rounds.asked))]
    assert rounds.time_left == pytest.approx([max(1.0, 10 - seconds) for seconds in passed])
    assert rounds.time_left[0] == 10 and rounds.time_left[-1] == 1


# The pauses


def test_the_pauses_begin_with_what_was_asked_for_and_grow_to_thirty_seconds() -> None:
    waited = wait(Rounds(still_executing("a")), "a", timeout=3600, sleep=2)
    naps = waited.naps[:-1]
    assert 1.8 <= naps[0] <= 2.2
    for number, nap in enumerate(naps):
        planned = min(LONGEST, 2 * 1.5**number)
        assert 0.9 * planned <= nap <= 1.1 * planned
    assert naps[-1] >= 0.9 * LONGEST
    assert len(naps) < 3600 / (0.9 * LONGEST) + 8


def test_the_pauses_are_jittered_so_that_many_waiters_do_not_meet() -> None:
    waited = wait(Rounds(still_executing("a")), "a", timeout=3600)
    assert len({round(nap, 6) for nap in waited.naps[-20:]}) > 10


def test_a_longer_pause_than_thirty_seconds_is_kept_as_asked_for() -> None:
    waited = wait(Rounds(still_executing("a")), "a", timeout=3600, sleep=90)
    assert all(0.9 * 90 <= nap <= 1.1 * 90 for nap in waited.naps[:-1])


# Failures


def test_up_to_four_passing_failures_in_a_row_are_survived_again_and_again() -> None:
    rounds = Rounds(*[BUSY] * 4, still_executing("a"), *[BUSY] * 4, {"a": "succeeded"})
    waited = wait(rounds, "a")
    assert (len(rounds.asked), waited.last) == (10, {"a": "succeeded"})


@pytest.mark.parametrize("code", ["busy", "unreachable", "timeout", "cut_short"])
def test_the_fifth_passing_failure_in_a_row_ends_the_wait(code: str) -> None:
    rounds = Rounds(still_executing("a"), Failure(code, "again"))
    with pytest.raises(ArcGISError) as caught:
        wait(rounds, "a")
    assert (caught.value.failure.code, len(rounds.asked)) == (code, 6)


def test_failures_of_single_jobs_count_where_no_job_could_be_read() -> None:
    rounds = Rounds({"a": BUSY, "b": BUSY})
    with pytest.raises(ArcGISError) as caught:
        wait(rounds, "ab")
    assert (caught.value.failure.code, len(rounds.asked)) == ("busy", 5)


def test_one_job_that_can_be_read_shows_that_the_site_is_there() -> None:
    rounds = Rounds(*[{"a": BUSY, "b": OPEN}] * 9, {"a": "succeeded", "b": "succeeded"})
    waited = wait(rounds, "ab")
    assert (len(rounds.asked), waited.still_open) == (10, [])


@pytest.mark.parametrize("failure", [DENIED, {"a": DENIED}], ids=["of all", "of each"])
def test_a_failure_that_does_not_pass_ends_the_wait_at_once(failure: Any) -> None:
    rounds = Rounds(failure)
    with pytest.raises(ArcGISError) as caught:
        wait(rounds, "a")
    assert (caught.value.failure.code, len(rounds.asked)) == ("no_privilege", 1)


def test_a_job_that_cannot_be_read_for_good_is_left_alone_and_told_apart() -> None:
    rounds = Rounds({"a": DENIED, "b": OPEN}, {"b": "succeeded"})
    waited = wait(rounds, "ab")
    assert rounds.asked == ["ab", "b"]
    assert (waited.still_open, waited.unreadable) == ([], {"a": DENIED})


def test_a_round_that_failed_at_the_deadline_is_a_time_out() -> None:
    rounds = Rounds(still_executing("a"), BUSY)
    waited = wait(rounds, "a", timeout=3)
    assert (waited.still_open, waited.last) == (["a"], {"a": OPEN})


# What is reported


def test_the_time_out_names_every_open_job_with_its_last_status_and_the_time_waited() -> None:
    a, b, c = refs_of("abc")
    failure = timeout_failure(WaitResult({a: OPEN, c: "succeeded"}, (a, b), seconds=12.3))
    assert failure is not None and failure.code == "wait_timeout"
    assert failure.reason == "jobs that were still open after 12 seconds: 2"
    assert failure.details == ("a is executing.", "b is unread.")
    assert "a is executing. b is unread." in str(failure)


def test_nothing_is_reported_where_nothing_is_open() -> None:
    assert timeout_failure(WaitResult({JobRef(None, "a"): "succeeded"})) is None


def read_job(*seen: str | Failure | None, wait: WaitOptions | None = None) -> tuple[Reading, FakeJobSource]:
    """Read one job, and wait for it before if that is asked for."""
    source = FakeJobSource(*seen)
    return read_and_wait(source, refs_of("a"), wait, task(FakeClock())), source


@pytest.mark.parametrize("end", ["succeeded", "failed", "cancelled", "timed_out", "deleted"])
def test_a_job_is_read_once_it_has_ended(end: str) -> None:
    reading, source = read_job(OPEN, "cancelling", end, wait=WaitOptions(60, 2))
    assert (reading, source.looks) == (Reading([{"status": end}], []), 4)


@pytest.mark.parametrize("word", ["paused_for_lunch", "unknown", "new", "submitted", "cancelling", "deleting"])
def test_a_job_that_has_not_ended_is_read_when_the_time_is_over(word: str) -> None:
    reading, dummy = read_job(word, wait=WaitOptions(5, 2))
    assert (reading.records, reading.missing) == ([{"status": word}], [])
    assert reading.overtime is not None and reading.overtime.details == (f"a is {word}.",)


def test_a_job_that_the_site_does_not_have_needs_no_wait() -> None:
    reading, source = read_job(None, wait=WaitOptions(60, 2))
    assert (reading, source.looks) == (Reading([], ["a"]), 2)


def test_a_job_that_is_open_although_one_look_missed_it_is_not_done() -> None:
    reading, dummy = read_job(OPEN, None, OPEN, wait=WaitOptions(60, 2))
    assert (reading.records, reading.missing) == ([{"status": OPEN}], [])
    assert reading.overtime is not None and reading.overtime.details == ("a is executing.",)


@pytest.mark.parametrize("code", ["html_answer", "busy", "not_found"])
def test_a_job_that_has_ended_and_cannot_be_read_for_the_moment_is_known_to_have_ended(code: str) -> None:
    context = task(FakeClock())
    source = FakeJobSource(OPEN, "failed", Failure(code, "a page"))
    reading = read_and_wait(source, refs_of("a"), WaitOptions(60, 2), context)
    assert (reading.records[0]["status"], reading.overtime, source.looks) == ("failed", None, 3)


def test_a_job_that_has_ended_and_must_not_be_read_fails_the_task() -> None:
    with pytest.raises(ArcGISError) as caught:
        read_job(OPEN, "failed", DENIED, wait=WaitOptions(60, 2))
    assert caught.value.failure == DENIED


def test_without_a_wait_a_job_is_read_once() -> None:
    reading, source = read_job(OPEN)
    assert (reading, source.looks) == (Reading([{"status": OPEN}], []), 1)


def test_a_job_that_cannot_be_read_fails_the_task() -> None:
    with pytest.raises(ArcGISError) as caught:
        read_job(DENIED)
    assert caught.value.failure == DENIED


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
    "fail_on, detail",
    [
        (["failed"], "j2 is failed. two three end"),
        (["cancelled"], "j3 is cancelled. plain"),
        (["timed_out"], "j4 is timed_out. It has no messages."),
        (["missing"], "j6 is missing: check the ID and url."),
    ],
)
def test_a_bad_end_is_named_with_the_last_messages(fail_on: list[str], detail: str) -> None:
    error = fail_on_failure(JOBS, ["j6"], fail_on)
    assert error is not None
    assert (error.code, error.details) == ("job_ended_badly", (detail,))


def test_all_bad_ends_are_in_one_error() -> None:
    error = fail_on_failure(JOBS, ["j6"], ["failed", "timed_out", "cancelled", "missing"])
    assert error is not None
    assert (error.reason, len(error.details)) == ("4 jobs did not succeed", 4)


@pytest.mark.parametrize(
    "jobs, missing, fail_on", [(JOBS, ["j6"], []), (JOBS[:1], [], ["failed", "missing"]), ([], [], ["missing"])]
)
def test_no_bad_end_is_no_error(jobs: list[dict[str, Any]], missing: list[str], fail_on: list[str]) -> None:
    assert fail_on_failure(jobs, missing, fail_on) is None


def test_the_jobs_at_fault_are_those_of_fail_on_and_when_the_time_is_over_those_that_are_open() -> None:
    reading = Reading(JOBS, ["j6"])
    overtime = Reading(JOBS, ["j6"], Failure("wait_timeout", "it is over"))
    assert [job["job_id"] for job in jobs_at_fault(reading, ["failed"])] == ["j2"]
    assert [job["job_id"] for job in jobs_at_fault(overtime, ["failed"])] == ["j2", "j5"]
    assert jobs_at_fault(reading, []) == []
