# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for what the core of the engine is given, jobs of the demo by name, and what arrived at the simulator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.source import JobRef, TaskContext
from ansible_collections.gisops.arcgis.plugins.module_utils._retries import Clock, Retries

if TYPE_CHECKING:
    from arcgis_simulator import Simulator

# Services and jobs of the scenario demo, whose notebook and video jobs are told apart by a digit.
BUFFER, EXPORT = "Maps/Buffer", "Planning/NightlyExport"
EXECUTING = [f"jb0ffe20000000000000000executing{digit}" for digit in "12"]
STUCK = "jb0ffe200000000000000000000stuck1"
STUBBORN = "jb0ffe200000000000000000stubborn1"
WAITING = "jb0ffe2000000000000000000waiting1"
CANCELLING = "jb0ffe2000000000000000cancelling1"
CANCELLED = "jb0ffe20000000000000000cancelled1"
DONE = "jb0ffe20000000000000000succeeded1"
FAILED = "jb0ffe20000000000000000000failed1"
TIMED_OUT = "jb0ffe200000000000000000timedout1"
GONE = "jb0ffe2000000000000000000000none1"
RUNNING_EXPORT = "je49040000000000000000000running1"
FAILED_EXPORT = "je490400000000000000000000failed1"
NOTEBOOK = "j0000000{0}-0b00-4000-8000-00000000000{0}"
VIDEO = "j0000000{0}-51de-4000-8000-00000000000{0}"

_WRITES = {"cancel", "delete", "purgeQueue", "public cancel", "deleteAll", "directory edit", "directory clean"}


def context_of(module: str) -> str:
    """Return the product of a module, by which the simulator names its site."""
    product = module.partition("_")[0]
    return product if product in ("notebook", "video") else "server"


def add_jobs(sim: Simulator, count: int, service: str = BUFFER, **more: Any) -> list[str]:
    """Add executing jobs to a service, and return their IDs."""
    ids = [f"j{service.replace('/', '-')}{number:04d}" for number in range(count)]
    for job_id in ids:
        sim.add_job("server", service=service, job_id=job_id, **{"status": "executing", **more})
    return ids


def operations(sim: Simulator) -> Counter[str]:
    """Return how often each operation arrived."""
    return Counter(request["operation"] for request in sim.requests())


def writes(sim: Simulator) -> list[str]:
    """Return the writing operations that arrived, in their order."""
    return [request["operation"] for request in sim.requests() if request["operation"] in _WRITES]


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
