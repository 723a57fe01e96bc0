# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the clean-up of examples/awx inside an execution environment, as AWX does, and checks what its events say.

Usage: in_image.py DIRECTORY COMMAND [ARGUMENT ...]. The command runs what follows it in the image, where DIRECTORY is
/runner; the simulator is up, and ARCGIS_* lead to it. Each task runs as a module, and then in the process of Ansible.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent.parent / "examples" / "awx"
# The entry point of the image, which a chroot does not start by itself.
ENTRY = ("/opt/builder/bin/entrypoint", "dumb-init")
VARIABLES = ("gp_job_cleanup_all_services=true", "gp_job_cleanup_cancel_after=6h", "gp_job_cleanup_delete_after=7d")
HOW = re.compile(r"^(gisops\.arcgis\.\w+) runs (.*?)\r?$", re.MULTILINE)


def require(condition: bool, otherwise: str) -> None:
    """End the run unless what is expected holds."""
    if not condition:
        sys.exit(otherwise)


class Image:
    """The execution environment, with the project and the log-in in /runner."""

    def __init__(self, directory: Path, command: list[str]) -> None:
        """Lay out the directory as ansible-runner wants it, for the account of the image."""
        self.directory, self.command = directory, command
        shutil.copytree(PROJECT, directory / "project")
        shutil.copy(os.environ["ARCGIS_CA_PATH"], directory / "ca.pem")
        self.variables = {name: value for name, value in os.environ.items() if name.startswith("ARCGIS_")}
        self.variables["ARCGIS_CA_PATH"] = "/runner/ca.pem"
        (directory / "env").mkdir()
        for path in [directory, *directory.rglob("*")]:
            path.chmod(0o777 if path.is_dir() else 0o644)

    def output_of(self, *arguments: str) -> str:
        """Run a command in the image and return what it prints."""
        command = [*self.command, *ENTRY, *arguments]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
        require(done.returncode == 0, f"{' '.join(arguments)} failed:\n{done.stdout}")
        return done.stdout

    def clean_up(
        self, name: str, options: str, variables: dict[str, str]
    ) -> tuple[dict[str, Any], dict[str, set[str]]]:
        """Run the playbook. Return the results of its tasks, and how the tasks of each module ran."""
        environment = json.dumps({**self.variables, **variables})
        (self.directory / "env" / "envvars").write_text(environment, encoding="utf-8")
        extra = " ".join(f"-e {variable}" for variable in VARIABLES)
        place = ["/runner", "--ident", name, "--inventory", "/runner/project/inventory"]
        output = self.output_of(
            "ansible-runner", "run", *place, "-p", "cleanup.yml", f"--cmdline={extra} -vvv {options}"
        )
        ways: dict[str, set[str]] = {}
        for module, way in HOW.findall(output):
            ways.setdefault(module, set()).add(way)
        results = {}
        for path in sorted((self.directory / "artifacts" / name / "job_events").glob("*.json")):
            event = json.loads(path.read_text(encoding="utf-8"))
            if event["event"] == "runner_on_ok":
                results[event["event_data"]["task"]] = event["event_data"]["res"]
        return results, ways


def main() -> None:
    """Preview the clean-up with modules, do it in the process of Ansible, and compare."""
    directory, command = Path(sys.argv[1]), sys.argv[2:]
    image = Image(directory, command)
    release = image.output_of("ansible", "--version").splitlines()[0]
    preview, ways = image.clean_up("preview", "--check", {"ARCGIS_DIRECT": "never"})
    modules = {"gisops.arcgis.token", "gisops.arcgis.gp_job_query", "gisops.arcgis.gp_job"}
    expected = {"as a module: ARCGIS_DIRECT is never"}
    require(ways == dict.fromkeys(modules, expected), f"as modules: {ways}")
    done, ways = image.clean_up("done", "", {})
    require(ways == dict.fromkeys(modules, {"in the process of the controller"}), f"in the process: {ways}")
    predicted = {count.removeprefix("would be "): value for count, value in preview["Show the counts"]["msg"].items()}
    counts = done["Show the counts"]["msg"]
    require(predicted == counts and counts["deleted"] > 0, f"predicted {predicted}, done {counts}")
    print(f"built; {release} in it ran cleanup.yml as modules, and in its own process")


if __name__ == "__main__":
    main()
