# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was observed of a site decides which assumptions hold. Nothing here makes a request.

Each function takes what the site sent, or the failure in its place, and decides one assumption. It must be right
whichever way the site behaves, so what does not settle it is undecided. This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._arcgis.responses import whole_number
from .._errors import Failure
from .._jobs.record import GP_STATUSES, is_finished, status_of
from .._notebook import COMMON_LENGTHS
from .._options import is_plausible
from .assumptions import AGREES, DIFFERS, Observation, undecided
from .checks import Read, said
from .looks import labels_of

MILLISECONDS, SECONDS = "milliseconds", "seconds"
# A job must have run for so long, and a window around one of its times is at least and at most so wide.
LEAST_SECONDS, _NARROWEST, _WIDEST = 8, 2, 60
_NOT_REACHED = frozenset(("timeout", "unreachable", "busy", "tls_failure", "cut_short", "internal_error"))
_ABOUT_THE_TOKEN = ("token_invalid", "token_required")

Page = Mapping[str, Any]


def _judged(observed: str, agrees: bool, **details: Any) -> Observation:
    return Observation(AGREES if agrees else DIFFERS, observed, details or None)


def _not_seen(failure: Failure) -> Observation:
    """Return what a failed read leaves of an assumption."""
    return undecided(said(failure))


# 1


def answer_form(read: Read[Any]) -> str | None:
    """Return in which form a site says that it has no such thing; None where it did not get to say so."""
    if not isinstance(read, Failure):
        return "other"
    if read.code in _NOT_REACHED or read.code in (*_ABOUT_THE_TOKEN, "no_privilege"):
        return None
    if read.site_code is not None:
        return f"envelope_{read.site_code}"
    return "http_404_page" if read.code == "html_answer" and read.http_status == 404 else "other"


def unknown_answers(answers: Mapping[str, Read[Any]]) -> Observation:
    """Decide how the site answers for what it does not have: a job and, where there are services, a service."""
    forms = {name: answer_form(read) for name, read in answers.items()}
    if None in forms.values():
        return next(_not_seen(read) for name, read in answers.items() if forms[name] is None and _is_failure(read))
    words = [f"{name} {form}" for name, form in forms.items()]
    same = set(forms.values())
    observed = str(*same) if len(same) == 1 else ", ".join(words)
    return _judged(observed, same == {"envelope_404"}, **forms)


def _is_failure(read: Read[Any]) -> bool:
    return isinstance(read, Failure)


# 2 and 7


@dataclass(frozen=True)
class Windows:
    """Whether narrow windows show a finished job: around its submission and its end, in both units; None if unclear."""

    shown: Mapping[tuple[str, str], bool | None]

    @property
    def hits(self) -> set[tuple[str, str]]:
        """Return the units and times whose window shows the job."""
        return {each for each, is_shown in self.shown.items() if is_shown}


def window_around(ms: int, seconds: float, unit: str) -> dict[str, str]:
    """Return a window of the query around a time."""
    half = int(max(_NARROWEST, min(_WIDEST, seconds // 3)))
    low, high = ms // 1000 - half, -(-ms // 1000) + half
    factor = 1000 if unit == MILLISECONDS else 1
    return {"startTime": str(low * factor), "endTime": str(high * factor)}


def is_on(page: Read[Page], job_id: str) -> bool | None:
    """Say whether a page shows a job; None where it could not be read, or where a further page may show it."""
    if isinstance(page, Failure):
        return None
    if job_id in labels_of(page):
        return True
    return None if (whole_number(page.get("nextStart")) or -1) > 0 else False


_BAD_WINDOW = "The window shows the job both where it must and where it must not, so it seems to be ignored."
_NO_WINDOW = "No window shows the job, in neither unit."
_UNREAD_WINDOW = "The queries with a window could not be read to their end."


def window_tests(windows: Windows) -> Observation:
    """Decide which time of a job the window tests."""
    times = {time for _unit, time in windows.hits}
    if len(times) == 1 and None not in windows.shown.values():
        return _judged(times.pop(), True)
    return undecided(_why_unclear(windows))


def window_unit(windows: Windows, on_kubernetes: bool) -> Observation:
    """Decide in which unit the window is."""
    units = {unit for unit, _time in windows.hits}
    times = {time for _unit, time in windows.hits}
    if len(units) == 1 and len(times) == 1:
        unit = units.pop()
        return _judged(unit, unit == (SECONDS if on_kubernetes else MILLISECONDS))
    return undecided(_why_unclear(windows))


def _why_unclear(windows: Windows) -> str:
    if windows.hits and None not in windows.shown.values():
        return _BAD_WINDOW
    return _NO_WINDOW if None not in windows.shown.values() else _UNREAD_WINDOW


# 3 to 6


def several_statuses(read: Read[Page], first: str, last: str, alone: Sequence[Read[Page]] = ()) -> Observation:
    """Decide what the site makes of two statuses in one query; first and last are the words of jobs that exist.

    alone are the answers for each of the two, where the service has more jobs than a page: then the totals decide.
    """
    if isinstance(read, Failure):
        return _judged("error", True, code=read.site_code) if read.site_code else _not_seen(read)
    seen = set(labels_of(read).values())
    if seen - {first, last}:
        return undecided("The site showed jobs of statuses that were not asked for.")
    observed = {(True, True): "all", (True, False): "first", (False, True): "last", (False, False): "none"}
    found: str | None = observed[first in seen, last in seen]
    if alone and found != "all":
        found = _by_totals(*(_total(page) for page in (read, *alone)))
    if found is None:
        return undecided("The service has more jobs than a page, and the totals do not tell which of them were meant.")
    return _judged(found, found != "all")


def _total(read: Read[Page]) -> int | None:
    return None if isinstance(read, Failure) else whole_number(read.get("total"))


def _by_totals(both: int | None, first: int | None, last: int | None) -> str | None:
    """Return which of two statuses a total counts; None where that is not sure."""
    if both is None or first is None or last is None:
        return None
    meanings = [name for name, total in (("all", first + last), ("first", first), ("last", last), ("none", 0))
                if total == both]  # fmt: skip
    return meanings[0] if len(meanings) == 1 else None


def empty_start_time(empty: Read[Page], since_ever: Read[Page] | None) -> Observation:
    """Decide whether an empty startTime filters; since_ever is the answer to a startTime of 0, where it was asked."""
    if isinstance(empty, Failure):
        return _judged("error", False, code=empty.site_code) if empty.site_code else _not_seen(empty)
    if labels_of(empty):
        return _judged("ignored", True)
    if isinstance(since_ever, dict) and labels_of(since_ever):
        return _judged("matches_nothing", False)
    return undecided("No service has a job that a query could show.")


def page_size(read: Read[Page], asked: int) -> Observation:
    """Decide how long the pages of the site are."""
    if isinstance(read, Failure):
        return _not_seen(read)
    got, total = len(labels_of(read)), whole_number(read.get("total"))
    following = (whole_number(read.get("nextStart")) or -1) > 0
    details = {"asked": asked, "got": got, "next_start": following}
    if got >= asked:
        return Observation(AGREES, "as_asked", details)
    if following:
        return Observation(AGREES, f"capped_{got}", details)
    if total is not None and total > got:
        return Observation(DIFFERS, "cut", details)
    return undecided(f"No service that was looked at has more than {got} jobs, so a limit would not show.", details)


def stable_paging(rounds: Sequence[Sequence[Read[Page]]]) -> Observation:
    """Decide whether rows keep their order: two pages that overlap by one row, read twice."""
    pages = [page for each in rounds for page in each]
    unread = [page for page in pages if isinstance(page, Failure)]
    if unread:
        return _not_seen(unread[0])
    totals = {whole_number(page.get("total")) for page in pages if isinstance(page, dict)}
    if len(totals) > 1:
        return undecided("Jobs came or went while the pages were read.")
    rows = [[list(labels_of(page)) for page in each] for each in rounds]
    overlap = all(first[-1:] == second[:1] for first, second in rows)
    same = all(each == rows[0] for each in rows)
    return _judged("stable" if overlap and same else "unstable", overlap and same)


# 8 and 9


def unit_of(value: Any) -> str | None:
    """Return the unit in which a number is a time that a job can have; None where it is none in either."""
    number = whole_number(value)
    if number is None or isinstance(value, bool):
        return None
    return MILLISECONDS if is_plausible(number) else SECONDS if is_plausible(number * 1000) else None


def in_ms(value: Any) -> int | None:
    """Return a time of a record in milliseconds, whichever unit it is in; None where it is none."""
    unit, number = unit_of(value), whole_number(value)
    return None if unit is None or number is None else number if unit == MILLISECONDS else number * 1000


def record_unit(records: Sequence[Mapping[str, Any]]) -> Observation:
    """Decide in which unit the times of records are, by their magnitude."""
    values = [record.get(name) for record in records for name in ("submittedTime", "startTime", "endTime")]
    units = {unit_of(value) for value in values if value not in (None, "", 0, "0")}
    if not units:
        return undecided("There is no job with a time.")
    if len(units) > 1 or None in units:
        return Observation(DIFFERS, "other")
    unit = str(*units)
    return _judged(unit, unit == MILLISECONDS)


def status_words(words: Collection[str]) -> Observation:
    """Decide whether the collection knows every status word that was seen."""
    if not words:
        return undecided("There is no job that has a status.")
    unknown = sorted(word for word in set(words) if status_of(word) not in GP_STATUSES)
    return _judged(", ".join(sorted(set(words))), not unknown, words=sorted(set(words)), unknown=unknown)


# 16 to 20


def kubernetes_operations(resources: Sequence[Read[Mapping[str, Any]] | None]) -> Observation:
    """Decide whether the resources of GP jobs name operations that change or count jobs."""
    found = [each for each in resources if isinstance(each, dict)]
    if not found:
        return undecided("No resource of a job could be read.")
    names = sorted({name for each in found for name in _names_in(each.get("operations"))})
    if not names:
        return _judged("none_listed", True)
    known = {"cancel", "delete", "purgequeue", "statistics"}
    return _judged(", ".join(names), known.isdisjoint(name.lower() for name in names), operations=names)


def _names_in(value: Any) -> list[str]:
    """Return the names of a list, whose entries may be objects with a name."""
    entries = value if isinstance(value, list) else []
    named = [entry.get("name") if isinstance(entry, dict) else entry for entry in entries]
    return [name for name in named if isinstance(name, str) and name]


def referer_binding(read: Read[Any], source: str | None) -> Observation:
    """Decide whether the product takes a portal token that is bound to a referer; source is where the token is from."""
    if source != "portal":
        return undecided("No portal issued the token of this task, so it is not known to be bound to a referer.")
    if not isinstance(read, Failure) or read.code in ("no_privilege", "not_found"):
        return _judged("accepted", True)
    return _judged("refused", False, code=read.site_code) if read.code in _ABOUT_THE_TOKEN else _not_seen(read)


def token_carrier(by_header: Read[Any], by_body: Read[Any]) -> Observation:
    """Decide which of two reads the token reached: a GET with the header, or a POST with the body."""
    took: dict[str, bool] = {}
    for name, read in (("header", by_header), ("body", by_body)):
        if isinstance(read, Failure) and read.code not in (*_ABOUT_THE_TOKEN, "no_privilege", "not_found"):
            return _not_seen(read)
        took[name] = not (isinstance(read, Failure) and read.code in _ABOUT_THE_TOKEN)
    observed = {(True, True): "both", (True, False): "header", (False, True): "body", (False, False): "none"}
    found = observed[took["header"], took["body"]]
    return _judged(found, found == "both", **took)


def api_keys(read: Read[Any], source: str | None) -> Observation:
    """Decide how an administrator API takes an API key."""
    if source != "api_key":
        return Observation("not_tested", why="The token of this task is no API key.")
    if not isinstance(read, Failure) or read.code == "not_found":
        return _judged("accepted", True)
    if read.site_code is None:
        return _not_seen(read)
    return _judged(f"refused_{read.site_code}", read.site_code in (401, 403, 498, 499))


def no_privilege_code(read: Read[Any], is_administrator: bool | None) -> Observation:
    """Decide with which code the site tells that the account lacks a privilege; None: nobody knows what it is."""
    if not isinstance(read, Failure) or read.code == "not_found" or is_administrator:
        return Observation("not_tested", why="The account lacks no privilege that reading needs. Use another account.")
    if read.site_code is None or read.code in _ABOUT_THE_TOKEN:
        return _not_seen(read)
    if read.code != "no_privilege" and is_administrator is None:
        return undecided(f"It is not known whether the account lacks a privilege: {said(read)}")
    return _judged(f"envelope_{read.site_code}", read.code == "no_privilege")


# 21 to 30


def notebook_cancelled(entries: Sequence[Mapping[str, Any]]) -> Observation:
    """Decide with which status a notebook job ends that was cancelled."""
    words = {
        str(entry["status"])
        for entry in entries
        if (entry.get("customAttributes") or {}).get("isCancelled") is True
        and isinstance(entry.get("status"), str)
        and is_finished(status_of(entry["status"]))
    }
    if not words:
        return undecided("No job on the list was cancelled and has ended.")
    return _judged(", ".join(sorted(words)), {status_of(word) for word in words} == {"failed"})


def kubernetes_notebook_list(whole: Read[Page], one: Read[Page] | None, length: int, of_one: int) -> Observation:
    """Decide whether the list has a limit: it has, where it counts more, or where it follows a parameter."""
    for read in (whole, one):
        if isinstance(read, Failure):
            return _not_seen(read)
    total = whole_number(whole.get("total")) if isinstance(whole, dict) else None
    if (total or 0) > length:
        return _judged("capped", False, length=length)
    if length < 2:
        return undecided("The list has fewer than two jobs.")
    if of_one < length:
        return _judged("capped", False, length=length, with_num=of_one)
    if length in COMMON_LENGTHS:
        return undecided(f"The list has {length} jobs, which is a common page length.")
    return _judged("complete", True, length=length)


def kubernetes_notebook_fields(read: Read[Mapping[str, Any]] | None) -> Observation:
    """Decide whether a single notebook job has what the collection reads of it."""
    if read is None:
        return undecided("There is no notebook job.")
    if isinstance(read, Failure):
        return _not_seen(read)
    attributes = read.get("customAttributes")
    is_told = isinstance(attributes, dict) and "isCancelled" in attributes
    missing = [name for name in ("username", "messages") if name not in read] + ([] if is_told else ["isCancelled"])
    return _judged("missing" if missing else "present", not missing, missing=missing)


def portal_in_rest_info(info: Mapping[str, Any], is_federated: bool, may_stand_alone: bool) -> Observation:
    """Decide by which key rest/info names the portal."""
    if not info:
        return undecided("The product did not say anything of itself.")
    if info.get("owningSystemUrl"):
        return _judged("owningSystemUrl", True)
    if is_federated:
        return _judged("tokenServicesUrl_only", False)
    if may_stand_alone:
        return undecided("The site names no portal, so it stands alone, or does not tell.")
    return _judged("absent", False)


def video_failed_word(records: Sequence[Mapping[str, Any]]) -> Observation:
    """Decide with which word a video job says that it failed; an unknown word of a job may be it."""
    words = {str(record["status"]) for record in records if isinstance(record.get("status"), str)}
    failed = sorted(word for word in words if status_of(word) == "failed")
    unknown = sorted(word for word in words if status_of(word) not in GP_STATUSES)
    if failed or unknown:
        return _judged(", ".join(failed + unknown), not unknown)
    return undecided("None of the jobs that video_job_ids names has failed.")


def unfinished_end_time(records: Sequence[Mapping[str, Any]]) -> Observation:
    """Decide what the end of an open job is."""
    is_open = [
        record
        for record in records
        if isinstance(record.get("status"), str)
        and status_of(record["status"]) in GP_STATUSES
        and not is_finished(status_of(record["status"]))
    ]
    if not is_open:
        return undecided("No job that was read is open.")
    forms = {_form_of_end(record) for record in is_open}
    return _judged(", ".join(sorted(forms)), "other" not in forms)


def _form_of_end(record: Mapping[str, Any]) -> str:
    if "endTime" not in record:
        return "absent"
    value = record["endTime"]
    if value is None or value == "":
        return "null"
    return "zero" if value in (0, "0") and not isinstance(value, bool) else "other"
