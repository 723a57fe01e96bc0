# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users write, checked before any request is sent: IDs of jobs, texts, numbers and times.

A selection never widens by accident: an empty list selects nothing, and an empty text or a mask that Ansible put in
place of a secret is refused. This module is private to the collection.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from ._errors import bad_option

# What a site lists is taken, but for what could change the path of a URL, on the way or at the site. No file has an
# asterisk in its name, and so neither has a service or the folder of a job.
_BREAKS_A_PATH = re.compile(r".*[/\\%?#*].*|\.*|.{256,}", re.DOTALL)
# The resources and operations beside and below a job, which are no jobs, and what stands for all or none.
_NO_JOBS = frozenset(
    ("all", "none", "null", "cancel", "delete", "deleteall", "jobs", "purgequeue", "query", "statistics")
)
_MASK = re.compile(r"\*+|VALUE_SPECIFIED_IN_NO_LOG_PARAMETER|\W*redacted\W*", re.IGNORECASE)
# Inside a longer text, where a secret is a part of it.
_MASKED_PART = re.compile(r"\*{8}|VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_FOR_A_MASK = "Pass the jobs on from task to task without a debug or a log between, or choose a longer password."

# Sites count in 32 bits.
_MOST = 2**31 - 1

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_AGE = re.compile(r"(\d{1,9})\s*([smhdw])")
_EPOCH = re.compile(r"\d{1,16}(\.\d{1,6})?")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)", re.IGNORECASE)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LATEST_SECOND = 99_999_999_999  # the year 5138; a larger number is surely in milliseconds
# 1990, before which no job was submitted. Smaller numbers are rather milliseconds divided once too often, dates without
# hyphens, years, or counts of days.
_EARLIEST_SECOND = 631_152_000
_DAY = 86400
_ANY_NOW = 10**16
_FORMS = (
    "Write an ISO 8601 time with a zone such as '2026-01-31T08:00:00Z', seconds since 1970, or an age such as 6h or 7d."
)


# Texts


def is_mask(value: str) -> bool:
    """Say whether a value is what Ansible writes in place of a secret."""
    return bool(_MASK.fullmatch(value))


def parse_text(option: str, value: object, is_secret: bool = False) -> str:
    """Return a value that must say something; refuse nothing, blanks, control characters and masks.

    A secret may hold what is a mask elsewhere. Raises ArcGISError bad_option.
    """
    if value is None or not str(value).strip():
        raise bad_option(option, "is empty", "Leave the option out where it is not to select, or give it a value.")
    text = str(value)
    if is_mask(text):
        raise bad_option(option, "is a mask in place of a secret", "Give the value itself, from a task without no_log.")
    if not is_secret and _MASKED_PART.search(text):
        raise bad_option(option, "holds a mask in place of a secret", "Give the value itself: it has a secret in it.")
    if _CONTROLS.search(text):
        raise bad_option(option, "holds control characters", "Remove line breaks, tabs and other control characters.")
    if _SURROGATES.search(text):
        # So does Python read a variable of the environment in another encoding.
        raise bad_option(option, "is not written in UTF-8", "Save the variable or the file that it is from as UTF-8.")
    return text


def parse_optional_text(option: str, value: object, is_secret: bool = False) -> str | None:
    """Return the value as parse_text does, or None where the option is not set."""
    return None if value is None else parse_text(option, value, is_secret)


def parse_texts(option: str, values: Iterable[object]) -> list[str]:
    """Return every value of a list as parse_text does, without repetitions, in the order given.

    Blanks around a value are left out, so that "a, b" is a list of two.
    """
    return list(dict.fromkeys(parse_text(option, str(value or "").strip(" ")) for value in values))


def parse_choices(option: str, values: Iterable[object] | None, choices: Collection[str]) -> list[str] | None:
    """Return every value of a list as parse_texts does, each of them one of the choices; None stays None."""
    if values is None:
        return None
    words = parse_texts(option, values)
    for word in words:
        if word not in choices:
            raise bad_option(option, f"holds {word!r}, which it does not know", f"Write any of {', '.join(choices)}.")
    return words


def breaks_a_path(name: str) -> bool:
    """Say whether a name could not stand in the path of a URL, however it is quoted there."""
    return not name.strip() or _BREAKS_A_PATH.fullmatch(name) is not None


def parse_job_ids(option: str, values: Iterable[object]) -> list[str]:
    """Return the job IDs without repetitions, in the order given. Raises ArcGISError bad_option."""
    return [parse_job_id(option, job_id) for job_id in parse_texts(option, values)]


def parse_job_id(option: str, value: object) -> str:
    """Return the ID of a job as a site writes it. Raises ArcGISError bad_option for what can be none."""
    job_id = parse_text(option, value)
    if job_id.startswith("{"):
        raise bad_option(
            option, "holds a whole job in place of its ID", "Pass whole jobs as jobs, or map(attribute='job_id') here."
        )
    if "*" in job_id:
        raise bad_option(option, f"holds {job_id!r}, in which Ansible has masked a secret", _FOR_A_MASK)
    if breaks_a_path(job_id) or job_id.lower() in _NO_JOBS:
        raise bad_option(option, f"holds {job_id!r}, which is not the ID of a job", "Write IDs as the site shows them.")
    return job_id


def loosely(name: str) -> str:
    """Return a name as it is compared where case, accents in another spelling and what cannot be seen do not count."""
    if not name.isprintable():
        name = "".join(each for each in name if unicodedata.category(each) != "Cf")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()


def other_spellings(wanted: str, names: Iterable[str | None]) -> str | None:
    """Return a warning where a user who was asked for is another spelling of users who submitted jobs, else None.

    Names are compared letter by letter, as sites do. Case and a domain make another spelling.
    """
    near = sorted({name for name in names if name and name != wanted and _bare(name) == _bare(wanted)})
    if not near:
        return None
    return (
        f"No job was submitted by {wanted!r}, and jobs were submitted by {', '.join(map(repr, near))}. "
        "Names are compared letter by letter: write the name as the site does."
    )


def _bare(username: str) -> str:
    """Return a user name in lower case and without its domain."""
    return loosely(username.rpartition("\\")[2].partition("@")[0])


# Numbers


def require_range(options: Mapping[str, Any], most: int = _MOST, **least: int) -> None:
    """Refuse a number that is less or more than it may be; one that is not set may be. Raises bad_option."""
    for name, bound in least.items():
        value = options[name]
        if isinstance(value, bool):
            raise bad_option(
                name, f"is {str(value).lower()}, which is no number", f"Write a number from {bound} to {most}."
            )
        if value is not None and not bound <= value <= most:
            raise bad_option(name, f"is {value}, which is out of range", f"Write a number from {bound} to {most}.")


# Times


@dataclass(frozen=True)
class Moment:
    """A moment that a user wrote: either milliseconds since 1970, or an age in milliseconds."""

    epoch_ms: int | None = None
    age_ms: int | None = None

    def at(self, now_ms: int) -> int:
        """Return the moment in milliseconds since 1970, ages reckoned from now_ms."""
        return self.epoch_ms if self.epoch_ms is not None else max(0, now_ms - (self.age_ms or 0))


def parse_time(option: str, text: str | None) -> Moment | None:
    """Read what a user wrote: ISO 8601 with a zone, seconds since 1970, or an age. None stays None.

    Raises ArcGISError bad_option for anything else: a time without a zone could mean two moments.
    """
    if text is None:
        return None
    value = text.strip()
    age = _AGE.fullmatch(value)
    if age:
        return Moment(age_ms=int(age[1]) * _UNITS[age[2]] * 1000)
    if not _EPOCH.fullmatch(value):
        return Moment(epoch_ms=_checked(option, value, _iso_ms(option, value)))
    if float(value) > _LATEST_SECOND:
        raise bad_option(option, f"is {value!r}, which looks like milliseconds", "Write seconds since 1970.")
    return Moment(epoch_ms=_checked(option, value, round(float(value) * 1000)))


def parse_window(
    options: Mapping[str, Any], start_name: str = "start_time", end_name: str = "end_time"
) -> tuple[Moment | None, Moment | None]:
    """Return what two options say; refuse a window that ends before it starts, as far as that is known."""
    start, end = (parse_time(name, options[name]) for name in (start_name, end_name))
    comparable = start is not None and end is not None and (start.epoch_ms is None) == (end.epoch_ms is None)
    if start is not None and end is not None and comparable and start.at(_ANY_NOW) > end.at(_ANY_NOW):
        instead = f"Write the earlier moment, or the larger age, as {start_name}."
        raise bad_option(end_name, f"is before {start_name}", instead)
    return start, end


def window_at(now_ms: Callable[[], int], start: Moment | None, end: Moment | None) -> tuple[int | None, int | None]:
    """Return both ends of a window in milliseconds since 1970; now_ms is asked only where there are ages.

    A job is old enough once both clocks say so, that of the site and the one here: either may be wrong.
    """
    has_age = any(moment is not None and moment.age_ms is not None for moment in (start, end))
    now = now_ms() if has_age else 0
    return (start.at(now) if start else None), (end.at(min(now, round(time.time() * 1000))) if end else None)


def is_plausible(ms: int) -> bool:
    """Say whether a job can have this time: not before 1990, and at most a day in the future, as clocks differ."""
    return _EARLIEST_SECOND <= ms / 1000 <= time.time() + _DAY


def _iso_ms(option: str, value: str) -> int:
    """Return the milliseconds since 1970 of a time in ISO 8601 with a zone."""
    iso = _ISO.fullmatch(value)
    if not iso:
        raise bad_option(option, f"is {value!r}, which is not a moment in time", _FORMS)
    date, minute, second, fraction, zone = iso.groups()
    zone = "+00:00" if zone in "Zz" else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    try:
        parsed = datetime.fromisoformat(f"{date}T{minute}{second or ':00'}.{(fraction or '0')[:6].ljust(6, '0')}{zone}")
        return (parsed - EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise bad_option(option, f"is {value!r}, which is not a moment in time", _FORMS) from None


def _checked(option: str, written: str, ms: int) -> int:
    """Return a moment of an option; refuse one that no job can be of, because it is rather in another unit."""
    if not is_plausible(ms):
        problem = f"is {written!r}, which would be {'before 1990' if ms < _EARLIEST_SECOND * 1000 else 'in the future'}"
        raise bad_option(option, problem, _FORMS)
    return ms
