# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a guide shows: its blocks, the commands and outputs in them, and how an output is compared with a real one.

A block with a caption is a file of that name. A `shell-session` holds commands after `$` and what they print; `...`
stands for anything. A comment `.. simulator:` says, as YAML, what is different at the sites from there on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import yaml

# Guides whose blocks are all executed, or named in NOT_EXECUTED.
GUIDES = (
    "guide_several_sites",
    "guide_recipes",
    "guide_troubleshooting",
    "guide_coming_from",
    "guide_matrix",
)

# The caption or the first line of each block that is only checked for its syntax, and why.
NOT_EXECUTED = {
    "apt-get install python3-requests": "changes the machine",
    "/etc/cron.d/gis": "cron starts it, in the night",
    "nightly.yml": "needs the collection community.general and a mail server",
    "python3 -m venv /opt/gis/venv": "installs from a package index",
}

_HEAD = re.compile(r"^\.\. (?:code-block:: (?P<language>\S+)|(?P<simulator>simulator:)(?P<rest>.*))$")
_CAPTION = re.compile(r"^   :caption: (.+)$")

# What differs from run to run.
_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| UTC)?"), "TIME"),
    (re.compile(r"\b1[6-9]\d{11}\b"), "MILLISECONDS"),
    (re.compile(r'("elapsed": )[\d.]+'), r"\1SECONDS"),
    (re.compile(r"\(_ssl\.c:\d+\)"), "(_ssl.c)"),
    (re.compile(r"0x[0-9a-f]{6,}"), "ADDRESS"),
)


@dataclass(frozen=True)
class Block:
    """A block of a guide, or the settings of a comment, whose language is `simulator`."""

    guide: str
    line: int
    language: str
    caption: str | None
    text: str

    @property
    def name(self) -> str:
        """The caption, or the first line."""
        return self.caption or self.text.strip().splitlines()[0]

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.guide}.rst:{self.line}"


@dataclass(frozen=True)
class Command:
    """A command and what the guide shows below it."""

    text: str
    shown: str

    @property
    def fails(self) -> bool:
        """Whether the guide shows that it fails."""
        return bool(re.search(r"\[ERROR\]|FAILED!|failed=[1-9]", self.shown))


def blocks_of(path: Path) -> list[Block]:
    """Return the blocks of a guide in their order."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = []
    for number, line in enumerate(lines):
        head = _HEAD.match(line)
        if not head:
            continue
        body = list(_indented(lines[number + 1 :]))
        captions = [match[1] for match in map(_CAPTION.match, body) if match]
        content = [each for each in body if not re.match(r"   :\w+:", each)]
        text = dedent("\n".join([*([f"   {head['rest'].strip()}"] if head["rest"] else []), *content])).strip("\n")
        language = head["language"] or "simulator"
        found.append(Block(path.stem, number + 1, language, captions[0] if captions else None, text + "\n"))
    return found


def _indented(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if line and not line.startswith("   "):
            return
        yield line


def commands_of(text: str) -> list[Command]:
    """Return the commands of a session. A command whose line ends in a backslash goes on in the next one."""
    found: list[tuple[list[str], list[str]]] = []
    for line in text.splitlines():
        if found and not found[-1][1] and found[-1][0][-1].endswith("\\"):
            found[-1][0].append(line)
        elif line.startswith("$ "):
            found.append(([line[2:]], []))
        elif not found:
            raise ValueError(f"a session begins with output: {line}")
        else:
            found[-1][1].append(line)
    return [Command("\n".join(command), "\n".join(shown)) for command, shown in found]


def settings_of(block: Block) -> dict[str, Any]:
    """Return what a comment sets."""
    return dict(yaml.safe_load(block.text))


def _comparable(text: str) -> str:
    for pattern, replacement in _VOLATILE:
        text = pattern.sub(replacement, text)
    return re.sub(r"\s+", "", text)  # a guide wraps long lines, and so does Ansible


def is_shown_by(shown: str, real: str) -> bool:
    """Return whether a guide shows a real output: in this order, in full but for what `...` stands for."""
    parts = [_comparable(part) for part in shown.split("...")]
    rest = _comparable(real)
    if not rest.startswith(parts[0]) or not rest.endswith(parts[-1]):
        return False
    if len(parts) == 1:
        return rest == parts[0]
    position = len(parts[0])
    for part in parts[1:-1]:
        position = rest.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return position + len(parts[-1]) <= len(rest)
