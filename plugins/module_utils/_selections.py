# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user selected, checked before any request is sent: job IDs, words, and where they came from.

A selection never widens by accident: an empty list selects nothing, and an empty word or a mask that Ansible
put in place of a secret is refused. This module is private to the collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import bad_option

# Sites use more than hexadecimal digits, so the check is loose; it keeps out what could change the path of a URL.
_JOB_ID = re.compile(r"j[0-9A-Za-z_-]{1,127}")
_MASK = re.compile(r"\*+|VALUE_SPECIFIED_IN_NO_LOG_PARAMETER|\W*redacted\W*", re.IGNORECASE)
# Inside a longer text, where a secret is a part of it.
_MASKED_PART = re.compile(r"\*{8}|VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")


def is_mask(value: str) -> bool:
    """Say whether a value is what Ansible writes in place of a secret."""
    return bool(_MASK.fullmatch(value))


def word(option: str, value: object, is_secret: bool = False) -> str:
    """Return a value that must say something; refuse nothing, blanks, control characters and masks.

    A secret may hold what is a mask elsewhere.
    """
    if value is None or not str(value).strip():
        raise bad_option(option, "is empty", "Leave the option out if it shall not select, or give it a value.")
    text = str(value)
    if is_mask(text):
        raise bad_option(option, "is a mask in place of a secret", "Give the value itself, from a task without no_log.")
    if not is_secret and _MASKED_PART.search(text):
        raise bad_option(option, "holds a mask in place of a secret", "Give the value itself: it has a secret in it.")
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise bad_option(option, "holds control characters", "Remove line breaks, tabs and other control characters.")
    return text


def optional_word(option: str, value: object, is_secret: bool = False) -> str | None:
    """Return the value as word does, or None where the option is not set."""
    return None if value is None else word(option, value, is_secret)


def words(option: str, values: Iterable[object]) -> list[str]:
    """Return every value of a list as word does, without repetitions, in the order given."""
    return list(dict.fromkeys(word(option, value) for value in values))


def job_ids(option: str, values: Iterable[object]) -> list[str]:
    """Return the job IDs without repetitions, in the order given."""
    ids = words(option, values)
    for job_id in ids:
        if not _JOB_ID.fullmatch(job_id):
            raise bad_option(
                option,
                f"holds {job_id!r}, which is not the ID of a job",
                "Write IDs as the site shows them: the letter j, then letters, digits, hyphens or underscores.",
            )
    return ids


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
    return username.rpartition("\\")[2].partition("@")[0].casefold()
