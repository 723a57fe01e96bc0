# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Works on three sites with what the guide on several sites shows, and asks the sites what arrived.

Usage: run_sites.py INTEGRATION_CONFIG OUTPUT_DIRECTORY

The target `guides` compares what the guide prints; this is about what it says beside: which site was asked when, by
whom, and which of its jobs are gone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from run_guides import Guide, prepared
from snippets import blocks_of, commands_of

CLEAN_UP = "ansible-playbook gisops.arcgis.cleanup -e arcgis_hosts=gis_sites"
REPORT = "ansible-playbook gisops.arcgis.report -e arcgis_hosts=gis_sites -e job_report_dest=/var/www/html/gis"
HOSTS = {"central": "gis.example.com", "north": "north.example.com", "valley": "valley.example.com"}
ACCOUNTS = {"central": {"gis_admin"}, "north": {"agsadmin"}, "valley": {"gis_admin"}}
CONTEXTS = {"central": "server", "north": "arcgis", "valley": "server"}
OLD_JOBS = {"central": 8, "north": 2, "valley": 8}
LATENCY_MS = 150


class Sites:
    """The three sites, by the names of the inventory."""

    def __init__(self, guide: Guide) -> None:
        self._sites = {host: guide.sites[name] for host, name in HOSTS.items()}

    def begin(self) -> None:
        """Let all begin again, slow enough for what happens at once to overlap."""
        for host, site in self._sites.items():
            site.tell("reset", {})
            site.tell("settings", {"context": CONTEXTS[host], "latency_ms": LATENCY_MS}, "PATCH")
        self.before = {host: self.jobs(host) for host in HOSTS}

    def jobs(self, host: str) -> int:
        """Return how many GP jobs a site has."""
        return len(self._sites[host].tell(f"jobs?context={CONTEXTS[host]}", None, "GET"))

    def deleted(self, host: str) -> int:
        """Return how many GP jobs of a site are gone."""
        return self.before[host] - self.jobs(host)

    def accounts(self, host: str) -> set[str]:
        """Return who logged in at a site."""
        log = self._sites[host].tell("requests", None, "GET")
        return {entry["form"]["username"] for entry in log if entry["operation"] == "generateToken"}

    def span(self, host: str) -> tuple[int, int]:
        """Return when the first and the last request arrived at a site."""
        times = [entry["at"] for entry in self._sites[host].tell("requests", None, "GET")]
        return (min(times), max(times)) if times else (0, 0)

    def stop(self, host: str) -> None:
        """Stop a site."""
        self._sites[host].stop()


def expect(what: str, seen: object, expected: object) -> None:
    """End with a message unless something is as expected."""
    if seen != expected:
        sys.exit(f"{what}: {seen}, expected {expected}")
    print(f"{what}: {seen}", flush=True)


def at_once(guide: Guide, sites: Sites) -> None:
    """All sites in parallel: their requests overlap, and each has its own account and its own jobs."""
    sites.begin()
    expect("status", guide.shell(f"{CLEAN_UP} --forks 3")[0], 0)
    expect("gone", {host: sites.deleted(host) for host in HOSTS}, OLD_JOBS)
    expect("accounts", {host: sites.accounts(host) for host in HOSTS}, ACCOUNTS)
    spans = [sites.span(host) for host in HOSTS]
    expect("all overlap", max(first for first, last in spans) < min(last for first, last in spans), True)


def in_turn(guide: Guide, sites: Sites) -> None:
    """One site after the other: no request overlaps one of another site."""
    sites.begin()
    expect("status", guide.shell("ansible-playbook in_turn.yml --forks 3")[0], 0)
    expect("gone", {host: sites.deleted(host) for host in HOSTS}, OLD_JOBS)
    spans = [sites.span(host) for host in HOSTS]
    expect("in turn", all(one[1] < next_one[0] for one, next_one in zip(spans, spans[1:])), True)


def in_slices(guide: Guide, sites: Sites) -> None:
    """The slices of a controller, by --limit: each asks its own sites only, and together they are all."""
    sites.begin()
    expect("status", guide.shell(f"{CLEAN_UP} --limit 'gis_sites[0]'")[0], 0)
    expect("first slice", {host: sites.deleted(host) for host in HOSTS}, {**OLD_JOBS, "north": 0, "valley": 0})
    expect("not asked", [sites.span(host) for host in ("north", "valley")], [(0, 0), (0, 0)])
    expect("status", guide.shell(f"{CLEAN_UP} --limit 'gis_sites[1:]'")[0], 0)
    expect("both slices", {host: sites.deleted(host) for host in HOSTS}, OLD_JOBS)


def one_down(guide: Guide, sites: Sites) -> None:
    """One site does not answer: the others are done, it is reported with the cause, and the report lists it."""
    sites.begin()
    sites.stop("north")
    status, output = guide.shell(CLEAN_UP)
    expect("fails", status, 2)
    expect("names the cause", "north.example.com/arcgis/rest/info): the connection failed" in output, True)
    done = ("central", "valley")
    expect("gone", {host: sites.deleted(host) for host in done}, {host: OLD_JOBS[host] for host in done})
    expect("status", guide.shell(f"""{REPORT} -e '{{"job_report_formats": ["json"]}}'""")[0], 0)
    report = json.loads((guide.folder / "html" / "jobs.json").read_text(encoding="utf-8"))
    findings = [each["text"] for each in report["findings"] if each["kind"] == "unreadable"]
    expect("reported", [text.split(":")[0] for text in findings], ["Geoprocessing of north could not be read"])


def vault_commands(guide: Guide) -> list[str]:
    """Return the commands by which the guide encrypts the passwords."""
    sessions = [block.text for block in blocks_of(guide.path) if "ansible-vault" in block.text]
    return [command.text for session in sessions for command in commands_of(session)]


def main() -> None:
    """Write the files of the guide and work with them."""
    with prepared("guide_several_sites", *map(Path, sys.argv[1:3])) as guide:
        guide.write_files()
        for command in vault_commands(guide):
            expect("status", guide.shell(command)[0], 0)
        sites = Sites(guide)
        for scene in (at_once, in_turn, in_slices, one_down):
            scene(guide, sites)


if __name__ == "__main__":
    main()
