# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the commands of the pipelines in examples/pipelines, taken from these files, against the simulator.

Usage: pipelines.py CLONE DIRECTORY. CLONE is a git repository of the collection with a branch main, in place of the
public one. The simulator is up, and ARCGIS_* lead to it. DIRECTORY is empty and becomes the checkout of the pipelines.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from textwrap import dedent
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]
from packaging.requirements import Requirement

PUBLIC = "https://github.com/gisops/gisops.arcgis.git"
SITE = ("ARCGIS_SERVER_URL", "ARCGIS_USERNAME", "ARCGIS_PASSWORD")
# What the workspace of a Jenkins agent needs, and the directory of this test does not.
WORKSPACE = ("rm -f check_site.json", "python3 -m venv .venv", ". .venv/bin/activate")
PIP, INSTALL = "python3 -m pip install ", "ansible-galaxy collection install "
WHATEVER_HAPPENED = "${{ !cancelled() }}"
REPORT = "check_site.json"


@dataclass(frozen=True)
class Job:
    """The commands of a job, and whether it runs although a job before it failed. Jobs run one after the other."""

    name: str
    commands: tuple[str, ...]
    always: bool = False


def require(condition: bool, otherwise: str) -> None:
    """End the run unless what is expected holds."""
    if not condition:
        sys.exit(otherwise)


def gitlab(file: Path) -> list[Job]:
    """Return the jobs of a pipeline of GitLab CI, in the order of their stages."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    jobs = [(name, job) for name, job in content.items() if name[0] != "." and "script" in job]
    jobs.sort(key=lambda each: content["stages"].index(each[1]["stage"]))
    require(not any({"needs", "allow_failure", "rules"} & job.keys() for _name, job in jobs), f"{file} has other rules")
    return [
        Job(
            name,
            (*content.get(job.get("extends"), {}).get("before_script", ()), *job["script"]),
            job.get("when") == "always",
        )
        for name, job in jobs
    ]


def github(file: Path) -> list[Job]:
    """Return the jobs of a workflow of GitHub Actions; each needs all jobs before it."""
    jobs: list[Job] = []
    for name, job in yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"].items():
        needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
        require(needs == [each.name for each in jobs], f"{file}: {name} does not need all jobs before it")
        require("continue-on-error" not in str(job), f"{file}: {name} hides a failure")
        runs = [step for step in job["steps"] if "run" in step]
        for step in runs:
            knows_site = set(step.get("env", ())) == set(SITE)
            require(knows_site == ("ansible-playbook" in step["run"]), f"{file}: credentials of {step['name']}")
        commands = [line for step in runs for line in step["run"].splitlines()]
        jobs.append(Job(name, tuple(commands), job.get("if") == WHATEVER_HAPPENED))
    return jobs


def jenkins(file: Path) -> list[Job]:
    """Return the stages of a pipeline of Jenkins, and what it does at its end in any case as the job check."""
    found = re.findall(
        r"stage\('(?P<stage>\w+)'\)|(?P<always>\balways) \{|\bsh (?:'''(?P<block>.*?)'''|'(?P<line>[^'\n]*)')",
        re.sub(r"^\s*//.*", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE),
        re.DOTALL,
    )
    jobs: list[Job] = []
    for stage, always, block, line in found:
        if stage or always:
            jobs.append(Job("check" if always else stage.lower(), (), bool(always)))
        else:
            commands = (*jobs[-1].commands, *dedent(block or line).strip().splitlines())
            jobs[-1] = Job(jobs[-1].name, commands, jobs[-1].always)
    return jobs


def split_up(jobs: Sequence[Job]) -> tuple[list[str], list[Job]]:
    """Return the commands that install, in the order in which they first come, and the jobs without them."""
    install: list[str] = []
    rest = []
    for job in jobs:
        installing = [command for command in job.commands if command.startswith((PIP, INSTALL))]
        install += [command for command in installing if command not in install]
        others = tuple(command for command in job.commands if command not in (*installing, *WORKSPACE))
        if others:
            require(install != [] or "ansible" not in str(others), f"{job.name} comes before the installation")
            rest.append(Job(job.name, others, job.always))
    return install, rest


def check_packages(command: str) -> None:
    """Make sure that the packages that a command installs are those that this environment has."""
    for word in re.findall(r"'([^']+)'", command):
        requirement = Requirement(word)
        version = metadata.version(requirement.name)
        require(requirement.specifier.contains(version), f"{command}: this environment has {version}")


class Checkout:
    """The directory in which the jobs run, and their environment."""

    def __init__(self, directory: Path, clone: Path, site: dict[str, Any]) -> None:
        """Take the directory, the clone of the collection, and what the simulator says of itself."""
        self.directory = directory
        self.site = site
        self.output = ""
        self.trust = ssl.create_default_context(cafile=site["ca_path"])
        git = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{clone}.insteadOf",
            "GIT_CONFIG_VALUE_0": PUBLIC,
        }
        ours = {name: value for name, value in os.environ.items() if not name.startswith("ARCGIS_")}
        arcgis = {name: os.environ[name] for name in (*SITE, "ARCGIS_CA_PATH")}
        collections = str(directory / ".collections")
        self.environment = {**ours, **git, **arcgis, "ANSIBLE_COLLECTIONS_PATH": collections, "GP_DRAIN_TIMEOUT": "1"}

    def run(self, commands: Sequence[str]) -> int:
        """Run the commands of a job until one fails, and return the exit status."""
        done = subprocess.run(
            ["sh", "-e", "-c", "\n".join(commands)],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.output += done.stdout
        return done.returncode

    def play(self, jobs: Sequence[Job], deployment: str) -> dict[str, int]:
        """Run a pipeline with a deployment and return the exit status of each job that ran."""
        script = self.directory / "deploy.sh"
        script.write_text(f"#!/bin/sh\n{deployment}\n", encoding="utf-8")
        script.chmod(0o755)
        (self.directory / REPORT).unlink(missing_ok=True)
        ended: dict[str, int] = {}
        for job in jobs:
            if job.always or not any(ended.values()):
                ended[job.name] = self.run(job.commands)
        return ended

    def expect(self, jobs: Sequence[Job], deployment: str, **expected: int) -> None:
        """Run a pipeline, and end the run unless its jobs end as expected."""
        ended = self.play(jobs, deployment)
        require(ended == expected, f"{self.output}\nThe jobs ended as {ended} in place of {expected}.")
        require((self.directory / REPORT).exists(), f"{self.output}\nThe check left no {REPORT}.")

    def control(self, method: str, path: str, content: Any = None) -> Any:
        """Ask the control endpoint of the simulator."""
        body = None if content is None else json.dumps(content).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.site['control']}/{path}", body, headers, method=method)
        with urllib.request.urlopen(request, context=self.trust) as answer:
            return json.load(answer)

    def writes(self) -> list[str]:
        """Return the requests that change jobs which have arrived."""
        entries = self.control("GET", "requests")
        return [entry["path"] for entry in entries if entry["operation"] in ("cancel", "delete", "purgeQueue")]


def main() -> None:
    """Run everything, and say what was verified."""
    clone, directory = (Path(argument).resolve() for argument in sys.argv[1:])
    examples = clone / "examples" / "pipelines"
    files = {"gitlab-ci.yml": gitlab, "github-workflow.yml": github, "Jenkinsfile": jenkins}
    pipelines = [split_up(read(examples / name)) for name, read in files.items()]
    require(all(each == pipelines[0] for each in pipelines), f"The pipelines differ: {pipelines}")
    install, jobs = pipelines[0]
    require([job.name for job in jobs] == ["drain", "deploy", "check"], f"The jobs are {jobs}")

    shutil.copy(examples / "requirements.yml", directory)
    state = Path(os.environ["ARCGIS_CA_PATH"]).with_name("simulator.json")
    checkout = Checkout(directory, clone, json.loads(state.read_text(encoding="utf-8")))
    check_packages(install[0])
    require(checkout.run(install[1:]) == 0, f"{checkout.output}\nThe collection cannot be installed.")

    # Jobs are open, so nothing is deployed.
    checkout.expect(jobs, "touch deployed", drain=2, check=0)
    for job in checkout.control("GET", "jobs?context=server"):
        checkout.control("PATCH", f"jobs/{job['job_id']}", {"status": "succeeded"})
    checkout.expect(jobs, "touch deployed", drain=0, deploy=0, check=0)
    require((directory / "deployed").exists(), "nothing was deployed")

    # The deployment fails and leaves a site behind that does not work.
    broken = json.dumps({"kind": "sign_in_page", "context": "server"})
    ca_path, faults = checkout.site["ca_path"], f"{checkout.site['control']}/faults"
    post = f"curl --fail --cacert '{ca_path}' --header 'Content-Type: application/json' --data '{broken}' {faults}"
    checkout.expect(jobs, f"{post}\nexit 7", drain=0, deploy=7, check=2)

    require(checkout.writes() == [], f"the pipelines changed jobs: {checkout.writes()}")
    require(os.environ["ARCGIS_PASSWORD"] not in checkout.output, "the output holds the password")
    print(f"{', '.join(files)}: their commands ran, and stopped where they must")


if __name__ == "__main__":
    main()
