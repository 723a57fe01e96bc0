# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bounded concurrency with results in the order given."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._concurrent import Results, run_concurrently
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import FATAL_CODES, ArcGISError


@pytest.mark.parametrize("concurrency", [1, 2, 8, 100])
def test_results_are_in_the_order_of_the_items(concurrency: int) -> None:
    def work(item: int) -> int:
        time.sleep(0.001 * (5 - item % 5))
        return item * item

    values = run_concurrently(work, range(20), concurrency).all_values()
    assert list(values.items()) == [(item, item * item) for item in range(20)]


def test_nothing_to_do() -> None:
    assert run_concurrently(lambda item: item, [], 8) == Results([], {}, {})


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

    run_concurrently(work, range(30), 4)
    assert most == 4


@pytest.mark.parametrize("count, threads", [(0, 0), (1, 0), (2, 2), (3, 3), (9, 4)])
def test_threads_start_only_for_work(monkeypatch: pytest.MonkeyPatch, count: int, threads: int) -> None:
    started: list[threading.Thread] = []
    true = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda thread: (started.append(thread), true(thread)))
    run_concurrently(str, range(count), 4)
    assert len(started) == threads


def test_an_error_of_one_item_does_not_stop_the_others() -> None:
    def work(item: int) -> int:
        if item == 2:
            raise ArcGISError("unknown_job", "gone")
        return item

    results = run_concurrently(work, range(5), 1)
    assert results.values == {0: 0, 1: 1, 3: 3, 4: 4}
    assert results.stopped_by is None
    assert list(results.each().items()) == [(0, 0), (1, 1), (2, results.errors[2]), (3, 3), (4, 4)]
    with pytest.raises(ArcGISError, match="gone"):
        results.all_values()


@pytest.mark.parametrize("code", sorted(FATAL_CODES))
def test_what_meets_every_request_stops_the_run(code: str) -> None:
    def work(item: int) -> int:
        if item == 1:
            raise ArcGISError(code, "no")
        return item

    results = run_concurrently(work, range(4), 1)
    assert (results.values, list(results.errors)) == ({0: 0}, [1])
    assert results.stopped_by is results.errors[1]
    with pytest.raises(ArcGISError, match="no"):
        results.each()


def test_the_caller_says_what_stops_the_run() -> None:
    def work(item: str) -> None:
        raise ArcGISError(item, item)

    codes = ["tls_failure", "no_privilege", "unreachable"]
    assert list(run_concurrently(work, codes, 1, {"no_privilege"}).errors) == codes[:2]
    assert list(run_concurrently(work, codes, 1, ()).each()) == codes


def test_what_stopped_the_run_is_raised_first() -> None:
    def work(item: str) -> None:
        raise ArcGISError(item, item)

    results = run_concurrently(work, ["unknown_job", "tls_failure"], 1)
    for raising in (results.all_values, results.each):
        with pytest.raises(ArcGISError, match="tls_failure"):
            raising()


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_mistake_in_the_work_is_not_hidden(concurrency: int) -> None:
    def work(item: int) -> int:
        return 1 // item

    results = run_concurrently(work, [1, 0, 2], concurrency)
    mistake = results.errors[0]
    assert results.stopped_by is mistake
    assert mistake.code == "internal_error"
    assert mistake.reason.startswith("ZeroDivisionError in test_concurrent.py, line ")
    assert results.values[1] == 1


class TimeIsUp(BaseException):
    """Stands for what the handler of a signal raises."""


def test_what_ends_the_task_waits_for_no_thread() -> None:
    def ring(*dummy: object) -> None:
        raise TimeIsUp

    begun: list[int] = []
    hanging = threading.Event()

    def work(item: int) -> None:
        begun.append(item)
        hanging.wait(30)

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        start = time.monotonic()
        with pytest.raises(TimeIsUp):
            run_concurrently(work, range(100), 4)
        assert time.monotonic() - start < 5
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        hanging.set()
    time.sleep(0.2)
    assert sorted(begun) == [0, 1, 2, 3]


@pytest.mark.parametrize("most", [0, 1, 2])
@pytest.mark.parametrize("refusal", [RuntimeError("can't start new thread"), MemoryError()])
def test_fewer_threads_do_the_same_work(monkeypatch: pytest.MonkeyPatch, most: int, refusal: Exception) -> None:
    start = threading.Thread.start
    started: list[threading.Thread] = []
    workers: set[threading.Thread] = set()

    def start_some(thread: threading.Thread) -> None:
        if len(started) == most:
            raise refusal
        started.append(thread)
        start(thread)

    def work(item: int) -> int:
        workers.add(threading.current_thread())
        return item

    monkeypatch.setattr(threading.Thread, "start", start_some)
    assert list(run_concurrently(work, range(100), 4).all_values()) == list(range(100))
    assert workers <= set(started or [threading.current_thread()])
    assert not any(thread.is_alive() for thread in started)
