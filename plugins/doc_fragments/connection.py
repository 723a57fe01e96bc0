# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that say where the site is, who asks, and how requests are made. Every module has all of them."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the connection options."""

    DOCUMENTATION = r"""
options:
  url:
    description:
      - Context URL of the site, such as V(https://gis.example.com/server) or V(https://gis.example.com:6443/arcgis).
      - It may be copied with what is below the context, such as V(/rest/services), V(/admin), V(/manager), V(/home) or
        V(/webadaptor). What follows the context is cut off.
      - No password is sent there before something at this address has answered as ArcGIS.
      - If the option is not set, the environment variable of the product is used, which is E(ARCGIS_SERVER_URL),
        E(ARCGIS_NOTEBOOK_URL) or E(ARCGIS_VIDEO_URL), and then E(ARCGIS_URL).
      - An environment variable that is empty counts as not set, here and for every other option. The variables are read
        where the module runs.
    type: str
    required: true
  portal_url:
    description:
      - URL of the portal that issues tokens, such as V(https://gis.example.com/portal).
      - If it is not set, the site is asked which portal it is federated with. Credentials are sent to that portal only
        if it is on the host of O(url); otherwise the task fails and names the portal, so that you can set it here.
        A portal that is set here is trusted.
      - If the option is not set, the environment variable E(ARCGIS_PORTAL_URL) is used.
    type: str
  token_source:
    description:
      - Who issues the token.
      - With V(portal), the portal does.
      - With V(site), the site itself does, with C(admin/generateToken). This is for stand-alone sites, and for the
        primary site administrator of a federated one.
      - With V(auto), the portal does if O(portal_url) is set or the site is federated, and the site does otherwise.
      - Credentials that were refused are never tried elsewhere, because repeated failures can lock the account.
      - If the option is not set, the environment variable E(ARCGIS_TOKEN_SOURCE) is used.
    type: str
    choices: [auto, portal, site]
    default: auto
  username:
    description:
      - Name of the account that logs in.
      - If the option is not set, the environment variable E(ARCGIS_USERNAME) is used.
    type: str
  password:
    description:
      - Password of the account that logs in.
      - If the option is not set, the environment variable E(ARCGIS_PASSWORD) is used.
    type: str
  token:
    description:
      - A token to use as it is. It must have been issued for the same O(referer).
      - If O(username) and O(password) are set too, they take over when the site refuses the token.
      - It may be an API key of ArcGIS Enterprise 11.4 or later, from release 1.1.0 on. An API key is sent like a token
        and never renewed, so nothing takes over when the site refuses it. It needs the privileges for what the module
        does. It is untested whether administrator APIs accept API keys. A value that begins with C(AAPK), C(AAPT),
        C(AATK) or C(AAST) counts as one.
      - If the option is not set, the environment variable E(ARCGIS_TOKEN) is used, and then E(ARCGIS_API_KEY).
    type: str
  token_expiration:
    description:
      - How many minutes a new token is to last. Sites shorten what is over their limit.
    type: int
    default: 60
  referer:
    description:
      - The referer that tokens are bound to, sent at log-in and with every later request. It is the same for all
        products, so that one token serves all of them.
      - If the option is not set, the environment variable E(ARCGIS_REFERER) is used.
    type: str
    default: gisops.arcgis
  token_location:
    description:
      - Where reading requests carry the token. Requests that are sent as POST always carry it in their body, and it is
        never part of a URL.
      - With V(header), reading requests carry it in the header C(X-Esri-Authorization).
      - With V(body), reading requests are sent as POST with the token in the body, for sites whose proxies remove the
        header.
      - If the option is not set, the environment variable E(ARCGIS_TOKEN_LOCATION) is used.
    type: str
    choices: [header, body]
    default: header
  validate_certs:
    description:
      - Whether the certificate of the site must be valid.
      - If the option is not set, the environment variable E(ARCGIS_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File or directory with the certificates of the authorities to trust, on the host that runs the module.
      - If the option is not set, the environment variable E(ARCGIS_CA_PATH) is used.
    type: path
  client_cert:
    description:
      - File with the client certificate, for sites that ask for one. It may hold the key as well.
    type: path
  client_key:
    description:
      - File with the key of O(client_cert).
    type: path
  allow_http:
    description:
      - Whether plain C(http) is allowed to a host other than this one. The token is then sent unencrypted.
    type: bool
    default: false
  timeout:
    description:
      - For how many seconds a request waits for the connection, and then for each next byte of the answer. Every try
        has this time again.
      - It does not limit a task as a whole. The keyword C(timeout) of a task does.
    type: int
    default: 30
  retries:
    description:
      - How many further tries an operation has after temporary failures, such as a broken connection, a timeout, or
        HTTP 429 or 5xx. The pauses grow, and C(Retry-After) is honoured.
      - A write is sent again only after the job was read and found unchanged. The write, its repeats and the checks
        after it share these tries.
    type: int
    default: 3
  max_concurrency:
    description:
      - How many requests are sent at once, from 1 to 64.
    type: int
    default: 8
requirements:
  - requests >= 2.20.0
notes:
  - The proxy variables of the environment, such as E(HTTPS_PROXY) and E(NO_PROXY), are honoured.
"""
