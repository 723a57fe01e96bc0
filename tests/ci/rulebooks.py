# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs each rulebook of the collection with ansible-rulebook until its action has arrived at a simulated site.

Usage: rulebooks.py ROOT DIRECTORY. The collection is installed below DIRECTORY. Each run has a site of its own, and two
of them are under way at once.
"""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from with_simulator import simulator  # type: ignore[import-not-found, unused-ignore]

ROOT, DIRECTORY = Path(sys.argv[1]), Path(sys.argv[2])
STUCK_JOB = "jb0ffe200000000000000000000stuck1"
RUNNING_EXPORT = "je49040000000000000000000running1"
# The modules run beside ansible-rulebook, on the Python that has their library.
HOST = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
INVENTORY = {"all": {"hosts": {"localhost": HOST}}}
OPEN_NOTEBOOK = {"context": "notebook", "type": "executeNotebook", "status": "PROCESSING"}
PRODUCTS = ["gp", "notebook"]
# It would be 42.
TEMPLATE = "{{ 6 * 7 }}"
TIME_LIMIT = 120.0
STOP_LIMIT = 15.0

# A rulebook of a user in a checkout: the source is found by its file, and the engine from there.
IN_A_CHECKOUT = """
- name: See one event
  hosts: localhost
  gather_facts: false
  sources:
    - jobs:
        services: [Elevation]
  rules:
    - name: See it
      condition: event.arcgis.kind == "summary"
      action:
        print_event:
"""


def require(holds: bool, problem: str) -> None:
    """End with a message unless something holds."""
    if not holds:
        raise SystemExit(problem)


class Site:
    """A simulated site, by its control endpoint, and the folder of what runs against it."""

    def __init__(self, directory: Path, environment: dict[str, str]) -> None:
        """Take the folder in which the simulator describes itself, and the variables that lead to it."""
        description = json.loads((directory / "simulator.json").read_text(encoding="utf-8"))
        self.directory = directory
        self.control = description["control"]
        self.trust = ssl.create_default_context(cafile=description["ca_path"])
        self.environment = {**os.environ, **environment, "SSL_CERT_FILE": description["ca_path"]}
        self.notify_url = f"{self.ask('/listeners/other_origin', {})['url']}/hook"

    def ask(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """Send a request to the control endpoint and return its answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.control}{path}", data=data, method=method)
        with urllib.request.urlopen(request, context=self.trust) as answer:
            return json.load(answer)

    def arrived(self, operation: str, text: str = "") -> list[dict[str, Any]]:
        """Return the requests for an operation whose path holds a text."""
        return [entry for entry in self.ask("/requests") if entry["operation"] == operation and text in entry["path"]]

    def notes(self) -> list[str]:
        """Return the texts that people were told."""
        return [json.loads(entry["body"])["text"] for entry in self.ask("/other_origin")]


class Rulebook:
    """A rulebook that runs, and what it has printed."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log

    @property
    def output(self) -> str:
        """Return what it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait until something holds; end with the output where it does not."""
        deadline = time.monotonic() + TIME_LIMIT
        while not holds():
            is_over = self.process.poll() is not None or time.monotonic() > deadline
            require(not is_over, f"{what} did not come about:\n{self.output}")
            time.sleep(0.1)


@contextmanager
def running(
    site: Site,
    name: str,
    variables: dict[str, Any] | None = None,
    arguments: list[str] | None = None,
    environment: dict[str, str] | None = None,
) -> Iterator[Rulebook]:
    """Run a rulebook of the collection, or what the arguments name, and end it as Ctrl-C does."""
    inventory, given, log = (site.directory / f"{name}.{kind}" for kind in ("inventory.json", "vars.json", "log"))
    inventory.write_text(json.dumps(INVENTORY), encoding="utf-8")
    given.write_text(json.dumps({"interval": 1, **(variables or {})}), encoding="utf-8")
    command = ["ansible-rulebook", "--inventory", str(inventory), "--vars", str(given)]
    command += arguments or ["--rulebook", f"gisops.arcgis.{name}"]
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**site.environment, **(environment or {})}, stdout=output, stderr=subprocess.STDOUT
        )
    rulebook = Rulebook(process, log)
    try:
        yield rulebook
        took, asked = time.monotonic() - began, time.monotonic()
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_LIMIT)
        require(site.environment["ARCGIS_PASSWORD"] not in rulebook.output, f"{name} printed the password")
        print(f"{name}: {took:.1f} s, and {time.monotonic() - asked:.1f} s to end", flush=True)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def cancel_stuck(site: Site) -> None:
    """The GP job and the notebook job that hang are cancelled, once each, and no other is."""
    hung = {
        "context": "notebook",
        "job_id": "j-hung",
        "type": "executeNotebook",
        "status": "PROCESSING",
        "start": "-9h",
    }
    site.ask("/jobs", hung)
    with running(site, "stuck_jobs", {"arcgis_products": PRODUCTS}) as rulebook:
        rulebook.until("the cancellations", lambda: len(site.arrived("cancel")) == 2)
        rulebook.until("two polls after them", lambda: polls_after(site, "cancel") > 1)
        rulebook.until("the end of the modules", lambda: rulebook.output.count("PLAY RECAP") == 2)
    cancelled = {entry["path"].split("/")[-2] for entry in site.arrived("cancel")}
    require(cancelled == {STUCK_JOB, "j-hung"}, f"cancelled: {cancelled}")
    require(len(site.arrived("cancel")) == 2, "a job was cancelled again")


def polls_after(site: Site, operation: str) -> int:
    """Return how many queries arrived after the last request for an operation."""
    last = max(entry["n"] for entry in site.arrived(operation))
    return sum(entry["n"] > last for entry in site.arrived("query", "Elevation"))


def tell_of_failure(site: Site) -> None:
    """A GP job and a notebook job fail while the rulebook runs; people are told, with the messages of each.

    What they say is no template to anybody. All this beside the package "ansible", whose collections are importable, as
    they are here.
    """
    packages = site.directory / "packages"
    (packages / "ansible_collections" / "community").mkdir(parents=True)
    site.ask("/jobs", {**OPEN_NOTEBOOK, "job_id": "j-new", "username": TEMPLATE})
    variables = {"notify_url": site.notify_url, "since": "1s", "arcgis_products": PRODUCTS}
    with running(site, "failed_jobs", variables, environment={"PYTHONPATH": str(packages)}) as rulebook:
        rulebook.until("the first polls", lambda: all(map(site.arrived, ("query", "system/jobs"))))
        rulebook.until("a poll", lambda: len(site.arrived("query", "Elevation")) > 1)
        messages = [{"type": "esriJobMessageTypeError", "description": f"The disk is full. {TEMPLATE}"}]
        site.ask(f"/jobs/{RUNNING_EXPORT}", {"status": "failed", "messages": messages}, "PATCH")
        site.ask("/jobs/j-new", {"status": "FAILED", "messages": [f"Cell 7 broke. {TEMPLATE}"]}, "PATCH")
        rulebook.until("the notes", lambda: len(site.notes()) == 2)
    expected = [
        f"localhost: gp job {RUNNING_EXPORT} of Planning/NightlyExport is failed. The disk is full. {TEMPLATE}",
        f"localhost: notebook job j-new is failed. Cell 7 broke. {TEMPLATE.replace('{{', '{ {')}",
    ]
    notes = sorted(" ".join(note.split()) for note in site.notes())
    require(notes == expected, f"the notes are {notes}")


def tell_of_outage(site: Site) -> None:
    """The site breaks down and comes back; people are told of both, once, and the rulebook goes on."""
    variables = {"notify_url": site.notify_url, "failure_budget": 2, "retries": 0}
    with running(site, "unreachable_site", variables=variables) as rulebook:
        rulebook.until("a poll", lambda: bool(site.arrived("query", "Utilities")))
        site.ask("/faults", {"kind": "http_status", "context": "server", "status": 503})
        rulebook.until("the note of the outage", lambda: len(site.notes()) == 1)
        site.ask("/faults", method="DELETE")
        rulebook.until("the note of the recovery", lambda: len(site.notes()) == 2)
    outage, recovery = site.notes()
    require("cannot be read. Could not" in outage and "503" in outage, outage)
    require("can be read again" in recovery, recovery)


def tell_of_queue(site: Site) -> None:
    """The one queue that is too long is told."""
    variables = {"notify_url": site.notify_url, "queue_longer_than": 4}
    with running(site, "long_queues", variables=variables) as rulebook:
        rulebook.until("the note", lambda: bool(site.notes()))
    require(site.notes() == ["localhost: 5 jobs wait in the queue of Maps/Buffer."], str(site.notes()))


def in_a_checkout(site: Site) -> None:
    """The source runs from a checkout, and no collection is installed."""
    book = site.directory / "checkout.yml"
    book.write_text(IN_A_CHECKOUT, encoding="utf-8")
    sources = ROOT / "extensions" / "eda" / "plugins" / "event_source"
    arguments = ["--rulebook", str(book), "--source-dir", str(sources)]
    nothing = {"ANSIBLE_COLLECTIONS_PATH": str(site.directory / "nothing")}
    with running(site, "checkout", arguments=arguments, environment=nothing) as rulebook:
        rulebook.until("the event", lambda: "'service': 'Elevation'" in rulebook.output)


def refused(site: Site) -> None:
    """A password that the site refuses ends the rulebook, and is sent once."""
    with running(site, "long_queues", environment={"ARCGIS_PASSWORD": "wrong"}) as rulebook:
        require(rulebook.process.wait(TIME_LIMIT) != 0, "the rulebook ended well")
        require("SAML" in rulebook.output, f"no hint at the credentials:\n{rulebook.output}")
    require(len(site.arrived("generateToken")) == 1, "the password was sent again")


RUNS = (tell_of_outage, cancel_stuck, tell_of_failure, tell_of_queue, refused, in_a_checkout)


def main() -> None:
    """Run everything, and say what was verified."""
    require(find_spec("ansible_collections") is None, "this environment is to have no package of collections")

    def run(each: Callable[[Site], None]) -> None:
        directory = DIRECTORY / each.__name__
        with simulator("demo", directory) as environment:
            each(Site(directory, environment))

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(run, RUNS))
    shipped = {path.stem for path in (ROOT / "extensions" / "eda" / "rulebooks").glob("*.yml")}
    untested = shipped - {path.stem for path in DIRECTORY.glob("*/*.log")}
    require(not untested, f"rulebooks that no run has tested: {untested}")
    version = metadata.version("ansible-rulebook")
    print(f"{len(shipped)} rulebooks until their action arrived, with ansible-rulebook {version}")


if __name__ == "__main__":
    main()
