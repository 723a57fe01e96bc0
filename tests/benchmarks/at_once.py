# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends requests with an asynchronous client and nothing around it: what the simulator itself can do.

Usage: at_once.py FILE CONCURRENCY. FILE is JSON with ca_path, token, and requests as pairs of method and URL. It prints
the seconds from the first request to the last answer.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp

REFERER = "gisops.arcgis"


async def work(session: aiohttp.ClientSession, pending: Iterator[tuple[str, str]], token: str) -> None:
    """Send the requests that the other workers leave; the token goes where the modules put it."""
    bearer = {"X-Esri-Authorization": f"Bearer {token}"}
    for method, url in pending:
        fields = {"f": "json"}
        options: dict[str, Any] = {"params": fields, "headers": bearer}
        if method == "POST":
            options = {"data": {**fields, "token": token}}
        async with session.request(method, url, **options) as answer:
            if (await answer.json(content_type=None)).get("status") == "error":
                raise SystemExit(f"{method} {url}: {await answer.text()}")


async def send(site: dict[str, Any], concurrency: int) -> float:
    """Send all requests and return the seconds."""
    connector = aiohttp.TCPConnector(limit=concurrency, ssl=ssl.create_default_context(cafile=site["ca_path"]))
    async with aiohttp.ClientSession(connector=connector, headers={"Referer": REFERER}) as session:
        pending = iter(site["requests"])
        began = time.perf_counter()
        await asyncio.gather(*(work(session, pending, site["token"]) for dummy in range(concurrency)))
        return time.perf_counter() - began


if __name__ == "__main__":
    print(asyncio.run(send(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), int(sys.argv[2]))))
