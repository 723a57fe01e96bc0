# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy on loopback: it opens tunnels for TLS, forwards plain requests over TLS, and passes breaks on."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Callable

_END = b"\r\n\r\n"


class Proxy:
    """A running proxy. heads holds what it was asked, refused or not.

    It answers with refusal those requests whose head refuses picks, which are all of them unless told otherwise. Only
    the first request of a connection, and each that arrives in one piece, is looked at.
    """

    def __init__(self, refusal: bytes = b"", refuses: Callable[[str], bool] = bool, ca_path: str | None = None) -> None:
        self.heads: list[str] = []
        self._refusal = refusal
        self._refuses = refuses
        self._tls = ssl.create_default_context(cafile=ca_path) if ca_path else None
        self.address = ""
        self._ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._run(),), daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def stop(self) -> None:
        """Stop to listen, and close what is open."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)

    async def _run(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._stopped.wait()
        server.close()

    async def _serve(self, caller: asyncio.StreamReader, to_caller: asyncio.StreamWriter) -> None:
        try:
            request = await caller.readuntil(_END)
            if self._is_refused(request):
                to_caller.write(self._refusal)
                await to_caller.drain()
                return
            method, target = request.decode("latin-1").split(" ", 2)[:2]
            host, dummy, port = target.rpartition("//")[2].partition("/")[0].rpartition(":")
            tunnel = method == "CONNECT"
            site, to_site = await asyncio.open_connection(host, int(port), ssl=None if tunnel else self._tls)
            (to_caller if tunnel else to_site).write(b"HTTP/1.1 200 Connected" + _END if tunnel else request)
            # What passes through a tunnel is not looked at: its bytes are encrypted.
            ways = [self._copy(caller, to_site, None if tunnel else to_caller), self._copy(site, to_caller)]
            await asyncio.wait([asyncio.ensure_future(way) for way in ways], return_when=asyncio.FIRST_COMPLETED)
            to_site.transport.abort()
        except (OSError, EOFError):
            pass
        finally:
            to_caller.close()

    def _is_refused(self, request: bytes) -> bool:
        head = request.decode("latin-1").partition("\r\n\r\n")[0] + "\r\n\r\n"
        self.heads.append(head)
        return bool(self._refusal) and self._refuses(head)

    async def _copy(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, refused_to: asyncio.StreamWriter | None = None
    ) -> None:
        """Pass on what one side says until it ends; a break of one side is a break for the other."""
        try:
            while data := await source.read(65536):
                is_request = b"://" in data.partition(b"\r\n")[0]
                if refused_to is not None and is_request and self._is_refused(data):
                    refused_to.write(self._refusal)
                    return
                sink.write(data)
                await sink.drain()
        except OSError:
            connection = sink.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sink.transport.abort()
