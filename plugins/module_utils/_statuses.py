# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one vocabulary of job statuses that all products are translated into.

This module is private to the collection.
"""

from __future__ import annotations

import re
from functools import lru_cache

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

# What the resource "jobs/query" documents as values of its parameter jobStatus.
QUERYABLE = {
    "new": "esriJobNew",
    "submitted": "esriJobSubmitted",
    "waiting": "esriJobWaiting",
    "executing": "esriJobExecuting",
    "succeeded": "esriJobSucceeded",
    "failed": "esriJobFailed",
    "cancelling": "esriJobCancelling",
    "cancelled": "esriJobCancelled",
}

QUEUEABLE = tuple(QUERYABLE[status] for status in ("new", "submitted", "waiting"))

_LONGEST_WORD = 100
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
    """Translate a status word of any product; an unknown word is kept, in lower case."""
    word = raw.strip()[:_LONGEST_WORD]
    if word.lower().startswith("esrijob") and len(word) > len("esrijob"):
        word = word[len("esrijob") :]
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word)
    word = re.sub(r"[\s_-]+", "_", word).lower()
    return _SYNONYMS.get(word, word)


def is_finished(status: str | None) -> bool:
    """Say whether a job with this status has ended; an unknown status has not."""
    return status in FINISHED
