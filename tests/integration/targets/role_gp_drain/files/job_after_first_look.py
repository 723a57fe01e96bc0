# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adds an executing job to a service once the simulator has answered the first query.

Usage: job_after_first_look.py CONTROL_URL CA_PATH SERVICE JOB_ID
"""

from __future__ import annotations

import json
import ssl
import sys
import time
import urllib.request

CONTROL, CA_PATH, SERVICE, JOB_ID = sys.argv[1:5]
LIMIT = 50.0


def call(what: str, body: dict | None = None) -> list | dict:
    """Send a request to the control endpoint and return its answer."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{CONTROL}/{what}", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=CA_PATH)) as answer:
        return json.load(answer)


deadline = time.monotonic() + LIMIT
while not any(entry["operation"] == "query" for entry in call("requests")):
    if time.monotonic() > deadline:
        sys.exit("There was no query.")
    time.sleep(0.05)
call("jobs", {"context": "server", "service": SERVICE, "job_id": JOB_ID, "status": "executing", "submitted": "-0s"})
