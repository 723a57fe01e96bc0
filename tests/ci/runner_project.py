# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the playbooks of examples/awx through ansible-runner, as AWX does, and checks what its events say.

Usage: runner_project.py DIRECTORY. DIRECTORY/project is the project; the simulator is up, and ARCGIS_* lead to it.
The credential type of the project makes the environment of the runs, from these variables.
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import urllib.request
from importlib import metadata
from pathlib import Path
from typing import Any

import ansible_runner  # type: ignore[import-not-found, unused-ignore]
import yaml  # type: ignore[import-untyped, unused-ignore]
from jinja2 import Template

STUCK_JOB = "jb0ffe200000000000000000000stuck1"
CLEANUP = {
    "gp_job_cleanup_all_services": True,
    "gp_job_cleanup_cancel_after": "6h",
    "gp_job_cleanup_delete_after": "7d",
}
DRAIN = {
    "gp_drain_services": ["Elevation", "Maps/Viewshed"],
    "gp_drain_on_timeout": "cancel",
    "gp_drain_grace_period": 4,
    "gp_drain_timeout": 60,
    "gp_drain_poll_interval": 1,
}


class Project:
    """The project of AWX, with a credential for the simulated site."""

    def __init__(self, directory: Path) -> None:
        """Take the directory with the project; build the environment as the credential type says."""
        self.directory = directory
        self.runs = 0
        credential_type = directory / "project" / "credential_type"
        fields = yaml.safe_load((credential_type / "input.yml").read_text(encoding="utf-8"))["fields"]
        injectors = yaml.safe_load((credential_type / "injectors.yml").read_text(encoding="utf-8"))
        inputs = {field["id"]: field.get("default", "") for field in fields}
        inputs["server_url"] = os.environ["ARCGIS_SERVER_URL"]
        inputs.update({name: os.environ[f"ARCGIS_{name.upper()}"] for name in ("username", "password", "ca_path")})
        for name in [name for name in os.environ if name.startswith("ARCGIS_")]:
            del os.environ[name]
        self.environment = {name: Template(text).render(inputs) for name, text in injectors["env"].items()}

    def run(self, playbook: str, variables: dict[str, Any], check: bool) -> dict[str, Any]:
        """Run a playbook to its end and return the results of its tasks by their names."""
        self.runs += 1
        data = self.directory / f"run-{self.runs}"  # a directory of its own, since options of a run stay in it
        data.mkdir()
        run = ansible_runner.run(
            private_data_dir=str(data),
            project_dir=str(self.directory / "project"),
            playbook=playbook,
            inventory=str(self.directory / "project" / "inventory"),
            extravars=variables,
            envvars=self.environment,
            cmdline="--check" if check else None,
            verbosity=3,
        )
        events = list(run.events)
        require(run.status == "successful" and run.rc == 0, f"{playbook} ended as {run.status}")
        require(run.stats["failures"] == run.stats["dark"] == {}, f"{playbook} had failures: {run.stats}")
        require(set(run.stats["ok"]) == {"localhost"}, f"{playbook} ran elsewhere: {run.stats}")
        secret = self.environment["ARCGIS_PASSWORD"]
        require(secret not in json.dumps(events), f"the events of {playbook} hold the password")
        output = run.stdout.read()
        require("RETRYING" not in output, f"{playbook} shows a wait as failures")
        require("runs in the process of the controller" in output, f"{playbook} ran modules")
        require("runs as a module" not in output, f"{playbook} ran a module")
        results = [event["event_data"] for event in events if event["event"] == "runner_on_ok"]
        return {data["task"]: data["res"] for data in results}


def require(condition: bool, otherwise: str) -> None:
    """End the run unless what is expected holds."""
    if not condition:
        sys.exit(otherwise)


class Site:
    """The simulated site, as its control endpoint shows it."""

    def __init__(self, description: Path) -> None:
        """Take the file in which the simulator describes itself."""
        simulator = json.loads(description.read_text(encoding="utf-8"))
        self.log_url = f"{simulator['control']}/requests"
        self.trust = ssl.create_default_context(cafile=simulator["ca_path"])

    def count(self, *operations: str) -> int:
        """Return how many requests for these operations have arrived."""
        with urllib.request.urlopen(self.log_url, context=self.trust) as answer:
            return sum(entry["operation"] in operations for entry in json.load(answer))

    @property
    def writes(self) -> int:
        """Return how many requests that change jobs have arrived."""
        return self.count("cancel", "delete", "purgeQueue")


def done_by(counts: dict[str, int]) -> dict[str, int]:
    """Return the counts of check mode under the names that they have when it is done; check mode says "would be"."""
    wrong = [name for name in counts if not name.startswith("would be ")]
    require(not wrong, f"check mode speaks of what was done: {wrong}")
    return {name.removeprefix("would be "): count for name, count in counts.items()}


def clean_up(project: Project, site: Site) -> None:
    """Preview the clean-up, clean up, and clean up again."""
    predicted = project.run("cleanup.yml", CLEANUP, check=True)
    preview = predicted["Show what would be done"]["msg"]
    counts = done_by(predicted["Show the counts"]["msg"])
    require(any(STUCK_JOB in line for line in preview), f"the preview lacks the stuck job: {preview}")
    require(site.writes == 0, "check mode wrote")

    done = project.run("cleanup.yml", CLEANUP, check=False)
    require(done["Delete the finished jobs"]["changed"], "the clean-up deleted nothing")
    require(done["Show the counts"]["msg"] == counts, "the clean-up was not what was predicted")
    require(site.writes == counts["cancelled"] + counts["deleted"], f"{site.writes} writes for {counts}")

    again = project.run("cleanup.yml", CLEANUP, check=False)["Show the counts"]["msg"]
    require(again["cancelled"] == again["deleted"] == 0, f"the second clean-up found work: {again}")
    require(site.writes == counts["cancelled"] + counts["deleted"], "the second clean-up wrote")


def drain(project: Project, site: Site) -> None:
    """Predict the draining of two services, and drain them."""
    before = site.writes
    tasks = project.run("drain.yml", DRAIN, check=True)
    predicted = tasks["Set the result"]["ansible_facts"]["gp_drain_result"]
    require(predicted["drained"] and len(predicted["cancelled"]) == 2, f"predicted: {predicted}")
    require(done_by(tasks["Show the counts"]["msg"])["cancelled"] == 2, f"shown: {tasks['Show the counts']}")
    require(site.writes == before, "check mode wrote")

    done = project.run("drain.yml", DRAIN, check=False)["Set the result"]["ansible_facts"]["gp_drain_result"]
    require(done["drained"] and done["cancelled"] == predicted["cancelled"], f"drained: {done}")
    require(site.writes == before + 2, f"{site.writes - before} writes for 2 jobs")


def main() -> None:
    """Run everything, and say what was verified."""
    directory = Path(sys.argv[1])
    project, site = Project(directory), Site(directory / "simulator" / "simulator.json")
    clean_up(project, site)
    drain(project, site)
    log_ins = site.count("generateToken")
    require(log_ins == project.runs, f"{log_ins} log-ins for {project.runs} runs")
    version = metadata.version("ansible-runner")
    print(f"{project.runs} runs of examples/awx through ansible-runner {version}, from the installed collection")


if __name__ == "__main__":
    main()
