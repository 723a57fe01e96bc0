# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many requests at once, with bounded concurrency and results in the order given. Private to the collection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from ._errors import FATAL_CODES, ArcGISError, Failure, internal_error

Item = TypeVar("Item")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Results(Generic[Item, Value]):
    """What came of the items: values and errors hold those that were tried, in the order given.

    stopped_by is the failure after which no further item was begun.
    """

    items: Sequence[Item]
    values: dict[Item, Value]
    errors: dict[Item, Failure]
    stopped_by: Failure | None = None

    def each(self) -> dict[Item, Value | Failure]:
        """Return what came of every item, in the order given. Raises the ArcGISError that stopped the run."""
        if self.stopped_by is not None:
            raise ArcGISError.of(self.stopped_by)
        found: dict[Item, Value | Failure] = {**self.values, **self.errors}
        return {item: found[item] for item in self.items}

    def all_values(self) -> dict[Item, Value]:
        """Return the values where every item must succeed. Raises the ArcGISError of the first that did not."""
        for failure in (self.stopped_by, *self.errors.values()):
            if failure is not None:
                raise ArcGISError.of(failure)
        return self.values


def run_concurrently(
    work: Callable[[Item], Value],
    items: Sequence[Item],
    concurrency: int,
    stop_at: Collection[str] = FATAL_CODES,
) -> Results[Item, Value]:
    """Call work for every item, at most concurrency at once; the items are all different.

    A failure whose code is in stop_at would meet every other item too: no further item is begun after it. An exception
    that nobody foresaw stops the run as well, and what other workers have done is returned all the same.
    """
    run = _Run(work, items, stop_at)
    workers = min(concurrency, len(items))
    if workers <= 1:
        run.work()
    else:
        run.work_in_threads(workers)
    return Results(
        items,
        {item: run.done[number] for number, item in enumerate(items) if number in run.done},
        {item: run.failed[number] for number, item in enumerate(items) if number in run.failed},
        run.stops[0] if run.stops else None,
    )


class _Run(Generic[Item, Value]):
    """What the workers of one run share. It knows the items by their numbers, since to find one may cost its time."""

    def __init__(self, work: Callable[[Item], Value], items: Sequence[Item], stop_at: Collection[str]) -> None:
        self.done: dict[int, Value] = {}
        self.failed: dict[int, Failure] = {}
        self.stops: list[Failure] = []
        self._work = work
        self._pending = enumerate(items)
        self._stop_at = stop_at
        self._lock = threading.Lock()

    def work(self) -> None:
        """Take item by item until there is none left, or until the run stops."""
        while not self.stops:
            with self._lock:
                taken = list(islice(self._pending, 1))
            if not taken:
                return
            number, item = taken[0]
            try:
                self.done[number] = self._work(item)
            except ArcGISError as error:
                self._note(number, error.failure, error.failure.code in self._stop_at)
            except Exception as problem:
                self._note(number, internal_error(problem), True)

    def work_in_threads(self, workers: int) -> None:
        """Work in as many threads, and return when the last one has ended.

        Ctrl-C and the time limit of a task reach the thread that waits here. They do not wait for requests that hang:
        daemon threads keep no process alive, and none of them begins another item.
        """
        started: list[threading.Thread] = []
        try:
            for _dummy in range(workers):
                thread = threading.Thread(target=self.work, daemon=True)
                try:
                    thread.start()
                except (RuntimeError, MemoryError):
                    # An account may have only so many threads. Fewer do the same work, if need be this one alone.
                    break
                started.append(thread)
            if not started:
                self.work()
            for thread in started:
                thread.join()
        except BaseException:
            self.stops.append(Failure("internal_error", "the task was interrupted"))
            raise

    def _note(self, number: int, failure: Failure, stops: bool) -> None:
        self.failed[number] = failure
        if stops:
            self.stops.append(failure)
