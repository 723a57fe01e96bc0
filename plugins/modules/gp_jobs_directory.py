#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: gp_jobs_directory
short_description: Read and set how long finished GP jobs are kept
version_added: 1.0.0
description:
  - Reads, and sets if asked, the retention of the server directory C(arcgisjobs), which holds the finished
    geoprocessing (GP) jobs of a site. Without options to set, it only reads.
  - Editing the directory restarts the services that use it, so it needs O(allow_restart=true).
  - Follows the pages C(Server directory), C(Edit directory) and C(Clean directory) of the ArcGIS Server administrator
    API.
extends_documentation_fragment:
  - gisops.arcgis.connection
  - gisops.arcgis.gp
  - gisops.arcgis.attributes
  - gisops.arcgis.attributes.writing
  - gisops.arcgis.attributes.action_groups_gp
attributes:
  idempotent:
    support: partial
    details: The clean-up of O(cleanup=true) runs every time, because the site does not say what it would remove.
options:
  max_age_minutes:
    description:
      - For how many minutes a finished job is kept. This is C(maxFileAge) in the API.
    type: int
  cleanup_mode:
    description:
      - Whether the site removes finished jobs by itself. This is C(cleanupMode) in the API.
      - With V(time_elapsed), it removes jobs that were last modified longer ago than O(max_age_minutes).
      - With V(none), it removes nothing.
    type: str
    choices: [time_elapsed, none]
  allow_restart:
    description:
      - Whether the services that use the directory may be restarted. Editing the directory restarts them.
    type: bool
    default: false
  cleanup:
    description:
      - Whether to run the clean-up now, which removes expired jobs. The task then always reports a change.
    type: bool
    default: false
author:
  - gisops.arcgis contributors (@gisops)
seealso:
  - module: gisops.arcgis.gp_job
"""

EXAMPLES = r"""
- name: Read how long finished jobs are kept
  gisops.arcgis.gp_jobs_directory:
  register: retention

- name: Keep finished jobs for a day
  gisops.arcgis.gp_jobs_directory:
    max_age_minutes: 1440
    cleanup_mode: time_elapsed
    allow_restart: true

- name: Remove what has expired now
  gisops.arcgis.gp_jobs_directory:
    cleanup: true
"""

RETURN = r"""
directory:
  description: The directory after the task, or in check mode as it is expected.
  type: dict
  returned: success
  contains:
    max_age_minutes:
      description: For how many minutes a finished job is kept.
      type: int
      sample: 360
    cleanup_mode:
      description: Whether the site removes finished jobs; an unknown mode is kept as the site wrote it.
      type: str
      sample: time_elapsed
    physical_path:
      description: Where the directory is on the site.
      type: str
      sample: /data/arcgisjobs
cleaned:
  description: Whether the clean-up ran, or in check mode would have run.
  type: bool
  returned: success
  sample: false
diff:
  description: The directory before and after.
  type: dict
  returned: in diff mode
  sample: {"before": {"max_age_minutes": 360}, "after": {"max_age_minutes": 1440}}
api:
  description: What the task cost, as requests, retries, log-ins, and seconds.
  type: dict
  returned: always
  sample: {"elapsed": 0.05, "logins": 1, "requests": 3, "retries": 0}
error:
  description: What went wrong, as listed in the error catalogue.
  type: dict
  returned: failure
  sample: {"code": "no_privilege"}
"""

from typing import Any

from ..module_utils._arcgis.client import Client
from ..module_utils._gp.directory import (
    CLEANUP_MODES,
    DirectoryEdit,
    changes_to,
    clean_directory,
    directory_record,
    edit_directory,
    read_directory,
)
from ..module_utils._module import PLATFORM, SERVER, ModuleSpec, run_module, server_only, task_context
from ..module_utils._options import require_range
from ..module_utils._results import Outcome

ARGUMENTS: dict[str, dict[str, Any]] = {
    **PLATFORM,
    "max_age_minutes": {"type": "int"},
    "cleanup_mode": {"type": "str", "choices": list(CLEANUP_MODES)},
    "allow_restart": {"type": "bool", "default": False},
    "cleanup": {"type": "bool", "default": False},
}


def manage(client: Client, options: dict[str, Any]) -> Outcome:
    """Bring the directory into the wanted state, clean it if asked, and return it."""
    require_range(options, max_age_minutes=1)
    server_only(options, "manage the jobs directory")
    before = read_directory(client)
    changes = changes_to(before, options["max_age_minutes"], options["cleanup_mode"])
    edit = DirectoryEdit(before, False)
    if changes:
        edit = edit_directory(client, before, changes, options["allow_restart"], task_context(client))
    if edit.error is not None:
        return {"changed": edit.changed}, edit.error
    failure = clean_directory(client) if options["cleanup"] else None
    is_cleaned = options["cleanup"] and failure is None
    result = {
        "changed": edit.changed or is_cleaned,
        "directory": directory_record(edit.after),
        "cleaned": is_cleaned,
        "diff": {"before": directory_record(before), "after": directory_record(edit.after)},
    }
    return result, failure


SPEC = ModuleSpec(manage, ARGUMENTS, SERVER)


def main() -> None:
    """Run the module."""
    run_module(SPEC)


if __name__ == "__main__":
    main()
