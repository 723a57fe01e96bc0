# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web server on loopback that answers as a test tells it to, for what the simulator never does.

Answers are given by the last segment of the path, and by "job" for a job itself:

    ScriptedSite({"query": [page(a="Executing")], "job": [job("a", "esriJobExecuting")], "cancel": [DROPPED, {}]})

The last answer of a list is repeated. What is not in the script is a page with HTTP 404. Only to the question what it
is ("info") the site answers without a script, and does not note it.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Union
from urllib.parse import parse_qsl, unquote, urlsplit

_JOB = re.compile(r"j[0-9A-Za-z_-]+")


@dataclass(frozen=True)
class Answer:
    """What to send back. With missing_bytes the body is that much shorter than announced; dropped says nothing."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    missing_bytes: int = 0
    dropped: bool = False

    def payload(self) -> bytes:
        """Return the body as it goes over the wire."""
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Received:
    """A request that arrived. target is the request line's own, which is a whole URL at a proxy."""

    method: str
    target: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: Message[str, str]
    operation: str

    @property
    def fields(self) -> dict[str, str]:
        """Return the parameters, wherever they were."""
        return {**self.query, **self.form}


Scripted = Union[Answer, Callable[[Received], Any], Mapping[str, Any]]
DROPPED = Answer(dropped=True)
GATEWAY_DOWN = Answer("<html>Bad gateway</html>", 502)
NOT_FOUND = Answer(
    {"status": "error", "messages": ["Could not find resource or operation 'x' on the system."], "code": 404}
)
PAGE_404 = Answer("<html><h1>404</h1></html>", 404)


def refused(code: int, message: str) -> Answer:
    """Return an error of the administrator API of ArcGIS Server."""
    return Answer({"status": "error", "messages": [message], "code": code})


def portal_error(code: int, message: str) -> Answer:
    """Return an error as the portal, Notebook Server and Video Server write it."""
    return Answer({"error": {"code": code, "message": message, "details": []}})


def page(next_start: int = -1, total: int | None = None, **labels: str) -> dict[str, Any]:
    """Return a page of the job query."""
    return {"total": len(labels) if total is None else total, "nextStart": next_start, "results": labels}


def job(job_id: str, status: str, **more: Any) -> dict[str, Any]:
    """Return a job resource."""
    return {"jobId": job_id, "status": status, "submittedTime": 1700000000000, "username": "j_doe", **more}


def each_job(status: str, delay: float = 0.0) -> Callable[[Received], Answer]:
    """Return a turn that answers for whichever job it is asked for."""
    return lambda received: Answer(job(received.path.rpartition("/")[2], status), delay=delay)


class ScriptedSite:
    """The running server. received holds what arrived, busiest how many requests were under way at most.

    connections counts those that were opened.
    """

    def __init__(self, script: Mapping[str, Scripted | Sequence[Scripted]], tls: ssl.SSLContext | None = None) -> None:
        self.script = {name: list(turns) if isinstance(turns, list) else [turns] for name, turns in script.items()}
        self.received: list[Received] = []
        self.busiest = 0
        self.connections = 0
        self._under_way = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def origin(self) -> str:
        """Return the address without a path."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """Return the context URL."""
        return f"{self.origin}/server"

    def operations(self) -> list[str]:
        """Return what arrived, by name."""
        return [received.operation for received in self.received]

    def writes(self) -> list[str]:
        """Return the paths of what was posted, which writes as long as the token travels in a header."""
        return [received.path for received in self.received if received.method == "POST"]

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, received: Received) -> Answer:
        if received.operation == "info" and "info" not in self.script:
            return Answer({"currentVersion": 11.3})
        with self._lock:
            self.received.append(received)
            turns = self.script.get(received.operation, [PAGE_404])
            turn = turns.pop(0) if len(turns) > 1 else turns[0]
        answer = turn(received) if callable(turn) else turn
        return answer if isinstance(answer, Answer) else Answer(answer)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            """One connection."""

            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                """Count the connection."""
                super().setup()
                with site._lock:
                    site.connections += 1

            def do_GET(self) -> None:
                """Answer a request of any method."""
                with site._lock:
                    site._under_way += 1
                    site.busiest = max(site.busiest, site._under_way)
                try:
                    answer = site._answer(self._received())
                    time.sleep(answer.delay)
                finally:
                    with site._lock:
                        site._under_way -= 1
                self._send(answer)

            do_POST = do_GET

            def _received(self) -> Received:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                parts = urlsplit(self.path)
                segment = unquote(parts.path).rstrip("/").rpartition("/")[2]
                operation = "job" if _JOB.fullmatch(segment) and segment != "jobs" else segment
                query, form = dict(parse_qsl(parts.query, True)), dict(parse_qsl(body, True))
                return Received(self.command, self.path, unquote(parts.path), query, form, self.headers, operation)

            def _send(self, answer: Answer) -> None:
                self.close_connection = answer.dropped or bool(answer.missing_bytes)
                if answer.dropped:
                    return
                body = answer.payload()
                headers = {"Content-Length": str(len(body)), "Date": formatdate(usegmt=True), **answer.headers}
                lines = [f"HTTP/1.1 {answer.status} Said"] + [f"{name}: {value}" for name, value in headers.items()]
                head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
                self.wfile.write(head + body[: len(body) - answer.missing_bytes])

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler
