# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives of deleted jobs: files with one record a line, written before the deletion of each job is sent.

A deletion removes every trace of a job from its site. A line is written whole and is on the disk before the deletion
leaves, so whatever stops the task, no job is deleted without its record. A job may be in an archive that was not
deleted in the end, and more than once; readers keep its last record. This module is private to the collection.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Optional

from .._errors import ArcGISError, Failure
from .._jobs.desired_state import ABSENT
from .._jobs.source import JobRef, JobSource, RecordOrError, StatusOrError
from .._options import parse_text
from .._retries import Retries
from .files import require_place, require_writable

# Records hold names and messages, which are not for everybody on the host.
_MODE = 0o600
_OPERATION = "archive the job"

ReadWhole = Callable[[JobRef, Optional[Retries]], Optional[Mapping[str, Any]]]


def parse_archive(option: str, path: str) -> str:
    """Return the path of an archive; refuse what can be none before anything is sent.

    Raises ArcGISError bad_option or unwritable_file.
    """
    text = parse_text(option, path)
    require_place(option, text)
    require_writable(option, text, appends=True)
    return text


class Archive:
    """A file to which records are appended, by any number of threads. masked hides secrets in a text."""

    def __init__(self, path: str, masked: Callable[[str], str] = str) -> None:
        self.path = path
        self._masked = masked
        self._descriptor: int | None = None
        self._lock = threading.Lock()

    def append(self, record: Mapping[str, Any]) -> None:
        """Append a record, and return when it is on the disk. Raises ArcGISError unwritable_file."""
        line = json.dumps(_with_masks(record, self._masked), sort_keys=True).encode("ascii") + b"\n"
        with self._lock:
            try:
                if self._descriptor is None:
                    self._descriptor = self._opened()
                self._write(self._descriptor, line)
            except OSError as problem:
                raise ArcGISError.of(self._failure(problem)) from None

    def close(self) -> None:
        """Close the file, if it was opened."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def _opened(self) -> int:
        """Open the file, or make it; a new one is in its folder for good."""
        is_new = not os.path.exists(self.path)
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
        if is_new:
            folder = os.open(os.path.dirname(self.path) or ".", os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return descriptor

    @staticmethod
    def _write(descriptor: int, line: bytes) -> None:
        """Write one line at once. What was cut off before it, such as by a full disk, stays a line of its own."""
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line
        while line:
            line = line[os.write(descriptor, line) :]
        os.fsync(descriptor)

    def _failure(self, problem: OSError) -> Failure:
        reason = f"{self.path} cannot be written: {problem.strerror or type(problem).__name__}"
        hint = "Correct the path, the permissions or the space on the disk. The job was not deleted."
        return Failure("unwritable_file", reason, _OPERATION, hint=hint, was_sent=False)


def _with_masks(value: Any, masked: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, list):
        return [_with_masks(each, masked) for each in value]
    return {masked(key): _with_masks(each, masked) for key, each in value.items()} if isinstance(value, dict) else value


class ArchivedJobs:
    """The jobs of a product, each of which is in the archive before its deletion is sent.

    read_whole returns the record to keep; None where the site has no such job.
    """

    def __init__(self, source: JobSource, read_whole: ReadWhole, archive: Archive) -> None:
        self.can_delete = source.can_delete
        self._source = source
        self._read_whole = read_whole
        self._archive = archive
        self._kept: set[JobRef] = set()

    def read(self, refs: Sequence[JobRef], retries: Retries | None = None) -> dict[JobRef, RecordOrError]:
        """Return the record of every job, as the product does."""
        return self._source.read(refs, retries)

    def statuses(
        self, refs: Sequence[JobRef], retries: Retries | None = None, absent_means_gone: bool = False
    ) -> dict[JobRef, StatusOrError]:
        """Return what is known of every job, as the product does."""
        return self._source.statuses(refs, retries, absent_means_gone)

    def send(self, state: str, ref: JobRef, retries: Retries) -> Failure | None:
        """Archive a job that is to be deleted, unless this task has done so, and send the write.

        Raises ArcGISError, with nothing sent, where the record cannot be read or written.
        """
        if state == ABSENT and ref not in self._kept:
            try:
                record = self._read_whole(ref, retries)
            except ArcGISError as error:
                # Only reads were sent: the write did not leave.
                unsent = error.failure.adding(", so the job was neither archived nor deleted", was_sent=False)
                raise ArcGISError.of(unsent) from None
            if record is None:
                # It is gone, or one machine of the site does not know it; another one could still delete it.
                reason = "the site did not find the job, so it was neither archived nor deleted"
                raise ArcGISError("contradicted", reason, _OPERATION, was_sent=False)
            self._archive.append(record)
            self._kept.add(ref)
        return self._source.send(state, ref, retries)


def read_archive(path: str) -> tuple[list[dict[str, Any]], int]:
    """Return the last record of every job in an archive, and how many lines hold none, such as one that was cut off.

    Raises ArcGISError bad_option where there is no file that can be read.
    """
    records: dict[tuple[str, str, str], dict[str, Any]] = {}
    damaged = 0
    try:
        for line in _lines(path):
            record = _record_in(line)
            if record is None:
                damaged += 1
            else:
                records[archived_key(record)] = record
    except OSError as problem:
        reason = f"The option archives names {path}, which cannot be read: {problem.strerror}"
        raise ArcGISError("bad_option", reason, hint="Name files that gp_job has written.") from None
    return list(records.values()), damaged


def archived_key(record: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return what tells an archived job from all others. Cloned sites can have a service and an ID in common."""
    return str(record.get("site")), str(record.get("service")), record["job_id"]


def _lines(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        yield from (line for line in file if line.strip())


def _record_in(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_record = isinstance(record, dict) and isinstance(record.get("job_id"), str)
    return record if is_record and isinstance(record.get("status"), str) else None
