# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a site: what each of them found, how many there are of each outcome, and when the task fails.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, Union

from .._errors import ArcGISError, Failure, internal_error, plain

OK, WARNING, FAILED, SKIPPED = "ok", "warning", "failed", "skipped"
OUTCOMES = (OK, WARNING, FAILED, SKIPPED)
# What makes a task fail, by the value of the option fail_on.
FAIL_ON = {"failed": (FAILED,), "warning": (FAILED, WARNING), "never": ()}

Value = TypeVar("Value")
# What a read returned, or why there is nothing.
Read = Union[Value, Failure]


@dataclass(frozen=True)
class Check:
    """One check of one product. failure is what was found wrong, and the reason of a warning."""

    name: str
    product: str
    outcome: str
    message: str
    failure: Failure | None = None

    def as_result(self) -> dict[str, Any]:
        """Return the check as the module returns it."""
        failure = self.failure
        return {
            "name": self.name,
            "product": self.product,
            "outcome": self.outcome,
            "code": failure.code if failure else None,
            "message": plain(self.message),
            "hint": hint_of(failure) if failure else None,
        }


def passed(name: str, product: str, message: str) -> Check:
    """Return a check that found nothing wrong; message says what it found."""
    return Check(name, product, OK, message)


def skipped(name: str, product: str, why: str) -> Check:
    """Return a check that was not made."""
    return Check(name, product, SKIPPED, why)


def failed(name: str, product: str, failure: Failure, outcome: str = FAILED) -> Check:
    """Return a check that found something wrong, or something to be warned of."""
    return Check(name, product, outcome, said(failure), failure)


def attempt(work: Callable[[], Value]) -> Read[Value]:
    """Return what a piece of work returns, or the failure that it ends in, so that the other checks go on."""
    try:
        return work()
    except ArcGISError as error:
        return error.failure
    except Exception as problem:
        return internal_error(problem)


def hint_of(failure: Failure) -> str:
    """Return what to do about a failure."""
    return plain(failure.hint or failure.kind.remedy)


def said(failure: Failure) -> str:
    """Return what was attempted and what came back, without what to do about it."""
    text = str(failure).removesuffix(hint_of(failure)).rstrip()
    return text[:1].upper() + text[1:]


def summary(checks: Sequence[Check]) -> dict[str, int]:
    """Return how many checks have each outcome."""
    return {outcome: sum(check.outcome == outcome for check in checks) for outcome in OUTCOMES}


def failure_of(checks: Sequence[Check], fail_on: str) -> Failure | None:
    """Return the failure of the task, which is that of the first check that makes it fail; None where none does."""
    found = [check.failure for check in checks if check.outcome in FAIL_ON[fail_on] and check.failure]
    found.sort(key=lambda failure: [check.failure for check in checks if check.outcome == FAILED].count(failure) == 0)
    if len(found) < 2:
        return found[0] if found else None
    return found[0].adding(f". Checks with such an outcome: {len(found)}")
