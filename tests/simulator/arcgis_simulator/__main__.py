# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: serve a scenario in the foreground until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import selectors
import shlex
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from .simulator import Service


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="arcgis_simulator", description=__doc__)
    parser.add_argument("--scenario", default="demo", help="a scenario that ships with the simulator, or a file")
    parser.add_argument("--profile", type=Path, help="the file of a check_site, whose sites are to be played")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; 0 takes a free one")
    parser.add_argument("--directory", type=Path, help="where ca.pem and simulator.json go; a temporary one if absent")
    parser.add_argument("--format", choices=("env", "json"), default="env", help="what is printed when it is ready")
    return parser.parse_args()


def as_environment(description: dict[str, Any]) -> str:
    """Return shell lines that point the collection at the simulator."""
    urls, accounts = description["urls"], description["accounts"]
    lines = [
        f"export ARCGIS_{context.upper()}_URL={shlex.quote(urls[context])}"
        for context in ("server", "notebook", "video")
    ]
    account = next(
        (each for each in accounts.values() if "portal" in each["stores"] and each["role"] == "administrator"), None
    )
    if account:
        lines += [
            f"export ARCGIS_USERNAME={shlex.quote(account['username'])}",
            f"export ARCGIS_PASSWORD={shlex.quote(account['password'])}",
        ]
    lines.append(f"export ARCGIS_CA_PATH={shlex.quote(description['ca_path'])}")
    lines += [f"# {context}: {urls[context]}" for context in ("portal", "arcgis", "kubernetes")]
    lines += [
        f"# account {each['username']} / {each['password']}: {each['role']} of {', '.join(each['stores'])}"
        for each in accounts.values()
    ]
    lines.append(f"# control: {description['control']}")
    return "\n".join(lines)


def _write_atomically(path: Path, text: str) -> None:
    partial = path.with_suffix(".part")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


async def _serve(arguments: argparse.Namespace, directory: Path) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    service = Service(arguments.scenario, arguments.host, arguments.port, arguments.profile)
    for text in service.host.profile.unknown:
        sys.stderr.write(f"warning: {text}\n")
    await service.start(directory)
    description = service.host.description()
    text = json.dumps(description, indent=2)
    state_file = directory / "simulator.json"
    _write_atomically(state_file, text + "\n")
    sys.stdout.write((text if arguments.format == "json" else as_environment(description)) + "\n")
    sys.stdout.flush()
    try:
        await stopped.wait()
    finally:
        await service.stop()
        state_file.unlink()


def main() -> None:
    """Run the command line."""
    arguments = _arguments()
    with asyncio.Runner(loop_factory=_exact_loop) as runner:
        if arguments.directory:
            arguments.directory.mkdir(parents=True, exist_ok=True)
            runner.run(_serve(arguments, arguments.directory.resolve()))
            return
        with tempfile.TemporaryDirectory(prefix="arcgis-simulator-") as directory:
            runner.run(_serve(arguments, Path(directory)))


def _exact_loop() -> asyncio.AbstractEventLoop:
    """Return a loop that ends its pauses in time: the usual one counts whole milliseconds and rounds up."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


if __name__ == "__main__":
    main()
