#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: job_report
short_description: Write a report on jobs as HTML, e-mail, CSV or JSON
version_added: 1.1.0
description:
  - Writes files that show what jobs there are, which have been open for too long, which failed and why. The jobs come
    from other tasks of the play, from several sites if need be, and from archives of deleted jobs.
  - The module sends nothing and has no connection options. The same jobs and the same O(time) make the same files, byte
    by byte, and a file that is as it should be is not written again.
  - Each file is written whole and then put in its place, so that nobody reads half a report.
  - What a site wrote, such as messages and names, is shown as text and nothing else. The HTML page loads nothing and
    runs nothing.
extends_documentation_fragment:
  - ansible.builtin.files
attributes:
  platform:
    description: Target operating systems on which the module can run.
    platforms: posix
    support: full
  check_mode:
    description: Can run in check mode and predict what it would change.
    support: full
  diff_mode:
    description: Returns the difference that it makes.
    support: full
  idempotent:
    description: A second run changes nothing.
    support: full
    details: If O(time) is not set, each run is of another time, and so are its files.
options:
  jobs:
    description:
      - Jobs as M(gisops.arcgis.gp_job_query), M(gisops.arcgis.gp_job_info), M(gisops.arcgis.notebook_jobs_info) and
        M(gisops.arcgis.video_job_info) return them, in one list. They may be with or without details; without
        them a report has neither times nor messages.
    type: list
    elements: dict
    default: []
  sources:
    description:
      - Jobs by the site that they are from, with what could not be read. The role
        R(gisops.arcgis.job_collection,ansible_collections.gisops.arcgis.job_collection_role) makes such lists.
    type: list
    elements: dict
    default: []
    suboptions:
      site:
        description: The name of the site.
        type: str
        required: true
      product:
        description: The product that the jobs are of. Each product of a site can be given once.
        type: str
        choices: [gp, notebook, video]
        required: true
      jobs:
        description: The jobs, as in O(jobs).
        type: list
        elements: dict
        default: []
      error:
        description: Why the product could not be read, or not completely.
        type: str
      elapsed:
        description: How many seconds it took to read it.
        type: float
  archives:
    description:
      - Files that O(gisops.arcgis.gp_job#module:archive) names, on the host that runs the module. Of a job that is in a
        file more than once, the last record counts. A job whose service and ID are also among O(jobs) or O(sources) was
        not deleted, and its record in the archive is left out.
      - A job that was open when it was archived counts with the status V(deleted). The others keep their status.
      - The name of the site of these jobs is its URL.
    type: list
    elements: path
    default: []
  dest:
    description:
      - The folder for the files. It must exist.
    type: path
    required: true
  name:
    description:
      - How the names of the files begin. With V(jobs), they are C(jobs.html), C(jobs_email.html), C(jobs.csv) and
        C(jobs.json).
    type: str
    default: jobs
  formats:
    description:
      - Which files to write.
      - V(html) is a page with charts and tables that works without a network, in print and on a telephone.
      - V(email) is HTML for the body of an e-mail, with tables and inline styles only. It is smaller than 100 KB.
      - V(csv) has a row for each job. A cell that a spreadsheet would take for a formula begins with an apostrophe.
      - V(json) has the numbers of the report. Its form is described by C(docs/docsite/job_report.schema.json) in the
        repository of the collection, and C(schema_version) changes if that changes incompatibly. The file lists up to
        200 of the oldest open jobs and of the messages of failures. Its key C(left_out) counts the rest.
    type: list
    elements: str
    choices: [html, email, csv, json]
    default: [html]
  title:
    description:
      - The title of the report.
    type: str
    default: ArcGIS jobs
  time:
    description:
      - The time of the report, from which ages count, as an ISO 8601 time with a zone or seconds since 1970. If it is
        not set, it is now.
    type: str
  executing_longer_than:
    description:
      - An age such as V(6h). Jobs that execute, or are being cancelled, and were submitted longer ago are findings. An
        empty text looks for none.
      - For products that do not tell the submission, the start counts.
    type: str
    default: 6h
  queued_longer_than:
    description:
      - An age such as V(1h). Jobs that wait in the queue and were submitted longer ago are findings. An empty
        text looks for none.
    type: str
    default: 1h
  failed_since:
    description:
      - An age such as V(24h), or a time. Jobs that failed or timed out since then are findings, and so are those
        whose end is not known. An empty text looks for none.
    type: str
    default: 24h
author:
  - gisops.arcgis contributors (@gisops)
notes:
  - New files have the mode C(0644), unless O(mode) is set. A file that exists keeps its mode and, where the
    account may set them, its owner and its group.
  - The page and the e-mail cut long lists, and say how many rows they left out. The page has the first 25 rows of each.
seealso:
  - module: gisops.arcgis.gp_job_query
  - module: gisops.arcgis.gp_job
"""

EXAMPLES = r"""
- name: Find all GP jobs of the last day, with their messages
  gisops.arcgis.gp_job_query:
    all_services: true
    start_time: 24h
    messages: true
  register: found

- name: Write a report on them
  gisops.arcgis.job_report:
    jobs: "{{ found.jobs }}"
    dest: "{{ report_folder }}"
    formats: [html, csv]
  register: report

- name: Show what somebody should look at
  ansible.builtin.debug:
    msg: "{{ report.text }}"

- name: Report on the GP jobs and the notebooks of two sites, one of which could not be read
  gisops.arcgis.job_report:
    sources:
      - {site: production, product: gp, jobs: "{{ production_jobs }}", elapsed: 3.2}
      - {site: production, product: notebook, jobs: "{{ production_notebooks }}"}
      - {site: test, product: gp, error: The site could not be reached.}
    dest: "{{ report_folder }}"
    title: GIS jobs of the night
    queued_longer_than: 30m
    failed_since: 12h

- name: Report on what was deleted
  gisops.arcgis.job_report:
    archives: ["{{ archive_folder }}/deleted_jobs.jsonl"]
    dest: "{{ report_folder }}"
    name: deleted
    failed_since: ""
"""

RETURN = r"""
files:
  description: The files, in the order of O(formats).
  type: list
  elements: dict
  returned: always
  contains:
    path:
      description: The path of the file.
      type: str
      sample: /var/www/html/gis/jobs.html
    size:
      description: Its size in bytes.
      type: int
      sample: 30412
    changed:
      description: Whether the task wrote it, or would in check mode.
      type: bool
      sample: true
counts:
  description: How many jobs there are.
  type: dict
  returned: success
  contains:
    total:
      description: All jobs.
      type: int
      sample: 118
    open:
      description: Those that have not ended. A job of unknown status is not among them.
      type: int
      sample: 12
    failed:
      description: Those that failed or timed out, whenever they did.
      type: int
      sample: 9
    products:
      description: How many jobs each product has.
      type: dict
      sample: {"gp": 106, "notebook": 12}
    statuses:
      description: How many jobs have each status.
      type: dict
      sample: {"executing": 12, "failed": 9, "succeeded": 97}
    sites:
      description: How many jobs each site has. Jobs of O(jobs) are of the site with the empty name.
      type: dict
      sample: {"production": 118}
findings:
  description: What somebody should look at, what could not be read first.
  type: list
  elements: dict
  returned: success
  contains:
    kind:
      description: The kind, which is one of V(unreadable), V(damaged_archive), V(executing_long), V(cancelling_long),
        V(queued_long), V(failed) and V(failed_undated).
      type: str
      sample: executing_long
    text:
      description: What was found, as a sentence.
      type: str
      sample: 1 job was submitted more than 6 h ago and is still executing.
    count:
      description: How many jobs, or sources, it is about.
      type: int
      sample: 1
    job_ids:
      description: The IDs of the first twenty of the jobs.
      type: list
      elements: str
      sample: [jb0ffe200000000000000000000stuck1]
text:
  description: The report as a few lines of plain text, for a notification.
  type: str
  returned: success
  sample: |
    ArcGIS jobs, 2026-01-31 06:00 UTC
    118 jobs from 2 sources, 12 open, 9 failed.
    - 1 job was submitted more than 6 h ago and is still executing. jb0ffe200000000000000000000stuck1
error:
  description: What went wrong, as listed in the error catalogue.
  type: dict
  returned: failure
  sample: {"code": "bad_option"}
"""

import time
from typing import Any

from ..module_utils._errors import bad_option
from ..module_utils._options import Moment, parse_text, parse_time
from ..module_utils._outputs.report.aggregate import make_report
from ..module_utils._outputs.report.collected import collected_sources
from ..module_utils._outputs.report.documents import FORMATS, documents_of
from ..module_utils._outputs.report.findings import Watch
from ..module_utils._outputs.report.notice import notice
from ..module_utils._outputs.sources import SOURCES
from ..module_utils._writer import Document, Written, run_writer

ARGUMENTS: dict[str, dict[str, Any]] = {
    "jobs": {"type": "list", "elements": "dict", "default": []},
    **SOURCES,
    "archives": {"type": "list", "elements": "path", "default": []},
    "dest": {"type": "path", "required": True},
    "name": {"type": "str", "default": "jobs"},
    "formats": {"type": "list", "elements": "str", "choices": list(FORMATS), "default": ["html"]},
    "title": {"type": "str", "default": "ArcGIS jobs"},
    "time": {"type": "str"},
    "executing_longer_than": {"type": "str", "default": "6h"},
    "queued_longer_than": {"type": "str", "default": "1h"},
    "failed_since": {"type": "str", "default": "24h"},
}


def report_on(options: dict[str, Any]) -> Written:
    """Return the files of the report, and its numbers. Raises ArcGISError bad_option."""
    given = parse_time("time", options["time"])
    if given is not None and given.age_ms is not None:
        raise bad_option("time", "is an age", "Write the time of the report with its date, or leave the option out.")
    now_ms = int(time.time() * 1000)
    watch = Watch(now_ms if given is None else given.at(now_ms), *(
        threshold(name, options[name]) for name in ("executing_longer_than", "queued_longer_than", "failed_since")
    ))  # fmt: skip
    sources, damaged = collected_sources(options)
    report = make_report(parse_text("title", options["title"]), sources, watch, damaged)
    result = {
        "counts": report.counts.as_result(),
        "findings": [finding.as_result() for finding in report.findings],
        "text": notice(report),
    }
    files = documents_of(report, sources, options)
    return Written([Document(path, content) for path, content in files.items()], result)


def threshold(option: str, text: str) -> Moment | None:
    """Return an age or a time; None for an empty text, which switches the finding off."""
    return parse_time(option, text) if text.strip() else None


def main() -> None:
    """Run the module."""
    run_writer(report_on, ARGUMENTS, mode="0644")


if __name__ == "__main__":
    main()
