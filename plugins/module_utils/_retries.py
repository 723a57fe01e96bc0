# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often one operation may be tried, and how long it pauses between the tries. Private to the collection."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from ._errors import Failure

_LONGEST_PAUSE = 30.0
_LONGEST_RETRY_AFTER = 120.0


@dataclass(frozen=True)
class Clock:
    """The time as a task sees it, in seconds, and how it passes."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Retries:
    """The tries that one operation has left: a request, a write with the looks after it, or one round of a wait.

    It is handed down through renewals of the token, redirects, repeats and looks, so that no loop multiplies another.
    until is the moment on the clock after which no try may wait for an answer any longer. on_pause is told of each try
    beyond the first.
    """

    def __init__(
        self,
        tries: int,
        clock: Clock,
        until: float | None = None,
        on_pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._used = 0
        self._tries = tries
        self._clock = clock
        self._until = until
        self._on_pause = on_pause

    def pauses(self, failure: Failure) -> bool:
        """Wait before a further try after a failure, and return true; return false at once where there is to be none.

        The pause is as long as the site asked for, else longer each time and jittered.
        """
        if not failure.kind.retryable or self._used >= self._tries or self.time_left(1.0) <= 0:
            return False
        self._used += 1
        self._on_pause()
        self._clock.sleep(self.time_left(_pause_before(self._used, failure.retry_after)))
        return True

    def time_left(self, most: float) -> float:
        """Return the seconds that a try may take: most, or less where a deadline is near."""
        return most if self._until is None else max(0.0, min(most, self._until - self._clock.now()))


def _pause_before(number: int, retry_after: float | None) -> float:
    """Return the seconds to wait before the try of a number, the first repeat being number 1."""
    if retry_after is not None:
        return min(max(retry_after, 0.0), _LONGEST_RETRY_AFTER)
    return random.uniform(0.5, 1.0) * min(_LONGEST_PAUSE, 0.5 * 2.0 ** (number - 1))
