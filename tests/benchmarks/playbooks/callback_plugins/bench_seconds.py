# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes how long each task took, from its start on the controller to its result there."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: bench_seconds
type: notification
short_description: Write how long each task took
description:
  - Adds a line of JSON for each task to the file that E(BENCH_TASKS) names, with its name, its seconds, and the entry
    C(api) of its result.
"""


class CallbackModule(CallbackBase):
    """One line for each task that ended well; a playbook in which one fails gives no measurement anyway."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "bench_seconds"

    def __init__(self) -> None:
        super().__init__()
        self._began = 0.0

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Note the start of a task."""
        self._began = time.perf_counter()

    def v2_runner_on_ok(self, result: Any) -> None:
        """Write what a task took; a loop counts as one task."""
        seconds = time.perf_counter() - self._began
        name = result.task.name
        with open(os.environ["BENCH_TASKS"], "a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "seconds": seconds, "api": result.result.get("api")}) + "\n")
