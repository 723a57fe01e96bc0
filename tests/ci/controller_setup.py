# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs playbooks/awx_setup.yml against a look-alike of AWX until there is nothing left to change.

Usage: controller_setup.py DIRECTORY [BIN]. DIRECTORY has the installed collection, the project, and the collection
awx.awx. BIN has another ansible-playbook, for the second run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOKALIKE = Path(__file__).resolve().parent.parent / "controller" / "lookalike.py"
START_LIMIT = 60.0
PASSWORD = "a-password-that-nobody-else-has"


@contextmanager
def lookalike(directory: Path) -> Iterator[dict[str, str]]:
    """Start the look-alike, yield where it is and its token, and stop it."""
    description = directory / "controller.json"
    process = subprocess.Popen([sys.executable, str(LOOKALIKE), str(directory / "project"), str(description)])
    try:
        deadline = time.monotonic() + START_LIMIT
        while not description.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        require(description.exists(), "the look-alike did not start")
        yield json.loads(description.read_text(encoding="utf-8"))
    finally:
        process.terminate()
        process.wait()


def require(condition: bool, otherwise: str) -> None:
    """End the run unless what is expected holds."""
    if not condition:
        sys.exit(otherwise)


def rename(collection: Path, namespace: str, name: str) -> None:
    """Give an unpacked collection another name: the modules are the same in both."""
    target = collection.parent.parent / namespace / name
    target.parent.mkdir()
    shutil.move(collection, target)
    manifest = json.loads((target / "MANIFEST.json").read_text(encoding="utf-8"))
    manifest["collection_info"].update(namespace=namespace, name=name)
    (target / "MANIFEST.json").write_text(json.dumps(manifest), encoding="utf-8")


class Setup:
    """The playbook, in the folder of the project."""

    def __init__(self, directory: Path, controller: dict[str, str]) -> None:
        """Take the folder of everything, and where the controller is."""
        self.directory = directory
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("CONTROLLER_", "TOWER_"))},
            "PWD": str(directory / "project"),
            "ANSIBLE_PIPELINING": "true",
            "CONTROLLER_HOST": controller["url"],
            "CONTROLLER_OAUTH_TOKEN": controller["token"],
            "ARCGIS_SERVER_URL": "https://gis.example.com/server",
            "ARCGIS_USERNAME": "admin",
            "ARCGIS_PASSWORD": PASSWORD,
        }

    def run(self, *collections: str, bin_directory: str = "") -> tuple[int, str]:
        """Run it with these folders of collections and return its status and its output."""
        path = os.pathsep.join(filter(None, [bin_directory, self.environment["PATH"]]))
        paths = os.pathsep.join(str(self.directory / each) for each in collections)
        done = subprocess.run(
            ["ansible-playbook", "-v", "gisops.arcgis.awx_setup"],
            cwd=self.directory / "project",
            env={**self.environment, "PATH": path, "ANSIBLE_COLLECTIONS_PATH": paths},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(done.stdout)
        require(PASSWORD not in done.stdout, "the output holds the password")
        return done.returncode, done.stdout


def main() -> None:
    """Run it without the modules, for the first time, and again."""
    directory, bin_directory = Path(sys.argv[1]), "".join(sys.argv[2:])
    with lookalike(directory) as controller:
        setup = Setup(directory, controller)
        status, output = setup.run("collections")
        require(status == 2 and "ansible-galaxy collection install awx.awx" in output, "it did not say what is missing")

        status, output = setup.run("collections", "awx")
        made = len(re.findall(r"^changed: ", output, re.MULTILINE))
        require(
            status == 0 and made > 0 and "\nok: [localhost] => (item=ArcGIS" not in output, "the first run did not work"
        )

        rename(directory / "awx" / "ansible_collections" / "awx" / "awx", "ansible", "controller")
        status, output = setup.run("collections", "awx", bin_directory=bin_directory)
        require(status == 0 and " changed=0 " in output, "the second run changed something")
        found = len(re.findall(r"^ok: .*\"id\": ", output, re.MULTILINE))
        require(found == made, f"the second run found {found} of {made} objects")
    print(f"{made} objects of a look-alike of AWX made by the modules of awx.awx; a second run changed nothing")


if __name__ == "__main__":
    main()
