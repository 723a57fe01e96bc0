# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bounded concurrency with results in the order given."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import run_all, values_of
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import MEETS_EVERY_REQUEST, ArcGISError


@pytest.mark.parametrize("concurrency", [1, 2, 8, 100])
def test_outcomes_are_in_the_order_of_the_items(concurrency: int) -> None:
    def work(item: int) -> int:
        time.sleep(0.001 * (5 - item % 5))
        return item * item

    assert values_of(run_all(work, range(20), concurrency)) == [item * item for item in range(20)]


def test_nothing_to_do() -> None:
    assert run_all(lambda item: item, [], 8) == []


def test_never_more_at_once_than_allowed() -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def work(item: int) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.002)
        with lock:
            under_way -= 1

    run_all(work, range(30), 4)
    assert most == 4


def test_an_error_of_one_item_does_not_stop_the_others() -> None:
    def work(item: int) -> int:
        if item == 2:
            raise ArcGISError("unknown_job", "gone")
        return item

    outcomes = run_all(work, range(5), 1)
    assert [outcome.value for outcome in outcomes] == [0, 1, None, 3, 4]
    assert all(outcome.tried for outcome in outcomes)
    with pytest.raises(ArcGISError, match="gone"):
        values_of(outcomes)


@pytest.mark.parametrize("code", sorted(MEETS_EVERY_REQUEST))
def test_what_meets_every_request_stops_the_run(code: str) -> None:
    def work(item: int) -> int:
        if item == 1:
            raise ArcGISError(code, "no")
        return item

    outcomes = run_all(work, range(4), 1)
    assert [outcome.tried for outcome in outcomes] == [True, True, False, False]


def test_what_stopped_the_run_is_raised_first() -> None:
    def work(item: str) -> None:
        raise ArcGISError(item, item)

    outcomes = run_all(work, ["unknown_job", "tls_failure"], 1)
    with pytest.raises(ArcGISError, match="tls_failure"):
        values_of(outcomes)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_mistake_in_the_work_is_not_hidden(concurrency: int) -> None:
    def work(item: int) -> int:
        return 1 // item

    mistake = run_all(work, [1, 0, 1], concurrency)[1].error
    assert mistake is not None
    assert (mistake.code, mistake.said.startswith("ZeroDivisionError in test_bulk.py, line ")) == (
        "internal_error",
        True,
    )
