# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The adapter between an event source and the engine: its options, and one poller for each product of a site.

This module is private to the collection.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ._arcgis.client import Client
from ._arcgis.connection import Connection, base_url, host_name, parse_connection
from ._arcgis.secrets import Secrets
from ._arcgis.transport import REQUESTS_PROBLEM
from ._concurrent import run_concurrently
from ._errors import ArcGISError, Failure, bad_option, internal_error
from ._gp.jobs import GpJobs, Listing
from ._gp.services import Service, list_gp_services, selected_services
from ._jobs.record import GP_STATUSES, is_finished, iso
from ._jobs.source import JobRef, JobSource
from ._module import NOTEBOOK, PLATFORM, SERVER, VIDEO, connection_arguments, connection_checks, from_environment
from ._notebook import notebook_jobs
from ._options import parse_job_ids, parse_optional_text, parse_time, require_range
from ._outputs.sources import PRODUCTS
from ._outputs.watch import Event, Look, News, Watch
from ._results import with_masked_keys
from ._retries import Clock
from ._video import VideoJobs

# The option with the URL of each product, and the variables of the environment that stand in for it.
URLS = {
    "gp": ("server_url", SERVER),
    "notebook": ("notebook_url", NOTEBOOK),
    "video": ("video_url", VIDEO),
}

ARGUMENTS: dict[str, dict[str, Any]] = {
    **{name: {"type": "str", "fallback": (from_environment, list(variables))} for name, variables in URLS.values()},
    **{name: option for name, option in connection_arguments(()).items() if name != "url"},
    **PLATFORM,
    "site": {"type": "str"},
    "products": {"type": "list", "elements": "str", "choices": list(PRODUCTS), "default": ["gp"]},
    "services": {"type": "list", "elements": "str"},
    "all_services": {"type": "bool", "default": False},
    "video_job_ids": {"type": "list", "elements": "str"},
    "statuses": {"type": "list", "elements": "str", "choices": list(GP_STATUSES)},
    "since": {"type": "str"},
    "emit_existing": {"type": "bool", "default": False},
    "stuck_after": {"type": "str"},
    "queue_longer_than": {"type": "int"},
    "interval": {"type": "int", "default": 60},
    "failure_budget": {"type": "int", "default": 3},
}

# A client remembers each of its tokens, to mask it. After so many log-ins another client takes over.
_MOST_LOGINS = 4

# The brace with which a template begins.
_TEMPLATE = re.compile(r"\{(?=[{%#])")

# Looks at a product: the jobs that it can read one by one, and what it lists of them.
Looker = Callable[[Client], "tuple[JobSource, Look]"]


def parse_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a source as the argument spec has them, those of the environment included.

    Raises ArcGISError bad_option, and missing_library where requests is missing.
    """
    if REQUESTS_PROBLEM:
        hint = "Install requests in the Python that runs ansible-rulebook."
        raise ArcGISError("missing_library", "the library requests is missing", hint=hint)
    validation = ArgumentSpecValidator(**connection_checks(ARGUMENTS)).validate(dict(given))
    if validation.error_messages:
        reason = ". ".join(validation.error_messages)
        raise ArcGISError("bad_option", reason, hint="Correct the arguments of the source, or the ARCGIS_ variables.")
    options: dict[str, Any] = validation.validated_parameters
    require_range(options, 86400, interval=1)
    require_range(options, 1000, failure_budget=1)
    require_range(options, queue_longer_than=0)
    return options


def pollers(options: Mapping[str, Any], clock: Clock | None = None) -> list[Poller]:
    """Return a poller for each product that the options name. Raises ArcGISError bad_option."""
    stuck_after, since = _age("stuck_after", options["stuck_after"]), parse_time("since", options["since"])
    news = News(options["statuses"], since, options["emit_existing"], stuck_after, options["queue_longer_than"])
    site = parse_optional_text("site", options["site"])
    if not options["products"]:
        raise bad_option("products", "is empty", f"Name one product at least: {', '.join(LOOKERS)}.")
    made = []
    for product in dict.fromkeys(options["products"]):
        connection, look = _connection(product, options), LOOKERS[product](options)
        watch = Watch(site or host_name(str(connection.url)), product, news)
        made.append(Poller(connection, look, watch, options["failure_budget"], clock))
    return made


def _connection(product: str, options: Mapping[str, Any]) -> Connection:
    """Return the connection to one product of the site."""
    name, variables = URLS[product]
    if options[name] is None:
        raise bad_option(name, "is missing", f"Set it, or {' or '.join(variables)} in the environment of the rulebook.")
    base_url(name, options[name], options["allow_http"])
    return parse_connection({**options, "url": options[name]})


def _age(option: str, text: str | None) -> float | None:
    """Return an age in seconds. Raises ArcGISError bad_option for a moment, and for what is neither."""
    moment = parse_time(option, text)
    if moment is not None and moment.age_ms is None:
        raise bad_option(option, f"is {text!r}, which is no age", "Write an age such as 30m or 6h.")
    return None if moment is None or moment.age_ms is None else moment.age_ms / 1000


# What the products list


def _gp(options: Mapping[str, Any]) -> Looker:
    services = selected_services(options)
    # What stands for no window in the queries of a client, once a page has proven it.
    proven: dict[Client, Mapping[str, str] | None] = {}

    def look(client: Client) -> tuple[JobSource, Look]:
        jobs = GpJobs(client, proven.get(client))
        wanted, unreadable = (services, {}) if services is not None else list_gp_services(client, False)
        results = run_concurrently(lambda each: jobs.list_jobs(each, {}), wanted, client.connection.max_concurrency)
        proven.clear()
        proven[client] = jobs.no_window
        read: dict[Service, Listing] = {}
        failures = list(unreadable.values())
        for service, found in results.each().items():
            if isinstance(found, Failure):
                failures.append(found)
            else:
                read[service] = found
        if failures and not read:
            # What met all of them is rather about the site.
            raise ArcGISError.of(failures[0])
        statuses = {
            JobRef(service, job_id): status
            for service, listing in read.items()
            for job_id, status in listing.statuses.items()
        }
        parts = {service: listing.is_complete for service, listing in read.items()}
        # A named service may be absent for another reason, and a folder that could not be read may have the service.
        existing = wanted if services is None and not unreadable else None
        return jobs, Look(statuses, parts, client.now_ms(), failures, existing)

    return look


def _notebook(options: Mapping[str, Any]) -> Looker:
    def look(client: Client) -> tuple[JobSource, Look]:
        jobs = notebook_jobs(client, options["platform"])
        records, has_limit = jobs.longest_list()
        statuses = {JobRef(None, record["job_id"]): record["status"] for record in records if record["job_id"]}
        return jobs, Look(statuses, {None: not has_limit}, client.now_ms())

    return look


def _video(options: Mapping[str, Any]) -> Looker:
    if options["video_job_ids"] is None:
        raise bad_option("video_job_ids", "is missing", "Name the jobs: a Video Server has no list of them.")
    refs = [JobRef(None, job_id) for job_id in parse_job_ids("video_job_ids", options["video_job_ids"])]
    seen: dict[JobRef, str] = {}

    def look(client: Client) -> tuple[JobSource, Look]:
        """Read the jobs that have not ended; one that was seen and is gone is deleted."""
        jobs = VideoJobs(client)
        failures = []
        for ref, record in jobs.read([ref for ref in refs if not is_finished(seen.get(ref))]).items():
            if isinstance(record, Failure):
                failures.append(record)
            elif record is not None:
                seen[ref] = record["status"]
            elif ref in seen:
                seen[ref] = "deleted"
            else:
                failures.append(Failure("unknown_job", f"the site has no job {ref.job_id}"))
        return jobs, Look(dict(seen), {None: True}, client.now_ms(), failures)

    return look


LOOKERS: dict[str, Callable[[Mapping[str, Any]], Looker]] = {"gp": _gp, "notebook": _notebook, "video": _video}


# Polling


class Poller:
    """Looks at one product of a site whenever it is asked to, for as long as anybody asks."""

    def __init__(
        self, connection: Connection, look: Looker, watch: Watch, failure_budget: int = 1, clock: Clock | None = None
    ) -> None:
        self.watch = watch
        self._connection = connection
        self._look = look
        self._failure_budget = failure_budget
        self._clock = clock
        self._client: Client | None = None
        self._failed = 0
        self._was_seen = False

    def poll(self, warn: Callable[[str], None] = lambda text: None) -> Iterator[Event]:
        """Look once, and yield what is new.

        A passing failure is told as an event, once failure_budget polls in a row have failed. Raises ArcGISError for
        what no later poll can better: until the first good one, whatever is not retryable, and from then on credentials
        that the site refuses.
        """
        client = self._current_client()
        secrets = client.secrets
        failure: Failure | None = None
        is_partial = False
        try:
            source, look = self._look(client)
            for event in self.watch.events(look, source.read):
                yield _safe(event, secrets)
            is_partial = bool(self.watch.failures)
            failure = self.watch.failures[0] if is_partial else None
        except ArcGISError as error:
            failure = error.failure
        except Exception as problem:
            failure = internal_error(problem)
        for text in client.warnings:
            warn(secrets.masked(text))
        client.warnings.clear()
        if failure is not None and not is_partial:
            # A log-in that failed is not tried again by the client that it failed.
            self.close()
        yield from self._state(failure, secrets)

    def close(self) -> None:
        """Send nothing more, and close the connections."""
        if self._client is not None:
            self._client.close()
        self._client = None

    def _current_client(self) -> Client:
        if self._client is not None and self._client.usage()["logins"] >= _MOST_LOGINS:
            self.close()
        self._client = self._client or Client(self._connection, check_mode=True, clock=self._clock)
        return self._client

    def _state(self, failure: Failure | None, secrets: Secrets) -> Iterator[Event]:
        """Yield the state of the source where it has changed. Raises ArcGISError where the source must end."""
        if failure is None:
            is_news, state = self._failed >= self._failure_budget, "recovered"
            self._failed, self._was_seen = 0, True
        else:
            if self._is_final(failure):
                raise ArcGISError.of(replace(failure, reason=secrets.masked(failure.reason)))
            self._failed += 1
            is_news, state = self._failed == self._failure_budget, "degraded"
        if is_news:
            content = {
                "state": state,
                "site": self.watch.site,
                "product": self.watch.product,
                "error": failure and {**failure.as_result(), "text": str(failure)},
                "observed_at": iso(round(time.time() * 1000)),
            }
            yield _safe({"arcgis_source": content}, secrets)

    def _is_final(self, failure: Failure) -> bool:
        """Say whether no later poll can do better, or would send a password again that was refused."""
        if not self._was_seen:
            return not failure.kind.retryable
        is_refused_token = failure.code in ("token_invalid", "token_required") and not self._connection.can_log_in
        return failure.code == "bad_credentials" or is_refused_token


def _safe(event: Event, secrets: Secrets) -> Event:
    """Return an event with a mask in place of each secret, and without what Ansible would take for a template.

    A rulebook hands its events to playbooks as extra variables, and Ansible evaluates the templates in those.
    """

    def safe(value: Any) -> Any:
        if isinstance(value, str):
            return _TEMPLATE.sub("{ ", secrets.masked(value))
        if isinstance(value, list):
            return [safe(each) for each in value]
        return (
            {_TEMPLATE.sub("{ ", name): safe(each) for name, each in value.items()}
            if isinstance(value, dict)
            else value
        )

    masked: Event = safe(with_masked_keys(event, secrets.without_keys))
    return masked
