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


def is_mask(value: str) -> bool:
    """Say whether a value is what Ansible writes in place of a secret."""
    return bool(_MASK.fullmatch(value))


def word(option: str, value: object) -> str:
    """Return a value that must say something; refuse nothing, blanks, control characters and masks."""
    if value is None or not str(value).strip():
        raise bad_option(option, "is empty", "Leave the option out if it shall not select, or give it a value.")
    text = str(value)
    if is_mask(text):
        raise bad_option(option, "is a mask in place of a secret", "Give the value itself, from a task without no_log.")
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise bad_option(option, "holds control characters", "Remove line breaks, tabs and other control characters.")
    return text


def optional_word(option: str, value: object) -> str | None:
    """Return the value as word does, or None where the option is not set."""
    return None if value is None else word(option, value)


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
