# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs every example of every module of the collection against the simulator.

Usage: run_examples.py INTEGRATION_CONFIG INVENTORY OUTPUT_DIRECTORY [OPTION OF ansible-playbook ...]

All become one playbook. What an example leaves to the reader, such as the ID of a job, is defined in VARIABLES; the
connection comes from the environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

COLLECTION = "gisops.arcgis"

# What the examples leave to the reader, as the demo scenario has it.
VARIABLES = {
    "stuck_job_id": "jb0ffe200000000000000000000stuck1",
    "running_job_id": "jb0ffe20000000000000000executing1",
    "failed_job_id": "je490400000000000000000000failed1",
    "export_job_id": "je49040000000000000000000running1",
    "notebook_job_id": "j00000003-0b00-4000-8000-000000000003",
    "kubernetes_notebook_job_id": "j00000004-0c8b-4000-8000-000000000004",
    "nightly_job_id": "j00000001-0b00-4000-8000-000000000001",
    "ingest_job_id": "j00000002-51de-4000-8000-000000000002",
    "failed_ingest_job_id": "j00000003-51de-4000-8000-000000000003",
    "production_jobs": [],
    "production_notebooks": [],
}

# The examples follow jobs that end within half a minute; most of it passes at the site before they run.
SECONDS_AHEAD = 26


def documented_examples() -> dict[str, list[dict]]:
    """Return the entries of the examples of every module, as ansible-doc shows them."""
    dump = subprocess.run(
        ["ansible-doc", "--metadata-dump", "--type", "module", COLLECTION], check=True, capture_output=True, text=True
    )
    modules = json.loads(dump.stdout)["all"]["module"]
    return {name: yaml.safe_load(module["examples"]) for name, module in sorted(modules.items())}


def tasks_of(entries: list[dict]) -> list[dict]:
    """Return the tasks among the entries and those inside the plays among them."""
    return [task for entry in entries for task in (entry["tasks"] if "hosts" in entry else [entry])]


def flaws(module: str, entries: list[dict]) -> list[str]:
    """Return one sentence for each example that has no name or names a module in short."""
    found = [f"{module}: a play has no name" for entry in entries if not entry.get("name")]
    for task in tasks_of(entries):
        if not task.get("name"):
            found.append(f"{module}: a task has no name: {task}")
        if sum(key.count(".") == 2 for key in task) != 1:
            found.append(f"{module}: a task does not name its module in full: {task.get('name')}")
    if not any(module in task for task in tasks_of(entries)):
        found.append(f"{module}: its examples do not use it")
    return found


def begin_again(simulator: dict) -> list[dict]:
    """Return the tasks that let the site begin again, so that no module finds what another one left."""
    steps = {"reset": {"scenario": "demo"}, "clock": {"advance": SECONDS_AHEAD}}
    return [
        {
            "name": f"Let the site begin again - {what}",
            "ansible.builtin.uri": {
                "url": f"{simulator['control']}/{what}",
                "method": "POST",
                "body_format": "json",
                "body": body,
                "ca_path": simulator["ca_path"],
            },
        }
        for what, body in steps.items()
    ]


def plays_of(module: str, entries: list[dict], before: list[dict]) -> list[dict]:
    """Return the plays among the entries as they are, and a play of the tasks among them."""
    tasks = [entry for entry in entries if "hosts" not in entry]
    play = {"name": f"Examples of {module}", "hosts": "testhost", "gather_facts": False, "tasks": before + tasks}
    return [entry for entry in entries if "hosts" in entry] + ([play] if tasks else [])


def main() -> None:
    """Check the examples and run them."""
    config, inventory, output = map(Path, sys.argv[1:4])
    simulator = yaml.safe_load(config.read_text(encoding="utf-8"))["simulator"]
    examples = documented_examples()
    found = [flaw for module, entries in examples.items() for flaw in flaws(module, entries)]
    if found:
        sys.exit("\n".join(found))
    account = simulator["accounts"]["gis_admin"]
    environment = {
        **os.environ,
        **{f"ARCGIS_{product.upper()}_URL": simulator["urls"][product] for product in ("server", "notebook", "video")},
        "ARCGIS_USERNAME": account["username"],
        "ARCGIS_PASSWORD": account["password"],
        "ARCGIS_CA_PATH": simulator["ca_path"],
    }
    folders = dict.fromkeys(("report_folder", "archive_folder", "textfile_directory"), str(output.resolve()))
    variables = json.dumps({**VARIABLES, **folders, "kubernetes_url": simulator["urls"]["kubernetes"]})
    playbook, before = output / "examples.yml", begin_again(simulator)
    plays = [play for module, entries in examples.items() for play in plays_of(module, entries, before)]
    playbook.write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
    command = ["ansible-playbook", "-i", str(inventory), "-e", variables, *sys.argv[4:], str(playbook)]
    subprocess.run(command, check=True, env=environment)
    print(f"{sum(len(tasks_of(entries)) for entries in examples.values())} examples of {len(examples)} modules ran")


if __name__ == "__main__":
    main()
