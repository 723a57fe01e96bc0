# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many requests at once, with bounded concurrency and results in the order given.

This module is private to the collection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import (
    MEETS_EVERY_REQUEST,
    ArcGISError,
    internal_error,
)

Item = TypeVar("Item")
Value = TypeVar("Value")


@dataclass
class Outcome(Generic[Item, Value]):
    """What came of one item: its value, or its error, or neither where the run stopped before it was tried."""

    item: Item
    value: Value | None = None
    error: ArcGISError | None = None
    tried: bool = False


def run_all(
    work: Callable[[Item], Value],
    items: Sequence[Item],
    concurrency: int,
    stops: frozenset[str] = MEETS_EVERY_REQUEST,
) -> list[Outcome[Item, Value]]:
    """Call work for every item, at most concurrency at once, and return the outcomes in the order of the items.

    An error whose code is in stops would meet every other item too: no further item is begun after it.
    """
    outcomes: list[Outcome[Item, Value]] = [Outcome(item) for item in items]
    pending = iter(outcomes)
    lock = threading.Lock()
    stopped = threading.Event()

    def worker() -> None:
        while not stopped.is_set():
            with lock:
                outcome = next(pending, None)
            if outcome is None:
                return
            outcome.tried = True
            try:
                outcome.value = work(outcome.item)
            except ArcGISError as error:
                outcome.error = error
                if error.code in stops:
                    stopped.set()
            except Exception as problem:
                # What other workers have done is reported all the same.
                outcome.error = internal_error(problem)
                stopped.set()

    workers = min(concurrency, len(outcomes))
    if workers <= 1:
        worker()
        return outcomes
    with ThreadPoolExecutor(workers) as pool:
        running = [pool.submit(worker) for dummy in range(workers)]
    for future in running:
        future.result()
    return outcomes


def values_of(outcomes: Sequence[Outcome[Item, Value]]) -> list[Value]:
    """Return the values where every item must succeed; raise an error otherwise, first of all what stopped the run."""
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    for error in sorted(errors, key=lambda error: error.code not in MEETS_EVERY_REQUEST):
        raise error
    return [outcome.value for outcome in outcomes]  # type: ignore[misc]


def found_and_missing(outcomes: Sequence[Outcome[Item, Value | None]]) -> tuple[list[Value], list[Item]]:
    """Return the values that there are and the items that have none, in the order given; raise as values_of does."""
    values = values_of(outcomes)
    missing = [outcome.item for outcome in outcomes if outcome.value is None]
    return [value for value in values if value is not None], missing


def seen_of(outcomes: Sequence[Outcome[Item, Value]]) -> dict[Item, Value | ArcGISError | None]:
    """Return the value or the error of every item; raise an error that stopped the run, since some were not tried."""
    for outcome in outcomes:
        if outcome.error is not None and outcome.error.code in MEETS_EVERY_REQUEST | {"internal_error"}:
            raise outcome.error
    return {outcome.item: outcome.error or outcome.value for outcome in outcomes}
