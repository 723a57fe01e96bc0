#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: token
short_description: Log in once for a whole play
version_added: 1.0.0
description:
  - Logs in and returns the token, so that the other tasks of a play need not log in.
  - It always logs in, and never returns a token that it was given.
  - Follows the C(generateToken) pages of the portal and of the administrator APIs.
extends_documentation_fragment:
  - gisops.arcgis.connection
  - gisops.arcgis.attributes
  - gisops.arcgis.attributes.reading
  - gisops.arcgis.attributes.action_groups
options:
  url:
    description:
      - Context URL of a site. Either this option or O(portal_url) is required.
      - If the option is not set, the first of the environment variables E(ARCGIS_SERVER_URL), E(ARCGIS_NOTEBOOK_URL),
        E(ARCGIS_VIDEO_URL) and E(ARCGIS_URL) that is set is used.
    type: str
    required: false
author:
  - gisops.arcgis contributors (@gisops)
notes:
  - Set C(no_log=true) on the task, so that the token does not appear in logs. This also hides the cause of a failure.
    Therefore also set C(failed_when=false), and fail in a separate task, as the example does. The message contains no
    secret.
  - A token cannot be revoked. Ask for one that expires soon with O(token_expiration).
seealso:
  - name: Generate token (portal)
    description: The page of the operation that this module uses for portals.
    link: https://developers.arcgis.com/rest/users-groups-and-items/generate-token/
"""

EXAMPLES = r"""
# One play with one log-in. The default of the group applies to the log-in task too, where "login" is not defined yet.
- name: Report on the jobs of three products with one log-in
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/gisops.arcgis.arcgis:
      token: "{{ (login | default({})).token | default(omit) }}"
  tasks:
    - name: Log in
      gisops.arcgis.token:
      register: login
      failed_when: false
      no_log: true

    - name: Fail if the log-in failed
      ansible.builtin.fail:
        msg: "{{ login.msg }}"
      when: login.token is not defined

    - name: List the jobs of one service
      gisops.arcgis.gp_job_query:
        services: [Maps/Buffer]

    - name: List the notebook jobs
      gisops.arcgis.notebook_jobs_info:
"""

RETURN = r"""
token:
  description: The token.
  type: str
  returned: success
  sample: <token>
expires:
  description: When the token expires, in UTC; null if the site did not say.
  type: str
  returned: success
  sample: "2026-01-31T09:00:00Z"
expires_ms:
  description: When the token expires, in milliseconds since 1970; null if the site did not say.
  type: int
  returned: success
  sample: 1769850000000
source:
  description: Who issued the token, which is V(portal) or V(site).
  type: str
  returned: success
  sample: portal
issuer:
  description: The URL that issued the token.
  type: str
  returned: success
  sample: https://gis.example.com/portal/sharing/rest/generateToken
api:
  description: What the task cost, as requests, retries, log-ins, and seconds.
  type: dict
  returned: always
  sample: {"elapsed": 0.05, "logins": 1, "requests": 2, "retries": 0}
error:
  description: What went wrong, as listed in the error catalogue.
  type: dict
  returned: failure
  sample: {"code": "bad_credentials"}
"""

from typing import Any

from ..module_utils._arcgis.client import Client
from ..module_utils._arcgis.secrets import SHORTEST_MASKED
from ..module_utils._errors import ArcGISError
from ..module_utils._jobs.record import iso
from ..module_utils._module import ANY_PRODUCT, ModuleSpec, connection_arguments, run_module
from ..module_utils._results import Outcome

ARGUMENTS: dict[str, dict[str, Any]] = {"url": {**connection_arguments(ANY_PRODUCT)["url"], "required": False}}


def log_in(client: Client, options: dict[str, Any]) -> Outcome:
    """Return a new token and what is known of it."""
    token = client.log_in()
    if any(secret in token.value for secret in client.connection.secrets if len(secret) >= SHORTEST_MASKED):
        # Ansible masks the password wherever it is a part of a value, and half a token is none.
        reason = "the new token holds the password or the token that was given, so it cannot be returned unmasked"
        raise ArcGISError("unexpected_shape", reason, "log in", hint="Run the task again, or choose a longer password.")
    result = {
        "token": token.value,
        "expires": iso(token.expires_ms),
        "expires_ms": token.expires_ms,
        "source": token.source,
        "issuer": token.issuer,
    }
    return result, None


SPEC = ModuleSpec(log_in, ARGUMENTS, ANY_PRODUCT, required_one_of=[("url", "portal_url")], returns_token=True)


def main() -> None:
    """Run the module."""
    run_module(SPEC)


if __name__ == "__main__":
    main()
