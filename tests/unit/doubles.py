# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for what the core of the engine is given: a clock, a task, and the jobs of a product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.source import JobRef, TaskContext
from ansible_collections.gisops.arcgis.plugins.module_utils._retries import Clock, Retries


class FakeClock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Move the clock and note the pause."""
        self.naps.append(seconds)
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        """Return the clock as the engine takes it."""
        return Clock(lambda: self.seconds, self.sleep)


def task(
    clock: FakeClock, check_mode: bool = False, retries: int = 0, warnings: list[str] | None = None
) -> TaskContext:
    """Return the context of a task that works on one job after the other."""

    def tries(until: float | None = None) -> Retries:
        return Retries(retries, clock.clock, until)

    return TaskContext(check_mode, 1, tries, clock.clock, ([] if warnings is None else warnings).append)


class FakeJobSource:
    """The jobs of a product whose looks follow a script, as do the answers to writes; the last of each is repeated.

    A look is a status, None where there is no such job, or a Failure, which an answer to a write may be too. sent holds
    the writes, and looks how often a job was looked at.
    """

    can_delete = True

    def __init__(self, *seen: str | Failure | None, answers: Sequence[Failure | None] = (None,)) -> None:
        self.looks = 0
        self.sent: list[tuple[str, str]] = []
        self._seen = list(seen)
        self._answers = list(answers)

    def read(self, refs: Sequence[JobRef], retries: Retries | None = None) -> dict[JobRef, Any]:
        """Return the next look at every job, as a record."""
        return {ref: {"status": seen} if isinstance(seen, str) else seen for ref in refs for seen in [self._look()]}

    def statuses(
        self, refs: Sequence[JobRef], retries: Retries | None = None, absent_means_gone: bool = False
    ) -> dict[JobRef, Any]:
        """Return the next look at every job."""
        return {ref: self._look() for ref in refs}

    def send(self, state: str, ref: JobRef, retries: Retries) -> Failure | None:
        """Note the write and answer it, as the client does."""
        self.sent.append((state, ref.job_id))
        failure = _next(self._answers)
        if failure is not None and not failure.is_indeterminate:
            raise ArcGISError.of(failure)
        return failure

    def _look(self) -> str | Failure | None:
        self.looks += 1
        return _next(self._seen)


def _next(turns: list[Any]) -> Any:
    return turns.pop(0) if len(turns) > 1 else turns[0]
