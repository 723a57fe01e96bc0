# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The look-alike of AWX refuses what AWX refuses; otherwise a playbook that passes on it would say little."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "controller"))

lookalike = pytest.importorskip("lookalike")

FIELDS = {"fields": [{"id": "url", "label": "URL"}]}
QUESTIONS = {"name": "", "description": "", "spec": [{"variable": "age", "type": "text", "required": False}]}


@pytest.fixture
def controller() -> Any:
    """A controller with a credential type (2), a project (3) and a job template (4) that asks for an age."""
    made = lookalike.Controller(ROOT / "examples" / "awx")
    made.add("credential_types", {"name": "type", "kind": "cloud", "inputs": FIELDS, "injectors": {}})
    made.add("projects", {"name": "project"})
    made.add("job_templates", {"name": "report", "project": 3, "playbook": "report.yml"})
    made.surveys[4] = QUESTIONS
    return made


@pytest.mark.parametrize(
    ("kind", "item", "problem"),
    [
        (
            "credential_types",
            {"name": "t", "kind": "cloud", "inputs": {"fields": [{"id": "a", "help_txt": "x"}]}},
            "help_txt",
        ),
        ("credentials", {"name": "c", "credential_type": 2, "inputs": {"user": "x"}}, "no field user"),
        ("job_templates", {"name": "j", "project": 3, "playbook": "unknown.yml"}, "Playbook not found"),
        ("job_templates", {"name": "j", "project": 9, "playbook": "report.yml"}, "9 does not exist"),
        ("job_templates", {"project": 3, "playbook": "report.yml"}, "name: This field is required"),
        ("schedules", {"name": "s", "unified_job_template": 4, "rrule": "RRULE:FREQ=DAILY;INTERVAL=1"}, "DTSTART"),
        (
            "schedules",
            {
                "name": "s",
                "unified_job_template": 4,
                "rrule": "DTSTART:20260101T020000Z RRULE:FREQ=DAILY;INTERVAL=1",
                "extra_data": {"other": "x"},
            },
            "other is not asked for",
        ),
        (
            "notification_templates",
            {
                "name": "n",
                "organization": 1,
                "notification_type": "email",
                "notification_configuration": {**dict.fromkeys(lookalike.MAIL, "x"), "recipients": ["a"], "timeout": 1},
            },
            "port is missing or of the wrong type",
        ),
    ],
)
def test_it_refuses(controller: Any, kind: str, item: dict[str, Any], problem: str) -> None:
    problems = controller.problems(kind, {"injectors": {}, **item} if kind == "credential_types" else item)
    assert any(problem in each for each in problems)


def test_it_takes_what_is_right(controller: Any) -> None:
    assert controller.problems("job_templates", {"name": "j", "project": 3, "playbook": "report.yml"}) == []
    assert controller.problems("credentials", {"name": "c", "credential_type": 2, "inputs": {"url": "x"}}) == []


def test_an_approval_has_no_nodes_that_follow(controller: Any) -> None:
    """An approval node with success_nodes in one task is a 404."""
    from aiohttp.test_utils import TestClient, TestServer

    approval = controller.add("workflow_approval_templates", {"name": "approve"})

    async def statuses() -> list[int]:
        async with TestClient(TestServer(lookalike.application(controller))) as client:
            url = f"{lookalike.API}/workflow_approval_templates/{approval['id']}/success_nodes/"
            token = {"Authorization": f"Bearer {controller.token}"}
            return [(await client.get(url, headers=headers)).status for headers in ({}, token)]

    assert asyncio.run(statuses()) == [401, 404]
