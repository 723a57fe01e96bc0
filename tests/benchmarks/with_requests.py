# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an administrator would write by hand: log in, then send one request after the other, or several at once.

Usage: with_requests.py FILE CONCURRENCY. FILE is JSON with portal, username, password, ca_path, and requests as pairs
of method and URL. It prints the seconds from the log-in to the last answer.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

REFERER = "gisops.arcgis"


def log_in(session: requests.Session, site: dict[str, Any]) -> str:
    """Return a token of the portal."""
    fields = {"username": site["username"], "password": site["password"], "client": "referer", "referer": REFERER}
    url = f"{site['portal']}/sharing/rest/generateToken"
    answer = session.post(url, data={**fields, "f": "json"}, verify=site["ca_path"], timeout=30)
    return str(answer.json()["token"])


def main() -> None:
    """Send the requests."""
    site, concurrency = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), int(sys.argv[2])
    began = time.perf_counter()
    with requests.Session() as session, ThreadPoolExecutor(concurrency) as pool:
        session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=concurrency))
        session.headers["Referer"] = REFERER
        data = {"f": "json", "token": log_in(session, site)}

        def send(request: tuple[str, str]) -> None:
            answer = session.request(*request, data=data, verify=site["ca_path"], timeout=30).json()
            if answer.get("status") != "success":
                raise SystemExit(f"{request}: {answer}")

        list(pool.map(send, site["requests"]))
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
