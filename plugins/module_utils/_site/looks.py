# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of each product with a token: a few services, one page of jobs, one job. Nothing here writes.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._arcgis.client import Client
from .._arcgis.responses import whole_number
from .._concurrent import run_concurrently
from .._errors import Failure
from .._gp.directory import read_directory
from .._gp.jobs import EMPTY_START, READ, GpJobs
from .._gp.services import SYSTEM, Service, list_gp_services, tasks_of
from .._notebook import LIST, LIST_KUBERNETES
from .._video import READ as READ_VIDEO
from .checks import FAILED, WARNING, Check, Read, attempt, failed, passed, skipped
from .sites import KUBERNETES, NOTEBOOK, VIDEO

# How many services are asked for their jobs at most, and how many jobs a first page and the notebook list may have.
MOST_SERVICES, FIRST_PAGE, NOTEBOOK_LIST = 20, 20, 100
# A job that no site has, in the two forms that job IDs have.
NO_GP_JOB = "j00000000000000000000000000000000"
NO_JOB = "j00000000-0000-4000-8000-000000000000"

# What shows every job where an empty startTime shows none.
SINCE_EVER = {"startTime": "0"}

Payload = dict[str, Any]

# What a site says of one operation, while others may do. Anything else meets the other resources of a service too.
_OF_ONE_OPERATION = frozenset(("no_privilege", "site_error"))

# What a site may answer for a job that does not exist, though it should say that it does not find it.
_FOR_NO_JOB = frozenset(("not_found", "site_error", "html_answer", "wrong_url", "unexpected_shape"))


@dataclass(frozen=True)
class GpLook:
    """The GP part of a site. service is the one that is looked at; parameters are what shows its jobs."""

    services: Read[list[Service]]
    service: Service | None = None
    page: Read[Payload] | None = None
    job: Read[Payload] | None = None
    tasks: Read[list[str]] | None = None
    directory: Read[Payload] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, str]:
        """Return the status words by job ID that the page shows, as the site writes them."""
        return labels_of(self.page)


@dataclass(frozen=True)
class NotebookLook:
    """The list of notebook jobs of a site."""

    listing: Read[Payload]

    @property
    def entries(self) -> list[Payload]:
        """Return the jobs of the list."""
        return [] if isinstance(self.listing, Failure) else entries_of(self.listing)


@dataclass(frozen=True)
class VideoLook:
    """The answers of a Video Server: for a job that does not exist, and for those that the user named."""

    unknown: Read[Payload]
    jobs: dict[str, Read[Payload]]


def look_at_gp(client: Client, wanted: Service | None, on_kubernetes: bool) -> GpLook:
    """Read a service of the site, one page of its jobs, and one job: that of the user, or one that has jobs."""
    # The queries go out as they are, because it is looked at what the site makes of them.
    source = GpJobs(client, EMPTY_START)
    listed = attempt(lambda: list_gp_services(client, include_system=True)[0])
    if isinstance(listed, Failure):
        return GpLook(listed)
    candidates = [wanted] if wanted else sorted(listed, key=_is_of_system)[:MOST_SERVICES]
    service, page, parameters = _with_most_jobs(source, candidates)
    look = GpLook(listed, service, page, parameters=parameters)
    if service is None or (isinstance(page, Failure) and page.code not in _OF_ONE_OPERATION):
        return look
    job_id = next(iter(look.labels), NO_GP_JOB)
    return GpLook(
        listed,
        service,
        page,
        attempt(lambda: client.call(READ, job_id=job_id, **service.parts)),
        attempt(lambda: tasks_of(client, service)),
        None if on_kubernetes else attempt(lambda: read_directory(client)),
        parameters,
    )


def _with_most_jobs(
    source: GpJobs, candidates: Sequence[Service]
) -> tuple[Service | None, Read[Payload] | None, dict[str, str]]:
    """Return the service with the most jobs, its first page, and what had to be sent to see them.

    The tools of the site itself count only where nothing else has jobs. A site that takes an empty startTime for a
    filter shows its jobs to one that sends a time.
    """
    shown = _first_pages(source, candidates, {})
    # Where none could be read, each of them would take as long again.
    is_silent = all(isinstance(page, Failure) and page.kind.retryable for page in shown.values())
    if is_silent or any(_jobs_on(page) > 0 for page in shown.values()):
        return (*_best_of(shown), {})
    since_ever = _first_pages(source, candidates, SINCE_EVER)
    if any(_jobs_on(page) > 0 for page in since_ever.values()):
        return (*_best_of(since_ever), dict(SINCE_EVER))
    return (*_best_of(shown), {})


def _best_of(pages: Mapping[Service, Read[Payload]]) -> tuple[Service | None, Read[Payload] | None]:
    """Return the service whose page shows the most jobs, with the page."""
    if not pages:
        return None, None

    def rank(service: Service) -> tuple[bool, bool, int]:
        count = _jobs_on(pages[service])
        return count > 0, not _is_of_system(service), count

    best = max(pages, key=rank)
    return best, pages[best]


def _is_of_system(service: Service) -> bool:
    return service.folder == SYSTEM


def _first_pages(
    source: GpJobs, candidates: Sequence[Service], parameters: Mapping[str, str]
) -> dict[Service, Read[Payload]]:
    """Return the first page of each service, or why there is none."""

    def read(service: Service) -> Read[Payload]:
        return attempt(lambda: source.page(service, {**parameters, "number": FIRST_PAGE}))

    return dict(run_concurrently(read, candidates, source.concurrency).values)


def _jobs_on(page: Read[Payload] | None) -> int:
    """Return how many jobs a page says that there are; less than none where it could not be read."""
    if page is None or isinstance(page, Failure):
        return -1
    return max(len(labels_of(page)), whole_number(page.get("total")) or 0)


def look_at_notebooks(client: Client, on_kubernetes: bool) -> NotebookLook:
    """Read the list of notebook jobs, with details where there is a switch for them."""
    if on_kubernetes:
        return NotebookLook(attempt(lambda: client.call(LIST_KUBERNETES)))
    parameters = {"num": NOTEBOOK_LIST, "detail": "true", "sortByDate": "true"}
    return NotebookLook(attempt(lambda: client.call(LIST, parameters)))


def look_at_video(client: Client, job_ids: Sequence[str]) -> VideoLook:
    """Ask for a job that does not exist, and for those that the user named."""

    def read(job_id: str) -> Read[Payload]:
        return attempt(lambda: client.call(READ_VIDEO, job_id=job_id))

    return VideoLook(read(NO_JOB), {job_id: read(job_id) for job_id in job_ids})


def about_the_token(read: Read[Payload]) -> Read[Payload]:
    """Return what a read of a made-up job tells of the token: it passed wherever the site says something else."""
    if isinstance(read, Failure) and read.site_code is not None and read.code in _FOR_NO_JOB:
        return {}
    return read


def labels_of(page: Mapping[str, Any] | Failure | None) -> dict[str, str]:
    """Return the status words by job ID that a page shows, as the site writes them."""
    results = page.get("results") if isinstance(page, dict) else None
    found: dict[str, Any] = results if isinstance(results, dict) else {}
    return {job_id: word for job_id, word in found.items() if isinstance(word, str)}


def entries_of(listing: Mapping[str, Any]) -> list[Payload]:
    """Return the jobs of a list of notebook jobs."""
    names = ("asyncJobs", "asyncNotebookJobs", "notebookJobs")
    found: list[Any] = next((listing[name] for name in names if isinstance(listing.get(name), list)), [])
    return [entry for entry in found if isinstance(entry, dict)]


def is_answered_missing(failure: Failure) -> bool:
    """Say whether the site itself answered that it has no such job, which proves that the resource of jobs answers."""
    return failure.code == "not_found" and failure.site_code is not None


# Checks


def directory_check(product: str, look: GpLook) -> Check:
    """Say whether the account may read the administrator directory of a site."""
    if isinstance(look.services, Failure):
        return failed("administrator_directory", product, look.services)
    return passed("administrator_directory", product, f"GP services that it lists: {len(look.services)}.")


def gp_check(product: str, look: GpLook) -> Check:
    """Say whether the jobs of a service can be read."""
    name = "gp_jobs"
    if isinstance(look.services, Failure):
        return skipped(name, product, "The administrator directory cannot be read.")
    if look.service is None:
        return skipped(name, product, "The site has no GP service.")
    if isinstance(look.page, Failure):
        return failed(name, product, look.page)
    # Where there are jobs, one of them was read, which may be gone by then.
    expected = ("not_found",) if look.labels else _FOR_NO_JOB
    if isinstance(look.job, Failure) and look.job.code not in expected:
        return failed(name, product, look.job)
    total = _jobs_on(look.page)
    return passed(name, product, f"Jobs of the service {look.service.label}: {total}.")


def notebook_check(product: str, look: NotebookLook) -> Check:
    """Say whether the list of notebook jobs can be read."""
    name, listing = "notebook_jobs", look.listing
    if product == KUBERNETES and isinstance(listing, Failure) and listing.code == "not_found":
        return skipped(name, product, "The site has no notebook jobs. Its pages document them from 11.4 on.")
    if isinstance(listing, Failure):
        return failed(name, product, listing)
    return passed(name, product, f"Jobs on the list: {len(look.entries)}.")


def video_check(look: VideoLook) -> Check:
    """Say whether the resource of video jobs answers."""
    name, unknown = "video_jobs", look.unknown
    found = [each for each in look.jobs.values() if isinstance(each, Failure)]
    if isinstance(unknown, Failure) and unknown.code not in _FOR_NO_JOB:
        found.insert(0, unknown)
    # A job that was named and is gone says nothing against the site.
    found.sort(key=is_answered_missing)
    if found:
        return failed(name, VIDEO, found[0], WARNING if is_answered_missing(found[0]) else FAILED)
    if isinstance(unknown, Failure) and unknown.code != "not_found" and not look.jobs:
        return failed(name, VIDEO, unknown, WARNING)
    return passed(name, VIDEO, f"The resource answers. Jobs that were read: {len(look.jobs)}.")


def checks_without_token(product: str, why: str) -> list[Check]:
    """Return the checks that are not made of a product that cannot be asked."""
    of_gp = ("administrator_directory", "gp_jobs")
    names = {NOTEBOOK: ("notebook_jobs",), VIDEO: ("video_jobs",), KUBERNETES: (*of_gp, "notebook_jobs")}
    return [skipped(name, product, why) for name in names.get(product, of_gp)]
