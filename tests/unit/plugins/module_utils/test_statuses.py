# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One vocabulary for the statuses of all products."""

from __future__ import annotations

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils import _statuses


@pytest.mark.parametrize(
    "raw, status",
    [
        ("esriJobNew", "new"),
        ("esriJobSubmitted", "submitted"),
        ("esriJobWaiting", "waiting"),
        ("esriJobExecuting", "executing"),
        ("esriJobSucceeded", "succeeded"),
        ("esriJobFailed", "failed"),
        ("esriJobCancelling", "cancelling"),
        ("esriJobCancelled", "cancelled"),
        ("esriJobTimedOut", "timed_out"),
        ("esriJobDeleting", "deleting"),
        ("esriJobDeleted", "deleted"),
        ("TimedOut", "timed_out"),
        ("Succeeded", "succeeded"),
        ("SUBMITTED", "submitted"),
        ("PROCESSING", "executing"),
        ("COMPLETED", "succeeded"),
        ("Completed", "succeeded"),
        ("FAILED", "failed"),
        ("In Progress", "executing"),
        ("IN_PROGRESS", "executing"),
        ("InProgress", "executing"),
        ("in-progress", "executing"),
        ("Canceled", "cancelled"),
        (" Failed ", "failed"),
        ("esriJobPausedForLunch", "paused_for_lunch"),
        ("esriJob", "esri_job"),
    ],
)
def test_every_spelling_has_one_status(raw: str, status: str) -> None:
    assert _statuses.status_of(raw) == status


def test_which_statuses_have_ended() -> None:
    ended = {status for status in _statuses.GP_STATUSES if _statuses.is_finished(status)}
    assert ended == {"succeeded", "failed", "cancelled", "timed_out", "deleted"}
    assert not _statuses.is_finished("paused")
    assert not _statuses.is_finished(None)


def test_what_the_query_can_be_asked_for() -> None:
    assert all(_statuses.status_of(word) == status for status, word in _statuses.QUERYABLE.items())
    assert set(_statuses.GP_STATUSES) - set(_statuses.QUERYABLE) == {"timed_out", "deleting", "deleted"}
