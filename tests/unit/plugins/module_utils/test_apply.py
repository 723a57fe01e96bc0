# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a write that was refused, or whose answer was lost, when the job is looked at again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from urllib3.util import connection

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.jobs import GpJobs
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.apply import apply_state
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.desired_state import DesiredState, JobChange
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.source import JobRef
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.waiter import WaitOptions
from ansible_collections.gisops.arcgis.plugins.module_utils._module import task_context
from ansible_collections.gisops.arcgis.plugins.module_utils._results import change_result
from ansible_collections.gisops.arcgis.tests.unit.doubles import FakeClock, FakeJobSource, task
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    DROPPED,
    GATEWAY_DOWN,
    NOT_FOUND,
    PAGE_404,
    Answer,
    ScriptedSite,
    job,
    page,
    refused,
)

SERVICE = Service("Maps", "Buffer")
DONE = Answer({"status": "success"})
CUT = Answer({"status": "success"}, missing_bytes=5)
NO_CANCEL = refused(500, "Unable to cancel job :[j1]")
NO_DELETE = refused(400, "Unable to delete job :[j1]")
DENIED = refused(403, "Token is valid but access is denied.")


def seen(*statuses: str | None) -> list[Any]:
    """Return the answers of a job that is looked at again and again; None where it is not there."""
    return [job("j1", f"esriJob{status}") if status else NOT_FOUND for status in statuses]


RACES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, bool, str | None], list[str]]] = {
    "cancel: lost, and carried out": (
        {"state": "cancelled"},
        {"job": seen("Executing", "Cancelling"), "cancel": DROPPED},
        ("cancel_accepted", True, None),
        ["cancel"],
    ),
    "cancel: cut short, and carried out": (
        {"state": "cancelled"},
        {"job": seen("Executing", "Cancelled"), "cancel": CUT},
        ("cancel_accepted", True, None),
        ["cancel"],
    ),
    "cancel: lost, not carried out, and sent again after a look": (
        {"state": "cancelled"},
        {"job": seen("Executing", "Executing", "Cancelling"), "cancel": [GATEWAY_DOWN, DONE]},
        ("cancel_accepted", True, None),
        ["cancel", "job", "cancel"],
    ),
    "cancel: lost, and finished meanwhile": (
        {"state": "cancelled"},
        {"job": seen("Executing", "Succeeded"), "cancel": DROPPED},
        ("already_finished", False, None),
        ["cancel"],
    ),
    "cancel: lost every time": (
        {"state": "cancelled"},
        {"job": seen("Executing"), "cancel": GATEWAY_DOWN},
        ("failed", False, "busy"),
        ["cancel", "job", "cancel"],
    ),
    "cancel: refused, and finished meanwhile": (
        {"state": "cancelled"},
        {"job": seen("Executing", "Succeeded"), "cancel": NO_CANCEL},
        ("already_finished", False, None),
        ["cancel"],
    ),
    "cancel: refused, and cancelled by somebody else": (
        {"state": "cancelled"},
        {"job": seen("Executing", "Cancelling"), "cancel": NO_CANCEL},
        ("already_cancelling", False, None),
        ["cancel"],
    ),
    "cancel: refused, and gone meanwhile": (
        {"state": "cancelled"},
        {"job": seen("Executing", None), "query": page(), "cancel": NO_CANCEL},
        ("failed", False, "unknown_job"),
        ["cancel"],
    ),
    "cancel: refused, and gone meanwhile, which is fine": (
        {"state": "cancelled", "missing_ok": True},
        {"job": seen("Executing", None), "query": page(), "cancel": NO_CANCEL},
        ("missing", False, None),
        ["cancel"],
    ),
    "cancel: refused while the job waits": (
        {"state": "cancelled"},
        {"job": seen("Waiting"), "cancel": NO_CANCEL},
        ("failed", False, "cancel_refused"),
        ["cancel"],
    ),
    "cancel: the site has no such operation": (
        {"state": "cancelled"},
        {"job": seen("Executing"), "cancel": NOT_FOUND},
        ("failed", False, "unsupported"),
        ["cancel"],
    ),
    "cancel: denied": (
        {"state": "cancelled"},
        {"job": seen("Executing"), "cancel": DENIED},
        ("failed", False, "no_privilege"),
        ["cancel"],
    ),
    "cancel: accepted for an unknown word": (
        {"state": "cancelled"},
        {"job": seen("Paused", "Cancelled"), "cancel": DONE},
        ("cancel_accepted", True, None),
        ["cancel"],
    ),
    "cancel: accepted, and the job succeeds all the same": (
        {"state": "cancelled"},
        {"job": seen("Executing", "Succeeded"), "cancel": DONE},
        ("cancel_accepted", True, None),
        ["cancel"],
    ),
    "delete: lost, and gone": (
        {"state": "absent"},
        {"job": seen("Executing", None), "query": page(), "delete": DROPPED},
        ("deleted", True, None),
        ["delete"],
    ),
    "delete: lost, and on its way": (
        {"state": "absent"},
        {"job": seen("Executing", "Deleting"), "query": page(j1="Deleting"), "delete": DROPPED},
        ("delete_accepted", True, None),
        ["delete"],
    ),
    "delete: lost, still there, and sent again after a look": (
        {"state": "absent"},
        {"job": seen("Failed"), "query": page(), "delete": [GATEWAY_DOWN, DONE]},
        ("deleted", True, None),
        ["delete", "job", "delete"],
    ),
    "delete: lost every time, and still there": (
        {"state": "absent"},
        {"job": seen("Failed"), "delete": GATEWAY_DOWN},
        ("failed", False, "delete_unconfirmed"),
        ["delete", "job", "delete"],
    ),
    "delete: lost, sent again and refused because it is gone by now": (
        {"state": "absent"},
        {"job": seen("Failed", "Failed", None), "query": page(), "delete": [DROPPED, NOT_FOUND]},
        ("deleted", True, None),
        ["delete", "job", "delete"],
    ),
    "delete: refused, and gone meanwhile": (
        {"state": "absent"},
        {"job": seen("Executing", None), "query": page(), "delete": NO_DELETE},
        ("already_absent", False, None),
        ["delete"],
    ),
    "delete: not found, and shown a moment longer by another machine": (
        {"state": "absent"},
        {"job": seen("Failed", "Failed", "Failed", None), "query": page(), "delete": NOT_FOUND},
        ("already_absent", False, None),
        ["delete"],
    ),
    "cancel: not found, and shown a moment longer by another machine": (
        {"state": "cancelled"},
        {"job": seen("Executing", "Executing", "Executing", None), "query": page(), "cancel": NOT_FOUND},
        ("failed", False, "unknown_job"),
        ["cancel"],
    ),
    "cancel: not found, shown a moment longer, and that is fine": (
        {"state": "cancelled", "missing_ok": True},
        {"job": seen("Executing", "Executing", "Executing", None), "query": page(), "cancel": NOT_FOUND},
        ("missing", False, None),
        ["cancel"],
    ),
    "delete: refused, and still there": (
        {"state": "absent"},
        {"job": seen("Executing"), "delete": NO_DELETE},
        ("failed", False, "delete_refused"),
        ["delete"],
    ),
    "delete: accepted, and shown a moment longer": (
        {"state": "absent"},
        {"job": seen("Executing"), "query": [page(j1="Executing"), page(j1="Executing"), page()], "delete": DONE},
        ("deleted", True, None),
        ["delete"],
    ),
    "delete: accepted, and nobody answers the looks": (
        {"state": "absent"},
        {"job": seen("Failed"), "query": GATEWAY_DOWN, "delete": DONE},
        ("delete_accepted", True, None),
        ["delete"],
    ),
    "cancel: accepted, and nobody answers the look": (
        {"state": "cancelled"},
        {"job": [*seen("Executing"), GATEWAY_DOWN], "cancel": DONE},
        ("cancel_accepted", True, None),
        ["cancel"],
    ),
    "delete: accepted, cancelled first, and slow to stop": (
        {"state": "absent"},
        {"job": seen("Executing"), "query": page(j1="Cancelling"), "delete": DONE},
        ("delete_accepted", True, None),
        ["delete"],
    ),
    "delete: accepted, but it stays": (
        {"state": "absent"},
        {"job": seen("Failed"), "query": page(j1="Failed"), "delete": DONE},
        ("failed", True, "delete_unconfirmed"),
        ["delete"],
    ),
    "delete: the site has no such operation": (
        {"state": "absent"},
        {"job": seen("Failed"), "delete": NOT_FOUND},
        ("failed", False, "unsupported"),
        ["delete"],
    ),
    "delete: an answer that says nothing, and gone": (
        {"state": "absent"},
        {"job": seen("Failed", None), "query": page(), "delete": {"odd": 1}},
        ("deleted", True, None),
        ["delete"],
    ),
    "delete: denied": (
        {"state": "absent"},
        {"job": seen("Failed"), "delete": DENIED},
        ("failed", False, "no_privilege"),
        ["delete"],
    ),
    "only_statuses: the job moved on before the write": (
        {"state": "absent", "only_statuses": ["waiting"]},
        {"job": seen("Waiting", "Executing"), "delete": DONE},
        ("not_selected", False, None),
        [],
    ),
    "only_statuses: the job moved on while the answer was lost": (
        {"state": "absent", "only_statuses": ["waiting"]},
        {"job": seen("Waiting", "Waiting", "Executing"), "delete": DROPPED},
        ("not_selected", False, None),
        ["delete"],
    ),
}


def apply(client: Client, desired: DesiredState, *job_ids: str) -> list[JobChange]:
    """Bring these jobs into the wanted state."""
    return apply_state(GpJobs(client), desired, [JobRef(SERVICE, job_id) for job_id in job_ids], task_context(client))


def change_one(
    scripted_client: Callable[..., Any], desired: dict[str, Any], script: dict[str, Any]
) -> tuple[JobChange, ScriptedSite]:
    """Bring one job of a scripted site into the wanted state, with at most one repetition."""
    client, server = scripted_client({"retries": 1}, **script)
    return apply(client, DesiredState(**desired), "j1")[0], server


def between_writes(server: ScriptedSite) -> list[str]:
    """Return the operations from the first write to the last."""
    operations = server.operations()
    places = [place for place, name in enumerate(operations) if name in ("cancel", "delete")]
    return operations[places[0] : places[-1] + 1] if places else []


@pytest.mark.parametrize("desired, script, expected, sent", RACES.values(), ids=RACES)
def test_what_is_seen_then_decides(
    scripted_client: Callable[..., Any],
    desired: dict[str, Any],
    script: dict[str, Any],
    expected: tuple,
    sent: list[str],
) -> None:
    change, server = change_one(scripted_client, desired, script)
    assert (change.outcome, change.changed, change.error and change.error.code) == expected
    assert between_writes(server) == sent


SENTENCES: dict[str, tuple[str, dict[str, Any], str]] = {
    "the site has no such operation": (
        "cancelled",
        {"job": seen("Executing"), "cancel": NOT_FOUND},
        "The site lacks the operation: check url, platform and the release.",
    ),
    "the answer to a cancel was lost": (
        "cancelled",
        {"job": seen("Executing"), "cancel": GATEWAY_DOWN},
        'answered with HTTP 502, "Bad gateway", and the job is still executing. Try again later',
    ),
    "the answer to a cancel says nothing": (
        "cancelled",
        {"job": seen("Executing"), "cancel": {"odd": 1}},
        "the answer says neither success nor error, and the job is still executing",
    ),
    "the answer to a delete was lost": (
        "absent",
        {"job": seen("Failed"), "delete": DROPPED},
        "and the job is still failed. Run the task again. This is safe",
    ),
    "an accepted delete has no effect": (
        "absent",
        {"job": seen("Failed"), "query": page(j1="Failed"), "delete": DONE},
        "the site accepted the deletion, but the job is still failed.",
    ),
}


@pytest.mark.parametrize("state, script, words", SENTENCES.values(), ids=SENTENCES)
def test_the_sentence_says_what_was_seen(
    scripted_client: Callable[..., Any], state: str, script: dict[str, Any], words: str
) -> None:
    change, dummy = change_one(scripted_client, {"state": state}, script)
    assert words in str(change.error)


# Nothing but the site's own envelope, together with a query of the service that works, says that a job is not there.
NO_PROOF = {
    "a page instead of the job": ({"job": PAGE_404, "query": page()}, "html_answer"),
    "the job is forbidden": ({"job": DENIED, "query": page()}, "no_privilege"),
    "a forbidden page instead of the job": ({"job": Answer("<html>", 403), "query": page()}, "html_answer"),
    "the web server asks for a log-in": ({"job": Answer("<html>", 401), "query": page()}, "web_tier_login"),
    "the service is not there either": ({"job": NOT_FOUND, "query": NOT_FOUND}, "unknown_service"),
    "the query is a page": ({"job": NOT_FOUND, "query": PAGE_404}, "html_answer"),
    "the query is forbidden": ({"job": NOT_FOUND, "query": DENIED}, "no_privilege"),
    "the query is of another shape": ({"job": NOT_FOUND, "query": {"results": ["j1"]}}, "unexpected_shape"),
    "the token is not taken": ({"job": refused(498, "Token Expired."), "query": page()}, "token_invalid"),
}


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("state", ["absent", "cancelled"])
@pytest.mark.parametrize("script, code", NO_PROOF.values(), ids=NO_PROOF)
def test_what_does_not_prove_that_a_job_is_absent(
    scripted_client: Callable[..., Any], script: dict[str, Any], code: str, state: str, check_mode: bool
) -> None:
    client, server = scripted_client({"retries": 0}, check_mode, **script)
    try:
        change = apply(client, DesiredState(state, missing_ok=True), "j1")[0]
    except ArcGISError as error:
        assert error.failure.code == code
    else:
        assert (change.outcome, change.changed, change.error.code) == ("failed", False, code)
        assert change_result([change])["jobs"][0]["status"] is None
    assert not {"cancel", "delete"} & set(server.operations())


@pytest.mark.parametrize("answer", [PAGE_404, Answer("<html>", 403), DENIED, NOT_FOUND, refused(498, "Token Expired.")])
def test_an_odd_answer_to_the_delete_never_means_absent(scripted_client: Callable[..., Any], answer: Answer) -> None:
    change, dummy = change_one(scripted_client, {"state": "absent"}, {"job": seen("Failed"), "delete": answer})
    assert (change.outcome, change.changed, change.after) == ("failed", False, "failed")


def test_absence_from_a_page_does_not_prove_a_deletion_whose_answer_was_lost(
    scripted_client: Callable[..., Any],
) -> None:
    change, server = change_one(
        scripted_client, {"state": "absent"}, {"job": seen("Failed"), "query": page(), "delete": DROPPED}
    )
    assert (change.outcome, change.error.code) == ("failed", "delete_unconfirmed")


def test_the_look_that_fails_leaves_the_change_open(scripted_client: Callable[..., Any]) -> None:
    script = {"job": [*seen("Executing"), Answer("<html>", 403)], "delete": DROPPED}
    change, dummy = change_one(scripted_client, {"state": "absent"}, script)
    assert (change.outcome, change.changed) == ("failed", False)
    assert change.error is not None


def test_a_job_that_the_pages_lack_is_read_on_its_own(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client(query=page(j1="Executing"), job=job("j2", "esriJobExecuting"), cancel=DONE)
    changes = apply(client, DesiredState("cancelled"), "j1", "j2")
    assert [change.outcome for change in changes] == ["cancel_accepted", "cancel_accepted"]
    assert server.operations().count("cancel") == 2


def test_a_status_that_could_not_be_read_after_the_write_is_called_older(scripted_client: Callable[..., Any]) -> None:
    client, dummy = scripted_client({"retries": 0}, job=seen("Failed"), query=GATEWAY_DOWN, delete=DONE)
    apply(client, DesiredState("absent"), "j1")
    assert len(client.warnings) == 1
    assert client.warnings[0].startswith("1 jobs could not be read after the writes, so the status shown for them is")


def test_settling_takes_a_few_growing_looks(scripted_client: Callable[..., Any], pauses: list[float]) -> None:
    change_one(
        scripted_client, {"state": "absent"}, {"job": seen("Failed"), "query": page(j1="Failed"), "delete": DONE}
    )
    assert pauses == sorted(pauses)
    assert 2 <= len(pauses) <= 10
    assert sum(pauses) < 15


def delete_two(client: Client) -> list[JobChange]:
    """Delete two jobs, one after the other."""
    return apply(client, DesiredState("absent"), "j1", "j2")


@pytest.mark.parametrize("retries", [0, 2])
def test_a_log_in_that_failed_in_between_has_sent_no_write(scripted_client: Callable[..., Any], retries: int) -> None:
    settings = {"username": "admin", "password": "secret", "token_source": "site", "max_concurrency": 1}
    client, server = scripted_client(
        {**settings, "retries": retries},
        query=page(j1="Failed", j2="Failed"),
        delete=refused(498, "Token Expired."),
        generateToken=GATEWAY_DOWN,
    )
    changes = delete_two(client)
    assert [(change.outcome, change.changed, change.error.code) for change in changes] == [
        ("failed", False, "busy")
    ] * 2
    first, second = (str(change.error) for change in changes)
    assert first == second
    assert first.startswith(f"Could not log in (POST {server.url}/admin/generateToken): ")
    assert "unknown" not in first
    assert {change.error.was_sent for change in changes} == {False}
    assert not any(change.error.is_lost for change in changes)
    assert server.operations().count("delete") == 1


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Refuse the connections with these numbers, counted from 1; return the list of those that were tried."""

    def refuse(*which: int) -> list[int]:
        tried: list[int] = []
        connect = connection.create_connection

        def create_connection(*arguments: Any, **options: Any) -> Any:
            tried.append(len(tried) + 1)
            if tried[-1] in which:
                raise ConnectionRefusedError(111, "Connection refused")
            return connect(*arguments, **options)

        monkeypatch.setattr(connection, "create_connection", create_connection)
        return tried

    return refuse


def test_a_write_that_was_refused_a_connection_is_simply_sent_again(
    scripted_client: Callable[..., Any], refuse: Callable[..., list[int]], pauses: list[float]
) -> None:
    there = Answer(job("j1", "esriJobFailed"), headers={"Connection": "close"})
    client, server = scripted_client({"retries": 2}, job=there, query=page(), delete=DONE)
    tried = refuse(2, 3)
    change = apply(client, DesiredState("absent"), "j1")[0]
    assert (change.outcome, change.changed, change.error) == ("deleted", True, None)
    assert server.operations()[:2] == ["job", "delete"], "nothing was in doubt, so nothing is looked at in between"
    assert (tried, len(pauses), client.usage()["retries"]) == ([1, 2, 3, 4], 2, 2)


def test_a_write_that_was_refused_a_connection_counts_for_nothing(
    scripted_client: Callable[..., Any], refuse: Callable[..., list[int]]
) -> None:
    there = Answer(job("j1", "esriJobFailed"), headers={"Connection": "close"})
    client, server = scripted_client({"retries": 1}, job=[there, NOT_FOUND], query=page(), delete=NOT_FOUND)
    refuse(2)
    change = apply(client, DesiredState("absent"), "j1")[0]
    assert (change.outcome, change.changed, change.error) == ("already_absent", False, None)


def test_a_site_that_refuses_every_connection_got_no_write(
    scripted_client: Callable[..., Any], refuse: Callable[..., list[int]]
) -> None:
    there = Answer(job("j1", "esriJobFailed"), headers={"Connection": "close"})
    client, dummy = scripted_client({"retries": 1}, job=there, delete=DONE)
    refuse(2, 3)
    change = apply(client, DesiredState("absent"), "j1")[0]
    assert (change.outcome, change.changed, change.error.code) == ("failed", False, "unreachable")
    assert (change.error.was_sent, "unknown" in str(change.error)) == (False, False)


def test_a_write_that_is_sent_again_counts_as_a_retry(scripted_client: Callable[..., Any]) -> None:
    client, dummy = scripted_client({"retries": 1}, job=seen("Failed"), query=page(), delete=[GATEWAY_DOWN, DONE])
    apply(client, DesiredState("absent"), "j1")
    assert client.usage()["retries"] == 1


def test_a_status_in_the_words_of_the_site_cannot_steer_a_terminal(scripted_client: Callable[..., Any]) -> None:
    odd = job("j1", "esriJob\x1b[31mPaused\u202e" + "d" * 3000)
    change, dummy = change_one(scripted_client, {"state": "cancelled"}, {"job": odd, "cancel": NO_CANCEL})
    reason = str(change.error)
    assert "and the job is still" in reason and reason.isprintable()
    assert change.error.as_result()["message"].isprintable()
    assert len(reason) < 3000


def test_a_long_refusal_does_not_hide_what_was_seen(scripted_client: Callable[..., Any]) -> None:
    script = {"job": seen("Executing"), "cancel": refused(500, "No. " * 1000)}
    change, dummy = change_one(scripted_client, {"state": "cancelled"}, script)
    assert "and the job is still executing." in str(change.error)


@pytest.mark.parametrize("retries", [0, 1, 3])
@pytest.mark.parametrize("state, operation", [("cancelled", "cancel"), ("absent", "delete")])
def test_a_write_and_the_looks_after_it_share_their_tries(
    scripted_client: Callable[..., Any], state: str, operation: str, retries: int
) -> None:
    script = {"job": [*seen("Executing"), GATEWAY_DOWN], operation: GATEWAY_DOWN}
    client, server = scripted_client({"retries": retries}, **script)
    (change,) = apply(client, DesiredState(state), "j1")
    assert (change.outcome, change.changed, change.error.code) == ("failed", False, "busy")
    assert "It is unknown whether the request" in str(change.error)
    # One look before the write; then one write, and one look that is repeated as often as is left.
    assert client.usage()["retries"] == retries
    assert server.operations() == ["job", operation, *["job"] * max(1, retries)]


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_a_write_is_sent_no_more_often_than_it_may_be_tried(scripted_client: Callable[..., Any], retries: int) -> None:
    client, server = scripted_client({"retries": retries}, job=seen("Executing"), cancel=GATEWAY_DOWN)
    apply(client, DesiredState("cancelled"), "j1")
    assert server.operations().count("cancel") == retries + 1


# What no product of its own brings about: the core with a product that does as it is told

BUSY = Failure("busy", "the site is overloaded")
SAYS_NO = Failure("site_error", "Unable to cancel the job")
BEHIND = Failure("contradicted", "the site does not find the job, and lists it")
REF = JobRef(None, "j1")


def alone(
    source: FakeJobSource, state: str, retries: int = 0, check_mode: bool = False, wait: WaitOptions | None = None
) -> tuple[JobChange, FakeClock]:
    """Bring the one job of a product into the wanted state."""
    clock = FakeClock()
    (change,) = apply_state(source, DesiredState(state), [REF], task(clock, check_mode, retries), wait)
    return change, clock


@pytest.mark.parametrize("state, after", [("cancelled", "cancelling"), ("absent", None)])
def test_check_mode_says_what_would_be_and_neither_writes_nor_waits(state: str, after: str | None) -> None:
    source = FakeJobSource("executing")
    change, clock = alone(source, state, check_mode=True, wait=WaitOptions(60, 2))
    assert (change.before, change.after, change.changed, change.error) == ("executing", after, True, None)
    assert (source.sent, source.looks, clock.naps) == ([], 1, [])


def test_machines_that_are_behind_get_the_time_to_settle_after_a_lost_answer() -> None:
    source = FakeJobSource("executing", BEHIND, BEHIND, None, answers=[BUSY])
    change, clock = alone(source, "absent")
    assert (change.outcome, change.changed, change.error) == ("deleted", True, None)
    assert (len(source.sent), clock.naps) == (1, [0.2, 0.4])


def test_machines_that_stay_behind_leave_it_unknown() -> None:
    source = FakeJobSource("executing", BEHIND, answers=[BUSY])
    change, clock = alone(source, "absent")
    assert change.error is not None
    assert (change.outcome, change.changed, change.error.code) == ("failed", False, "contradicted")
    assert "It is unknown whether the request to delete it was carried out" in str(change.error)
    assert sum(clock.naps) == pytest.approx(6.2)


def test_a_product_that_cannot_delete_gives_no_advice_to_do_so() -> None:
    source = FakeJobSource("executing", answers=[SAYS_NO])
    change, dummy = alone(source, "cancelled")
    assert change.error is not None and "use state: absent" in str(change.error)
    source = FakeJobSource("executing", answers=[SAYS_NO])
    source.can_delete = False
    change, dummy = alone(source, "cancelled")
    assert change.error is not None and change.error.hint == "Look at the job again later."


def test_a_wait_ends_when_the_job_has_arrived() -> None:
    source = FakeJobSource("executing", "cancelling", "cancelling", "cancelled")
    change, clock = alone(source, "cancelled", wait=WaitOptions(60, 2))
    assert (change.after, change.outcome, change.error) == ("cancelled", "cancel_accepted", None)
    assert change.waited == pytest.approx(sum(clock.naps))


def test_a_wait_whose_time_is_over_is_an_error_of_a_job_that_changed_all_the_same() -> None:
    change, dummy = alone(FakeJobSource("executing", "cancelling"), "cancelled", wait=WaitOptions(10, 2))
    assert change.error is not None
    assert (change.changed, change.outcome, change.error.code) == (True, "cancel_accepted", "wait_timeout")
    assert change.waited == pytest.approx(10)
