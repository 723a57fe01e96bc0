# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks what ansible-builder makes of the execution environment of examples/awx, without building it.

Usage: definition.py TARBALL COLLECTIONS DIRECTORY. COLLECTIONS is where the tarball is installed. DIRECTORY/context is
then the context of a build that takes the collection from the tarball.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples" / "awx"
NAME = "execution-environment.yml"


def require(condition: bool, otherwise: str) -> None:
    """End the run unless what is expected holds."""
    if not condition:
        sys.exit(otherwise)


def read(path: Path) -> Any:
    """Return what a file of YAML holds."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def create_context(project: Path, context: Path) -> str:
    """Have ansible-builder make the context of a build, and return its Containerfile."""
    command = [
        "ansible-builder",
        "create",
        "--file",
        NAME,
        "--output-filename",
        "Containerfile",
        "--context",
        str(context),
    ]
    subprocess.run(command, cwd=project, check=True)
    return (context / "Containerfile").read_text(encoding="utf-8")


def check_requirements(collections: Path, directory: Path) -> None:
    """Have ansible-builder ask the installed collection what it needs: requests, and no package of the system."""
    python, system = directory / "requirements.txt", directory / "bindep.txt"
    written = ["--write-pip", str(python), "--write-bindep", str(system)]
    subprocess.run(["ansible-builder", "introspect", *written, str(collections)], check=True)
    lines = python.read_text(encoding="utf-8").splitlines()
    needed = [line.partition("#")[0].strip() for line in lines]
    require([line for line in needed if line] == ["requests>=2.20.0"], f"the collection needs {lines}")
    require(not system.exists() or not system.read_text(encoding="utf-8").strip(), "the collection needs packages")


def check_releases(definition: dict[str, Any]) -> None:
    """Check that the definition takes every release of ansible-core that the tests run on."""
    taken = Requirement(definition["dependencies"]["ansible_core"]["package_pip"]).specifier
    for pins in sorted((ROOT / "tests" / "ci" / "requirements").glob("core-*.txt")):
        lines = pins.read_text(encoding="utf-8").splitlines()
        pinned = [Requirement(line) for line in lines if line.startswith("ansible-core==")]
        for version in [next(iter(requirement.specifier)).version for requirement in pinned]:
            require(version in taken, f"ansible-core {version} of {pins.name} is not in {taken}")


def check_shipped(directory: Path) -> None:
    """Check the context of the definition as it is: the base image, the collection, and the git that fetches it."""
    definition = read(EXAMPLE / NAME)
    check_releases(definition)
    steps = create_context(EXAMPLE, directory / "shipped").splitlines()
    base = definition["images"]["base_image"]["name"]
    require(f'ARG EE_BASE_IMAGE="{base}"' in steps, f"the base image is not {base}")
    [collection] = read(directory / "shipped" / "_build" / "requirements.yml")["collections"]
    repository = read(ROOT / "galaxy.yml")["repository"]
    require(collection["name"] == f"{repository}.git", f"the collection comes from {collection}")
    [fetching] = [number for number, step in enumerate(steps) if "ansible-galaxy collection install" in step]
    stage = steps[steps.index("FROM base AS galaxy") : fetching]
    require("RUN $PKGMGR install -y git" in stage, "nothing installs the git that fetches the collection")


def create_from_tarball(tarball: Path, directory: Path) -> None:
    """Make the context that differs from the shipped one in where the collection comes from."""
    project = directory / "project"
    shutil.copytree(EXAMPLE, project)
    shutil.copy(tarball, project)
    definition = read(project / NAME)
    definition["dependencies"]["galaxy"] = {"collections": [{"name": tarball.name, "type": "file"}]}
    definition["additional_build_files"] = [{"src": tarball.name, "dest": "."}]
    (project / NAME).write_text(yaml.safe_dump(definition), encoding="utf-8")
    create_context(project, directory / "context")
    require((directory / "context" / "_build" / tarball.name).is_file(), "the context lacks the tarball")


def main() -> None:
    """Check everything, and leave the context behind."""
    tarball, collections, directory = (Path(argument) for argument in sys.argv[1:])
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    check_requirements(collections, directory)
    check_shipped(directory)
    create_from_tarball(tarball, directory)


if __name__ == "__main__":
    main()
