# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs everything that the guides show, in a folder for each guide, and compares the outputs with those that they show.

Usage: run_guides.py INTEGRATION_CONFIG OUTPUT_DIRECTORY [GUIDE ...]

The guides speak of sites at example.com. Each of SITES is a simulator of its own here; its address takes the place of
the host name in files and commands, and the host name that of the address in outputs.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from ssl import create_default_context
from typing import Any

import yaml
from snippets import GUIDES, NOT_EXECUTED, Block, Command, blocks_of, commands_of, is_shown_by, settings_of

SITES = ("gis.example.com", "north.example.com", "valley.example.com")
COLLECTION = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"].split(":")[0]) / "ansible_collections" / "gisops" / "arcgis"
RST = COLLECTION / "docs" / "docsite" / "rst"
START_LIMIT = 60.0
TIME_LIMIT = 120


class Site:
    """A simulator in a process of its own."""

    def __init__(self, name: str, python: str, directory: Path) -> None:
        self.name = name
        self._python = python
        self._directory = directory
        self._start()
        self.aliases = {name: self.address}

    def _start(self) -> None:
        command = [self._python, "-m", "arcgis_simulator", "--directory", str(self._directory)]
        environment = {**os.environ, "PYTHONPATH": str(COLLECTION / "tests" / "simulator")}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        description, deadline = self._directory / "simulator.json", time.monotonic() + START_LIMIT
        while not description.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the simulator of {self.name} did not start")
            time.sleep(0.1)
        self.description = json.loads(description.read_text(encoding="utf-8"))
        self.address = self.description["control"].split("/")[2]
        self.ca = Path(self.description["ca_path"]).read_text(encoding="utf-8")

    def stop(self) -> None:
        """Stop it; its port then refuses connections."""
        self._process.terminate()
        self._process.wait()

    def tell(self, what: str, body: Any, method: str = "POST") -> Any:
        """Send a request to its control endpoint."""
        request = urllib.request.Request(
            f"{self.description['control']}/{what}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, context=create_default_context(cadata=self.ca)) as answer:
            return json.loads(answer.read() or "null")

    def apply(self, settings: dict[str, Any]) -> None:
        """Make the site what a comment of a guide says."""
        if settings.get("reset", True):
            self.tell("reset", {"clock": {"frozen": True}})  # ages and counts are those that the guide shows
        for fault in settings.get("faults", []):
            self.tell("faults", fault)
        for context, values in settings.get("settings", {}).items():
            self.tell("settings", {"context": context, **values}, "PATCH")
        for listener, name in settings.get("listeners", {}).items():
            self.aliases[name] = self.tell(f"listeners/{listener}", None)["url"].split("/")[2]
        if settings.get("down"):
            self.stop()


class Guide:
    """One guide, its folder, and the sites that it speaks of."""

    def __init__(self, path: Path, folder: Path, sites: list[Site]) -> None:
        self.path, self.folder, self.sites = path, folder, {site.name: site for site in sites}
        self.problems: list[str] = []
        self.counts = {"files": 0, "commands": 0, "not executed": 0}
        (folder / "html").mkdir(parents=True)
        authorities = folder.parent / "ca.pem"
        authorities.write_text("".join(site.ca for site in sites), encoding="utf-8")
        first = sites[0].description
        urls = {f"ARCGIS_{product.upper()}_URL": first["urls"][product] for product in ("server", "notebook", "video")}
        account = first["accounts"]["gis_admin"]
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ARCGIS_", "ANSIBLE_"))},
            **urls,
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
            "ARCGIS_USERNAME": account["username"],
            "ARCGIS_PASSWORD": account["password"],
            "ARCGIS_CA_PATH": str(authorities),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "False",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
        }

    def write_files(self) -> None:
        """Write the files that the guide shows."""
        for block in blocks_of(self.path):
            if block.caption and block.name not in NOT_EXECUTED:
                self._write(block)

    def run(self) -> None:
        """Do what the blocks say, one after the other."""
        for site in self.sites.values():
            site.apply({})
        for block in blocks_of(self.path):
            if block.language == "simulator":
                self._set(settings_of(block))
            elif block.name in NOT_EXECUTED:
                self._check_syntax(block)
            elif block.caption:
                self._write(block)
            else:
                self._play(block)

    def _set(self, settings: dict[str, Any]) -> None:
        for name, values in settings.items():
            self.sites[name].apply(values)

    def _check_syntax(self, block: Block) -> None:
        self.counts["not executed"] += 1
        if block.language == "yaml":
            yaml.safe_load(block.text)
        elif block.language in ("shell", "bash"):
            checked = subprocess.run(["bash", "-n"], input=block.text, text=True, capture_output=True, check=False)
            if checked.returncode:
                self.problems.append(f"{block.place}: {checked.stderr}")

    def _write(self, block: Block) -> None:
        self.counts["files"] += 1
        path = self.folder / str(block.caption)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._at_the_sites(block.text), encoding="utf-8")

    def _play(self, block: Block) -> None:
        for command in commands_of(block.text):
            self._execute(block, command)

    def shell(self, command: str) -> tuple[int, str]:
        """Run a command and return its status and its output, with the names of the guide."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self._at_the_sites(command)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
        real = self._as_shown(done.stdout)
        print(f"$ {command}\n{real}", flush=True)
        return done.returncode, real

    def _execute(self, block: Block, command: Command) -> None:
        self.counts["commands"] += 1
        status, real = self.shell(command.text)
        told = "\n".join(line for line in real.splitlines() if re.match(r"(fatal|failed): |\[ERROR\]|ERROR", line))
        if bool(status) != command.fails:
            self.problems.append(f"{block.place}: {command.text}: ended with status {status}\n{told}")
        if command.shown.strip() and not is_shown_by(command.shown, real):
            self.problems.append(f"{block.place}: {command.text}: another output than the guide shows\n{told}")

    def _addresses(self) -> list[tuple[str, str]]:
        return [pair for site in self.sites.values() for pair in site.aliases.items()]

    def _at_the_sites(self, text: str) -> str:
        text = text.replace("/var/www/html/gis", f"{self.folder}/html").replace("/etc/gis", str(self.folder))
        for name, address in self._addresses():
            text = re.sub(re.escape(name) + r"(:\d+)?", address, text)
        return text

    def _as_shown(self, text: str) -> str:
        for name, address in self._addresses():
            host, port = address.split(":")
            text = text.replace(address, name)
            text = re.sub(rf"host='{host}', port={port}", f"host='{name}', port=443", text)
        return text.replace(f"{self.folder}/html", "/var/www/html/gis").replace(str(self.folder), "/etc/gis")


@contextmanager
def prepared(name: str, config: Path, output: Path) -> Iterator[Guide]:
    """Yield a guide whose sites run; they are stopped in the end."""
    python = yaml.safe_load(config.read_text(encoding="utf-8"))["simulator_python"]
    work = (output / name).resolve()
    with ExitStack() as stack:
        sites = []
        for site in SITES:
            sites.append(Site(site, python, work / "sites" / site))
            stack.callback(sites[-1].stop)
        yield Guide(RST / f"{name}.rst", work / "work", sites)


def main() -> None:
    """Run the guides."""
    config, output = map(Path, sys.argv[1:3])
    problems: list[str] = []
    for name in sys.argv[3:] or GUIDES:
        with prepared(name, config, output) as guide:
            guide.run()
        counts = ", ".join(f"{number} {what}" for what, number in guide.counts.items())
        print(f"{name}: {counts}, {len(guide.problems)} problems", flush=True)
        problems += guide.problems
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
