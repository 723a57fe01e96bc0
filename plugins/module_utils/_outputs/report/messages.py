# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one message of a failed job that says why. This module is private to the collection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .texts import cut

_MOST = 200
_SOUNDS_BAD = re.compile("error|exception|fail|invalid|not found|denied", re.IGNORECASE)


def message_of(job: Mapping[str, Any]) -> str | None:
    """Return the first message of a job that tells of an error, else its last; None where there are none.

    A GP job has objects with a type, a notebook job texts, and a video job the step at which it failed.
    """
    step = job.get("failed_step")
    if isinstance(step, Mapping) and step.get("message"):
        return cut(step["message"], _MOST)
    messages = job.get("messages")
    if not isinstance(messages, list) or not messages:
        return None
    told = [pair for pair in map(_kind_and_text, messages) if pair[1].strip()]
    errors = [text for kind, text in told if "error" in kind.lower()]
    errors += [text for _kind, text in told if _SOUNDS_BAD.search(text)]
    texts = errors or [text for _kind, text in told[-1:]]
    return cut(texts[0].strip(), _MOST) if texts else None


def _kind_and_text(message: Any) -> tuple[str, str]:
    if isinstance(message, Mapping):
        return str(message.get("type") or ""), str(message.get("description") or "")
    return "", str(message)
