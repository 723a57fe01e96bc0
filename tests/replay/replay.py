# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules against recorded answers, and says which requests had none and which answers nobody asked for.

Usage: replay.py DIRECTORY. Each folder in it that holds recordings, itself included, is a site of its own, and a host of the
playbook that is played. The exit status tells whether a task failed, or a request had no recorded answer.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.gisops.arcgis.tests.replay.recording import Recording, ReplayedOrigin
from ansible_collections.gisops.arcgis.tests.replay.tasks import derived_tasks, product_urls

COLLECTION = "gisops.arcgis"
TASKS = "replay.yml"
# Shows the results as YAML, and nothing of the machine.
ENVIRONMENT = {
    "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    "ANSIBLE_LOCALHOST_WARNING": "False",
    "ANSIBLE_RETRY_FILES_ENABLED": "False",
    "NO_PROXY": "127.0.0.1",
}


@contextmanager
def replayed(recording: Recording) -> Iterator[dict[str, str]]:
    """Serve a recording; yield the address of each product in it, by action group."""
    servers = {origin: ReplayedOrigin(origin, recording) for origin in recording.origins}
    urls = product_urls(pair.request for pair in recording.pairs)
    try:
        for origin, server in servers.items():
            urls = {product: url.replace(origin, server.origin, 1) for product, url in urls.items()}
        yield urls
    finally:
        for server in servers.values():
            server.stop()


def play_of(host: str, recording: Recording, urls: Mapping[str, str]) -> dict[str, Any]:
    """Return the play that reads a recording, with the tasks of its folder or those that its paths tell."""
    file = recording.directory / TASKS
    if file.is_file():
        tasks = yaml.safe_load(file.read_text(encoding="utf-8"))
    else:
        found = derived_tasks(pair.request for pair in recording.pairs)
        # What one task makes of the recording is no reason to keep the others from theirs.
        tasks = [
            {"name": task.module, f"{COLLECTION}.{task.module}": task.options, "ignore_errors": True} for task in found
        ]
    # One request after the other, so that answers to the same request come in their order.
    connection = {"token": "replayed", "retries": 0, "max_concurrency": 1}
    return {
        "name": host,
        "hosts": host,
        "gather_facts": False,
        "vars": {"replay_urls": dict(urls)},
        "module_defaults": {f"group/{COLLECTION}.{name}": {"url": url, **connection} for name, url in urls.items()},
        "tasks": tasks,
    }


def play(plays: list[dict[str, Any]]) -> int:
    """Play plays, each on a host of its name, and return the exit status."""
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    inventory = {"all": {"vars": local, "hosts": {each["hosts"]: {} for each in plays}}}
    with tempfile.TemporaryDirectory(prefix="replay-") as directory:
        paths = [Path(directory, name) for name in ("hosts.json", "playbook.json")]
        for path, content in zip(paths, (inventory, plays)):
            path.write_text(json.dumps(content), encoding="utf-8")
        command = ["ansible-playbook", "-v", "-i", *map(str, paths)]
        return subprocess.run(command, env={**os.environ, **ENVIRONMENT}, check=False).returncode


def shown(host: str, recording: Recording) -> list[str]:
    """Return what the recording lacks, as lines for the recipe that records, and what is of no use in it."""
    lines = []
    if recording.missing:
        lines.append(f"{host}: requests without a recorded answer: {len(recording.missing)}. Record them with")
        for number, request in enumerate(recording.missing, len(recording.pairs) + 1):
            url = shlex.quote(request.url)
            lines.append(f"  record {number:03} {url}" if request.method == "GET" else f"  # {request.method} {url}")
    if recording.unused:
        lines.append(f"{host}: no task asked for {', '.join(pair.name for pair in recording.unused)}.")
    return lines


def replay(directory: Path) -> int:
    """Replay every recording in a directory and return the exit status."""
    folders = sorted({file.parent for file in directory.rglob("*.request")})
    if not folders:
        raise SystemExit(f"{directory} holds no recording: there is no file NAME.request in it.")
    recordings = {folder.relative_to(directory.parent).as_posix(): Recording(folder) for folder in folders}
    with ExitStack() as servers:
        plays = [play_of(*each, servers.enter_context(replayed(each[1]))) for each in recordings.items()]
        status = play(plays)
    for line in (line for each in recordings.items() for line in shown(*each)):
        print(line)
    pairs = sum(len(recording.pairs) for recording in recordings.values())
    missing = sum(len(recording.missing) for recording in recordings.values())
    print(f"{pairs} recorded answers in {len(recordings)} folders; requests without one: {missing}")
    return status or int(missing > 0)


if __name__ == "__main__":
    sys.exit(replay(Path(sys.argv[1]).resolve()))
