# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection assumes of ArcGIS although no page settles it: a table, whose numbers never change.

This module is private to the collection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

AGREES, DIFFERS, UNDECIDED = "agrees", "differs", "undecided"
NOT_TESTED, SKIPPED = "not_tested", "skipped"

_ALL = ("server", "kubernetes", "notebook", "video")
_GP = ("server", "kubernetes")
_FEDERATED = ("server", "notebook", "video")


@dataclass(frozen=True)
class Assumption:
    """One assumption. why_not says why reading cannot settle it; None where it can."""

    number: int
    name: str
    statement: str
    products: tuple[str, ...]
    why_not: str | None = None


@dataclass(frozen=True)
class Observation:
    """What was seen of an assumption at one product, in a short form and in detail, and whether it agrees."""

    outcome: str
    observed: str | None = None
    details: dict[str, Any] | None = None
    why: str | None = None


_ONLY_A_CANCEL = "Only a job that is cancelled shows it, and nothing is cancelled here."
_ONLY_A_DELETE = "Only a job that is deleted shows it, and nothing is deleted here."

ASSUMPTIONS = (
    Assumption(
        1, "unknown_answers", "A job or service that does not exist is answered with code 404 in the error format "
        "of the site.", _ALL,
    ),
    Assumption(
        2, "window_tests", "The window of the GP job query tests the time of submission, or that of the end. Either is "
        "handled.", _GP,
    ),
    Assumption(3, "several_statuses", "Several statuses in one GP job query are not understood.", ("server",)),
    Assumption(4, "empty_start_time", "An empty startTime filters nothing.", ("server",)),
    Assumption(5, "page_size", "The site serves pages of 1,000 jobs, or shorter ones with a nextStart.", _GP),
    Assumption(6, "stable_paging", "Rows keep their order while pages are followed.", _GP),
    Assumption(
        7, "window_unit", "The window takes milliseconds on ArcGIS Server and seconds on Kubernetes.", _GP,
    ),
    Assumption(
        8, "record_unit", "The times in the records of jobs are milliseconds since 1970.",
        ("server", "kubernetes", "notebook"),
    ),
    Assumption(9, "status_words", "Every status is one of the words that the collection knows.", _ALL),
    Assumption(
        10, "cancel_in_queue", "A job that waits in the queue may or may not be cancelled.", ("server",),
        _ONLY_A_CANCEL,
    ),
    Assumption(
        11, "cancelling_first", "A cancel that was accepted passes through Cancelling.", ("server",), _ONLY_A_CANCEL,
    ),
    Assumption(
        12, "deleted_at_once", "A deleted job is gone at once, on all machines of the site.", ("server",),
        _ONLY_A_DELETE,
    ),
    Assumption(
        13, "absent_from_pages", "A job that is on no page of a complete list is gone. This is relied on only after "
        "the site accepted a delete.", ("server",), _ONLY_A_DELETE,
    ),
    Assumption(
        14, "purge_scope", "A purge cancels the jobs that are new, submitted or waiting, and does not name them.",
        ("server",), "Only a purge shows it, and no queue is purged here.",
    ),
    Assumption(
        15, "directory_edit", "Editing the jobs directory restarts the services that use it, and takes all of its "
        "fields.", ("server",), "Only an edit shows it, and nothing is edited here.",
    ),
    Assumption(
        16, "kubernetes_operations", "There are no operations to cancel, delete or count GP jobs on Kubernetes.",
        ("kubernetes",),
    ),
    Assumption(
        17, "referer_binding", "A portal token that is bound to a referer is accepted by the administrator directory.",
        _FEDERATED,
    ),
    Assumption(
        18, "token_carrier", "The header X-Esri-Authorization carries the token on GET, and the body on POST.", _ALL,
    ),
    Assumption(
        19, "api_keys", "Administrator APIs accept API keys that have the privilege, or refuse them with 401, 403, 498 "
        "or 499.", _ALL,
    ),
    Assumption(
        20, "no_privilege_code", "An account without the privilege is answered with code 401 or 403.", _ALL,
    ),
    Assumption(
        21, "notebook_cancelled", "A notebook job that was cancelled ends as failed, with isCancelled set.",
        ("notebook",),
    ),
    Assumption(
        22, "notebook_writes_by_post", "Notebook Server cancels and deletes by POST.", ("notebook",), _ONLY_A_CANCEL,
    ),
    Assumption(
        23, "notebook_delete_finished", "Notebook Server deletes finished jobs only, and all that it has.",
        ("notebook",), _ONLY_A_DELETE,
    ),
    Assumption(
        24, "kubernetes_notebook_list", "The list of notebook jobs is complete, and takes no parameters.",
        ("kubernetes",),
    ),
    Assumption(
        25, "kubernetes_notebook_fields", "A single notebook job has username, messages and isCancelled.",
        ("kubernetes",),
    ),
    Assumption(
        26, "kubernetes_notebook_cancel", "A notebook job that was cancelled has isCancelled set, or the status "
        "Cancelling or Cancelled, or is gone.", ("kubernetes",), _ONLY_A_CANCEL,
    ),
    Assumption(
        27, "kubernetes_notebook_delete", "There is no operation to delete notebook jobs.", ("kubernetes",),
        "That there is none cannot be read, since the pages name no resource that would list it.",
    ),
    Assumption(
        28, "portal_in_rest_info", "The product names its portal in rest/info, as owningSystemUrl.", _FEDERATED,
    ),
    Assumption(29, "video_failed_word", "A failed video job says FAILED.", ("video",)),
    Assumption(
        30, "unfinished_end_time", "The endTime of a job that is open is absent, 0 or null.",
        ("server", "kubernetes", "notebook"),
    ),
)  # fmt: skip


def undecided(why: str, details: dict[str, Any] | None = None) -> Observation:
    """Return what stands for an assumption that could not be settled; why is one sentence."""
    return Observation(UNDECIDED, None, details, why)


def not_tested() -> dict[str, Observation]:
    """Return what stands for the assumptions that reading cannot settle."""
    return {each.name: Observation(NOT_TESTED, why=each.why_not) for each in ASSUMPTIONS if each.why_not}


def entry(assumption: Assumption, product: str, seen: Observation | None, why_none: str) -> dict[str, Any]:
    """Return an assumption as the module does; without an observation it is skipped."""
    seen = seen or Observation(SKIPPED, why=why_none)
    return {
        "number": assumption.number,
        "name": assumption.name,
        "product": product,
        "statement": assumption.statement,
        "outcome": seen.outcome,
        "observed": seen.observed,
        "details": seen.details,
        "why": seen.why,
    }
