# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of wanted states and present statuses, as decisions without a site."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.desired_state import (
    Action,
    DesiredState,
    JobChange,
    failure_of,
    missing_in,
)
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.source import JobRef

OPEN = ["new", "submitted", "waiting", "executing"]
ENDED = ["succeeded", "failed", "timed_out"]
UNKNOWN = "paused_for_lunch"

CANCELLED_ROW = {
    **{status: Action("cancel_accepted", send=True) for status in [*OPEN, UNKNOWN]},
    "cancelling": Action("already_cancelling"),
    "cancelled": Action("already_cancelled"),
    **{status: Action("already_finished") for status in ENDED},
    "deleting": Action("already_deleting"),
    "deleted": Action("unknown_job"),
    None: Action("unknown_job"),
}
ABSENT_ROW = {
    **{status: Action("deleted", send=True) for status in [*OPEN, UNKNOWN, "cancelling", "cancelled", *ENDED]},
    "deleting": Action("already_deleting"),
    "deleted": Action("already_absent"),
    None: Action("already_absent"),
}


@pytest.mark.parametrize("status, action", CANCELLED_ROW.items())
def test_what_cancelled_asks_for(status: str | None, action: Action) -> None:
    assert DesiredState("cancelled").action(status) == action


@pytest.mark.parametrize("status, action", ABSENT_ROW.items())
def test_what_absent_asks_for(status: str | None, action: Action) -> None:
    assert DesiredState("absent").action(status) == action


@pytest.mark.parametrize("status", ["deleted", None])
def test_a_missing_job_can_be_fine(status: str | None) -> None:
    assert DesiredState("cancelled", missing_ok=True).action(status) == Action("missing")


@pytest.mark.parametrize("state", ["cancelled", "absent"])
@pytest.mark.parametrize("status", [*OPEN, *ENDED, UNKNOWN, "cancelling", "cancelled", "deleting"])
def test_only_statuses_keeps_other_jobs_untouched(state: str, status: str) -> None:
    others = [other for other in [*OPEN, *ENDED, "cancelling", "cancelled", "deleting"] if other != status]
    assert DesiredState(state, others).action(status) == Action("not_selected")
    assert DesiredState(state, [status]).action(status) == DesiredState(state).action(status)
    assert DesiredState(state, []).action(status) == Action("not_selected")


@pytest.mark.parametrize("state, row", [("cancelled", CANCELLED_ROW), ("absent", ABSENT_ROW)])
def test_a_refusal_changes_no_cell(state: str, row: dict[str | None, Action]) -> None:
    for status, action in row.items():
        assert DesiredState(state).action_after_failure(status, in_doubt=False) == action


@pytest.mark.parametrize("status, action", CANCELLED_ROW.items())
def test_a_cancel_whose_answer_was_lost(status: str | None, action: Action) -> None:
    expected = Action("cancel_accepted") if status in ("cancelling", "cancelled") else action
    assert DesiredState("cancelled").action_after_failure(status, in_doubt=True) == expected


@pytest.mark.parametrize("status, action", ABSENT_ROW.items())
def test_a_delete_whose_answer_was_lost(status: str | None, action: Action) -> None:
    expected = {None: "deleted", "deleted": "deleted", "deleting": "delete_accepted"}.get(status, action.outcome)
    verdict = DesiredState("absent").action_after_failure(status, in_doubt=True)
    assert (verdict.outcome, verdict.send) == (expected, action.send)


@pytest.mark.parametrize("status", [*CANCELLED_ROW])
def test_when_a_wait_is_over(status: str | None) -> None:
    is_gone = status in (None, "deleted")
    assert DesiredState("absent").is_reached(status) is is_gone
    assert DesiredState("cancelled").is_reached(status) is (is_gone or status in [*ENDED, "cancelled"])


# What became of the jobs

BUSY = Failure("busy", "the site is overloaded")
LATE = Failure("wait_timeout", "the time is over")
FIRST, SECOND, THIRD = (JobChange.of_job(JobRef(None, job_id), "executing") for job_id in ("j1", "j2", "j3"))
DONE = replace(THIRD, outcome="cancel_accepted", changed=True)


def test_jobs_in_the_wanted_state_are_no_failure() -> None:
    assert failure_of([]) is None
    assert failure_of([DONE, FIRST.concluded(Action("already_finished"))]) is None


def test_the_failure_of_one_job_alone_is_that_of_the_task() -> None:
    assert failure_of([FIRST.failed(BUSY)]) is BUSY


def test_the_failure_of_many_jobs_counts_them_and_tells_the_first() -> None:
    failure = failure_of([FIRST.failed(BUSY), SECOND, DONE])
    assert failure is not None and failure.code == "some_jobs_failed"
    assert failure.reason == "1 of 3 jobs failed, and 1 were not tried because the failure would have met them too"
    assert failure.details == ("j1: busy.",)
    assert str(failure).endswith(f" Details: j1: busy. The first failure: {BUSY}")


def test_jobs_that_only_need_more_time_are_named_in_one_time_out() -> None:
    failure = failure_of([replace(FIRST, error=LATE, waited=8.0), replace(SECOND, error=LATE, waited=9.0), DONE])
    assert failure is not None
    assert (failure.code, failure.details) == ("wait_timeout", ("j1 is executing.", "j2 is executing."))
    assert "after 9 seconds: 2" in failure.reason


def test_which_jobs_were_missing() -> None:
    missing = [FIRST.concluded(Action(outcome)) for outcome in ("already_absent", "missing", "unknown_job")]
    assert [change.error and change.error.code for change in missing] == [None, None, "unknown_job"]
    assert missing_in([*missing, DONE, SECOND.failed(BUSY)]) == ["j1"] * 3


@pytest.mark.parametrize(
    "status, outcome", [(None, "deleted"), ("deleted", "deleted"), ("deleting", "delete_accepted")]
)
def test_a_deletion_counts_once_the_job_was_seen_to_be_gone(status: str | None, outcome: str) -> None:
    accepted = replace(FIRST, outcome="delete_accepted", changed=True)
    assert accepted.seen(status) == replace(accepted, after=status, outcome=outcome)
    assert DONE.seen(status).outcome == "cancel_accepted"
