# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps what every task returned, all of it, in the order of the tasks."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: keep_results
type: aggregate
short_description: Keeps what every task returned
description: One line of JSON for each result, in the file that the variable E(KEEP_RESULTS) names.
requirements: []
"""


class CallbackModule(CallbackBase):
    """Writes the results of the modules of this collection."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "keep_results"
    CALLBACK_NEEDS_ENABLED = True

    def keep(self, result: Any, *dummy: Any, **more: Any) -> None:
        """Write a result."""
        task = result._task
        if not task.action.startswith("gisops.arcgis."):
            return
        kept = {name: value for name, value in result._result.items() if not name.startswith("_ansible_")}
        with open(os.environ["KEEP_RESULTS"], "a", encoding="utf-8") as file:
            file.write(json.dumps([result._host.get_name(), task.get_name(), kept], default=str) + "\n")

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_item_on_ok = v2_runner_item_on_failed = keep
    v2_runner_on_skipped = v2_runner_on_async_ok = keep
