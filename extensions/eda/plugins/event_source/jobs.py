# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source of Event-Driven Ansible that tells what happens to the jobs of an ArcGIS Enterprise site."""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

DOCUMENTATION = r"""
module: jobs
short_description: Tell what happens to the jobs of an ArcGIS Enterprise site
version_added: 1.1.0
description:
  - Polls the geoprocessing (GP) jobs of an ArcGIS Server, the jobs of a Notebook Server and given jobs of a Video
    Server, and emits an event for everything that is new. It only reads.
  - An event about a job is C(arcgis) with the keys C(kind), C(site), C(product), C(service), C(job),
    C(previous_status), C(observed_at) and C(event_id). C(job) is the record that the info modules return. C(service) is
    null where the product has no services.
  - C(kind) is C(appeared) for a job that was not there before, C(status_changed) for one that went on, C(stuck) for one
    that has been open for longer than O(stuck_after), and C(vanished) for one that is gone although it had not ended. A
    C(stuck) event is emitted once for a job. What C(job) of a C(vanished) event holds is its ID, its service and its
    last status. With O(all_services), the open jobs of a service that was deleted or renamed have vanished, too.
  - C(event_id) is the same whenever the same is told of the same job, so that a rule acts once with C(once_within) and
    C(group_by_attributes).
  - A C(summary) has no job. It is emitted whenever the counts of a service have changed, and holds C(jobs), which is
    how many there are, C(statuses), which are the counts by status, C(queued), which is how many wait, and
    C(is_queue_long). Notebook and video jobs are counted as one service. A service that is gone has no jobs.
  - C(observed_at) is the time on the clock of the site, in UTC.
  - When O(failure_budget) polls in a row have failed, C(arcgis_source) is emitted with C(state) set to C(degraded), and
    with C(recovered) after the next good poll, beside C(site), C(product), C(observed_at) and C(error), which is null
    when C(recovered) and otherwise as the modules return it, with the whole message under C(text). A service that
    cannot be read counts as a failure of the poll; the other services are told all the same.
  - Such failures do not end the rulebook. Wrong options, credentials that the site refuses and, until the first good
    poll, every failure that will not pass do, at once. A password that was refused is not sent again, because repeated
    failures can lock the account.
  - Events are delivered at least once while the rulebook runs. What happens while it does not run is told after the
    next start as far as O(since) covers it.
  - What is remembered of a job is its status and its beginning. Beyond 100,000 jobs of a product, only the open ones
    are remembered, and a job that began and ended between two polls is no longer told.
  - A poll costs one request for each GP service that keeps up to 1,000 jobs, and another for each further thousand;
    with O(all_services), also one for the site and one for each folder. A service without jobs costs two, until a poll
    has shown a job of any service. The notebook jobs cost one request, and each open video job one. Each job with news
    costs another one.
options:
  server_url:
    description:
      - Context URL of the ArcGIS Server, such as V(https://gis.example.com/server), for the product V(gp).
      - If the option is not set, the environment variable E(ARCGIS_SERVER_URL) is used, and then E(ARCGIS_URL). An
        empty variable counts as not set, here and for every other option. The variables are read from the environment
        of ansible-rulebook.
    type: str
  notebook_url:
    description:
      - Context URL of the Notebook Server, such as V(https://gis.example.com/notebook), for the product V(notebook).
      - If the option is not set, the environment variable E(ARCGIS_NOTEBOOK_URL) is used, and then E(ARCGIS_URL).
    type: str
  video_url:
    description:
      - Context URL of the Video Server, such as V(https://gis.example.com/video), for the product V(video).
      - If the option is not set, the environment variable E(ARCGIS_VIDEO_URL) is used, and then E(ARCGIS_URL).
    type: str
  site:
    description:
      - The name of the site in the events.
      - If it is not set, the host name in the URL is used.
    type: str
  products:
    description:
      - Which jobs are watched. Each product is polled for itself, so that one that is slow does not hold up the others.
    type: list
    elements: str
    choices: [gp, notebook, video]
    default: [gp]
  services:
    description:
      - The GP services that are watched, such as V(Maps/Buffer). Either this or O(all_services) is required for GP
        jobs.
    type: list
    elements: str
  all_services:
    description:
      - Whether all GP services of the site are watched, except those in the folder System.
    type: bool
    default: false
  video_job_ids:
    description:
      - The video jobs that are watched. They are required for video jobs, because a Video Server has no list of them.
    type: list
    elements: str
  statuses:
    description:
      - The statuses in which a job is news, for the events C(appeared) and C(status_changed). The other kinds are
        emitted whatever is set here.
      - If it is not set, every status is news.
    type: list
    elements: str
    choices:
      [new, submitted, waiting, executing, succeeded, failed, cancelling, cancelled, timed_out, deleting, deleted]
  interval:
    description:
      - For how many seconds the source pauses between two polls.
    type: int
    default: 60
  since:
    description:
      - Emits C(appeared) for those of the jobs that are there at the start, or when a service is first seen, that were
        submitted, began or ended since then. Set it to a little more than the longest time for which the rulebook may
        be stopped, and nothing goes unnoticed.
      - It is an ISO 8601 time with a zone, seconds since 1970, or an age such as V(15m) or V(6h).
      - At the start it costs one request for each job that the site lists in one of the O(statuses).
    type: str
  emit_existing:
    description:
      - Whether C(appeared) is emitted for all jobs that are there at the start.
    type: bool
    default: false
  stuck_after:
    description:
      - After how long an open job counts as stuck, as an age such as V(30m) or V(6h). Jobs that are there at the start
        count, too.
      - It is reckoned from the submission of a GP job, from the start of a notebook job, and from when a video job was
        first seen.
      - If it is not set, no job counts as stuck.
    type: str
  queue_longer_than:
    description:
      - How many jobs of a service may wait. With more, C(is_queue_long) of its C(summary) is true.
    type: int
  failure_budget:
    description:
      - How many polls in a row have to fail until the state is C(degraded).
    type: int
    default: 3
  platform:
    description:
      - The platform of the site.
    type: str
    choices: [server, kubernetes]
    default: server
  portal_url:
    description:
      - URL of the portal that issues tokens, such as V(https://gis.example.com/portal).
      - If it is not set, the site is asked which portal it is federated with. Credentials are sent to that portal only
        if it is on the host of the product.
      - If the option is not set, the environment variable E(ARCGIS_PORTAL_URL) is used.
    type: str
  token_source:
    description:
      - Who issues the token. With V(auto), the portal does if O(portal_url) is set or the site is federated, and the
        site does otherwise.
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
      - Password of the account that logs in. A token is renewed for as long as the rulebook runs.
      - If the option is not set, the environment variable E(ARCGIS_PASSWORD) is used.
    type: str
  token:
    description:
      - A token or an API key to use as it is. Without O(username) and O(password), the rulebook ends when it expires.
      - If the option is not set, the environment variable E(ARCGIS_TOKEN) is used, and then E(ARCGIS_API_KEY).
    type: str
  token_expiration:
    description:
      - How many minutes a new token is to last. Sites shorten what is over their limit.
    type: int
    default: 60
  referer:
    description:
      - The referer that tokens are bound to, sent at log-in and with every later request.
      - If the option is not set, the environment variable E(ARCGIS_REFERER) is used.
    type: str
    default: gisops.arcgis
  token_location:
    description:
      - Where requests carry the token. With V(body), they are sent as POST, for sites whose proxies remove the header.
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
      - File or directory with the certificates of the authorities to trust.
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
      - For how many seconds a request waits for the connection, and then for each next byte of the answer.
    type: int
    default: 30
  retries:
    description:
      - How many further tries a request has after temporary failures, before the poll counts as failed.
    type: int
    default: 3
  max_concurrency:
    description:
      - How many requests are sent at once, from 1 to 64.
    type: int
    default: 8
requirements:
  - requests >= 2.20.0 and ansible-core in the Python that runs ansible-rulebook
  - ansible-galaxy and ansible-playbook of that ansible-core on the PATH of ansible-rulebook
  - a Java runtime environment, release 17 or later, for ansible-rulebook itself
notes:
  - The proxy variables of the environment, such as E(HTTPS_PROXY) and E(NO_PROXY), are honoured.
author:
  - gisops.arcgis contributors (@gisops)
"""

EXAMPLES = r"""
- name: Cancel the GP jobs that are stuck
  hosts: localhost
  gather_facts: false
  sources:
    - name: Watch every service
      gisops.arcgis.jobs:
        server_url: https://gis.example.com/server
        username: "{{ ARCGIS_USERNAME }}"
        password: "{{ ARCGIS_PASSWORD }}"
        all_services: true
        stuck_after: 6h
  rules:
    - name: A job is stuck
      condition: event.arcgis.kind == "stuck"
      throttle:
        once_within: 30 minutes
        group_by_attributes: [event.arcgis.event_id]
      action:
        run_module:
          name: gisops.arcgis.gp_job
          module_args:
            jobs: ["{{ event.arcgis.job }}"]
            state: cancelled

- name: Tell what happens to notebooks and to an ingest, and when the site does not answer
  hosts: localhost
  gather_facts: false
  sources:
    # The rest is in ARCGIS_NOTEBOOK_URL, ARCGIS_VIDEO_URL, ARCGIS_USERNAME and ARCGIS_PASSWORD.
    - name: Watch two products
      gisops.arcgis.jobs:
        products: [notebook, video]
        video_job_ids: [j1b81346f-1460-482a-94f0-72b78ee843e5]
        statuses: [succeeded, failed]
        since: 15m
        interval: 30
  rules:
    - name: A job has ended
      condition: event.arcgis.kind == "appeared" or event.arcgis.kind == "status_changed"
      action:
        debug:
          msg: "{{ event.arcgis.product }} job {{ event.arcgis.job.job_id }} has {{ event.arcgis.job.status }}"
    - name: The site does not answer
      condition: event.arcgis_source.state == "degraded"
      action:
        debug:
          msg: "{{ event.arcgis_source.error.text }}"
"""

_LOG = logging.getLogger("gisops.arcgis.jobs")
# How many events may wait for the rulebook before polling waits for it, too.
_MOST_WAITING = 100


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Put the events of a site into the queue, until the rulebook ends or the site must not be asked again."""
    given = {name: value for name, value in args.items() if name != "eda_feedback_queue"}
    watcher = engine()
    options = watcher.parse_options(given)
    pollers = watcher.pollers(options)
    inbox = Inbox(asyncio.get_running_loop())
    for poller in pollers:
        # A daemon, since no thread that waits for a slow site may hold up the end of the rulebook.
        threading.Thread(target=inbox.poll, args=(poller, options["interval"]), daemon=True).start()
    try:
        while True:
            await queue.put(await inbox.get())
    finally:
        inbox.close()
        for poller in pollers:
            poller.close()


class Inbox:
    """Takes events from the threads that poll to the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._items: asyncio.Queue[Any] = asyncio.Queue()
        self._room = threading.Semaphore(_MOST_WAITING)
        self._is_closed = threading.Event()

    async def get(self) -> dict[str, Any]:
        """Return the next event. Raises what ended the polling of a product."""
        item = await self._items.get()
        self._room.release()
        if isinstance(item, Exception):
            raise item
        event: dict[str, Any] = item
        return event

    def close(self) -> None:
        """Let every thread end as soon as it can."""
        self._is_closed.set()
        self._room.release(_MOST_WAITING)

    def poll(self, poller: Any, interval: float) -> None:
        """Poll one product again and again, in a thread of its own."""
        try:
            while not self._is_closed.is_set():
                for event in poller.poll(_LOG.warning):
                    if not self._put(event):
                        return
                self._is_closed.wait(interval)
        except Exception as problem:
            self._put(problem)

    def _put(self, item: Any) -> bool:
        """Hand over an event, or an exception, when there is room; say whether anybody still takes it."""
        self._room.acquire()
        if not self._is_closed.is_set():
            # The loop may end at this moment.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._items.put_nowait, item)
                return True
        return False


def engine() -> ModuleType:
    """Import the part of the engine for event sources from the collection that this file is in.

    ansible-rulebook runs this file by its path, with no loader of collections, and often with no package
    ansible_collections at all. Raises ImportError with what to install.
    """
    name = ""
    for part in ("ansible_collections", "gisops", "arcgis"):
        name = f"{name}.{part}".lstrip(".")
        try:
            package = importlib.import_module(name)
        except ImportError:
            package = sys.modules[name] = ModuleType(name)
            package.__path__ = []
    package.__path__ = [str(Path(__file__).resolve().parents[4])]
    try:
        return importlib.import_module(f"{name}.plugins.module_utils._watcher")
    except ModuleNotFoundError as problem:
        if problem.name and problem.name.partition(".")[0] == "ansible":
            raise ImportError(f"Install ansible-core in the Python of ansible-rulebook, {sys.executable}.") from None
        raise
