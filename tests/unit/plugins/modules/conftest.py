# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of waiting modules share: pauses that move the clocks in place of taking time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis import client
from ansible_collections.gisops.arcgis.plugins.module_utils._retries import Clock
from arcgis_simulator import Simulator


class Naps:
    """The pauses of a task. What is set in after for a number happens in that pause, the first being number 1."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.taken: list[float] = []
        self.after: dict[int, Callable[[], object]] = {}

    def sleep(self, seconds: float) -> None:
        """Move the clock of the site, and with it that of the waiter."""
        self.taken.append(seconds)
        self.sim.advance(seconds)
        self.after.get(len(self.taken), lambda: None)()

    @property
    def seconds(self) -> float:
        """Return how long all pauses took."""
        return sum(self.taken)


@pytest.fixture
def naps(sim: Simulator, pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> Naps:
    """Let pauses move the clocks of the simulated site and of the waiter."""
    naps = Naps(sim)
    monkeypatch.setattr(client, "Clock", lambda: Clock(lambda: naps.seconds, naps.sleep))
    return naps
