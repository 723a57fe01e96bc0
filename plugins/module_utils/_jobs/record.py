# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of jobs: one vocabulary of statuses for all products, and the fields of a job as a site sends them.

This module is private to the collection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

from .._options import EPOCH, is_plausible

# The statuses that the GP job pages list; the public page adds the last three.
GP_STATUSES = (
    "new",
    "submitted",
    "waiting",
    "executing",
    "succeeded",
    "failed",
    "cancelling",
    "cancelled",
    "timed_out",
    "deleting",
    "deleted",
)
QUEUED = frozenset(("new", "submitted", "waiting"))
FINISHED = frozenset(("succeeded", "failed", "cancelled", "timed_out", "deleted"))

_LONGEST_WORD = 100
# What stands in a text for bytes that no encoding explains.
_UNREADABLE = "\ufffd"
_SYNONYMS = {
    "completed": "succeeded",
    "processing": "executing",
    "in_progress": "executing",
    "inprogress": "executing",
    "timedout": "timed_out",
    "canceling": "cancelling",
    "canceled": "cancelled",
}


@lru_cache(maxsize=256)
def status_of(raw: str) -> str:
    """Translate a status word of any product; an unknown word is kept, in lower case, unless it is none."""
    word = raw.strip()
    if len(word) > _LONGEST_WORD:
        return "unknown"
    if word.lower().startswith("esrijob") and len(word) > len("esrijob"):
        word = word[len("esrijob") :]
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word)
    word = re.sub(r"[\s_-]+", "_", word).lower()
    return _SYNONYMS.get(word, word)


def is_finished(status: str | None) -> bool:
    """Say whether a job with this status has ended; an unknown status has not."""
    return status in FINISHED


def is_the_job(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
    """Return what keeps a payload from being the job that was asked for; None where nothing does."""
    return is_of_the_job(payload, parts) if isinstance(payload.get("status"), str) else "holds no status of a job"


def is_of_the_job(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
    """Return what tells that a payload is about another job than the one in the URL; None where nothing does.

    An ID that is no text tells nothing: the record names it as unreadable.
    """
    for name in ("jobId", "jobID"):
        job_id = payload.get(name)
        if isinstance(job_id, str) and job_id not in ("", parts["job_id"]):
            return f"is about another job, {job_id}"
    return None


class Fields:
    """Reads the fields of one payload. A value of another kind than its field should have counts as absent, and so does
    a text that could not be decoded.

    unreadable names those fields, so that one odd value costs neither the record nor the knowledge of it.
    """

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self.unreadable: list[str] = []
        self._payload = payload

    def text(self, *names: str) -> str | None:
        """Return the text of the first of these spellings that is there."""
        text: str | None = self._of(str, *names)
        return text

    def status(self) -> dict[str, Any]:
        """Return the three fields that a record has for its status."""
        status = status_of(self.text("status") or "unknown")
        return {"status": status, "raw_status": self._payload.get("status"), "finished": is_finished(status)}

    def mapping(self, name: str) -> dict[str, Any] | None:
        """Return an object."""
        mapping: dict[str, Any] | None = self._of(dict, name)
        return mapping

    def items(self, name: str) -> list[Any] | None:
        """Return a list."""
        items: list[Any] | None = self._of(list, name)
        return items

    def flag(self, name: str) -> bool:
        """Return a truth value, which sites also write as a word."""
        value = self._payload.get(name)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return self._of(bool, name) or False

    def time(self, name: str, key: str) -> dict[str, Any]:
        """Return the two fields that a record has for a time: key in ISO 8601, and key_ms in milliseconds since 1970.

        A site that has no such time yet leaves it out or says 0. A time before 1990, or more than a day in the future,
        is in another unit than it should be.
        """
        value = self._payload.get(name)
        ms = _milliseconds(value)
        if ms is None and (isinstance(value, bool) or value not in (None, "", 0, "0")):
            self.unreadable.append(name)
        return {key: iso(ms), f"{key}_ms": ms}

    def _of(self, kind: type, *names: str) -> Any:
        for name in names:
            value = self._payload.get(name)
            if isinstance(value, kind) and value != "" and not (isinstance(value, str) and _UNREADABLE in value):
                return value
            if value is not None and value != "":
                self.unreadable.append(name)
        return None


def _milliseconds(value: Any) -> int | None:
    """Read a time of a job, in milliseconds since 1970; None where the site has none, or says what can be none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if is_plausible(number) else None


def iso(ms: int | None) -> str | None:
    """Write milliseconds since 1970 as ISO 8601 in UTC, to the second; None stays None."""
    if ms is None:
        return None
    return f"{(EPOCH + timedelta(milliseconds=ms)).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def no_time(key: str) -> dict[str, Any]:
    """Return the two fields of a time that a product does not have."""
    return {key: None, f"{key}_ms": None}


def duration(start_ms: int | None, end_ms: int | None) -> float | None:
    """Return the seconds between two times of a record; None while the job is open or a time is unknown."""
    if start_ms is None or end_ms is None:
        return None
    return max(0, end_ms - start_ms) / 1000
