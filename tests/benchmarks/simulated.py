# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated site as the benchmark sees it: where it is, and the switches of its control endpoint."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "ci"))

from with_simulator import simulator  # noqa: E402

LARGE = "large"
OWN, CLEAN_UP, ONE_SERVICE = (str(HERE / "scenarios" / f"{name}.yml") for name in ("own", "clean_up", "one_service"))
REFERER = "gisops.arcgis"


@dataclass(frozen=True)
class SimulatedSite:
    """A simulator in a process of its own. environment holds the variables that lead the modules to it."""

    url: str
    portal: str
    control: str
    ca_path: str
    username: str
    password: str
    environment: dict[str, str]

    def begin(self, scenario: str, latency_ms: int) -> None:
        """Begin a scenario anew, with an empty request log, and delay every answer by latency_ms."""
        self._ask("POST", "reset", {"scenario": scenario})
        for context in ("server", "portal"):
            self._ask("PATCH", "settings", {"context": context, "latency_ms": latency_ms})

    def log(self) -> list[dict[str, Any]]:
        """Return the requests that arrived since the beginning."""
        entries: list[dict[str, Any]] = self._ask("GET", "requests")
        return entries

    def services(self) -> dict[str, int]:
        """Return how many jobs each service has that has any."""
        return dict(Counter(job["service"] for job in self._ask("GET", "jobs?context=server")))

    def jobs_of(self, service: str) -> str:
        """Return the URL of the jobs of a service."""
        return f"{self.url}/admin/services/{service}.GPServer/jobs"

    def as_variables(self) -> dict[str, str]:
        """Return what playbooks and scripts need to reach the site on their own."""
        names = ("url", "portal", "ca_path", "username", "password")
        return {name: getattr(self, name) for name in names}

    def token(self) -> str:
        """Log in at the portal and return the token."""
        fields = {"username": self.username, "password": self.password, "client": "referer", "referer": REFERER}
        url = f"{self.portal}/sharing/rest/generateToken"
        answer = requests.post(url, data={**fields, "f": "json"}, verify=self.ca_path, timeout=60)
        return str(answer.json()["token"])

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.request(method, f"{self.control}/{path}", json=body, verify=self.ca_path, timeout=120)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def simulated_site(directory: Path) -> Iterator[SimulatedSite]:
    """Start a simulator, yield it as a site, and stop it."""
    with simulator(OWN, directory) as environment:
        described = json.loads((directory / "simulator.json").read_text(encoding="utf-8"))
        yield SimulatedSite(
            url=described["urls"]["server"],
            portal=described["urls"]["portal"],
            control=described["control"],
            ca_path=described["ca_path"],
            username=environment["ARCGIS_USERNAME"],
            password=environment["ARCGIS_PASSWORD"],
            environment=environment,
        )
