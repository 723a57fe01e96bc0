# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which GP jobs a user selected, and finding them with the site's query resource.

The site's filters are a help, not a proof: what a job says of itself decides. This module is private to the collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import run_all
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Site
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import MEETS_EVERY_REQUEST, ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_jobs import PAGE_SIZE, GpJobs, record, statuses_on
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_services import (
    Service,
    ensure_services_exist,
    list_gp_services,
)
from ansible_collections.gisops.arcgis.plugins.module_utils._selections import other_spellings
from ansible_collections.gisops.arcgis.plugins.module_utils._statuses import FINISHED, QUERYABLE, is_finished
from ansible_collections.gisops.arcgis.plugins.module_utils._times import Moment, iso, window_at
from ansible_collections.gisops.arcgis.plugins.module_utils._wishes import Target

# The fields of a record that was not read on its own.
SHORT = ("job_id", "service", "status")

# What the API writes for the submitter of a job of an anonymous service.
ANONYMOUS = "null"

_WINDOW = ("startTime", "endTime")

# It is not documented whether the site's window tests the submission or the end of a job. A finished job that was
# submitted inside the window but ended after it is still shown when the end that the site is told lies this much later.
_SLACK_MS = 24 * 3600 * 1000
_ROUNDING_MS = 1000  # Kubernetes takes whole seconds

# How many jobs are read at most to find out how a site spells a name.
_MOST_ASKED = 200


@dataclass(frozen=True)
class Filter:
    """Which jobs are wanted. None does not select; start_ms and end_ms bound the time of submission, both included."""

    statuses: Collection[str] | None = None
    submitted_by: str | None = None
    machine: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None

    @property
    def needs_records(self) -> bool:
        """Say whether only the job itself can tell if it matches."""
        return (self.submitted_by, self.machine, self.start_ms, self.end_ms) != (None,) * 4

    def accepts_status(self, status: str) -> bool:
        """Say whether a job with this status is wanted."""
        return self.statuses is None or status in self.statuses

    def judge(self, job: Mapping[str, Any]) -> bool | None:
        """Say whether a record matches in every respect but its status; None where a field that tells is unreadable."""
        tests: list[tuple[str, bool]] = []
        submitted = job["submitted_time_ms"]
        if self.submitted_by is not None:
            tests.append(("username", submitter_of(job) == self.submitted_by))
        if self.machine is not None:
            tests.append(("machine", (job["machine"] or "").lower() == self.machine.lower()))
        if self.start_ms is not None:
            tests.append(("submitted_time_ms", submitted is not None and submitted >= self.start_ms))
        if self.end_ms is not None:
            tests.append(("submitted_time_ms", submitted is not None and submitted <= self.end_ms))
        verdicts = [None if is_unreadable(job, name) else matches for name, matches in tests]
        return False if False in verdicts else None if None in verdicts else True


# How the site spells what a field of a record is made of.
_SPELLINGS = {
    "username": {"username"},
    "machine": {"machinename", "machineName"},
    "submitted_time_ms": {"submittedTime"},
}


def is_unreadable(job: Mapping[str, Any], field_name: str) -> bool:
    """Say whether a record lacks a field because what the site wrote cannot be read."""
    return job[field_name] is None and not _SPELLINGS[field_name].isdisjoint(job["unreadable"])


def submitter_of(job: Mapping[str, Any]) -> str:
    """Return who submitted a job, in the words of the API, which has one for nobody."""
    return job["username"] or ANONYMOUS


@dataclass(frozen=True)
class Exclusions:
    """The services and users whose jobs are never selected. They match in any case, so that more is kept, not less."""

    services: Collection[Service] = ()
    users: Collection[str] = ()

    def of_service(self, service: str) -> tuple[str, str] | None:
        """Return the option and the value that keep the jobs of a service; None where none does."""
        labels = {named.label.casefold(): named.label for named in self.services}
        found = labels.get(service.casefold())
        return None if found is None else ("exclude_services", found)

    def of(self, job: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return the option and the value that keep a job; None where none does."""
        users = {user.casefold(): user for user in self.users}
        found = users.get(submitter_of(job).casefold())
        return self.of_service(job["service"]) or (None if found is None else ("exclude_users", found))


@dataclass(frozen=True)
class Query:
    """One question about the GP jobs of a site. services None means every GP service of the site."""

    services: Collection[Service] | None
    include_system: bool = False
    statuses: Collection[str] | None = None
    submitted_by: str | None = None
    machine: str | None = None
    start: Moment | None = None
    end: Moment | None = None
    limit: int | None = None
    page_size: int = PAGE_SIZE
    details: bool = False
    statistics: bool = False
    summary_only: bool = False
    on_kubernetes: bool = False
    exclude: Exclusions = Exclusions()
    exclude_missing_ok: bool = False


@dataclass
class Found:
    """What a query found: the jobs, how many matched, what could not be read, and whether every list was complete.

    summary counts all that matched, by the fields of a record. What only the jobs themselves tell is None unless they
    were read. unreadable names services, and with an ID single jobs. excluded counts the jobs that matched and that an
    exclusion kept out, by its option and value.
    """

    jobs: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=lambda: summary_of_lists([]))
    total: int = 0
    services_read: int = 0
    complete: bool = True
    statistics: list[dict[str, Any]] = field(default_factory=list)
    unreadable: dict[tuple[str, str | None], ArcGISError] = field(default_factory=dict)
    excluded: Counter[tuple[str, str]] = field(default_factory=Counter)
    windowed: bool = True

    def note(self, service: str, error: ArcGISError, job_id: str | None = None) -> None:
        """Note that a service, or a job of it, could not be read; raise what would meet every service."""
        if error.code in MEETS_EVERY_REQUEST:
            raise error
        self.unreadable.setdefault((service, job_id), error)


def query(site: Site, question: Query) -> Found:
    """Find the jobs that a question asks for; limit counts the whole result after filtering.

    An empty list of services or statuses selects nothing and sends nothing. What met one service is in the result.
    Raises ArcGISError for what would meet every service, and unknown_service for an exclusion that the site lacks.
    """
    found = Found()
    if [] in (question.services, question.statuses):
        return found
    if question.statistics and question.on_kubernetes:
        raise ArcGISError("unsupported", "job statistics are documented for ArcGIS Server only", "read job statistics")
    window = window_at(site.now_ms, question.start, question.end)
    wanted = Filter(question.statuses, question.submitted_by, question.machine, *window)
    if not question.exclude_missing_ok:
        ensure_services_exist(site, "exclude_services", question.exclude.services)
    services = list(question.services or ())
    if question.services is None:
        services, found.unreadable = list_gp_services(site, question.include_system)
    jobs = GpJobs(site)
    reads_all = wanted.needs_records or bool(question.exclude.users)
    listed = _listed(jobs, services, wanted, question, found)
    if not reads_all:
        listed = _without_excluded(listed, question.exclude, found)
    found.total = sum(len(statuses) for dummy, statuses in listed)
    candidates = ((service, job_id, status) for service, statuses in listed for job_id, status in statuses.items())
    if reads_all or question.details:
        to_read = [job[:2] for job in (candidates if reads_all else islice(candidates, question.limit))]
        matching = _records(jobs, to_read, wanted, question.exclude, found)
        # A limit leaves jobs unread, and then only the lists know all that match.
        all_read = len(to_read) == found.total
        found.summary = summary_of_records(matching) if all_read else summary_of_lists(listed)
        found.total -= len(to_read) - len(matching)
        shown = [] if question.summary_only else matching[: question.limit]
        found.jobs = shown if question.details else [{name: job[name] for name in SHORT} for job in shown]
    else:
        found.summary = summary_of_lists(listed)
        found.jobs = [
            {"job_id": job_id, "service": service.label, "status": status}
            for service, job_id, status in islice(candidates, 0 if question.summary_only else question.limit)
        ]
    if question.submitted_by is not None and not found.total:
        _warn_of_another_spelling(jobs, services, question)
    if question.statistics:
        for outcome in run_all(jobs.statistics, services, site.settings.max_concurrency):
            if outcome.error is not None:
                found.note(outcome.item.label, outcome.error)
            elif outcome.value is not None:
                found.statistics.append(outcome.value)
    return found


def _without_excluded(
    listed: Sequence[tuple[Service, dict[str, str]]], exclude: Exclusions, found: Found
) -> list[tuple[Service, dict[str, str]]]:
    """Return the lists without those of excluded services, and count what is in those."""
    kept = []
    for service, statuses in listed:
        by = exclude.of_service(service.label)
        if by is None:
            kept.append((service, statuses))
        else:
            found.excluded[by] += len(statuses)
    return kept


def _warn_of_another_spelling(jobs: GpJobs, services: Sequence[Service], question: Query) -> None:
    """Say so where nobody of the name asked for submitted a job, and somebody of nearly that name did.

    Sites compare names letter by letter. Only the jobs themselves tell their submitters, so the first ones are read.
    """
    anybody = replace(question, submitted_by=None)
    quiet = Found()
    listed = _listed(jobs, services, Filter(question.statuses), anybody, quiet)
    targets = [Target(service, job_id) for service, of_service in listed for job_id in of_service][:_MOST_ASKED]
    read = [record(*target, payload) for target, payload in jobs.read(targets).items() if isinstance(payload, dict)]
    said = other_spellings(str(question.submitted_by), [job["username"] for job in read])
    if said:
        jobs.site.warn(said)


def summary_of_lists(listed: Sequence[tuple[Service, Mapping[str, str]]]) -> dict[str, Any]:
    """Count listed jobs by service and status; what only the jobs themselves tell is None."""
    statuses: Counter[str] = Counter()
    for _service, of_service in listed:
        statuses.update(of_service.values())
    services = {service.label: len(of_service) for service, of_service in listed if of_service}
    unread = dict.fromkeys(("username", "machine", "oldest", "newest"))
    return {"service": services, "status": dict(statuses), **unread}


def summary_of_records(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Count jobs by service, status, user and machine, and say when the oldest and the newest was submitted."""
    times = [job["submitted_time_ms"] for job in records if job["submitted_time_ms"] is not None]
    return {
        "service": dict(Counter(job["service"] for job in records)),
        "status": dict(Counter(job["status"] for job in records)),
        "username": dict(Counter(job["username"] or ANONYMOUS for job in records)),
        "machine": dict(Counter(job["machine"] or "" for job in records)),
        "oldest": iso(min(times, default=None)),
        "newest": iso(max(times, default=None)),
    }


def queries_for(wanted: Filter, on_kubernetes: bool) -> list[dict[str, str]]:
    """Return the parameters of the site queries that together show every wanted job.

    One query for each status, since several in one are documented nowhere. Unfinished jobs are asked for without the
    window, because it is unknown which time it tests. Times are milliseconds on ArcGIS Server, seconds on Kubernetes.
    """
    everything: list[tuple[str | None, bool]] = [(None, True)] + [
        (status, False) for status in QUERYABLE if status not in FINISHED
    ]
    if wanted.statuses is not None:
        everything = [(status if status in QUERYABLE else None, status in FINISHED) for status in wanted.statuses]
    window = _window(wanted, on_kubernetes)
    if not window and (None, True) in everything:
        everything = [(None, False)]
    if (None, False) in everything:
        everything = [(None, False)]
    common = {}
    if wanted.submitted_by is not None:
        common["userName"] = wanted.submitted_by
    if wanted.machine is not None and not on_kubernetes:
        common["machineName"] = wanted.machine
    return [
        {
            **common,
            **(window if windowed else {}),
            **({"jobStatus": QUERYABLE[status]} if status is not None else {}),
        }
        for status, windowed in dict.fromkeys(everything)
    ]


def _window(wanted: Filter, on_kubernetes: bool) -> dict[str, str]:
    """Return startTime and endTime as the site takes them; startTime is 0 where only an end is given."""
    if wanted.start_ms is None and wanted.end_ms is None:
        return {}
    window = {"startTime": wanted.start_ms or 0}
    if wanted.end_ms is not None:
        window["endTime"] = wanted.end_ms + _SLACK_MS
    return {name: str(value // 1000 if on_kubernetes else value) for name, value in window.items()}


def _listed(
    jobs: GpJobs, services: Sequence[Service], wanted: Filter, question: Query, found: Found
) -> list[tuple[Service, dict[str, str]]]:
    """Return {job ID: status} of every service as the site lists its jobs, the services read side by side."""
    queries = queries_for(wanted, question.on_kubernetes)
    listed = []
    trust = _Trust(jobs, question.on_kubernetes)
    outcomes = run_all(
        lambda service: _listed_in(jobs, service, queries, wanted, question.page_size, trust),
        services,
        jobs.site.settings.max_concurrency,
    )
    found.windowed = trust.is_earned is not False
    for outcome in outcomes:
        if outcome.error is not None:
            found.note(outcome.item.label, outcome.error)
        elif outcome.value is not None:
            statuses, complete = outcome.value
            found.complete = found.complete and complete
            found.services_read += 1
            listed.append((outcome.item, statuses))
    return listed


def _records(
    jobs: GpJobs, candidates: Sequence[tuple[Service, str]], wanted: Filter, exclude: Exclusions, found: Found
) -> list[dict[str, Any]]:
    """Read the candidates and return the records that match. A job that vanished meanwhile is left out."""
    matching, ignored = [], 0
    asked = wanted if found.windowed else replace(wanted, start_ms=None, end_ms=None)
    for target, payload in jobs.read([Target(*candidate) for candidate in candidates]).items():
        if isinstance(payload, ArcGISError):
            found.note(target.place.label, payload, target.job_id)
            continue
        job = None if payload is None else record(*target, payload)
        if job is None or not wanted.accepts_status(job["status"]):
            continue
        matches = wanted.judge(job)
        if matches is None or (exclude.users and is_unreadable(job, "username")):
            said = f"what the site says in {' and '.join(job['unreadable'])} of job {target.name} cannot be read"
            found.note(target.place.label, ArcGISError("unexpected_shape", said), target.job_id)
        elif not matches:
            ignored += _is_unasked(job, asked)
        else:
            excluded_by = exclude.of(job)
            if excluded_by is None:
                matching.append(job)
            else:
                found.excluded[excluded_by] += 1
    if ignored:
        jobs.site.warn(f"The site returned {ignored} jobs that do not match the filters; they were left out.")
    return matching


class _Trust:
    """Finds out whether the site takes the times of a window in the unit that its platform documents.

    A window in the wrong unit lies in another age and shows nothing, so only a window that shows nothing is in doubt.
    One that holds every finished job in the right unit, and none in the wrong one, settles it; until then is_earned is
    None.
    """

    def __init__(self, jobs: GpJobs, on_kubernetes: bool) -> None:
        self._jobs = jobs
        self._on_kubernetes = on_kubernetes
        self.is_earned: bool | None = None

    def is_misplaced(self, service: Service, rest: Mapping[str, str]) -> bool:
        """Say whether the site overlooks finished jobs; rest is the query without its window."""
        if self.is_earned:
            return False
        shown = statuses_on(self._jobs.page(service, {**rest, "number": PAGE_SIZE}))
        if not any(map(is_finished, shown.values())):
            return False
        tomorrow = str(self._jobs.site.now_ms() // 1000 + 24 * 3600)
        # As milliseconds this is a day in January 1970.
        window = {"startTime": "1", "endTime": tomorrow} if self._on_kubernetes else {"startTime": tomorrow}
        self.is_earned = bool(self._jobs.page(service, {**rest, **window, "number": 1}).get("results"))
        return not self.is_earned


def _listed_in(
    jobs: GpJobs, service: Service, queries: Sequence[Mapping[str, str]], wanted: Filter, page_size: int, trust: _Trust
) -> tuple[dict[str, str], bool]:
    """Return {job ID: status} of one service from all its queries, and whether every list was complete."""
    merged: dict[str, str] = {}
    complete = True
    for parameters in queries:
        statuses, whole = jobs.listing(service, parameters, page_size)
        rest = {name: value for name, value in parameters.items() if name not in _WINDOW}
        if not statuses and len(rest) < len(parameters) and trust.is_misplaced(service, rest):
            jobs.site.warn(
                "The site takes the times of a window in another unit than its platform documents, so the window was "
                "left out, and each job was read. Check the option platform."
            )
            statuses, whole = jobs.listing(service, rest, page_size)
        merged.update(statuses)
        complete = complete and whole
    matching = merged
    if wanted.statuses is not None:
        matching = {job_id: status for job_id, status in merged.items() if wanted.accepts_status(status)}
    asked_for_statuses = all("jobStatus" in parameters for parameters in queries)
    if asked_for_statuses and len(matching) < len(merged):
        ignored = len(merged) - len(matching)
        jobs.site.warn(
            f"The site returned {ignored} jobs of {service.label} whose status was not asked for; they were left out."
        )
    if not complete:
        jobs.site.warn(f"The jobs of {service.label} changed while they were read; the list may lack some of them.")
    return matching, complete


def _is_unasked(job: Mapping[str, Any], wanted: Filter) -> bool:
    """Say whether the site returned a job that it should have filtered out, whichever time its window tests."""
    if Filter(submitted_by=wanted.submitted_by, machine=wanted.machine).judge(job) is False:
        return True
    return bool(job["finished"]) and not any(
        (wanted.start_ms is None or moment >= wanted.start_ms - _ROUNDING_MS)
        and (wanted.end_ms is None or moment <= wanted.end_ms + _SLACK_MS)
        for moment in (job["submitted_time_ms"], job["end_time_ms"])
        if moment is not None
    )
