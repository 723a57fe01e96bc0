# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs directory: what has to change, what is sent back as it was, and what the answer is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_directory import (
    changes_to,
    clean_directory,
    edit_directory,
    read_directory,
    record,
)
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
    assert record(odd)["cleanup_mode"] == "WHEN_IT_RAINS"
    assert changes_to(odd, None, "none") == {"cleanupMode": "NONE"}
    assert changes_to(odd, 360, None) == {}


@pytest.mark.parametrize("age, minutes", [(360, 360), ("360", 360), (-1, -1), ("soon", None), (None, None)])
def test_the_age_in_minutes(age: Any, minutes: int | None) -> None:
    assert record({**DIRECTORY, "maxFileAge": age}) == {
        "max_age_minutes": minutes,
        "cleanup_mode": "time_elapsed",
        "physical_path": "/data/arcgisjobs",
    }


@pytest.mark.parametrize("answer", [{}, {"maxFileAge": 360}, {"directories": []}])
def test_an_answer_that_is_no_directory(scripted_site: Callable, answer: dict[str, Any]) -> None:
    site, dummy = scripted_site(arcgisjobs=answer)
    with pytest.raises(ArcGISError) as caught:
        read_directory(site)
    assert caught.value.code == "unexpected_shape"


def test_every_other_field_goes_back_as_it_was(scripted_site: Callable) -> None:
    site, server = scripted_site(arcgisjobs={**DIRECTORY, **DAY}, edit=DONE)
    assert edit_directory(site, DIRECTORY, DAY, allow_restart=True)["maxFileAge"] == 1440
    (edit,) = [received for received in server.received if received.operation == "edit"]
    sent = {name: value for name, value in edit.form.items() if name not in ("f", "token")}
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
    assert (edit.method, edit.query) == ("POST", {})


def test_fields_that_are_objects_go_back_as_json(scripted_site: Callable) -> None:
    site, server = scripted_site(arcgisjobs={**DIRECTORY, **DAY}, edit=DONE)
    edit_directory(site, {**DIRECTORY, "properties": {"a": [1, True]}}, DAY, allow_restart=True)
    assert server.received[0].form["properties"] == '{"a": [1, true]}'


@pytest.mark.parametrize("read_only", [False, True])
def test_without_leave_to_restart_nothing_is_sent(scripted_site: Callable, read_only: bool) -> None:
    site, server = scripted_site(read_only=read_only)
    with pytest.raises(ArcGISError) as caught:
        edit_directory(site, DIRECTORY, DAY, allow_restart=False)
    assert (caught.value.code, server.received) == ("restart_not_allowed", [])


def test_check_mode_sends_nothing(scripted_site: Callable) -> None:
    site, server = scripted_site(read_only=True)
    assert edit_directory(site, DIRECTORY, DAY, allow_restart=True) == {**DIRECTORY, **DAY}
    assert clean_directory(site) is None
    assert server.received == []


@pytest.mark.parametrize("lost", [DROPPED, GATEWAY_DOWN, Answer(DONE, missing_bytes=3)], ids=["reset", "502", "cut"])
def test_after_a_lost_answer_the_directory_decides(scripted_site: Callable, lost: Answer) -> None:
    site, server = scripted_site(arcgisjobs={**DIRECTORY, "maxFileAge": "1440"}, edit=lost)
    assert edit_directory(site, DIRECTORY, DAY, allow_restart=True)["maxFileAge"] == "1440"
    assert server.operations().count("edit") == 1


@pytest.mark.parametrize("answer", [DONE, GATEWAY_DOWN], ids=["accepted", "lost"])
@pytest.mark.parametrize("age", [1440, "1440", 1440.0])
def test_an_edit_that_another_machine_shows_a_moment_later_is_confirmed(
    scripted_site: Callable, pauses: list[float], answer: Any, age: Any
) -> None:
    site, server = scripted_site(arcgisjobs=[DIRECTORY, DIRECTORY, {**DIRECTORY, "maxFileAge": age}], edit=answer)
    after = edit_directory(site, DIRECTORY, DAY, allow_restart=True)
    assert (after["maxFileAge"], record(after)["max_age_minutes"]) == (age, 1440)
    assert server.operations() == ["edit", *["arcgisjobs"] * 3]
    assert sum(pauses) < 15


@pytest.mark.parametrize("answer, changed", [(DONE, True), (GATEWAY_DOWN, False)], ids=["accepted", "lost"])
def test_a_directory_that_does_not_show_the_change_is_an_error(
    scripted_site: Callable, answer: Any, changed: bool
) -> None:
    site, dummy = scripted_site(arcgisjobs=DIRECTORY, edit=answer)
    with pytest.raises(ArcGISError) as caught:
        edit_directory(site, DIRECTORY, {**DAY, "cleanupMode": "NONE"}, allow_restart=True)
    assert caught.value.code == "edit_unconfirmed"
    assert "does not show the new maxFileAge and cleanupMode" in str(caught.value)
    assert caught.value.result.get("changed", False) is changed


def test_an_accepted_edit_is_a_change_though_the_directory_cannot_be_read_after_it(scripted_site: Callable) -> None:
    site, dummy = scripted_site(arcgisjobs=GATEWAY_DOWN, edit=DONE)
    with pytest.raises(ArcGISError) as caught:
        edit_directory(site, DIRECTORY, DAY, allow_restart=True)
    assert (caught.value.code, caught.value.result["changed"]) == ("busy", True)


def test_a_refused_edit_is_the_error_of_the_site(scripted_site: Callable) -> None:
    site, server = scripted_site(edit=refused(400, "Parameter 'maxFileAge' is wrong."), arcgisjobs=DIRECTORY)
    with pytest.raises(ArcGISError) as caught:
        edit_directory(site, DIRECTORY, DAY, allow_restart=True)
    assert "Could not edit the jobs directory" in str(caught.value)
    assert (caught.value.result.get("changed", False), server.operations()) == (False, ["edit", "arcgisjobs"])


def test_the_clean_up_is_sent_once(scripted_site: Callable) -> None:
    site, server = scripted_site(clean=DONE)
    assert clean_directory(site) is None
    assert [(received.method, received.operation) for received in server.received] == [("POST", "clean")]
    site, server = scripted_site(clean=GATEWAY_DOWN)
    failure = clean_directory(site)
    assert failure is not None and failure.code == "busy"
    assert server.operations() == ["clean"]


def test_a_long_address_does_not_hide_that_it_is_unknown_whether_it_was_cleaned(scripted_site: Callable) -> None:
    site, dummy = scripted_site(clean=Answer("", 302, {"Location": f"https://gis.example.com/{'a' * 3000}"}))
    failure = clean_directory(site)
    assert failure is not None and failure.code == "redirected"
    assert "It is unknown whether the request to clean it was carried out" in str(failure)
