# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the job templates of examples/awx through ansible-runner, as AWX does, and checks what its events say.

Usage: runner_project.py DIRECTORY. DIRECTORY/project is the project; the simulator is up, and ARCGIS_* lead to it.
The credential type of the project makes the environment of the runs, from these variables, and the survey of a template
makes the extra variables: its defaults, and the answers that a user would give.
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

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "controller"))

import rules  # type: ignore[import-not-found, unused-ignore]  # noqa: E402

STUCK_JOB = "jb0ffe200000000000000000000stuck1"
CLEANUP = {
    "gp_job_cleanup_all_services": "true",
    "gp_job_cleanup_cancel_after": "6h",
    "gp_job_cleanup_delete_after": "7d",
}
CANCEL_STUCK = {"gp_job_cleanup_all_services": "true", "gp_job_cleanup_cancel_after": "6h"}
DRAIN = {
    "gp_drain_services": "Elevation\nMaps/Viewshed\n",
    "gp_drain_on_timeout": "cancel",
    "gp_drain_grace_period": 4,
}


class Project:
    """The project of AWX, with a credential for the simulated site."""

    def __init__(self, directory: Path) -> None:
        """Take the directory with the project; build the environment as the credential type says."""
        self.directory = directory
        self.runs = 0
        self.log_ins = 0
        templates = yaml.safe_load(
            (directory / "project" / "controller" / "job_templates.yml").read_text(encoding="utf-8")
        )
        self.templates = {each["playbook"]: each for each in templates["awx_setup_job_templates"]}
        credential_type = directory / "project" / "credential_type"
        fields = yaml.safe_load((credential_type / "input.yml").read_text(encoding="utf-8"))["fields"]
        injectors = yaml.safe_load((credential_type / "injectors.yml").read_text(encoding="utf-8"))
        inputs = {field["id"]: field.get("default", "") for field in fields}
        inputs["server_url"] = os.environ["ARCGIS_SERVER_URL"]
        inputs.update({name: os.environ[f"ARCGIS_{name.upper()}"] for name in ("username", "password", "ca_path")})
        for name in [name for name in os.environ if name.startswith("ARCGIS_")]:
            del os.environ[name]
        self.environment = {name: Template(text).render(inputs) for name, text in injectors["env"].items()}

    def start(self, playbook: str, answers: dict[str, Any], check: bool = False) -> Any:
        """Run the job template of a playbook to its end, with these answers to its survey, and return the run."""
        template = self.templates[playbook]
        problems = rules.answer_problems(answers, template)
        require(not problems, f"the survey of {playbook} does not take the answers: {problems}")
        self.runs += 1
        data = self.directory / f"run-{self.runs}"  # a directory of its own, since options of a run stay in it
        (data / "env").mkdir(parents=True)
        variables = rules.unsafe_yaml(rules.launch_variables(template, answers))
        (data / "env" / "extravars").write_text(variables, encoding="utf-8")
        return ansible_runner.run(
            private_data_dir=str(data),
            project_dir=str(self.directory / "project"),
            playbook=playbook,
            inventory=str(self.directory / "project" / "inventory"),
            envvars=self.environment,
            cmdline="--check" if check else None,
            verbosity=3,
        )

    def run(self, playbook: str, answers: dict[str, Any], check: bool = False) -> dict[str, Any]:
        """Run a job template, which must succeed, and return the results of its tasks by their names."""
        run = self.start(playbook, answers, check)
        self.log_ins += 1
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


def check_site(project: Project, site: Site) -> None:
    """Check the site with the defaults of the survey."""
    project.run("check_site.yml", {})
    require(site.writes == 0, "the check of the site wrote")


def report(project: Project, site: Site) -> None:
    """Report with the defaults of the survey, in which the services are an empty text."""
    passed_on = project.run("report.yml", {})["Pass the report on to the next steps of a workflow"]
    text = passed_on["ansible_stats"]["data"]["job_report_text"]
    require(STUCK_JOB in text, f"the report lacks the stuck job: {text}")
    require(site.writes == 0, "the report wrote")


def select_nothing(project: Project, site: Site) -> None:
    """Start a clean-up without an answer: the defaults of the survey select nothing."""
    run = project.start("cleanup.yml", {})
    require(run.rc == 2 and "Set either gp_job_cleanup_services" in run.stdout.read(), "the defaults clean up")
    require(site.writes == site.count("generateToken") == 0, "the defaults asked the site")


def cancel_stuck(project: Project, site: Site) -> None:
    """Preview the cancelling of stuck jobs."""
    counts = done_by(project.run("cancel_stuck.yml", CANCEL_STUCK, check=True)["Show the counts"]["msg"])
    require(counts["cancelled"] > 0 and counts["deleted"] == 0, f"predicted: {counts}")
    require(site.writes == 0, "check mode wrote")


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
    select_nothing(project, site)
    checked = (directory / "collections/ansible_collections/gisops/arcgis/playbooks/check_site.yml").exists()
    if checked:
        check_site(project, site)
    report(project, site)
    cancel_stuck(project, site)
    clean_up(project, site)
    drain(project, site)
    log_ins = site.count("generateToken")
    require(log_ins == project.log_ins, f"{log_ins} log-ins for {project.log_ins} runs")
    version, left_out = metadata.version("ansible-runner"), "" if checked else "; check_site.yml does not exist yet"
    print(
        f"{project.runs} runs of examples/awx through ansible-runner {version}, from the installed collection{left_out}"
    )


if __name__ == "__main__":
    main()
