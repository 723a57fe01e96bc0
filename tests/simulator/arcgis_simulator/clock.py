# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of the simulated enterprise: it can be moved and stopped."""

from __future__ import annotations

import time


class Clock:
    """Epoch milliseconds that run with the machine's clock unless a test says otherwise."""

    def __init__(self) -> None:
        self._offset = 0
        self._frozen_at: int | None = None

    def now(self) -> int:
        """Return the simulated time in milliseconds since the epoch."""
        if self._frozen_at is not None:
            return self._frozen_at
        return int(time.time() * 1000) + self._offset

    @property
    def frozen(self) -> bool:
        """Tell whether the clock stands still."""
        return self._frozen_at is not None

    def advance(self, seconds: float) -> None:
        """Move the clock by a number of seconds, also while it is frozen."""
        self.set(self.now() + int(seconds * 1000))

    def set(self, now: int) -> None:
        """Make the clock show `now`; it runs on from there unless it is frozen."""
        if self._frozen_at is not None:
            self._frozen_at = now
        else:
            self._offset += now - self.now()

    def freeze(self) -> None:
        """Stop the clock."""
        self._frozen_at = self.now()

    def thaw(self) -> None:
        """Let the clock run on from the time it shows."""
        if self._frozen_at is not None:
            shown, self._frozen_at = self._frozen_at, None
            self.set(shown)
