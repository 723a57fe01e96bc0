#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: gp_services_info
short_description: List the GP services of a site
version_added: 1.0.0
description:
  - Lists the geoprocessing (GP) services of a site with folder, tasks and state, so that playbooks can loop over them
    or filter them.
  - Follows the pages C(Services) and C(Service status) of the ArcGIS Server administrator API. The tasks come from the
    public service on the same site.
extends_documentation_fragment:
  - gisops.arcgis.connection
  - gisops.arcgis.gp
  - gisops.arcgis.attributes
  - gisops.arcgis.attributes.reading
  - gisops.arcgis.attributes.action_groups_gp
options:
  include_system:
    description:
      - Whether to include the folder C(System), which holds the tools of the site itself.
    type: bool
    default: false
  ignore_unreadable:
    description:
      - Whether the task succeeds although services could not be read. They are listed under RV(unreadable) either way.
    type: bool
    default: false
author:
  - gisops.arcgis contributors (@gisops)
seealso:
  - module: gisops.arcgis.gp_job_query
"""

EXAMPLES = r"""
- name: List the GP services
  gisops.arcgis.gp_services_info:
  register: site

- name: Query the jobs of those that are started and in the folder Maps
  gisops.arcgis.gp_job_query:
    services: "{{ site.services | selectattr('started') | selectattr('folder', 'equalto', 'Maps')
      | map(attribute='service') | list }}"
"""

RETURN = r"""
services:
  description: One entry for each GP service.
  type: list
  elements: dict
  returned: success
  contains:
    service:
      description: The service, as C(Folder/Name), which is what the other modules take.
      type: str
      sample: Maps/Buffer
    folder:
      description: The folder; empty for a service in no folder.
      type: str
      sample: Maps
    name:
      description: The name without the folder.
      type: str
      sample: Buffer
    type:
      description: The type of the service.
      type: str
      sample: GPServer
    started:
      description: Whether the service runs now.
      type: bool
      sample: true
    configured_state:
      description: The state that the service is configured to have, in lower case; null if the site did not say.
      type: str
      sample: started
    state:
      description: The present state of the service, in lower case; null if the site did not say.
      type: str
      sample: started
    tasks:
      description: The names of the tasks; null if the public service did not answer, as when it is stopped.
      type: list
      elements: str
      sample: [Buffer]
total:
  description: How many services there are.
  type: int
  returned: success
  sample: 1
unreadable:
  description: The services, and folders, that could not be read. Unless O(ignore_unreadable=true), the task fails if
    there are any.
  type: list
  elements: dict
  returned: success or failure
  contains:
    service:
      description: The service, or C(Folder/*).
      type: str
      sample: Maps/*
    error:
      description: What went wrong, as listed in the error catalogue.
      type: dict
      sample: {"code": "no_privilege"}
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
from ..module_utils._gp.services import describe_all
from ..module_utils._module import PLATFORM, SERVER, ModuleSpec, run_module
from ..module_utils._results import Outcome, unreadable_failure, unreadable_list

ARGUMENTS: dict[str, dict[str, Any]] = {
    **PLATFORM,
    "include_system": {"type": "bool", "default": False},
    "ignore_unreadable": {"type": "bool", "default": False},
}


def read(client: Client, options: dict[str, Any]) -> Outcome:
    """Return the GP services, and what could not be read."""
    services, unreadable = describe_all(client, options["include_system"])
    result = {"services": services, "total": len(services), "unreadable": unreadable_list(unreadable)}
    return result, None if options["ignore_unreadable"] else unreadable_failure(unreadable, bool(services))


SPEC = ModuleSpec(read, ARGUMENTS, SERVER)


def main() -> None:
    """Run the module."""
    run_module(SPEC)


if __name__ == "__main__":
    main()
