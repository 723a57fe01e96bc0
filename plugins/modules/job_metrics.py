#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: job_metrics
short_description: Write metrics of jobs for Prometheus
version_added: 1.1.0
description:
  - Writes a file that the textfile collector of node_exporter reads. Prometheus collects the metrics from there.
  - "The file has these metrics, all of them gauges. C(arcgis_jobs) counts the jobs. C(arcgis_job_oldest_seconds) is
    the age of the oldest open job. C(arcgis_job_duration_average_seconds) and
    C(arcgis_job_duration_maximum_seconds) are durations of jobs. Their labels are C(site), C(product), C(service) and
    C(status); C(service) is empty for notebook and video jobs."
  - "C(arcgis_collection_success) is 1 if the jobs could be read and 0 if not. C(arcgis_collection_timestamp_seconds)
    is when, and C(arcgis_collection_duration_seconds) for how long, the site was asked. Their labels are C(site) and
    C(product)."
  - A service that has jobs has a row for each known status, with the value 0 where it has no such job. A source that
    could not be read has no rows of jobs. IDs of jobs and names of users appear nowhere in the file.
  - The module makes no connection to a site. It writes what other modules returned.
extends_documentation_fragment:
  - ansible.builtin.files
  - gisops.arcgis.attributes
attributes:
  check_mode:
    description: Can run in check mode and predict what it would change.
    support: full
  diff_mode:
    description: Returns the difference that it makes.
    support: full
  idempotent:
    description: A second run changes nothing.
    support: partial
    details: The metrics contain the time of the collection. With the same O(time), a second run changes nothing.
options:
  dest:
    description:
      - The file to write. Its name ends in C(.prom), because node_exporter reads no other files. The folder must exist.
      - The file is replaced as a whole. While it is written, it has another name that does not end in C(.prom).
      - No two files that one node_exporter reads may hold the same site and product, because node_exporter then
        leaves out rows, or shows no metrics at all.
    type: path
    required: true
  sources:
    description:
      - What was collected, with one entry for each product of each site.
    type: list
    elements: dict
    default: []
    suboptions:
      site:
        description:
          - A name for the site, which becomes a label.
        type: str
        required: true
      product:
        description:
          - The product that was asked.
        type: str
        choices: [gp, notebook, video]
        required: true
      jobs:
        description:
          - The jobs, as M(gisops.arcgis.gp_job_query), M(gisops.arcgis.notebook_jobs_info) or
            M(gisops.arcgis.video_job_info) return them. Ages and durations need full records, which
            M(gisops.arcgis.gp_job_query) and M(gisops.arcgis.notebook_jobs_info) return with C(details=true).
        type: list
        elements: dict
        default: []
      error:
        description:
          - Why the jobs could not be read. The source then counts as failed, and O(sources[].jobs) is left out.
        type: str
      elapsed:
        description:
          - How many seconds it took to ask, which is C(api.elapsed) in the result of the module.
        type: float
  time:
    description:
      - When the jobs were collected. This is an ISO 8601 time with a zone, seconds since 1970, or an age such as
        V(5m). The default is the present time.
      - Ages of jobs count up to this time.
    type: str
author:
  - gisops.arcgis contributors (@gisops)
notes:
  - A new file has the mode C(0644), unless O(mode) is set, because node_exporter usually runs as a user of its own. A
    file that exists keeps its mode and, where the account may set them, its owner and its group.
  - An unknown status of a site is a label as well, in lower case. For each site and product, the first ten of them in
    alphabetical order are kept. The jobs with other unknown statuses are counted together with the status C(other);
    RV(other_statuses) names what was put together.
  - The age and the duration of a job are known only where the product tells the times of its jobs, which Video Server
    does not.
seealso:
  - module: gisops.arcgis.gp_job_query
  - module: gisops.arcgis.notebook_jobs_info
  - module: gisops.arcgis.video_job_info
  - name: Textfile collector
    description: How node_exporter reads the file.
    link: https://github.com/prometheus/node_exporter#textfile-collector
"""

EXAMPLES = r"""
- name: Find the jobs of a site
  gisops.arcgis.gp_job_query:
    all_services: true
    details: true
  register: found
  ignore_errors: true

- name: Write the metrics, also if the site could not be read
  gisops.arcgis.job_metrics:
    dest: "{{ textfile_directory }}/arcgis.prom"
    sources:
      - site: production
        product: gp
        jobs: "{{ found.jobs | default([]) }}"
        error: "{{ found.msg if found is failed else omit }}"
        elapsed: "{{ found.api.elapsed | default(omit) }}"
"""

RETURN = r"""
files:
  description: The file.
  type: list
  elements: dict
  returned: always
  contains:
    path:
      description: Where it is.
      type: str
      sample: /var/lib/prometheus/node-exporter/arcgis.prom
    size:
      description: Its size in bytes.
      type: int
      sample: 4711
    changed:
      description: Whether it was written, or its attributes were changed.
      type: bool
      sample: true
series:
  description: How many series the file has.
  type: int
  returned: success
  sample: 42
other_statuses:
  description: The unknown statuses whose jobs are counted together with the status C(other).
  type: list
  elements: dict
  returned: success
  contains:
    site:
      description: The site.
      type: str
      sample: production
    product:
      description: The product.
      type: str
      sample: gp
    statuses:
      description: The statuses.
      type: list
      elements: str
      sample: [zombie]
error:
  description: What went wrong, as listed in the error catalogue.
  type: dict
  returned: failure
  sample: {"code": "bad_option"}
"""

import time
from typing import Any

from ..module_utils._errors import bad_option
from ..module_utils._options import parse_text, parse_time
from ..module_utils._outputs.metrics import metrics_of
from ..module_utils._outputs.sources import SOURCES, parse_sources
from ..module_utils._writer import Document, Written, run_writer

ARGUMENTS: dict[str, dict[str, Any]] = {
    "dest": {"type": "path", "required": True},
    "time": {"type": "str"},
    **SOURCES,
}
MODE = "0644"


def write(options: dict[str, Any]) -> Written:
    """Return the file of metrics that is to be."""
    dest = parse_text("dest", options["dest"])
    if not dest.endswith(".prom"):
        instead = "Write a name such as arcgis.prom: node_exporter reads only files whose names end in .prom."
        raise bad_option("dest", f"is {dest!r}, which does not end in .prom", instead)
    now_ms = round(time.time() * 1000)
    moment = parse_time("time", options["time"])
    metrics = metrics_of(parse_sources("sources", options["sources"]), moment.at(now_ms) if moment else now_ms)
    result = {"series": metrics.series, "other_statuses": metrics.other_statuses}
    return Written([Document(dest, metrics.text.encode("utf-8"))], result)


def main() -> None:
    """Run the module."""
    run_writer(write, ARGUMENTS, MODE)


if __name__ == "__main__":
    main()
