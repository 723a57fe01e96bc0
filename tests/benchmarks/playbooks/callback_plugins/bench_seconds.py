# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes how long each task took on the controller, and the memory of the largest process that did the work."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: bench_seconds
type: notification
short_description: Write how long each task took, and what the work needed in memory
description:
  - Adds a line of JSON for each task to the file that E(BENCH_TASKS) names, with its name, its seconds from its start
    to its result, and the entry C(api) of its result.
  - The last line holds the peak memory of the largest child of the controller, which is a worker of Ansible or a
    module.
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
        _write({"name": result.task.name, "seconds": seconds, "api": result.result.get("api")})

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Write what the largest process needed; the kernel counts those that have ended and been waited for."""
        for worker in multiprocessing.active_children():
            worker.join()
        _write({"peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024})


def _write(line: dict[str, Any]) -> None:
    with open(os.environ["BENCH_TASKS"], "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
