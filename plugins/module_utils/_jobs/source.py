# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the core asks of a product: which jobs there are, what is known of them, and how a write is sent.

Nothing here knows HTTP or a product. This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol, Union

from .._concurrent import run_concurrently
from .._errors import ArcGISError, Failure
from .._retries import Clock, Retries

# What is known of a job: its status, None where the site has no such job, or why it could not be read.
StatusOrError = Union[str, Failure, None]
RecordOrError = Union[dict[str, Any], Failure, None]

# The machines of a site may disagree for a moment: looks at growing intervals, 6.2 seconds in all.
_SETTLING = (0.0, 0.2, 0.4, 0.8, 1.6, 3.2)


class JobRef(NamedTuple):
    """One job. service is what its product needs to find it, and None where the product has no services."""

    service: Any
    job_id: str

    @property
    def name(self) -> str:
        """Return how messages name the job."""
        return f"{self.job_id} of {self.service.label}" if self.service else self.job_id


@dataclass(frozen=True)
class TaskContext:
    """What the core needs of the task that it works for.

    retries makes the tries of one operation, which may have to end at a moment on the clock. warn tells the user.
    timeout is how many seconds one request may take.
    """

    check_mode: bool
    concurrency: int
    retries: Callable[..., Retries]
    clock: Clock
    warn: Callable[[str], None]
    timeout: float = 30.0


class JobSource(Protocol):
    """The jobs of a product. can_delete says whether it can delete a single one."""

    can_delete: bool

    def read(self, refs: Sequence[JobRef], retries: Retries | None = None) -> dict[JobRef, RecordOrError]:
        """Return the record of every job, each read on its own; None where the site has no such job."""

    def statuses(
        self, refs: Sequence[JobRef], retries: Retries | None = None, absent_means_gone: bool = False
    ) -> dict[JobRef, StatusOrError]:
        """Return what is known of every job, with as few requests as the product allows.

        With absent_means_gone, a job that no list shows needs no look of its own.
        """

    def send(self, state: str, ref: JobRef, retries: Retries) -> Failure | None:
        """Ask the site to cancel or delete a job; return the failure after which only a look tells what became of it.

        Raises ArcGISError where the request was turned down unseen, or did not leave.
        """


def status_in(record: RecordOrError) -> StatusOrError:
    """Return what a record, or what stands in its place, says of the status of its job."""
    return record["status"] if isinstance(record, dict) else record


def read_record(source: JobSource, ref: JobRef, retries: Retries | None) -> dict[str, Any] | None:
    """Return the record of one job, read on its own; None where the site has no such job."""
    record = source.read([ref], retries)[ref]
    if isinstance(record, Failure):
        raise ArcGISError.of(record)
    return record


def read_status(source: JobSource, ref: JobRef, retries: Retries) -> str | None:
    """Return the present status of one job, read on its own; None where the site has no such job."""
    record = read_record(source, ref, retries)
    return None if record is None else record["status"]


class SourceWithLists:
    """The jobs of a product that has lists of them, which tell more than one job does of itself.

    Reading takes at most concurrency requests at once.
    """

    concurrency: int

    def read_one(self, ref: JobRef, retries: Retries | None) -> dict[str, Any] | None:
        """Return the record of a job, or None where the site says that it does not find it. Raises ArcGISError."""
        raise NotImplementedError

    def listed_among(self, refs: Sequence[JobRef], retries: Retries | None) -> dict[JobRef, bool | Failure]:
        """Say which of the jobs that the site did not find are in a list all the same."""
        raise NotImplementedError

    def read(self, refs: Sequence[JobRef], retries: Retries | None = None) -> dict[JobRef, RecordOrError]:
        """Return the record of every job; None where the site has no such job, which takes more than its own word.

        "Not found" can mean the service or the product as well, and one machine of a site may be out of step, so a job
        that is not found counts as missing only where no list shows it. Otherwise it is read once more, and is
        contradicted where the site still does not find it.
        Raises ArcGISError for what would meet every job, and returns that of a single one.
        """
        read = partial(self.read_one, retries=retries)
        found = run_concurrently(read, refs, self.concurrency).each()
        missing = [ref for ref in refs if found[ref] is None]
        listed = self.listed_among(missing, retries) if missing else {}
        found.update((ref, failure) for ref, failure in listed.items() if isinstance(failure, Failure))
        hidden = [ref for ref, is_listed in listed.items() if is_listed is True]
        again = run_concurrently(read, hidden, self.concurrency).each()
        for ref, record in again.items():
            reason = f"the site does not find job {ref.name}, and lists it"
            found[ref] = Failure("contradicted", reason) if record is None else record
        return found


def settling(context: TaskContext, once: bool = False) -> Iterator[None]:
    """Yield whenever it is time to see whether the site shows what is expected: once, or for about six seconds."""
    for pause in _SETTLING[:1] if once else _SETTLING:
        if pause:
            context.clock.sleep(pause)
        yield


def settle_after(context: TaskContext, write: str, failure: Failure | None, is_settled: Callable[[], bool]) -> bool:
    """Say whether the site settles after a write, of which failure is what became; None says that it was accepted.

    After an error of the site it is asked once: that tells whether the site did what it says that it did not.
    Raises the ArcGISError of a question that fails, with what is then known of the write, such as "cancel it".
    """
    was_refused = failure is not None and not failure.is_lost
    try:
        return any(is_settled() for _dummy in settling(context, once=was_refused))
    except ArcGISError as error:
        raise (ArcGISError.of(error.failure.leaving_unknown(write)) if failure else error) from None


def read_back(
    source: JobSource, refs: Sequence[JobRef], context: TaskContext, absent_means_gone: bool = False
) -> dict[JobRef, str | None]:
    """Return the statuses that can be read after writes were accepted, and warn of the jobs that cannot."""
    try:
        seen = source.statuses(refs, None, absent_means_gone)
    except ArcGISError as error:
        seen = dict.fromkeys(refs, error.failure)
    failures = [status for status in seen.values() if isinstance(status, Failure)]
    if failures:
        text = f"{len(failures)} jobs could not be read after the writes, so the status shown for them is older."
        context.warn(f"{text} {failures[0]}")
    return {ref: status for ref, status in seen.items() if not isinstance(status, Failure)}
