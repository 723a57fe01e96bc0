# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of wanted states and present statuses, as decisions without a site."""

from __future__ import annotations

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._wishes import Step, Wish

OPEN = ["new", "submitted", "waiting", "executing"]
ENDED = ["succeeded", "failed", "timed_out"]
UNKNOWN = "paused_for_lunch"

CANCELLED_ROW = {
    **{status: Step("cancel_accepted", send=True) for status in [*OPEN, UNKNOWN]},
    "cancelling": Step("already_cancelling"),
    "cancelled": Step("already_cancelled"),
    **{status: Step("already_finished") for status in ENDED},
    "deleting": Step("already_deleting"),
    "deleted": Step("unknown_job"),
    None: Step("unknown_job"),
}
ABSENT_ROW = {
    **{status: Step("deleted", send=True) for status in [*OPEN, UNKNOWN, "cancelling", "cancelled", *ENDED]},
    "deleting": Step("already_deleting"),
    "deleted": Step("already_absent"),
    None: Step("already_absent"),
}


@pytest.mark.parametrize("status, step", CANCELLED_ROW.items())
def test_what_cancelled_asks_for(status: str | None, step: Step) -> None:
    assert Wish("cancelled").step(status) == step


@pytest.mark.parametrize("status, step", ABSENT_ROW.items())
def test_what_absent_asks_for(status: str | None, step: Step) -> None:
    assert Wish("absent").step(status) == step


@pytest.mark.parametrize("status", ["deleted", None])
def test_a_missing_job_can_be_fine(status: str | None) -> None:
    assert Wish("cancelled", missing_ok=True).step(status) == Step("missing")


@pytest.mark.parametrize("state", ["cancelled", "absent"])
@pytest.mark.parametrize("status", [*OPEN, *ENDED, UNKNOWN, "cancelling", "cancelled", "deleting"])
def test_only_statuses_keeps_other_jobs_untouched(state: str, status: str) -> None:
    others = [other for other in [*OPEN, *ENDED, "cancelling", "cancelled", "deleting"] if other != status]
    assert Wish(state, others).step(status) == Step("not_selected")
    assert Wish(state, [status]).step(status) == Wish(state).step(status)
    assert Wish(state, []).step(status) == Step("not_selected")


@pytest.mark.parametrize("state, row", [("cancelled", CANCELLED_ROW), ("absent", ABSENT_ROW)])
def test_a_refusal_changes_no_cell(state: str, row: dict[str | None, Step]) -> None:
    for status, step in row.items():
        assert Wish(state).verdict(status, in_doubt=False) == step


@pytest.mark.parametrize("status, step", CANCELLED_ROW.items())
def test_a_cancel_whose_answer_was_lost(status: str | None, step: Step) -> None:
    expected = Step("cancel_accepted") if status in ("cancelling", "cancelled") else step
    assert Wish("cancelled").verdict(status, in_doubt=True) == expected


@pytest.mark.parametrize("status, step", ABSENT_ROW.items())
def test_a_delete_whose_answer_was_lost(status: str | None, step: Step) -> None:
    expected = {None: "deleted", "deleted": "deleted", "deleting": "delete_accepted"}.get(status, step.outcome)
    verdict = Wish("absent").verdict(status, in_doubt=True)
    assert (verdict.outcome, verdict.send) == (expected, step.send)
