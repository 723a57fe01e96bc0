# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the account may do on the site, as far as reading settles it. These decisions make no request.

Follows the privileges that the pages of the administrator APIs name for each operation. This module is private to the
collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import Failure
from .checks import Read, hint_of, said
from .looks import GpLook, NotebookLook, VideoLook, is_answered_missing
from .sites import is_before

YES, NO, UNKNOWN = "yes", "no", "unknown"

GP = ("gp_query", "gp_read", "gp_messages", "gp_cancel", "gp_delete", "gp_purge", "gp_directory")
NOTEBOOKS = ("notebook_jobs", "notebook_cancel", "notebook_delete")
VIDEOS = ("video_jobs",)
_REFUSALS = ("no_privilege",)
_NO_SERVICE = "The site has no GP service with which to find out."


@dataclass(frozen=True)
class Capability:
    """Whether something can be done, and why it is thought so."""

    value: str
    why: str

    def as_result(self) -> dict[str, str]:
        """Return it as the module does."""
        return {"value": self.value, "why": self.why}


@dataclass(frozen=True)
class Who:
    """Who asks: the account as the site shows it, and whether it surely is an administrator."""

    account: Mapping[str, Any] | None
    is_administrator: bool = False

    @property
    def may_change(self) -> Capability:
        """Say whether the account may change what it can read."""
        if self.is_administrator:
            return Capability(YES, "The account is an administrator.")
        if self.account is None:
            return Capability(UNKNOWN, "The site does not show what the account may do, and only a change would tell.")
        role, privileges = self.account["role"], self.account["privileges"] or ()
        has = f"the role {role}" if role else ", ".join(privileges)
        return Capability(
            UNKNOWN,
            f"The pages name the administrator role for this, and the account has {has}, which may do as well. Only a "
            "change would tell.",
        )


def all_unknown(names: tuple[str, ...], why: str) -> dict[str, Capability]:
    """Return capabilities of which nothing is known."""
    return dict.fromkeys(names, Capability(UNKNOWN, why))


def gp_capabilities(look: GpLook, who: Who, on_kubernetes: bool) -> dict[str, Capability]:
    """Decide what can be done with GP jobs."""
    if isinstance(look.services, Failure):
        found = dict.fromkeys(GP, _of_failure(look.services))
    else:
        found = {
            "gp_query": _reading(look.page, "The jobs of a service were queried.", look),
            "gp_read": _reading(look.job, "The resource of a job answers.", look),
            "gp_messages": _reading(
                look.tasks, "The public resource of the service, which has the messages, answers.", look
            ),
            **dict.fromkeys(("gp_cancel", "gp_delete", "gp_purge"), who.may_change),
            "gp_directory": _directory(look, who),
        }
    if on_kubernetes:
        none = Capability(NO, "ArcGIS Enterprise on Kubernetes documents no such operation.")
        found.update(dict.fromkeys(("gp_cancel", "gp_delete", "gp_purge", "gp_directory"), none))
    return found


def _directory(look: GpLook, who: Who) -> Capability:
    """Decide whether the retention of jobs can be read and changed."""
    if look.directory is None:
        return Capability(UNKNOWN, "The jobs directory was not read.")
    reading = _reading(look.directory, "")
    return who.may_change if reading.value == YES else reading


def notebook_capabilities(
    look: NotebookLook, who: Who, on_kubernetes: bool, version: str | None
) -> dict[str, Capability]:
    """Decide what can be done with notebook jobs."""
    reading = _reading(look.listing, "The list of jobs was read." + _whose(who))
    may_change = who.may_change if reading.value == YES else reading
    found = {"notebook_jobs": reading, "notebook_cancel": may_change, "notebook_delete": may_change}
    if on_kubernetes:
        found["notebook_delete"] = Capability(NO, "ArcGIS Enterprise on Kubernetes documents no such operation.")
        if is_before(version, (11, 5)):
            found["notebook_cancel"] = Capability(NO, f"It is documented from 11.5 on, and the site says {version}.")
    return found


def _whose(who: Who) -> str:
    """Return what is to be said of a list to someone who may see only a part of it."""
    sees_all = who.may_change.value == YES
    return "" if sees_all else " An account that is no administrator may see its own jobs only."


def video_capabilities(look: VideoLook, who: Who) -> dict[str, Capability]:
    """Decide whether jobs of a Video Server can be read."""
    read = [each for each in look.jobs.values() if not isinstance(each, Failure)]
    if read:
        return {"video_jobs": Capability(YES, "A job was read.")}
    answer = _reading(look.unknown, "The resource of a job answers.")
    if answer.value == YES and who.may_change.value != YES:
        why = "The resource answers, but whether the account may read jobs that others began shows with a job ID only."
        answer = Capability(UNKNOWN, why)
    return {"video_jobs": answer}


def _reading(read: Read[Any] | None, why: str, look: GpLook | None = None) -> Capability:
    """Decide whether something can be read; that a made-up job is not found proves that its resource answers."""
    if read is None:
        has_service = look is not None and look.service is not None
        what = "It was not asked for, because the query of jobs was not answered." if has_service else _NO_SERVICE
        return Capability(UNKNOWN, what)
    if not isinstance(read, Failure) or is_answered_missing(read):
        return Capability(YES, why)
    return _of_failure(read)


def _of_failure(failure: Failure) -> Capability:
    """Return what a failed read means: a refusal settles it, whatever else went wrong does not."""
    why = f"{said(failure)} {hint_of(failure)}"
    return Capability(NO if failure.code in _REFUSALS else UNKNOWN, why)
