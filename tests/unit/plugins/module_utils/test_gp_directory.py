# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs directory: what has to change, what is sent back as it was, and what the answer is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.directory import (
    DirectoryEdit,
    changes_to,
    clean_directory,
    directory_record,
    edit_directory,
    read_directory,
)
from ansible_collections.gisops.arcgis.plugins.module_utils._module import task_context
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import DROPPED, GATEWAY_DOWN, Answer, refused

DONE = {"status": "success"}
DIRECTORY: dict[str, Any] = {
    "name": "arcgisjobs",
    "physicalPath": "/data/arcgisjobs",
    "directoryType": "JOBS",
    "cleanupMode": "TIME_ELAPSED_SINCE_LAST_MODIFIED",
    "maxFileAge": 360,
    "description": "",
    "useLocalDir": False,
    "localDirectoryPath": None,
    "virtualPath": "/rest/directories/arcgisjobs",
    "comesWithTheNextRelease": "as it was",
}
DAY = {"maxFileAge": 1440}


def edit(
    client: Client,
    changes: dict[str, Any] | None = None,
    directory: dict[str, Any] | None = None,
    allow_restart: bool = True,
) -> DirectoryEdit:
    """Edit the directory, so that jobs are kept for a day unless told otherwise."""
    return edit_directory(client, directory or DIRECTORY, changes or DAY, allow_restart, task_context(client))


@pytest.mark.parametrize(
    "age, mode, changes",
    [
        (None, None, {}),
        (360, None, {}),
        (360, "time_elapsed", {}),
        (1440, None, {"maxFileAge": 1440}),
        (None, "none", {"cleanupMode": "NONE"}),
        (360, "none", {"cleanupMode": "NONE"}),
        (1440, "none", {"maxFileAge": 1440, "cleanupMode": "NONE"}),
    ],
)
@pytest.mark.parametrize("present", [360, "360", 360.0])
def test_what_has_to_change(age: int | None, mode: str | None, changes: dict[str, Any], present: float | str) -> None:
    assert changes_to({**DIRECTORY, "maxFileAge": present}, age, mode) == changes


def test_a_mode_that_is_not_known_is_kept_and_can_be_changed() -> None:
    odd = {**DIRECTORY, "cleanupMode": "WHEN_IT_RAINS"}
    assert directory_record(odd)["cleanup_mode"] == "WHEN_IT_RAINS"
    assert changes_to(odd, None, "none") == {"cleanupMode": "NONE"}
    assert changes_to(odd, 360, None) == {}


@pytest.mark.parametrize("age, minutes", [(360, 360), ("360", 360), (-1, -1)])
def test_the_age_in_minutes(age: Any, minutes: int) -> None:
    assert directory_record({**DIRECTORY, "maxFileAge": age}) == {
        "max_age_minutes": minutes,
        "cleanup_mode": "time_elapsed",
        "physical_path": "/data/arcgisjobs",
    }


@pytest.mark.parametrize(
    "answer",
    [{}, {"maxFileAge": 360}, {"directories": []}]
    + [{**DIRECTORY, "maxFileAge": age} for age in ("soon", None)]
    + [{**DIRECTORY, "cleanupMode": None}, {**DIRECTORY, "physicalPath": 7}],
)
def test_an_answer_that_is_no_directory(scripted_client: Callable, answer: dict[str, Any]) -> None:
    client, dummy = scripted_client(arcgisjobs=answer)
    with pytest.raises(ArcGISError) as caught:
        read_directory(client)
    assert caught.value.failure.code == "unexpected_shape"


def test_every_other_field_goes_back_as_it_was(scripted_client: Callable) -> None:
    client, server = scripted_client(arcgisjobs={**DIRECTORY, **DAY}, edit=DONE)
    assert edit(client).after["maxFileAge"] == 1440
    (sent_edit,) = [received for received in server.received if received.operation == "edit"]
    sent = {name: value for name, value in sent_edit.form.items() if name not in ("f", "token")}
    assert sent == {
        "name": "arcgisjobs",
        "physicalPath": "/data/arcgisjobs",
        "directoryType": "JOBS",
        "cleanupMode": "TIME_ELAPSED_SINCE_LAST_MODIFIED",
        "maxFileAge": "1440",
        "description": "",
        "useLocalDir": "false",
        "localDirectoryPath": "",
        "virtualPath": "/rest/directories/arcgisjobs",
        "comesWithTheNextRelease": "as it was",
    }
    assert (sent_edit.method, sent_edit.query) == ("POST", {})


def test_fields_that_are_objects_go_back_as_json(scripted_client: Callable) -> None:
    client, server = scripted_client(arcgisjobs={**DIRECTORY, **DAY}, edit=DONE)
    edit(client, directory={**DIRECTORY, "properties": {"a": [1, True]}})
    assert server.received[0].form["properties"] == '{"a": [1, true]}'


@pytest.mark.parametrize("check_mode", [False, True])
def test_without_leave_to_restart_nothing_is_sent(scripted_client: Callable, check_mode: bool) -> None:
    client, server = scripted_client(check_mode=check_mode)
    with pytest.raises(ArcGISError) as caught:
        edit(client, allow_restart=False)
    assert (caught.value.failure.code, server.received) == ("restart_not_allowed", [])


def test_check_mode_sends_nothing(scripted_client: Callable) -> None:
    client, server = scripted_client(check_mode=True)
    assert edit(client) == DirectoryEdit({**DIRECTORY, **DAY}, True)
    assert clean_directory(client) is None
    assert server.received == []


@pytest.mark.parametrize("lost", [DROPPED, GATEWAY_DOWN, Answer(DONE, missing_bytes=3)], ids=["reset", "502", "cut"])
def test_after_a_lost_answer_the_directory_decides(scripted_client: Callable, lost: Answer) -> None:
    client, server = scripted_client(arcgisjobs={**DIRECTORY, "maxFileAge": "1440"}, edit=lost)
    assert edit(client) == DirectoryEdit({**DIRECTORY, "maxFileAge": "1440"}, True)
    assert server.operations().count("edit") == 1


@pytest.mark.parametrize("answer", [DONE, GATEWAY_DOWN], ids=["accepted", "lost"])
@pytest.mark.parametrize("age", [1440, "1440", 1440.0])
def test_an_edit_that_another_machine_shows_a_moment_later_is_confirmed(
    scripted_client: Callable, pauses: list[float], answer: Any, age: Any
) -> None:
    client, server = scripted_client(arcgisjobs=[DIRECTORY, DIRECTORY, {**DIRECTORY, "maxFileAge": age}], edit=answer)
    edited = edit(client)
    assert (edited.after["maxFileAge"], directory_record(edited.after)["max_age_minutes"]) == (age, 1440)
    assert (edited.changed, edited.error) == (True, None)
    assert server.operations() == ["edit", *["arcgisjobs"] * 3]
    assert sum(pauses) < 15


@pytest.mark.parametrize("answer, changed", [(DONE, True), (GATEWAY_DOWN, False)], ids=["accepted", "lost"])
def test_a_directory_that_does_not_show_the_change_is_an_error(
    scripted_client: Callable, answer: Any, changed: bool
) -> None:
    client, dummy = scripted_client(arcgisjobs=DIRECTORY, edit=answer)
    edited = edit(client, {**DAY, "cleanupMode": "NONE"})
    assert edited.error is not None
    assert (edited.error.code, edited.changed, edited.after) == ("edit_unconfirmed", changed, DIRECTORY)
    assert "does not show the new maxFileAge and cleanupMode" in str(edited.error)


def test_an_accepted_edit_is_a_change_though_the_directory_cannot_be_read_after_it(scripted_client: Callable) -> None:
    client, dummy = scripted_client(arcgisjobs=GATEWAY_DOWN, edit=DONE)
    edited = edit(client)
    assert edited.error is not None
    assert (edited.error.code, edited.changed) == ("busy", True)


def test_a_refused_edit_is_the_error_of_the_site(scripted_client: Callable) -> None:
    client, server = scripted_client(edit=refused(400, "Parameter 'maxFileAge' is wrong."), arcgisjobs=DIRECTORY)
    edited = edit(client)
    assert edited.error is not None
    assert edited.error.site_code == 400 and "Could not edit the jobs directory" in str(edited.error)
    assert (edited.changed, server.operations()) == (False, ["edit", "arcgisjobs"])


def test_the_clean_up_is_sent_once(scripted_client: Callable) -> None:
    client, server = scripted_client(clean=DONE)
    assert clean_directory(client) is None
    assert [(received.method, received.operation) for received in server.received] == [("POST", "clean")]
    client, server = scripted_client(clean=GATEWAY_DOWN)
    failure = clean_directory(client)
    assert failure is not None and failure.code == "busy"
    assert server.operations() == ["clean"]


def test_a_long_address_does_not_hide_that_it_is_unknown_whether_it_was_cleaned(scripted_client: Callable) -> None:
    client, dummy = scripted_client(clean=Answer("", 302, {"Location": f"https://gis.example.com/{'a' * 3000}"}))
    failure = clean_directory(client)
    assert failure is not None and failure.code == "redirected"
    assert "It is unknown whether the request to clean it was carried out" in str(failure)
