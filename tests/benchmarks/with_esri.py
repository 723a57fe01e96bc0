# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads one status, the ids of all jobs and deletes some, with Esri's package as its documentation shows it.

Usage: with_esri.py FILE. FILE is JSON with url, portal, username, password, ca_path and job_ids. It prints the seconds
of each as JSON, without the time that the import of the package takes.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from arcgis.gis import GIS
from arcgis.gis.server import Server
from arcgis.gis.server.admin._services import Job


def main() -> None:
    """Do the work."""
    site = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    taken, began = {}, time.perf_counter()

    def lap(name: str) -> None:
        nonlocal began
        taken[name], began = time.perf_counter() - began, time.perf_counter()

    gis = GIS(site["portal"], site["username"], site["password"], ca_bundles=site["ca_path"])
    services = Server(url=f"{site['url']}/admin", gis=gis).services.list("Bench")
    jobs = next(service for service in services if service._url.endswith("/Delete.GPServer")).jobs
    # Only search() makes jobs, and it reads the ids of all; this one is made as search() makes them.
    job = Job(url=f"{jobs._url}/{site['job_ids'][0]}", con=jobs._con)
    if job.properties["status"] != "esriJobSucceeded":
        raise SystemExit(f"The job has another status: {job.properties}")
    lap("Status")
    found = {job._url.rpartition("/")[2]: job for job in jobs.search()}
    lap("Ids")
    for job_id in site["job_ids"]:
        found[job_id].delete()
    lap("Delete")
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
