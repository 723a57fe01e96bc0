# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of recorded requests and responses, and web servers on loopback that answer from it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from ansible_collections.gisops.arcgis.tests.unit.scripted_site import Answer, Received, ScriptedSite

# What does not tell one request from another: the format of the answer, and the secret.
_IGNORED = ("f", "token")
# What describes the connection of the recording, and not the answer.
_OF_THE_CONNECTION = ("connection", "content-length", "keep-alive", "transfer-encoding")
_HEAD = re.compile(rb"HTTP/[\d.]+ \d{3}.*?\r?\n\r?\n", re.DOTALL)
_NOT_RECORDED = Answer("<html>There is no recorded answer to this request.</html>", 404)


@dataclass(frozen=True)
class Request:
    """A request as far as it tells one answer from another: of what it posts, and of its headers, nothing is known.

    path is not quoted. parameters are sorted, without those that are empty or false, which is what they are by default.
    """

    method: str
    origin: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    url: str = field(compare=False)

    @classmethod
    def of(cls, method: str, url: str) -> Request:
        """Return the request of a method and a URL."""
        parts = urlsplit(url)
        query = [pair for pair in parse_qsl(parts.query) if pair[1] != "false" and pair[0] not in _IGNORED]
        path = unquote(parts.path).rstrip("/")
        return cls(method.upper(), f"{parts.scheme}://{parts.netloc}", path, tuple(sorted(query)), url)


@dataclass(frozen=True)
class Pair:
    """One recorded request and its answer, under the name that their files have in common."""

    name: str
    request: Request
    answer: Answer


def read_pairs(directory: Path) -> list[Pair]:
    """Return the pairs of a folder in the order of their names. Raises ValueError for a file that is none of a pair."""
    pairs = [_read_pair(file) for file in sorted(directory.glob("*.request"))]
    alone = {file.stem for file in directory.glob("*.response")} - {pair.name for pair in pairs}
    if alone:
        raise ValueError(f"{directory}: no request belongs to {', '.join(sorted(alone))}")
    return pairs


def _read_pair(file: Path) -> Pair:
    lines = file.read_text(encoding="utf-8").splitlines()
    words = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    if len(words) != 1 or len(words[0]) != 2 or "://" not in words[0][1]:
        raise ValueError(f"{file}: needs one line with a method and a URL, and comments at most")
    if "token=" in words[0][1]:
        raise ValueError(f"{file}: holds a token, which belongs in a header, and not in a recording")
    response = file.with_suffix(".response")
    if not response.is_file():
        raise ValueError(f"{file}: has no {response.name} beside it")
    return Pair(file.stem, Request.of(*words[0]), read_answer(response.read_bytes()))


def read_answer(content: bytes) -> Answer:
    """Return a response as curl --include writes it, or the answer with HTTP 200 of a body alone.

    Of several heads, such as those of a proxy, the last one counts.
    """
    status, headers = 200, {}
    while head := _HEAD.match(content):
        first, *lines = head[0].decode("latin-1").splitlines()
        status = int(first.split()[1])
        headers = dict(line.split(": ", 1) for line in lines if ": " in line)
        content = content[head.end() :]
    kept = {name: value for name, value in headers.items() if name.lower() not in _OF_THE_CONNECTION}
    return Answer(content, status, kept)


class Recording:
    """The pairs of one folder while they are replayed, and what was asked for.

    Pairs with the same request are answers in their order, and the last of them is repeated.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.pairs = read_pairs(directory)
        self.missing: list[Request] = []
        self._left: dict[Request, list[Pair]] = {}
        for pair in self.pairs:
            self._left.setdefault(pair.request, []).append(pair)
        self._asked: set[str] = set()

    @property
    def requests(self) -> list[Request]:
        """Return the recorded requests in the order of their names."""
        return [pair.request for pair in self.pairs]

    @property
    def origins(self) -> list[str]:
        """Return the origins of the recorded requests."""
        return list(dict.fromkeys(request.origin for request in self.requests))

    @property
    def unused(self) -> list[Pair]:
        """Return the pairs that nobody has asked for."""
        return [pair for pair in self.pairs if pair.name not in self._asked]

    def answer(self, request: Request) -> Answer:
        """Return the recorded answer to a request; a page with HTTP 404 where there is none."""
        turns = self._left.get(request)
        if not turns:
            if request not in self.missing:
                self.missing.append(request)
            return _NOT_RECORDED
        pair = turns.pop(0) if len(turns) > 1 else turns[0]
        self._asked.add(pair.name)
        return pair.answer


class ReplayedOrigin(ScriptedSite):
    """A web server in place of one origin of a recording."""

    def __init__(self, recorded_origin: str, recording: Recording) -> None:
        super().__init__({})
        self._recorded_origin = recorded_origin
        self._recording = recording

    def _answer(self, received: Received) -> Answer:
        with self._lock:
            return self._recording.answer(Request.of(received.method, f"{self._recorded_origin}{received.target}"))
