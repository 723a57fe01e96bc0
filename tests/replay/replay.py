# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules against recorded answers, and says which requests had none and which answers no task asked for.

Usage: replay.py DIRECTORY. Each folder in it that holds a recording, itself included, is a site of its own. The exit
status is 1 where a task failed, or a request had no recorded answer.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import shorten
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]

from ansible_collections.gisops.arcgis.tests.replay.recording import Recording, ReplayedOrigin
from ansible_collections.gisops.arcgis.tests.replay.tasks import derived_tasks, product_urls

COLLECTION = "gisops.arcgis"
TASKS = "replay.yml"
# One request after the other, so that answers to the same request come in their order.
CONNECTION = {"token": "replayed", "retries": 0, "max_concurrency": 1}
ENVIRONMENT = {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml", "ANSIBLE_RETRY_FILES_ENABLED": "False"}
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}


@contextmanager
def replayed(recording: Recording) -> Iterator[dict[str, str]]:
    """Serve a recording; yield the address of each product in it, by action group."""
    servers = {origin: ReplayedOrigin(origin, recording) for origin in recording.origins}
    try:
        yield {
            product: f"{servers[origin].origin}{context}"
            for product, (origin, context) in product_urls(recording.requests).items()
        }
    finally:
        for server in servers.values():
            server.stop()


def play_of(name: str, recording: Recording, urls: Mapping[str, str]) -> dict[str, Any]:
    """Return the play that reads a recording, with the tasks of its folder or those that its paths tell."""
    file = recording.directory / TASKS
    if file.is_file():
        tasks = yaml.safe_load(file.read_text(encoding="utf-8"))
    else:
        # What one module makes of the recording does not keep the others from theirs.
        tasks = [
            {"name": shorten(str(task), 120), f"{COLLECTION}.{task.module}": task.options, "ignore_errors": True}
            for task in derived_tasks(recording.requests)
        ]
    return {
        "name": name,
        "hosts": "all",
        "gather_facts": False,
        "vars": {"replay_urls": dict(urls)},
        "module_defaults": {
            f"group/{COLLECTION}.{group}": {"url": url, **CONNECTION}
            # Modules of no product, such as site_info, have but the first of these defaults.
            for group, url in {"arcgis": next(iter(urls.values()), ""), **urls}.items()
        },
        "tasks": tasks,
    }


def run_play(play: Mapping[str, Any]) -> int:
    """Run a play, show the results of its tasks, and return the exit status."""
    inventory = {"all": {"hosts": {"replay": LOCAL}}}
    with tempfile.TemporaryDirectory(prefix="replay-") as directory:
        paths = [Path(directory, name) for name in ("inventory.json", "playbook.json")]
        for path, content in zip(paths, (inventory, [play])):
            path.write_text(json.dumps(content), encoding="utf-8")
        command = ["ansible-playbook", "-v", "-i", *map(str, paths)]
        return subprocess.run(
            command, env={**os.environ, **ENVIRONMENT}, stderr=subprocess.STDOUT, check=False
        ).returncode


def remarks(recording: Recording) -> list[str]:
    """Return what the recording lacks, as lines for the recipe that records, and what is of no use in it."""
    lines = []
    if recording.missing:
        lines.append("These requests had no recorded answer. Record them with")
        for number, request in enumerate(recording.missing, len(recording.pairs) + 1):
            url = shlex.quote(request.url)
            lines.append(f"record {number:03} {url}" if request.method == "GET" else f"# {request.method} {url}")
    if recording.unused:
        lines.append(f"No task asked for these recorded answers: {', '.join(pair.name for pair in recording.unused)}")
    return lines


def replay(name: str, recording: Recording) -> bool:
    """Replay one recording; say whether no task failed and no answer was missing."""
    with replayed(recording) as urls:
        status = run_play(play_of(name, recording, urls))
    for line in remarks(recording):
        print(line, flush=True)
    return status == 0 and not recording.missing


def main() -> int:
    """Replay every recording in the directory of the command line and return the exit status."""
    directory = Path(sys.argv[1]).resolve()
    folders = sorted({file.parent for file in directory.rglob("*.request")})
    if not folders:
        raise SystemExit(f"{directory} holds no recording: there is no file NAME.request in it.")
    recordings = {folder.relative_to(directory.parent).as_posix(): Recording(folder) for folder in folders}
    failed = [name for name, recording in recordings.items() if not replay(name, recording)]
    pairs = sum(len(recording.pairs) for recording in recordings.values())
    print(f"{pairs} recorded answers in {len(folders)} folders; not as expected: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
