# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the API of AWX that playbooks/awx_setup.yml meets. The README beside this file says what it is not.

Usage: lookalike.py PROJECT_DIRECTORY FILE. It serves on a free port of
loopback and writes its address and its token to FILE.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import rules
from aiohttp import web

Item = dict[str, Any]
API = "/api/v2"
ENCRYPTED = "$encrypted$"
KINDS = {
    "organizations": "organization",
    "credential_types": "credential_type",
    "credentials": "credential",
    "execution_environments": "execution_environment",
    "projects": "project",
    "project_updates": "project_update",
    "inventories": "inventory",
    "inventory_sources": "inventory_source",
    "notification_templates": "notification_template",
    "job_templates": "job_template",
    "workflow_job_templates": "workflow_job_template",
    "workflow_job_template_nodes": "workflow_job_template_node",
    "workflow_approval_templates": "workflow_approval_template",
    "schedules": "schedule",
}
# What a job or a workflow can be started from.
UNIFIED = ("projects", "inventory_sources", "job_templates", "workflow_job_templates", "workflow_approval_templates")
NOTIFICATIONS = tuple(f"notification_templates_{event}" for event in ("started", "success", "error"))
ASSOCIATIONS = {
    "job_templates": ("credentials", *NOTIFICATIONS),
    "workflow_job_templates": (*NOTIFICATIONS, "notification_templates_approvals"),
    "workflow_job_template_nodes": ("success_nodes", "always_nodes", "failure_nodes", "credentials"),
    "schedules": ("credentials",),
}
# Numbers that must lead to something that exists.
REFERENCES = {
    "organization": ("organizations",),
    "credential_type": ("credential_types",),
    "project": ("projects",),
    "source_project": ("projects",),
    "inventory": ("inventories",),
    "execution_environment": ("execution_environments",),
    "default_environment": ("execution_environments",),
    "workflow_job_template": ("workflow_job_templates",),
    "unified_job_template": UNIFIED,
}
REQUIRED = {
    "credential_types": ("name", "kind"),
    "credentials": ("name", "credential_type"),
    "execution_environments": ("name", "image"),
    "inventories": ("name", "organization"),
    "inventory_sources": ("name", "inventory", "source"),
    "job_templates": ("name", "project", "playbook"),
    "notification_templates": ("name", "organization", "notification_type"),
    "schedules": ("name", "rrule", "unified_job_template"),
    "workflow_job_template_nodes": ("workflow_job_template",),
}
MAIL = {"host": str, "port": int, "username": str, "password": str, "sender": str, "recipients": list, "timeout": int}


class Controller:
    """What the controller holds: items by their kind and number, their surveys and what is associated with them."""

    def __init__(self, project: Path) -> None:
        """Take the folder that stands for every repository."""
        self.project = project
        self.token = secrets.token_hex(8)
        self.items: dict[str, dict[int, Item]] = {kind: {} for kind in KINDS}
        self.surveys: dict[int, Item] = {}
        self.associated: dict[tuple[str, int, str], list[int]] = {}
        self.count = 0
        self.add("organizations", {"name": "Default"})
        self.checks: dict[str, Callable[[Item], list[str]]] = {
            "credential_types": lambda item: rules.credential_type_problems(item["inputs"], item["injectors"]),
            "credentials": self._credential_problems,
            "job_templates": self._job_template_problems,
            "notification_templates": self._notification_problems,
            "schedules": lambda item: rules.rrule_problems(item["rrule"]) + self._answer_problems(item),
            "workflow_job_template_nodes": self._answer_problems,
        }

    def add(self, kind: str, fields: Item) -> Item:
        """Keep a new item under the next number, and return it."""
        self.count += 1
        self.items[kind][self.count] = {"id": self.count, **fields}
        return self.items[kind][self.count]

    def find(self, kind: str, number: int) -> Item:
        """Return an item. Raises HTTPNotFound."""
        item = self.items.get(kind, {}).get(number)
        if item is None:
            raise web.HTTPNotFound(text=json.dumps({"detail": "Not found."}))
        return item

    def problems(self, kind: str, item: Item) -> list[str]:
        """Return why the API refuses an item as it would be."""
        missing = [f"{name}: This field is required." for name in REQUIRED.get(kind, ()) if not item.get(name)]
        lost = [
            f"{name}: {item[name]} does not exist."
            for name, kinds in REFERENCES.items()
            if item.get(name) and not any(item[name] in self.items[each] for each in kinds)
        ]
        return missing or lost or self.checks.get(kind, lambda _: [])(item)

    def _credential_problems(self, item: Item) -> list[str]:
        return rules.credential_problems(
            item.get("inputs", {}), self.items["credential_types"][item["credential_type"]]["inputs"]
        )

    def _job_template_problems(self, item: Item) -> list[str]:
        found = item["playbook"] in rules.playbooks(self.project)
        return [] if found else ["playbook: Playbook not found for project."]

    def _notification_problems(self, item: Item) -> list[str]:
        given = item["notification_configuration"]
        wrong = [
            f"{name} is missing or of the wrong type."
            for name, kind in MAIL.items()
            if type(given.get(name)) is not kind
        ]
        return wrong + rules.message_problems(item.get("messages") or {})

    def _answer_problems(self, item: Item) -> list[str]:
        template = self.items["job_templates"].get(item.get("unified_job_template", 0), {})
        survey = self.surveys.get(template.get("id", 0), {}).get("spec", [])
        answers = item.get("extra_data") or {}
        if not template:
            return [f"{name} is not asked for." for name in answers]
        return rules.answer_problems(
            answers, {"survey": survey, "ask_variables": template.get("ask_variables_on_launch")}
        )

    def shown(self, kind: str, item: Item) -> Item:
        """Return an item as the API shows it: without secrets, and with the addresses of what belongs to it."""
        url = f"{API}/{kind}/{item['id']}/"
        related = {name: f"{url}{name}/" for name in ("survey_spec",) if "job_templates" in kind}
        if kind == "workflow_job_template_nodes" and item.get("unified_job_template"):
            each = next(each for each in UNIFIED if item["unified_job_template"] in self.items[each])
            related["unified_job_template"] = f"{API}/{each}/{item['unified_job_template']}/"
        shown = {**item, "type": KINDS[kind], "url": url, "related": related, "summary_fields": {}}
        if kind == "credentials":
            fields = self.items["credential_types"][item["credential_type"]]["inputs"]["fields"]
            secret = {field["id"] for field in fields if field.get("secret")}
            shown["inputs"] = {name: ENCRYPTED if name in secret else value for name, value in item["inputs"].items()}
        return shown


def answer(body: Any, status: int = 200) -> web.Response:
    """Return an answer in JSON that says what it comes from."""
    headers = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}
    return web.json_response(body, status=status, headers=headers)


def refusal(problems: list[str]) -> web.Response:
    """Return the answer to what is refused."""
    return answer({"__all__": ["; ".join(problems)], "error": "; ".join(problems)}, 400)


def matches(item: Item, query: Mapping[str, str]) -> bool:
    """Say whether an item has what the query of a list asks for."""
    return all(str(item.get(name)) == value for name, value in query.items())


class Api:
    """The requests that the modules send."""

    def __init__(self, controller: Controller) -> None:
        """Take what the controller holds."""
        self.controller = controller

    async def list(self, request: web.Request) -> web.Response:
        """Return the items of a kind that match the query."""
        kind = request.match_info["kind"]
        if kind != "unified_job_templates" and kind not in KINDS:
            raise web.HTTPNotFound
        kinds = UNIFIED if kind == "unified_job_templates" else (kind,)
        found = [
            self.controller.shown(each, item)
            for each in kinds
            for item in self.controller.items[each].values()
            if matches(item, request.query)
        ]
        return answer({"count": len(found), "next": None, "results": found})

    async def create(self, request: web.Request) -> web.Response:
        """Make an item; a project is updated at once."""
        kind, fields = request.match_info["kind"], await request.json()
        if kind not in KINDS:
            raise web.HTTPNotFound
        problems = self.controller.problems(kind, fields)
        if problems:
            return refusal(problems)
        if kind == "projects":
            fields["scm_revision"] = "0" * 40
        shown = self.controller.shown(kind, self.controller.add(kind, fields))
        if kind == "projects":
            update = self.controller.add("project_updates", {"name": fields["name"], "status": "successful"})
            shown["summary_fields"] = {"current_update": {"id": update["id"]}}
        return answer(shown, 201)

    async def read(self, request: web.Request) -> web.Response:
        """Return one item."""
        kind, number = request.match_info["kind"], int(request.match_info["number"])
        return answer(self.controller.shown(kind, self.controller.find(kind, number)))

    async def change(self, request: web.Request) -> web.Response:
        """Change fields of an item."""
        kind, number = request.match_info["kind"], int(request.match_info["number"])
        item = {**self.controller.find(kind, number), **await request.json()}
        problems = self.controller.problems(kind, item)
        if problems:
            return refusal(problems)
        self.controller.items[kind][number] = item
        return answer(self.controller.shown(kind, item))

    async def read_part(self, request: web.Request) -> web.Response:
        """Return the survey of an item, or what is associated with it."""
        kind, number, part = self._part(request)
        if part == "survey_spec":
            return answer(self.controller.surveys.get(number, {}))
        ids = self.controller.associated.get((kind, number, part), [])
        return answer({"count": len(ids), "next": None, "results": [{"id": each} for each in ids]})

    async def change_part(self, request: web.Request) -> web.Response:
        """Replace the survey of an item, make the approval of a node, or associate something with an item."""
        kind, number, part = self._part(request)
        fields = await request.json()
        if part == "survey_spec":
            problems = rules.survey_problems(fields)
            if not problems:
                self.controller.surveys[number] = fields
            return refusal(problems) if problems else answer({})
        if part == "create_approval_template":
            approval = self.controller.add("workflow_approval_templates", fields)
            self.controller.items[kind][number]["unified_job_template"] = approval["id"]
            return answer(self.controller.shown("workflow_approval_templates", approval), 201)
        ids = self.controller.associated.setdefault((kind, number, part), [])
        (ids.remove if fields.get("disassociate") else ids.append)(fields["id"])
        return web.Response(status=204)

    def _part(self, request: web.Request) -> tuple[str, int, str]:
        """Return the item and its part that a request is for. Raises HTTPNotFound."""
        kind, number, part = request.match_info["kind"], int(request.match_info["number"]), request.match_info["part"]
        self.controller.find(kind, number)
        has_survey = part == "survey_spec" and "job_templates" in kind
        makes_approval = part == "create_approval_template" and kind == "workflow_job_template_nodes"
        if not (has_survey or makes_approval or part in ASSOCIATIONS.get(kind, ())):
            raise web.HTTPNotFound(text=json.dumps({"detail": "Not found."}))
        return kind, number, part


def application(controller: Controller) -> web.Application:
    """Return the application; every request needs the token."""

    @web.middleware
    async def authenticated(request: web.Request, handler: Callable[..., Any]) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {controller.token}":
            raise web.HTTPUnauthorized
        response: web.StreamResponse = await handler(request)
        return response

    api, app = Api(controller), web.Application(middlewares=[authenticated])
    item = f"{API}/{{kind}}/{{number:[0-9]+}}/"
    app.add_routes(
        [
            web.get(f"{API}/{{kind}}/", api.list),
            web.post(f"{API}/{{kind}}/", api.create),
            web.get(item, api.read),
            web.patch(item, api.change),
            web.get(f"{item}{{part}}/", api.read_part),
            web.post(f"{item}{{part}}/", api.change_part),
        ]
    )
    return app


async def serve(project: Path, file: Path) -> None:
    """Serve until the process is ended."""
    controller = Controller(project)
    runner = web.AppRunner(application(controller))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    file.write_text(json.dumps({"url": f"http://127.0.0.1:{runner.addresses[0][1]}", "token": controller.token}))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), Path(sys.argv[2])))
