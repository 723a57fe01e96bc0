# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: YAML files that say what an enterprise looks like when it starts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from .gp import Job, Service
from .times import duration_ms, moment_ms

_FOLDER = Path(__file__).parent / "scenarios"
_TASK = "Run"


def load_scenario(name: str) -> dict[str, Any]:
    """Read a scenario that ships with the simulator, or a file."""
    shipped = _FOLDER / f"{name}.yml"
    path = shipped if shipped.is_file() else Path(name)
    with path.open(encoding="utf-8") as stream:
        scenario = yaml.safe_load(stream)
    if not isinstance(scenario, dict):
        raise ValueError(f"{path} is not a scenario")
    return scenario


def gp_services(site: dict[str, Any], now: int) -> list[Service]:
    """Return the services of a site, those written out first and the generated ones after them."""
    services = []
    for name, entry in (site.get("services") or {}).items():
        services.append(_service(name, entry or {}, now))
    if "generate" in site:
        services.extend(_generated(site["generate"], now))
    return services


def _service(name: str, entry: dict[str, Any], now: int) -> Service:
    jobs = entry.get("jobs", [])
    service = Service(name, entry.get("tasks", []), entry.get("anonymous", False), has_jobs=bool(jobs))
    for template in jobs:
        for fields in expand(template, now):
            service.put(Job(fields, now))
    return service


def expand(template: dict[str, Any], now: int) -> Iterator[dict[str, Any]]:
    """Yield the jobs of a template: `count` of them, `every` apart into the past, `{n}` in the id being the number."""
    fields = dict(template)
    count, every = fields.pop("count", None), duration_ms(fields.pop("every", "1h"))
    if count is None:
        yield fields
        return
    submitted = moment_ms(fields.get("submitted", "now"), now) or now
    for number in range(1, count + 1):
        yield {**fields, "job_id": fields["job_id"].format(n=number), "submitted": submitted - (number - 1) * every}


def _generated(plan: dict[str, Any], now: int) -> Iterator[Service]:
    """Yield services full of jobs that are the same at every start, apart from the moment they are counted from."""
    source = random.Random(plan.get("seed", 1))
    weights: dict[str, int] = plan["statuses"]
    statuses, shares = list(weights), list(weights.values())
    span_ms = duration_ms(plan.get("span", "7d"))
    for number in range(1, plan["services"] + 1):
        service = Service(f"{source.choice(plan['folders'])}/Tool{number:03d}", [_TASK])
        chosen = source.choices(statuses, shares, k=plan["jobs"])
        for status in chosen:
            submitted = now - source.randrange(span_ms)
            fields = {
                "job_id": f"j{source.getrandbits(128):032x}",
                "status": status,
                "submitted": submitted,
                "task": _TASK,
                "username": source.choice(plan["users"]),
                "machine": source.choice(plan["machines"]),
            }
            job = Job(fields, now)
            if job.end is not None:
                job.end = min(now, submitted + source.randrange(1_000, 3_600_000))
            service.put(job)
        yield service
