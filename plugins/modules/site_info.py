#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: site_info
short_description: Check a site, and what the account may do there
version_added: 1.1.0
description:
  - Tells what a site is, which token works there, what the account may do with jobs, and what is in the way. Run it
    first on a new site, and again when tasks begin to fail.
  - It only reads, and it logs in once at most. A check that fails stops only the checks that depend on it.
  - The products are those whose URLs are set. What is not set is skipped, and the result says so.
  - If O(token) is set, that token is checked, and O(username) and O(password) are not used.
  - A product whose tokens come from elsewhere than those of the first one would need a log-in of its own. It is
    skipped after the checks that need no token; check it in another task.
  - With O(assumptions=true), the task also settles what the collection assumes of ArcGIS and no page of ArcGIS
    documents. The guides list these assumptions by the same numbers.
  - Follows the resource C(rest/info) of the products, the page C(Portal self) of the portal, the pages C(Info),
    C(Services), C(Job) and C(Query) of the administrator API of ArcGIS Server, and those of the jobs of the other
    products.
extends_documentation_fragment:
  - gisops.arcgis.connection
  - gisops.arcgis.attributes
  - gisops.arcgis.attributes.reading
  - gisops.arcgis.attributes.action_groups
options:
  url:
    description:
      - Context URL of the ArcGIS Server, or of the ArcGIS Enterprise on Kubernetes with O(platform=kubernetes).
      - At least one of O(url), O(notebook_url) and O(video_url) is required.
      - If the option is not set, the environment variable E(ARCGIS_SERVER_URL) is used, and then E(ARCGIS_URL).
    type: str
    required: false
  notebook_url:
    description:
      - Context URL of the Notebook Server. On Kubernetes, notebook jobs belong to the site in O(url), and this option
        is skipped.
      - If the option is not set, the environment variable E(ARCGIS_NOTEBOOK_URL) is used.
      - An empty text counts as not set.
    type: str
  video_url:
    description:
      - Context URL of the Video Server.
      - If the option is not set, the environment variable E(ARCGIS_VIDEO_URL) is used.
      - An empty text counts as not set.
    type: str
  platform:
    description:
      - What O(url) is, an ArcGIS Server or an ArcGIS Enterprise on Kubernetes.
      - If the site is its own portal and says otherwise, the check C(platform) fails, and the return value RV(platform)
        is what the site says.
    type: str
    choices: [server, kubernetes]
    default: server
  service:
    description:
      - The GP service whose jobs are looked at, such as V(Maps/Buffer).
      - If it is not set, the first 20 services of the site are asked for their jobs, with one request each, and the one
        with the most jobs is looked at. The tools in the folder C(System) come last.
    type: str
  video_job_ids:
    description:
      - Jobs of the Video Server that are read. It has no list of jobs, so nothing but such an ID proves that jobs can
        be read.
    type: list
    elements: str
    default: []
  assumptions:
    description:
      - Whether to settle the assumptions on ArcGIS, as far as reading can.
      - It takes at most 34 further requests for an ArcGIS Server or a Kubernetes, 16 of which read one GP job each, 3
        for a Notebook Server, and 2 for a Video Server.
    type: bool
    default: false
  fail_on:
    description:
      - Which outcome of a check makes the task fail. The result is complete in any case.
      - With V(failed), a failed check does. With V(warning), a warning does as well. With V(never), the task succeeds
        unless an option is wrong.
    type: str
    choices: [failed, warning, never]
    default: failed
author:
  - gisops.arcgis contributors (@gisops)
notes:
  - What to do with the result. First read each entry of RV(checks) that is V(failed); its hint says what to change.
    Then look at RV(capabilities) for the tasks that you plan. For a V(no), use another account; for an V(unknown), try
    one job in check mode, and then without.
  - If an assumption has the outcome V(differs), the collection is built to do no harm, but a task may miss jobs or cost
    more requests. Please report the entry together with the release of the site.
  - A result names hosts, accounts and services of the site, but never a password or a token.
seealso:
  - module: gisops.arcgis.token
  - module: gisops.arcgis.gp_services_info
  - name: Info
    description: The page of the API that tells the build of an ArcGIS Server, and who asks.
    link: https://developers.arcgis.com/rest/enterprise-administration/server/info
  - name: Portal self
    description: The page of the API that tells who the account is.
    link: https://developers.arcgis.com/rest/users-groups-and-items/portal-self/
"""

EXAMPLES = r"""
# The products are those whose URLs are set: here by the variables ARCGIS_SERVER_URL, ARCGIS_NOTEBOOK_URL and
# ARCGIS_VIDEO_URL of the environment, as is the account.
- name: Check an enterprise
  gisops.arcgis.site_info:
  register: site

- name: Show what the account may do
  ansible.builtin.debug:
    var: site.capabilities

- name: Settle what the collection assumes, and go on whatever was found
  gisops.arcgis.site_info:
    assumptions: true
    fail_on: never
  register: site

- name: Show the assumptions that do not hold on this site
  ansible.builtin.debug:
    msg: "{{ site.assumptions | selectattr('outcome', 'equalto', 'differs') }}"

- name: Check an ArcGIS Enterprise on Kubernetes, and take warnings seriously
  gisops.arcgis.site_info:
    url: "{{ kubernetes_url }}"
    platform: kubernetes
    fail_on: warning

- name: Stop a maintenance window before it begins if jobs cannot be cancelled
  ansible.builtin.assert:
    that: site.capabilities.gp_cancel.value == 'yes'
    fail_msg: "{{ site.capabilities.gp_cancel.why }}"
"""

RETURN = r"""
product:
  description: The first product that was looked at, which is V(server), V(kubernetes), V(notebook) or V(video). This
    and the next keys are those of the first entry of RV(products).
  type: str
  returned: unless an option is wrong
  sample: server
url:
  description: Its context URL.
  type: str
  returned: unless an option is wrong
  sample: https://gis.example.com/server
version:
  description: The release that it tells.
  type: str
  returned: unless an option is wrong
  sample: 11.3.0
build:
  description: The build that the administrator directory of an ArcGIS Server tells.
  type: str
  returned: unless an option is wrong
  sample: "51575"
platform:
  description: V(server) or V(kubernetes).
  type: str
  returned: unless an option is wrong
  sample: server
federated:
  description: Whether it is federated with a portal.
  type: bool
  returned: unless an option is wrong
  sample: true
portal_url:
  description: The portal that it names, or that was set.
  type: str
  returned: unless an option is wrong
  sample: https://gis.example.com/portal
clock_skew:
  description: By how many seconds its clock is ahead of that of the machine that runs the module.
  type: int
  returned: unless an option is wrong
  sample: 0
token:
  description: The token with which it was asked; null where there is none.
  type: dict
  returned: unless an option is wrong
  contains:
    source:
      description: Where it is from, which is V(portal), V(site), V(given) or V(api_key).
      type: str
      sample: portal
    route:
      description: The URL that issued it; null if it was given.
      type: str
      sample: https://gis.example.com/portal/sharing/rest/generateToken
    lifetime:
      description: How many minutes it lasts; null if that is not known.
      type: int
      sample: 60
    location:
      description: Where reading requests carry it, as O(token_location) says.
      type: str
      sample: header
tls:
  description: The TLS connection; null where there is none.
  type: dict
  returned: unless an option is wrong
  contains:
    subject:
      description: Whom the certificate names; null where it is not verified, as are the next three.
      type: str
      sample: CN=gis.example.com
    issuer:
      description: Who issued the certificate.
      type: str
      sample: O=Example, CN=Example CA
    names:
      description: The names for which the certificate is valid.
      type: list
      elements: str
      sample: [gis.example.com]
    days_left:
      description: In how many days the certificate ends.
      type: int
      sample: 200
    protocol:
      description: The version of TLS.
      type: str
      sample: TLSv1.3
account:
  description: Who the token stands for; null where no product shows it, which the check C(account) explains.
  type: dict
  returned: unless an option is wrong
  contains:
    username:
      description: The name of the account.
      type: str
      sample: gis_admin
    role:
      description: The role that the portal shows, such as V(org_admin).
      type: str
      sample: org_admin
    privileges:
      description: The privileges that the portal shows, or the one that a stand-alone ArcGIS Server does.
      type: list
      elements: str
      sample: [portal:admin:manageServers]
proxies:
  description: The proxy on the way to each product, without a password; null where there is none.
  type: dict
  returned: unless an option is wrong
  sample: {"server": null}
products:
  description: The facts of each product whose URL is set, in the order server or kubernetes, notebook, video.
  type: list
  elements: dict
  returned: unless an option is wrong
  contains:
    product:
      description: Which product it is.
      type: str
      sample: server
    url:
      description: Its context URL.
      type: str
      sample: https://gis.example.com/server
    version:
      description: The release that it tells.
      type: str
      sample: 11.3.0
    build:
      description: The build that the administrator directory of an ArcGIS Server tells.
      type: str
      sample: "51575"
    platform:
      description: V(server) or V(kubernetes).
      type: str
      sample: server
    federated:
      description: Whether it is federated with a portal.
      type: bool
      sample: true
    portal_url:
      description: The portal that it names, or that was set.
      type: str
      sample: https://gis.example.com/portal
    clock_skew:
      description: By how many seconds its clock is ahead of that of the machine that runs the module.
      type: int
      sample: 0
    token:
      description: The token with which it was asked; null where there is none.
      type: dict
      contains:
        source:
          description: Where it is from, which is V(portal), V(site), V(given) or V(api_key).
          type: str
          sample: portal
        route:
          description: The URL that issued it; null if it was given.
          type: str
          sample: https://gis.example.com/portal/sharing/rest/generateToken
        lifetime:
          description: How many minutes it lasts; null if that is not known.
          type: int
          sample: 60
        location:
          description: Where reading requests carry it, as O(token_location) says.
          type: str
          sample: header
    tls:
      description: The TLS connection; null where there is none.
      type: dict
      contains:
        subject:
          description: Whom the certificate names; null where it is not verified, as are the next three.
          type: str
          sample: CN=gis.example.com
        issuer:
          description: Who issued the certificate.
          type: str
          sample: O=Example, CN=Example CA
        names:
          description: The names for which the certificate is valid.
          type: list
          elements: str
          sample: [gis.example.com]
        days_left:
          description: In how many days the certificate ends.
          type: int
          sample: 200
        protocol:
          description: The version of TLS.
          type: str
          sample: TLSv1.3
capabilities:
  description:
    - What the account may do. The keys are C(gp_query), C(gp_read), C(gp_messages), C(gp_cancel), C(gp_delete),
      C(gp_purge), C(gp_directory), C(notebook_jobs), C(notebook_cancel), C(notebook_delete) and C(video_jobs).
    - Each has a C(value), which is V(yes), V(no) or V(unknown), and C(why). What only a change would tell is
      V(unknown).
  type: dict
  returned: unless an option is wrong
  sample: {"gp_query": {"value": "yes", "why": "The jobs of a service were queried."}}
checks:
  description: Each check of each product, in the order in which they were made.
  type: list
  elements: dict
  returned: unless an option is wrong
  contains:
    name:
      description: Which check it is, which is C(tls), C(address), C(clock), C(log_in), C(account), C(platform),
        C(release), C(administrator_directory), C(gp_jobs), C(notebook_jobs) or C(video_jobs).
      type: str
      sample: tls
    product:
      description: The product that was checked.
      type: str
      sample: server
    outcome:
      description: What came of it, which is V(ok), V(warning), V(failed) or V(skipped).
      type: str
      sample: ok
    code:
      description: The code of the error catalogue; null where nothing is wrong.
      type: str
      sample: tls_failure
    message:
      description: What was found, or why the check was skipped.
      type: str
      sample: ArcGIS answers at https://gis.example.com/server/rest/info, release 11.3.0.
    hint:
      description: What to do about it; null where nothing is wrong.
      type: str
      sample: Check url, the proxy variables of the environment, and that the site runs.
summary:
  description: How many checks have each outcome.
  type: dict
  returned: unless an option is wrong
  sample: {"failed": 0, "ok": 8, "skipped": 2, "warning": 0}
assumptions:
  description: Each assumption for each product that it is about and whose URL could be set.
  type: list
  elements: dict
  returned: if O(assumptions) is true, unless an option is wrong
  contains:
    number:
      description: The number of the assumption in the guides.
      type: int
      sample: 2
    name:
      description: The name of the assumption.
      type: str
      sample: window_tests
    product:
      description: The product.
      type: str
      sample: server
    statement:
      description: What the collection assumes.
      type: str
      sample: The times in the records of jobs are milliseconds since 1970.
    outcome:
      description: Whether the site V(agrees) or V(differs), or it was V(undecided), V(not_tested) because reading
        cannot settle it, or V(skipped) because the product was not looked at.
      type: str
      sample: agrees
    observed:
      description: What was seen, in a short form; null where it was not settled.
      type: str
      sample: submitted
    details:
      description: What was seen in detail, or null. The keys depend on the assumption.
      type: dict
      sample: {"asked": 1000, "got": 26, "next_start": false}
    why:
      description: Why it was not settled, in one sentence; null where it was.
      type: str
      sample: No job that was read is open.
api:
  description: What the task cost, as requests, retries, log-ins, and seconds.
  type: dict
  returned: always
  sample: {"elapsed": 0.05, "logins": 1, "requests": 2, "retries": 0}
error:
  description: What went wrong, as listed in the error catalogue, which is that of the first failed check.
  type: dict
  returned: failure
  sample: {"code": "bad_credentials"}
"""

from typing import Any

from ..module_utils._module import PLATFORM, SERVER, ModuleSpec, connection_arguments, from_environment, run_module
from ..module_utils._site.checks import FAIL_ON
from ..module_utils._site.survey import check_site

ARGUMENTS: dict[str, dict[str, Any]] = {
    "url": {**connection_arguments(SERVER)["url"], "required": False},
    "notebook_url": {"type": "str", "fallback": (from_environment, ["ARCGIS_NOTEBOOK_URL"])},
    "video_url": {"type": "str", "fallback": (from_environment, ["ARCGIS_VIDEO_URL"])},
    **PLATFORM,
    "service": {"type": "str"},
    "video_job_ids": {"type": "list", "elements": "str", "default": []},
    "assumptions": {"type": "bool", "default": False},
    "fail_on": {"type": "str", "choices": list(FAIL_ON), "default": "failed"},
}

SPEC = ModuleSpec(check_site, ARGUMENTS, SERVER, required_one_of=[("url", "notebook_url", "video_url")])


def main() -> None:
    """Run the module."""
    run_module(SPEC)


if __name__ == "__main__":
    main()
