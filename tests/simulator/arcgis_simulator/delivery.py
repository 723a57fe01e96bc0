# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an answer leaves: as it is, or in one of the ways in which connections fail."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import zlib
from collections.abc import Awaitable, Iterable, Iterator
from typing import Any, Callable

from aiohttp import web

Delivery = Callable[[web.Request, web.StreamResponse], Awaitable[web.StreamResponse]]
_PIECE = 64 * 1024
_LOOK_SECONDS = 0.05


class Unended(web.StreamResponse):
    """An answer without an end: the web server closes the connection where it would have ended it."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Leave the answer as it is."""


class Silence(Unended):
    """No answer: the web server closes the connection and sends nothing."""

    async def prepare(self, request: web.BaseRequest) -> Any:
        """Send no status and no headers."""
        return None


def body_of(response: web.StreamResponse) -> bytes:
    """Return the body of an answer; empty for one that has none."""
    body = response.body if isinstance(response, web.Response) else None
    return bytes(body) if isinstance(body, (bytes, bytearray)) else b""


async def whole(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Send the answer."""
    return response


def _is_open(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


def _break(request: web.Request) -> None:
    """Reset the connection: with no time to linger, closing it sends RST in place of FIN."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()


async def reset(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Reset the connection without an answer."""
    _break(request)
    return Silence()


def held(seconds: float | None) -> Delivery:
    """Leave the caller without an answer for some seconds, or until it gives up, and close the connection then."""

    async def deliver(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        end = None if seconds is None else loop.time() + seconds
        while _is_open(request) and (end is None or loop.time() < end):
            await asyncio.sleep(_LOOK_SECONDS)
        return Silence()

    return deliver


async def _begin(
    request: web.Request, response: web.StreamResponse, stream: web.StreamResponse, length: int | None
) -> None:
    """Send the status and headers of an answer by another one, which can be sent in pieces."""
    stream.set_status(response.status)
    stream.headers.update(response.headers)
    stream.headers.pop("Content-Length", None)
    if length is not None:
        stream.content_length = length
    await stream.prepare(request)


async def _send(
    request: web.Request, stream: web.StreamResponse, pieces: Iterable[bytes], pause: float = 0
) -> web.StreamResponse:
    """Send pieces of a body with a pause before each, as long as the caller listens."""
    try:
        for piece in pieces:
            # Without a pause too, for only then does the loop notice that the caller has gone.
            await asyncio.sleep(pause)
            if not _is_open(request):
                return Silence()
            await stream.write(piece)
    except ConnectionError:
        return Silence()
    return stream


def cut(kept: int | None, *, broken: bool) -> Delivery:
    """Promise the whole body, send the first bytes of it (half of them if not said), and close or reset."""

    async def deliver(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        body, stream = body_of(response), Unended()
        await _begin(request, response, stream, max(len(body), 1))
        # Not before, or else the headers would announce it.
        stream.force_close()
        await stream.write(body[: len(body) // 2 if kept is None else kept])
        if broken:
            await asyncio.sleep(_LOOK_SECONDS)
            _break(request)
        return stream

    return deliver


# Heads and bodies that no client can make sense of, by what is wrong with them.
_JSON = b"Content-Type: application/json\r\nConnection: close\r\n"
_MISFRAMED = {
    "two_lengths": b"HTTP/1.1 200 OK\r\n" + _JSON + b"Content-Length: 2\r\nContent-Length: 7\r\n\r\n{}",
    "negative_chunk": b"HTTP/1.1 200 OK\r\n" + _JSON + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    "no_chunk_size": b"HTTP/1.1 200 OK\r\n" + _JSON + b"Transfer-Encoding: chunked\r\n\r\nsize\r\n{}\r\n0\r\n\r\n",
    "no_status": b"All is well.\r\n\r\n{}",
    "many_headers": b"HTTP/1.1 200 OK\r\n" + _JSON + b"X-Odd: 1\r\n" * 200 + b"\r\n{}",
    "long_header": b"HTTP/1.1 200 OK\r\nX-Odd: " + b"x" * 70_000 + b"\r\n" + _JSON + b"\r\n{}",
    "no_gzip": b"HTTP/1.1 200 OK\r\n" + _JSON + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
}


def misframed(how: str) -> Delivery:
    """Send bytes that are no answer in HTTP, and close the connection."""
    answer = _MISFRAMED[how]

    async def deliver(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.write(answer)
        return Silence()

    return deliver


def dripping(bytes_per_second: float) -> Delivery:
    """Send the body slowly, at most ten pieces a second."""
    size = max(1, round(bytes_per_second / 10))

    async def deliver(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        body, stream = body_of(response), web.StreamResponse()
        await _begin(request, response, stream, len(body))
        pieces = (body[start : start + size] for start in range(0, len(body), size))
        return await _send(request, stream, pieces, size / bytes_per_second)

    return deliver


def _padding(size: int) -> Iterator[bytes]:
    """Yield a JSON object of a size, piece by piece."""
    head, tail = b'{"padding":"', b'"}'
    yield head
    remaining = max(size - len(head) - len(tail), 0)
    while remaining:
        yield b"x" * min(remaining, _PIECE)
        remaining -= min(remaining, _PIECE)
    yield tail


def _compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    for piece in pieces:
        yield compressor.compress(piece)
    yield compressor.flush()


def endless(size: int, *, announced: bool, compressed: bool) -> Delivery:
    """Send a JSON object of a size that is never held as a whole; it counts before compression."""

    async def deliver(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        stream = web.StreamResponse()
        pieces = _padding(size)
        if compressed:
            stream.headers["Content-Encoding"] = "gzip"
            pieces = _compressed(pieces)
        await _begin(request, response, stream, size if announced and not compressed else None)
        return await _send(request, stream, filter(None, pieces))

    return deliver


def json_response(data: Any, status: int = 200) -> web.Response:
    """Return JSON as the sites send it, without spaces."""
    text = json.dumps(data, separators=(",", ":"))
    return web.Response(text=text, status=status, content_type="application/json", charset="utf-8")
