# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests that settle assumptions: all of them read, and there are few. The decisions are made elsewhere.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._arcgis.client import Client, Operation
from .._errors import Failure
from .._gp.jobs import PAGE_SIZE, QUERY, READ
from .._gp.query import QUERYABLE
from .._gp.services import LIST_ROOT, Service
from .._jobs.record import is_finished, status_of
from .._notebook import LIST, LIST_KUBERNETES, READ_KUBERNETES
from .._notebook import READ as READ_NOTEBOOK
from .._video import READ as READ_VIDEO
from .access import Access
from .assumptions import Observation, undecided
from .capabilities import Who
from .checks import Read, attempt, said
from .decisions import (
    LEAST_SECONDS,
    MILLISECONDS,
    SECONDS,
    Windows,
    api_keys,
    empty_start_time,
    in_ms,
    is_on,
    kubernetes_notebook_fields,
    kubernetes_notebook_list,
    kubernetes_operations,
    no_privilege_code,
    notebook_cancelled,
    page_size,
    portal_in_rest_info,
    record_unit,
    referer_binding,
    several_statuses,
    stable_paging,
    status_words,
    token_carrier,
    unfinished_end_time,
    unknown_answers,
    video_failed_word,
    window_around,
    window_tests,
    window_unit,
)
from .looks import (
    NO_GP_JOB,
    NO_JOB,
    SINCE_EVER,
    GpLook,
    NotebookLook,
    Payload,
    VideoLook,
    about_the_token,
    entries_of,
    labels_of,
)
from .sites import KUBERNETES, SERVER, Meeting

# How many jobs are read on their own at most, and how many of these may be open.
MOST_JOBS, _MOST_OPEN = 16, 4
# How many rows a small page has at most, and how many jobs there must be for two of them.
_SMALL_PAGE, _LEAST_ROWS = 10, 4
_NO_SERVICE = Service("", "NoServiceHasThisName")
# What only a service whose jobs can be queried shows.
_OF_A_SERVICE = (
    *("unknown_answers", "window_tests", "several_statuses", "empty_start_time", "page_size", "stable_paging"),
    *("window_unit", "record_unit", "status_words", "kubernetes_operations", "unfinished_end_time"),
)

Seen = dict[str, Observation]

_JOBS_RESOURCE = Operation("read the jobs resource of {service}", "GET", "admin/services/{admin_path}/jobs")


def of_login(meeting: Meeting, access: Access, read: Read[Any], who: Who, is_federated: bool) -> Seen:
    """Return what the answers so far settle; read is the first one of the administrator directory or of the jobs."""
    source = (access.token or {}).get("source")
    product = meeting.site.product
    is_admin = None if who.account is None and not who.is_administrator else who.is_administrator
    return {
        "referer_binding": referer_binding(read, source),
        "api_keys": api_keys(read, source),
        "no_privilege_code": no_privilege_code(read, is_admin),
        "portal_in_rest_info": portal_in_rest_info(
            meeting.info, is_federated, product == SERVER and not meeting.client.connection.portal_url
        ),
    }


def _carrier(client: Client, operation: Operation, **parts: Any) -> Observation:
    """Send a read twice: with the token in the header of a GET, and in the body of a POST, which also only reads."""

    def ask(place: str) -> Read[Payload]:
        return about_the_token(attempt(lambda: client.variant(token_location=place).call(operation, **parts)))

    return token_carrier(ask("header"), ask("body"))


class GpObserver:
    """Settles the assumptions on GP jobs with one service."""

    def __init__(self, client: Client, look: GpLook, product: str) -> None:
        self._client = client
        self._look = look
        self._product = product
        self._service = look.service or _NO_SERVICE

    def observe(self) -> Seen:
        """Return what was seen of each assumption."""
        if isinstance(self._look.services, Failure):
            return {}
        if self._look.service is None:
            return self._without_jobs("The site has no GP service.")
        # Queries send an empty startTime, unless the site shows jobs only to one that sends a time.
        whole = self._query(number=PAGE_SIZE)
        if isinstance(whole, Failure) and whole.kind.retryable:
            # Every other request would wait as long.
            return {}
        if isinstance(whole, Failure):
            return self._without_jobs(said(whole))
        records = self._records(labels_of(whole))
        windows = self._windows(records)
        words = {*labels_of(whole).values(), *(record["status"] for record in records)}
        only_here = self._of_kubernetes() if self._product == KUBERNETES else self._of_server(whole)
        return {
            **only_here,
            "unknown_answers": self._unknown_answers(),
            "window_tests": _or_undecided(windows, window_tests),
            "window_unit": _or_undecided(windows, lambda found: window_unit(found, self._product == KUBERNETES)),
            "page_size": page_size(whole, PAGE_SIZE),
            "stable_paging": self._stable_paging(whole),
            "record_unit": record_unit(records),
            "status_words": status_words(words),
            "token_carrier": _carrier(self._client, LIST_ROOT),
            "unfinished_end_time": unfinished_end_time(records),
        }

    def _without_jobs(self, why: str) -> Seen:
        """Return what is seen of each assumption where no service answers for its jobs."""
        nothing = dict.fromkeys(_OF_A_SERVICE, undecided(why))
        return {**nothing, "token_carrier": _carrier(self._client, LIST_ROOT)}

    def _query(self, service: Service | None = None, **parameters: Any) -> Read[Payload]:
        """Ask for a page of jobs, as the collection does."""
        fields = {"startTime": "", **self._look.parameters, **parameters}
        return attempt(lambda: self._client.call(QUERY, fields, **(service or self._service).parts))

    def _read(self, job_id: str) -> Read[Payload]:
        return attempt(lambda: self._client.call(READ, job_id=job_id, **self._service.parts))

    def _records(self, labels: Mapping[str, str]) -> list[Payload]:
        """Read a few jobs on their own: open ones, and finished ones of which one may have run for long enough."""
        done = [job_id for job_id, word in labels.items() if is_finished(status_of(word))]
        is_open = [job_id for job_id in labels if job_id not in set(done)][:_MOST_OPEN]
        chosen = is_open + done[: MOST_JOBS - len(is_open)]
        return [payload for payload in map(self._read, chosen) if isinstance(payload, dict)]

    def _unknown_answers(self) -> Observation:
        return unknown_answers({"job": self._read(NO_GP_JOB), "service": self._query(_NO_SERVICE, number=1)})

    def _windows(self, records: Sequence[Payload]) -> Windows | Observation:
        """Ask for narrow windows around both times of the finished job that ran longest, in both units."""
        runs = [(_run_of(record), record["jobId"]) for record in records if isinstance(record.get("jobId"), str)]
        long_enough = [
            (end - begin, begin, end, job_id)
            for (begin, end), job_id in runs
            if begin is not None and end is not None and end - begin >= LEAST_SECONDS * 1000
        ]
        if not long_enough:
            return undecided(f"No job that was read has ended {LEAST_SECONDS} seconds after its submission.")
        length, begin, end, job_id = max(long_enough)
        shown = {}
        for unit in (MILLISECONDS, SECONDS):
            for time, ms in (("submitted", begin), ("end", end)):
                window = window_around(ms, length / 1000, unit)
                page = self._query(None, number=PAGE_SIZE, **window)
                shown[unit, time] = is_on(page, job_id)
        return Windows(shown)

    def _several_statuses(self, whole: Read[Payload]) -> Observation:
        words = {status_of(word): word for word in labels_of(whole).values()}
        # Jobs that have ended stay as they are while the query is made.
        known = sorted((name for name in words if name in QUERYABLE), key=lambda name: not is_finished(name))[:2]
        if len(known) < 2:
            return undecided("The service that was looked at has no jobs of two statuses.")
        asked = [QUERYABLE[name] for name in known]
        page = self._query(number=PAGE_SIZE, jobStatus=asked)
        is_whole = isinstance(whole, dict) and is_on(whole, NO_GP_JOB) is False
        alone = [] if is_whole else [self._query(number=1, jobStatus=each) for each in asked]
        return several_statuses(page, words[known[0]], words[known[1]], alone)

    def _empty_start_time(self) -> Observation:
        if not self._look.parameters and self._look.labels:
            return empty_start_time(self._look.page or {}, None)
        since_ever = self._query(None, number=1, **SINCE_EVER)
        return empty_start_time(self._query(number=1, startTime=""), since_ever)

    def _stable_paging(self, whole: Read[Payload]) -> Observation:
        rows = len(labels_of(whole))
        if rows < _LEAST_ROWS:
            return undecided(f"The service that was looked at has fewer than {_LEAST_ROWS} jobs.")
        size = min(_SMALL_PAGE, (rows + 1) // 2)
        rounds = [[self._query(number=size, start=start) for start in (1, size)] for _dummy in range(2)]
        return stable_paging(rounds)

    def _of_server(self, whole: Read[Payload]) -> Seen:
        return {
            "several_statuses": self._several_statuses(whole),
            "empty_start_time": self._empty_start_time(),
        }

    def _of_kubernetes(self) -> Seen:
        resource = attempt(lambda: self._client.call(_JOBS_RESOURCE, **self._service.parts))
        return {"kubernetes_operations": kubernetes_operations([self._look.job, resource])}


def _run_of(record: Payload) -> tuple[int | None, int | None]:
    return in_ms(record.get("submittedTime")), in_ms(record.get("endTime"))


def _or_undecided(windows: Windows | Observation, decide: Any) -> Observation:
    found: Observation = windows if isinstance(windows, Observation) else decide(windows)
    return found


def of_notebooks(client: Client, look: NotebookLook) -> Seen:
    """Return what is seen of a Notebook Server: one job that does not exist, and the list twice."""
    if isinstance(look.listing, Failure):
        return {}
    unknown = attempt(lambda: client.call(READ_NOTEBOOK, job_id=NO_JOB))
    return {
        "unknown_answers": unknown_answers({"job": unknown}),
        "record_unit": record_unit(look.entries),
        "status_words": status_words(_words_of(look.entries)),
        "token_carrier": _carrier(client, LIST),
        "notebook_cancelled": notebook_cancelled(look.entries),
        "unfinished_end_time": unfinished_end_time(look.entries),
    }


def of_kubernetes_notebooks(client: Client, look: NotebookLook) -> Seen:
    """Return what is seen of the notebook jobs of Kubernetes: the list with a parameter, and one job."""
    if isinstance(look.listing, Failure):
        why = undecided("The list of notebook jobs cannot be read.")
        return {"kubernetes_notebook_list": why, "kubernetes_notebook_fields": why}
    entries = look.entries
    of_one = attempt(lambda: client.call(LIST_KUBERNETES, {"num": 1}))
    length_of_one = len(entries_of(of_one)) if isinstance(of_one, dict) else 0
    ids = [entry["jobId"] for entry in entries if isinstance(entry.get("jobId"), str)]
    job = attempt(lambda: client.call(READ_KUBERNETES, job_id=ids[0])) if ids else None
    return {
        "kubernetes_notebook_list": kubernetes_notebook_list(look.listing, of_one, len(entries), length_of_one),
        "kubernetes_notebook_fields": kubernetes_notebook_fields(job),
    }


def of_video(client: Client, look: VideoLook) -> Seen:
    """Return what is seen of a Video Server, of whose jobs only those that the user named can be read."""
    records = [record for record in look.jobs.values() if isinstance(record, dict)]
    return {
        "unknown_answers": unknown_answers({"job": look.unknown}),
        "status_words": status_words(_words_of(records)),
        "token_carrier": _carrier(client, READ_VIDEO, job_id=NO_JOB),
        "video_failed_word": video_failed_word(records),
    }


def _words_of(records: Sequence[Payload]) -> list[str]:
    return [record["status"] for record in records if isinstance(record.get("status"), str)]
