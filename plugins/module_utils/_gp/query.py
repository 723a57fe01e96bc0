# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which GP jobs a user selected, and finding them with the site's query resource: plan, list, read, summarize.

The site's filters are a help, not a proof: what a job says of itself decides. This module is private to the collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any

from .._arcgis.client import Client
from .._concurrent import run_concurrently
from .._errors import ArcGISError, Failure
from .._jobs.record import FINISHED, is_finished, iso
from .._jobs.source import JobRef, TaskContext
from .._jobs.waiter import WaitOptions, may_pass, repeat
from .._options import Moment, loosely, other_spellings, window_at
from .jobs import PAGE_SIZE, GpJobs, statuses_on
from .messages import with_messages
from .services import Service, Unreadable, ensure_services_exist, list_gp_services

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

# How many open jobs a failure names.
_MOST_NAMED = 20

# How the site spells what a field of a record is made of.
_SPELLINGS = {
    "username": {"username"},
    "machine": {"machinename", "machineName"},
    "submitted_time_ms": {"submittedTime"},
    "end_time_ms": {"endTime"},
}

# The statuses by job ID that each service shows.
Listed = Sequence[tuple[Service, Mapping[str, str]]]


@dataclass(frozen=True)
class GpFilter:
    """Which jobs are wanted. None does not select.

    start_ms and end_ms bound the time of submission, ended_start_ms and ended_end_ms that of the end, all included.
    open_only leaves out what has ended.
    """

    statuses: Collection[str] | None = None
    submitted_by: str | None = None
    machine: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    ended_start_ms: int | None = None
    ended_end_ms: int | None = None
    open_only: bool = False

    @property
    def needs_records(self) -> bool:
        """Say whether only the job itself can tell if it matches."""
        return replace(self, statuses=None, open_only=False) != GpFilter()

    @property
    def wants_ended(self) -> bool:
        """Say whether only jobs that have ended can match."""
        return (self.ended_start_ms, self.ended_end_ms) != (None, None)

    def accepts_status(self, status: str) -> bool:
        """Say whether a job with this status is wanted."""
        if self.wants_ended and status in QUERYABLE and status not in FINISHED:
            return False
        return (self.statuses is None or status in self.statuses) and not (self.open_only and is_finished(status))

    def judge(self, job: Mapping[str, Any]) -> bool | None:
        """Say whether a record matches in every respect but its status; None where a field that tells is unreadable."""
        tests: list[tuple[str, bool]] = []
        if self.submitted_by is not None:
            tests.append(("username", submitter_of(job) == self.submitted_by))
        if self.machine is not None:
            tests.append(("machine", (job["machine"] or "").lower() == self.machine.lower()))
        tests += _in_window(job, "submitted_time_ms", self.start_ms, self.end_ms)
        tests += _in_window(job, "end_time_ms", self.ended_start_ms, self.ended_end_ms)
        verdicts = [None if _is_unreadable(job, name) else matches for name, matches in tests]
        return False if False in verdicts else None if None in verdicts else True


def _in_window(job: Mapping[str, Any], name: str, start: int | None, end: int | None) -> list[tuple[str, bool]]:
    """Return the name of a time with whether it lies between two moments; nothing where neither is set."""
    if (start, end) == (None, None):
        return []
    moment = job[name]
    return [(name, moment is not None and (start is None or moment >= start) and (end is None or moment <= end))]


def _is_unreadable(job: Mapping[str, Any], field_name: str) -> bool:
    """Say whether a record lacks a field because what the site wrote cannot be read."""
    return job[field_name] is None and not _SPELLINGS[field_name].isdisjoint(job["unreadable_fields"])


def submitter_of(job: Mapping[str, Any]) -> str:
    """Return who submitted a job, in the words of the API, which has one for nobody."""
    return job["username"] or ANONYMOUS


@dataclass(frozen=True)
class Exclusions:
    """The services and users whose jobs are never selected. They match in any case, so that more is kept, not less."""

    services: Sequence[Service] = ()
    users: Sequence[str] = ()

    @property
    def named(self) -> list[tuple[str, str]]:
        """Return every exclusion as the option that it is of, and its value."""
        services = [("exclude_services", service.label) for service in self.services]
        return services + [("exclude_users", user) for user in self.users]

    def of_service(self, service: str) -> tuple[str, str] | None:
        """Return the option and the value that keep the jobs of a service; None where none does."""
        return self._first("exclude_services", service)

    def of_job(self, job: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return the option and the value that keep a job; None where none does."""
        return self.of_service(job["service"]) or self._first("exclude_users", submitter_of(job))

    def _first(self, option: str, value: str) -> tuple[str, str] | None:
        return self._by_spelling.get((option, loosely(value)))

    @cached_property
    def _by_spelling(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return the first exclusion of each spelling; every job of a site is looked up here."""
        return {(option, loosely(value)): (option, value) for option, value in reversed(self.named)}


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
    ended_start: Moment | None = None
    ended_end: Moment | None = None
    exclude: Exclusions = Exclusions()
    exclude_missing_ok: bool = False
    limit: int | None = None
    page_size: int = PAGE_SIZE
    details: bool = False
    messages: bool = False
    statistics: bool = False
    summary_only: bool = False
    on_kubernetes: bool = False
    open_only: bool = False


@dataclass(frozen=True)
class QueryResult:
    """What a query found: the jobs, how many matched, what could not be read, and whether every list was complete.

    summary counts all that matched, by the fields of a record. What only the jobs themselves tell is None unless they
    were read. excluded counts the jobs that matched and that an exclusion kept out, by its option and value.
    """

    jobs: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=lambda: summary_of_lists([]))
    total: int = 0
    services_read: int = 0
    is_complete: bool = True
    statistics: list[dict[str, Any]] = field(default_factory=list)
    unreadable: Unreadable = field(default_factory=dict)
    excluded: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The services to ask, the jobs that are wanted, and whether only the jobs themselves can tell which these are."""

    services: Sequence[Service]
    unreadable: Unreadable
    wanted: GpFilter
    reads_all: bool


@dataclass(frozen=True)
class ListedJobs:
    """What the pages of the services show of the wanted jobs. is_windowed is false where the window was left out."""

    by_service: Listed
    unreadable: Unreadable
    is_complete: bool
    is_windowed: bool

    @property
    def total(self) -> int:
        """Return how many jobs are listed."""
        return sum(len(statuses) for _service, statuses in self.by_service)

    @property
    def refs(self) -> list[JobRef]:
        """Return every listed job."""
        return [JobRef(service, job_id) for service, statuses in self.by_service for job_id in statuses]


@dataclass(frozen=True)
class ReadJobs:
    """The jobs to read, the records that match, what could not be read or judged, and what was excluded."""

    refs: Sequence[JobRef]
    matching: list[dict[str, Any]]
    unreadable: Unreadable
    excluded: Counter[tuple[str, str]]


def find(client: Client, question: Query) -> QueryResult:
    """Find the jobs that a question asks for; limit counts the whole result after filtering.

    An empty list of services or statuses selects nothing and sends nothing. What met one service is in the result.
    Raises ArcGISError for what would meet every service, and unknown_service for an exclusion that the site lacks.
    """
    if [] in (question.services, question.statuses):
        return QueryResult()
    jobs = GpJobs(client)
    plan = plan_query(client, question)
    listed = list_wanted(jobs, plan.services, plan.wanted, question)
    excluded: Counter[tuple[str, str]] = Counter()
    if not plan.reads_all:
        listed, excluded = without_excluded(listed, question.exclude)
    read = None
    if plan.reads_all or question.details or question.messages:
        read = read_wanted(jobs, listed, plan, question)
    result = summarize(listed, read, question)
    if question.submitted_by is not None and not (result.total or question.open_only):
        _warn_of_another_spelling(jobs, plan.services, question)
    if question.messages:
        result = replace(result, jobs=with_messages(client, result.jobs))
    statistics, without = _statistics(jobs, plan.services) if question.statistics else ([], {})
    return replace(
        result,
        statistics=statistics,
        unreadable={**plan.unreadable, **result.unreadable, **without},
        excluded=excluded + (read.excluded if read else Counter()),
    )


def plan_query(client: Client, question: Query) -> Plan:
    """Decide which services are asked for which jobs. Raises ArcGISError where that cannot be decided."""
    if question.statistics and question.on_kubernetes:
        raise ArcGISError("unsupported", "job statistics are documented for ArcGIS Server only", "read job statistics")
    window = window_at(client.now_ms, question.start, question.end)
    ended = window_at(client.now_ms, question.ended_start, question.ended_end)
    people = (question.submitted_by, question.machine)
    wanted = GpFilter(question.statuses, *people, *window, *ended, question.open_only)
    if not question.exclude_missing_ok:
        ensure_services_exist(client, "exclude_services", question.exclude.services)
    services, unreadable = list(question.services or ()), Unreadable()
    if question.services is None:
        services, unreadable = list_gp_services(client, question.include_system)
    return Plan(services, unreadable, wanted, wanted.needs_records or bool(question.exclude.users))


# Listing


def queries_for(wanted: GpFilter, on_kubernetes: bool) -> list[dict[str, str]]:
    """Return the parameters of the site queries that together show every wanted job.

    One query for each status, since several in one are documented nowhere. Unfinished jobs are asked for without the
    window, because it is unknown which time it tests. Times are milliseconds on ArcGIS Server, seconds on Kubernetes.
    """
    unfinished = [] if wanted.wants_ended else [status for status in QUERYABLE if status not in FINISHED]
    everything: list[tuple[str | None, bool]] = [(None, True), *((status, False) for status in unfinished)]
    if wanted.statuses is not None:
        everything = [(status if status in QUERYABLE else None, status in FINISHED) for status in wanted.statuses]
    window = _window(wanted, on_kubernetes)
    if (None, False) in everything or (not window and (None, True) in everything):
        everything = [(None, False)]
    common = {}
    if wanted.submitted_by is not None:
        common["userName"] = wanted.submitted_by
    if wanted.machine is not None and not on_kubernetes:
        common["machineName"] = wanted.machine
    return [
        {**common, **(window if windowed else {}), **({"jobStatus": QUERYABLE[status]} if status is not None else {})}
        for status, windowed in dict.fromkeys(everything)
    ]


def _window(wanted: GpFilter, on_kubernetes: bool) -> dict[str, str]:
    """Return startTime and endTime as the site takes them; startTime is 0 where only an end is given."""
    if wanted.start_ms is None and wanted.end_ms is None:
        return {}
    window = {"startTime": wanted.start_ms or 0}
    if wanted.end_ms is not None:
        window["endTime"] = wanted.end_ms + _SLACK_MS
    return {name: str(value // 1000 if on_kubernetes else value) for name, value in window.items()}


def list_wanted(jobs: GpJobs, services: Sequence[Service], wanted: GpFilter, question: Query) -> ListedJobs:
    """Return the wanted jobs as the site lists them, the services read side by side."""
    lister = _Lister(jobs, wanted, question, _Trust(jobs, question.on_kubernetes))
    results = run_concurrently(lister.list_service, services, jobs.client.connection.max_concurrency)
    found = results.each()
    lists = {service: listed for service, listed in found.items() if not isinstance(listed, Failure)}
    return ListedJobs(
        [(service, statuses) for service, (statuses, _dummy) in lists.items()],
        {(service.label, None): failure for service, failure in results.errors.items()},
        all(is_complete for _dummy, is_complete in lists.values()),
        lister.trust.is_earned is not False,
    )


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
        tomorrow = str(self._jobs.client.now_ms() // 1000 + 24 * 3600)
        # As milliseconds this is a day in January 1970.
        window = {"startTime": "1", "endTime": tomorrow} if self._on_kubernetes else {"startTime": tomorrow}
        self.is_earned = bool(self._jobs.page(service, {**rest, **window, "number": 1}).get("results"))
        return not self.is_earned


@dataclass(frozen=True)
class _Lister:
    """Lists the wanted jobs of one service at a time."""

    jobs: GpJobs
    wanted: GpFilter
    question: Query
    trust: _Trust

    def list_service(self, service: Service) -> tuple[dict[str, str], bool]:
        """Return {job ID: status} of one service from all its queries, and whether every list was complete."""
        queries = queries_for(self.wanted, self.question.on_kubernetes)
        merged: dict[str, str] = {}
        is_complete = True
        for parameters in queries:
            statuses, whole = self._list_query(service, parameters)
            merged.update(statuses)
            is_complete = is_complete and whole
        accepted = set(filter(self.wanted.accepts_status, set(merged.values())))
        wanted = {job_id: status for job_id, status in merged.items() if status in accepted}
        asked = self.wanted.statuses
        ignored = sum(asked is not None and status not in asked for status in merged.values())
        if ignored and all("jobStatus" in parameters for parameters in queries):
            self.jobs.client.warn(
                f"The site returned {ignored} jobs of {service.label} whose status was not asked for; "
                "they were left out."
            )
        if not is_complete:
            text = f"The jobs of {service.label} changed while they were read; the list may lack some of them."
            self.jobs.client.warn(text)
        return wanted, is_complete

    def _list_query(self, service: Service, parameters: Mapping[str, str]) -> tuple[dict[str, str], bool]:
        """Return what one query of the site shows, asked without its window where the site misunderstands it."""
        listing = self.jobs.list_jobs(service, parameters, self.question.page_size)
        rest = {name: value for name, value in parameters.items() if name not in _WINDOW}
        if not listing.statuses and len(rest) < len(parameters) and self.trust.is_misplaced(service, rest):
            self.jobs.client.warn(
                "The site takes the times of a window in another unit than its platform documents, so the window was "
                "left out, and each job was read. Check the option platform."
            )
            listing = self.jobs.list_jobs(service, rest, self.question.page_size)
        return listing.statuses, listing.is_complete


def without_excluded(listed: ListedJobs, exclude: Exclusions) -> tuple[ListedJobs, Counter[tuple[str, str]]]:
    """Return the lists without those of excluded services, and how many jobs are in those."""
    excluded: Counter[tuple[str, str]] = Counter()
    kept = []
    for service, statuses in listed.by_service:
        by = exclude.of_service(service.label)
        if by is None:
            kept.append((service, statuses))
        else:
            excluded[by] += len(statuses)
    return replace(listed, by_service=kept), excluded


# Reading


def read_wanted(jobs: GpJobs, listed: ListedJobs, plan: Plan, question: Query) -> ReadJobs:
    """Read the listed jobs, or as many as are to be returned, and return those that match.

    A job that vanished meanwhile is left out.
    """
    refs = listed.refs if plan.reads_all else listed.refs[: question.limit]
    read = ReadJobs(refs, [], {}, Counter())
    unasked = 0
    asked = plan.wanted if listed.is_windowed else replace(plan.wanted, start_ms=None, end_ms=None)
    for ref, job in jobs.read(refs).items():
        if isinstance(job, Failure):
            read.unreadable[ref.service.label, ref.job_id] = job
        elif job is not None and plan.wanted.accepts_status(job["status"]):
            matches = plan.wanted.judge(job)
            _sort(ref, job, matches, question.exclude, read)
            unasked += matches is False and _is_unasked(job, asked)
    if unasked:
        jobs.client.warn(f"The site returned {unasked} jobs that do not match the filters; they were left out.")
    return read


def _sort(ref: JobRef, job: dict[str, Any], matches: bool | None, exclude: Exclusions, read: ReadJobs) -> None:
    """Put a record where it belongs; matches is what the filter says of it."""
    excluded_by = exclude.of_job(job)
    if matches is None or (exclude.users and _is_unreadable(job, "username")):
        reason = f"what the site says in {' and '.join(job['unreadable_fields'])} of job {ref.name} cannot be read"
        read.unreadable[ref.service.label, ref.job_id] = Failure("unexpected_shape", reason)
    elif matches and excluded_by is not None:
        read.excluded[excluded_by] += 1
    elif matches:
        read.matching.append(job)


def _is_unasked(job: Mapping[str, Any], wanted: GpFilter) -> bool:
    """Say whether the site returned a job that it should have filtered out, whichever time its window tests."""
    if GpFilter(submitted_by=wanted.submitted_by, machine=wanted.machine).judge(job) is False:
        return True
    return bool(job["finished"]) and not any(
        (wanted.start_ms is None or moment >= wanted.start_ms - _ROUNDING_MS)
        and (wanted.end_ms is None or moment <= wanted.end_ms + _SLACK_MS)
        for moment in (job["submitted_time_ms"], job["end_time_ms"])
        if moment is not None
    )


def _warn_of_another_spelling(jobs: GpJobs, services: Sequence[Service], question: Query) -> None:
    """Say so where nobody of the name asked for submitted a job, and somebody of nearly that name did.

    Sites compare names letter by letter. Only the jobs themselves tell their submitters, so the first ones are read.
    """
    listed = list_wanted(jobs, services, GpFilter(question.statuses), replace(question, submitted_by=None))
    records = jobs.read(listed.refs[:_MOST_ASKED]).values()
    names = [record["username"] for record in records if isinstance(record, dict)]
    text = other_spellings(str(question.submitted_by), names)
    if text:
        jobs.client.warn(text)


# Summarizing


def summarize(listed: ListedJobs, read: ReadJobs | None, question: Query) -> QueryResult:
    """Return the jobs as they are asked for, and the counts of all that matched."""
    common: dict[str, Any] = {"services_read": len(listed.by_service), "is_complete": listed.is_complete}
    limit = 0 if question.summary_only else question.limit
    if read is None:
        shown = list(islice(_briefly(listed.by_service), limit))
        summary = summary_of_lists(listed.by_service)
        return QueryResult(shown, summary, listed.total, unreadable=listed.unreadable, **common)
    # A limit leaves jobs unread, and then only the lists know all that match.
    unread = listed.total - len(read.refs)
    summary = summary_of_lists(listed.by_service) if unread else summary_of_records(read.matching)
    shown = read.matching[:limit]
    if not (question.details or question.messages):
        shown = [{name: job[name] for name in SHORT} for job in shown]
    unreadable = {**listed.unreadable, **read.unreadable}
    return QueryResult(shown, summary, len(read.matching) + unread, unreadable=unreadable, **common)


def _briefly(listed: Listed) -> Iterator[dict[str, Any]]:
    for service, statuses in listed:
        for job_id, status in statuses.items():
            yield {"job_id": job_id, "service": service.label, "status": status}


def summary_of_lists(listed: Listed) -> dict[str, Any]:
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
        "username": dict(Counter(submitter_of(job) for job in records)),
        "machine": dict(Counter(job["machine"] or "" for job in records)),
        "oldest": iso(min(times, default=None)),
        "newest": iso(max(times, default=None)),
    }


def _statistics(jobs: GpJobs, services: Sequence[Service]) -> tuple[list[dict[str, Any]], Unreadable]:
    """Return the counts that the site keeps for each service, and the services without."""
    results = run_concurrently(jobs.statistics, services, jobs.client.connection.max_concurrency)
    found = results.each().values()
    failures: Unreadable = {(service.label, None): failure for service, failure in results.errors.items()}
    return [counts for counts in found if not isinstance(counts, Failure)], failures


# Waiting


def find_once_idle(
    client: Client, question: Query, ignore_unreadable: bool, options: WaitOptions, context: TaskContext
) -> tuple[QueryResult, Failure | None]:
    """Ask until no selected job is open, and return the answer to that; the failure is that of a time that is over.

    Each round asks for the open jobs only, and these are returned where the time is over. A service that cannot be read
    for the moment is waited for; one that cannot be read for good ends the wait, unless ignore_unreadable is set.
    Raises ArcGISError as find and repeat do.
    """
    statuses = question.statuses and [status for status in question.statuses if not is_finished(status)]
    brief: dict[str, Any] = {"limit": None, "details": False, "messages": False}
    brief.update(statistics=False, summary_only=False)
    only_open = replace(question, statuses=statuses, open_only=True, **brief)
    is_all = question.statuses is not None and statuses == question.statuses and not question.statistics
    warnings, was_seen = len(client.warnings), False

    def passing(seen: QueryResult) -> list[Failure]:
        return [failure for failure in seen.unreadable.values() if may_pass(failure, was_seen)]

    def is_idle(seen: QueryResult) -> bool:
        return seen.is_complete and not passing(seen) and not _open_count(seen)

    def is_over(seen: QueryResult) -> bool:
        lasting = len(passing(seen)) < len(seen.unreadable)
        return is_idle(seen) or (lasting and not ignore_unreadable)

    def look(_known: QueryResult, until: float) -> QueryResult:
        # What a round warns of, the next one may have seen as it should be.
        del client.warnings[warnings:]
        bounded = client.bounded(until)
        seen = find(bounded, only_open)
        failures = list(seen.unreadable.values())
        if failures and not seen.services_read and len(passing(seen)) == len(failures):
            raise ArcGISError.of(failures[0])
        nonlocal was_seen
        was_seen = was_seen or not failures
        return find(bounded, question) if is_over(seen) and not (is_all and is_idle(seen)) else seen

    seen, seconds, problem = repeat(look, QueryResult(is_complete=False), is_over, options, context)
    if problem is not None and not seen.services_read:
        raise ArcGISError.of(problem)
    return (seen, None) if is_over(seen) else _overtime(seen, 0 if question.summary_only else question.limit, seconds)


def _open_count(seen: QueryResult) -> int:
    return sum(count for status, count in seen.summary["status"].items() if not is_finished(status))


def _overtime(seen: QueryResult, limit: int | None, seconds: float) -> tuple[QueryResult, Failure | None]:
    """Return the jobs that were open when the time was over, and the failure that names the first of them."""
    count, jobs = _open_count(seen), [job for job in seen.jobs if not is_finished(job["status"])]
    names = ", ".join(f"{job['service']} {job['job_id']} {job['status']}" for job in jobs[:_MOST_NAMED])
    more = f", and {count - _MOST_NAMED} more" if count > _MOST_NAMED else ""
    reason = f"{count} {'job was' if count == 1 else 'jobs were'} still open after {seconds:.0f} seconds"
    reason += f": {names}{more}" if names else ""
    reason += "" if seen.is_complete else ". There may be more, because the lists changed while they were read"
    failure = Failure("wait_timeout", reason) if count or not seen.is_complete else None
    return replace(seen, jobs=jobs[:limit], total=count), failure
