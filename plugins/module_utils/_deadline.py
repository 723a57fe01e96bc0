# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer that must be complete in time, headers and body together.

The timeout of a socket bounds each single read, so a server that sends a byte now and then could hold a task for hours.
This module is private to the collection.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any


def bound_answers(manager: Any) -> None:
    """Make the connections that a urllib3 pool manager opens give the whole answer the time of one read."""
    manager.pool_classes_by_scheme = {scheme: _bounded(pool) for scheme, pool in manager.pool_classes_by_scheme.items()}


def _bounded(pool: Any) -> Any:
    if getattr(pool.ConnectionCls, "response_class", None) is _Answer:
        return pool
    connection = type(pool.ConnectionCls.__name__, (pool.ConnectionCls,), {"response_class": _Answer})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


class _Answer(http.client.HTTPResponse):
    """An answer whose time runs from the moment at which the request was sent."""

    def __init__(self, sock: socket.socket, *more: Any, **options: Any) -> None:
        super().__init__(sock, *more, **options)
        self.fp = io.BufferedReader(_UntilDeadline(self.fp, sock))


class _UntilDeadline(io.RawIOBase):
    """The bytes of a socket; each read may take what is left of the time."""

    def __init__(self, stream: io.BufferedReader, sock: socket.socket) -> None:
        self._stream = stream
        self._sock = sock
        timeout = sock.gettimeout()
        self._deadline = None if timeout is None else time.monotonic() + timeout

    def readable(self) -> bool:
        """Say that this can be read from."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what there is into buffer. Raises socket.timeout once the time is over."""
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise socket.timeout("timed out")
            self._sock.settimeout(left)
        return self._stream.readinto1(buffer)

    def close(self) -> None:
        """Close the stream beneath as well, so that its socket is freed."""
        self._stream.close()
        super().close()
