# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where tokens come from, how often a task logs in, and what happens when one is refused."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis import client as client_module
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import SITE_INFO, Client, Operation
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.connection import Connection
from ansible_collections.gisops.arcgis.plugins.module_utils._concurrent import run_concurrently
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.jobs import QUERY, READ, STATISTICS
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.services import LIST_ROOT, Service
from ansible_collections.gisops.arcgis.plugins.module_utils._retries import Clock
from ansible_collections.gisops.arcgis.tests.unit.doubles import operations
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    DROPPED,
    GATEWAY_DOWN,
    NOT_FOUND,
    PAGE_404,
    Answer,
    portal_error,
    refused,
)
from arcgis_simulator import Simulator

BUFFER = Service("Maps", "Buffer")
EXPIRED = refused(498, "Token Expired.")
WITH_PASSWORD = {"username": "admin", "password": "secret", "token_source": "site"}


@pytest.fixture
def pass_time(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Stop the clock of the clients, and let so many seconds pass on it."""
    passed = [0.0]
    monkeypatch.setattr(client_module, "Clock", lambda: Clock(lambda: passed[-1], pauses.append))
    return lambda seconds: passed.append(passed[-1] + seconds)


def ask(client: Client) -> dict[str, Any]:
    """Ask for something that needs a token."""
    return client.call(LIST_ROOT)


def logins(sim: Simulator) -> list[str]:
    """Return the context of every log-in that arrived."""
    return [request["context"] for request in sim.requests() if request["operation"] == "generateToken"]


def failure_of(client: Client, operation: Operation = LIST_ROOT) -> Failure:
    """Return the failure that a call ends in."""
    with pytest.raises(ArcGISError) as caught:
        client.call(operation)
    return caught.value.failure


@pytest.mark.parametrize(
    "context, user, more, issuer",
    [
        ("server", "gis_admin", {}, "portal"),
        ("notebook", "gis_admin", {}, "portal"),
        ("video", "gis_admin", {}, "portal"),
        ("kubernetes", "gis_admin", {}, "kubernetes"),
        ("arcgis", "agsadmin", {}, "arcgis"),
        ("server", "siteadmin", {"token_source": "site"}, "server"),
        ("notebook", "siteadmin", {"token_source": "site"}, "notebook"),
        ("server", "gis_admin", {"token_source": "portal"}, "portal"),
    ],
)
def test_who_issues_the_token(
    client: Callable[..., Client], sim: Simulator, context: str, user: str, more: dict[str, Any], issuer: str
) -> None:
    token = client(context, user, **more).log_in()
    assert logins(sim) == [issuer]
    assert token.source == ("portal" if issuer in ("portal", "kubernetes") else "site")
    assert token.issuer == sim.url(issuer) + (
        "/sharing/rest/generateToken" if token.source == "portal" else "/admin/generateToken"
    )
    assert 3_500_000 < token.expires_ms - sim.now() <= 3_600_000


def test_a_portal_that_only_the_url_of_its_tokens_tells(client: Callable[..., Client], sim: Simulator) -> None:
    sim.settings("server", rest_info_portal="tokens_only")
    assert client().log_in().issuer == f"{sim.url('portal')}/sharing/rest/generateToken"
    sim.settings("server", owning_system_url="https://portal.example.com/portal")
    assert failure_of(client()).code == "untrusted_portal"


def test_a_portal_that_is_not_named(client: Callable[..., Client], sim: Simulator) -> None:
    sim.settings("server", rest_info_portal="absent")
    failure = failure_of(client())
    assert (failure.code, logins(sim)) == ("bad_credentials", ["server"])
    assert "Set portal_url where the site belongs to a portal that it does not name" in str(failure)
    assert client(portal_url=sim.url("portal")).log_in().source == "portal"


def test_a_portal_that_is_given_is_not_looked_for(client: Callable[..., Client], sim: Simulator) -> None:
    client(portal_url=sim.url("portal")).log_in()
    assert operations(sim) == {"generateToken": 1}


def test_refused_credentials_are_not_tried_elsewhere(client: Callable[..., Client], sim: Simulator) -> None:
    # siteadmin is an account of the site itself, which its portal does not know.
    assert failure_of(client(user="siteadmin")).code == "bad_credentials"
    assert logins(sim) == ["portal"]


def test_a_stand_alone_site_has_no_portal_to_ask(client: Callable[..., Client], sim: Simulator) -> None:
    failure = failure_of(client("arcgis", "agsadmin", token_source="portal"))
    assert failure.code == "bad_option"
    assert "The option token_source is portal, but the site is not federated" in str(failure)
    assert logins(sim) == []


def test_a_portal_on_another_host_is_named_and_gets_nothing(client: Callable[..., Client], sim: Simulator) -> None:
    sim.settings("server", owning_system_url="https://portal.example.com/portal")
    failure = failure_of(client())
    assert failure.code == "untrusted_portal"
    assert str(failure).endswith(
        "the site says that https://portal.example.com/portal issues its tokens, which is not on the host of url. "
        "Set portal_url: https://portal.example.com/portal if that is the right portal, or token_source: site."
    )
    assert logins(sim) == []


@pytest.mark.parametrize(
    "portal",
    [
        "http://127.0.0.2/portal",
        "https://127.0.0.1@evil.example.com/portal",
        "https://127.0.0.1.example.com/portal",
        "https://127.0.0.1/portal?x=1",
    ],
)
def test_a_portal_that_only_looks_like_the_host_of_the_site(scripted_client: Callable[..., Any], portal: str) -> None:
    client, server = scripted_client(
        {"token": None, "username": "a", "password": "b"}, info={"owningSystemUrl": portal}
    )
    assert failure_of(client).code == "untrusted_portal"
    assert server.operations() == ["info"]


@pytest.mark.parametrize(
    "portal, words",
    [
        ("https://[x", "the site says that https://[x issues its tokens, which is not a URL. Set portal_url yourself."),
        ("https://a\x1b[31m/portal", "https://a [31m/portal issues its tokens, which is empty or holds blanks"),
        (
            "http://gis.example.com/portal",
            "issues its tokens, which uses http, which would send the token in the clear.",
        ),
        (["https://gis.example.com/portal"], "issues its tokens, which is"),
    ],
    ids=["no URL", "steering characters", "http", "no text"],
)
def test_a_portal_with_an_address_that_cannot_be_used(
    scripted: Callable[..., Any], pauses: list[float], monkeypatch: pytest.MonkeyPatch, portal: Any, words: str
) -> None:
    proxy = scripted(info={"owningSystemUrl": portal})
    monkeypatch.setenv("http_proxy", proxy.origin)
    failure = failure_of(Client(Connection(url="http://gis.example.com/server", username="a", password="b")))
    assert failure.code == "untrusted_portal"
    assert words in str(failure)
    assert str(failure).isprintable() and str(failure.as_result()).isprintable()
    assert proxy.operations() == ["info"]


def test_a_portal_whose_scheme_is_written_in_capitals(client: Callable[..., Client], sim: Simulator) -> None:
    sim.settings("server", owning_system_url=sim.url("portal").replace("https:", "HTTPS:"))
    assert client().log_in().issuer == f"{sim.url('portal')}/sharing/rest/generateToken"


def test_a_portal_can_be_the_site_itself(scripted_client: Callable[..., Any]) -> None:
    def info(request: Any) -> Answer:
        return PAGE_404 if "/sharing/" not in request.path else Answer({"authInfo": {}})

    client, server = scripted_client(
        {"token": None, "username": "a", "password": "b"}, info=info, generateToken={"token": "t"}
    )
    assert client.log_in().issuer == f"{server.url}/sharing/rest/generateToken"


@pytest.mark.parametrize(
    "expires, expected",
    [
        *((value, 1700000000000) for value in (1700000000000, "1700000000000", 1700000000000.0)),
        *((value, None) for value in (None, "", "soon", 0, "0", -1, True, [], 10**18, float("inf"), float("nan"))),
    ],
)
def test_the_expiry_comes_in_several_shapes(
    scripted_client: Callable[..., Any], expires: Any, expected: int | None
) -> None:
    client, dummy = scripted_client(WITH_PASSWORD, generateToken={"token": "t", "expires": expires})
    assert client.log_in().expires_ms == expected


@pytest.mark.parametrize("token", [None, "", " ", "a b", 7, ["t"], "two\nlines", "tök"])
def test_an_answer_without_a_usable_token(scripted_client: Callable[..., Any], token: Any) -> None:
    client, dummy = scripted_client({**WITH_PASSWORD, "token": None}, generateToken={"token": token})
    failure = failure_of(client)
    assert (failure.code, failure.operation) == ("unexpected_shape", "log in")


@pytest.mark.parametrize(
    "answer",
    [
        portal_error(400, "Unable to generate token."),
        portal_error(401, "Invalid username or password."),
        portal_error(403, "odd"),
        portal_error(498, "Invalid Credentials"),
        portal_error(200, "Could not validate account."),
        refused(401, "Invalid username or password."),
        refused(400, "User account is locked."),
    ],
)
def test_refused_credentials_whatever_the_code(scripted_client: Callable[..., Any], answer: Answer) -> None:
    client, server = scripted_client({**WITH_PASSWORD, "token": None}, generateToken=answer)
    failure = failure_of(client)
    assert failure.code == "bad_credentials"
    assert "SAML and IWA accounts cannot ask for tokens" in str(failure)
    assert server.operations() == ["generateToken"]


@pytest.mark.parametrize(
    "words",
    [
        "Local machine is not participating in any Site.",
        "The user store cannot be reached.",
        "Could not validate the password: the account service is down.",
    ],
)
@pytest.mark.parametrize("answer", [refused, portal_error])
def test_what_else_a_log_in_can_meet_is_not_called_a_wrong_password(
    scripted_client: Callable[..., Any], answer: Callable[[int, str], Answer], words: str
) -> None:
    client, dummy = scripted_client({**WITH_PASSWORD, "token": None}, generateToken=answer(500, words))
    failure = failure_of(client)
    assert failure.code == "site_error"
    assert words.rstrip(".") in failure.reason


# What a password is sent to


@pytest.mark.parametrize("source", ["auto", "site", "portal"])
@pytest.mark.parametrize(
    "answer",
    [
        PAGE_404,
        Answer({"error": "no such page"}, 404),
        Answer({"error": {"code": 404, "message": "Not Found"}}, 404),
        Answer({"hello": "world"}),
    ],
)
def test_no_password_is_sent_to_what_is_no_arcgis(
    scripted_client: Callable[..., Any], answer: Answer, source: str
) -> None:
    client, server = scripted_client(
        {**WITH_PASSWORD, "token": None, "token_source": source},
        info=answer,
        admin=answer,
        generateToken={"token": "t"},
    )
    failure = failure_of(client)
    assert failure.code == "wrong_url"
    assert f"nothing below {server.url} says that it is ArcGIS, so the password was not sent there" in str(failure)
    assert "generateToken" not in server.operations()


@pytest.mark.parametrize(
    "info, admin",
    [
        (info, refused(499, "Unauthorized access. Token not found."))
        for info in (NOT_FOUND, PAGE_404, portal_error(404, "Not found"))
    ],
)
def test_a_site_without_a_resource_about_itself_shows_in_its_errors_what_it_is(
    scripted_client: Callable[..., Any], info: Answer, admin: Answer
) -> None:
    client, server = scripted_client(
        {**WITH_PASSWORD, "token": None, "token_source": "auto"}, info=info, admin=admin, generateToken={"token": "t"}
    )
    assert client.log_in().source == "site"
    assert server.operations()[-1] == "generateToken"


# How often


def test_many_threads_log_in_once(client: Callable[..., Client], sim: Simulator) -> None:
    asking = client()
    ids = [job["job_id"] for job in sim.jobs("server", "Maps/Buffer")]
    answers = run_concurrently(lambda job_id: asking.call(READ, job_id=job_id, **BUFFER.parts), ids, 8).all_values()
    assert [answer["jobId"] for answer in answers.values()] == ids
    assert len(logins(sim)) == asking.usage()["logins"] == 1


def test_a_log_in_that_failed_is_not_tried_again(client: Callable[..., Client], sim: Simulator) -> None:
    sim.settings("portal", latency_ms=20)
    asking = client(password="wrong")
    errors = run_concurrently(lambda dummy: ask(asking), range(16), 8, stop_at=()).errors
    assert [failure.code for failure in errors.values()] == ["bad_credentials"] * 16
    assert len(logins(sim)) == 1


@pytest.mark.parametrize("answer", [GATEWAY_DOWN, DROPPED])
def test_a_log_in_that_found_no_answer_is_not_tried_again_by_other_threads(
    scripted_client: Callable[..., Any], answer: Answer
) -> None:
    client, server = scripted_client({**WITH_PASSWORD, "token": None, "retries": 0}, generateToken=answer)
    errors = run_concurrently(lambda dummy: ask(client), range(8), 8, stop_at=()).errors
    assert len(errors) == 8
    assert server.operations() == ["generateToken"]


@pytest.mark.parametrize(
    "answer, code, later",
    [(portal_error(401, "No."), "bad_credentials", 1), (DROPPED, "unreachable", 1), (GATEWAY_DOWN, "busy", 2)],
)
def test_a_renewal_that_failed_has_sent_nothing_else_and_is_tried_again_only_where_the_site_was_busy(
    scripted_client: Callable[..., Any], pass_time: Callable[[float], None], answer: Answer, code: str, later: int
) -> None:
    client, server = scripted_client(WITH_PASSWORD, services=Answer(EXPIRED.body, delay=0.05), generateToken=answer)
    errors = run_concurrently(lambda dummy: ask(client), range(8), 8, stop_at=()).errors
    assert {(failure.code, failure.was_sent) for failure in errors.values()} == {(code, False)}
    for seconds, renewals in ((0.9, 1), (0.1, later)):
        pass_time(seconds)
        assert failure_of(client).code == code
        assert server.operations().count("generateToken") == renewals


@pytest.mark.parametrize("answer", [GATEWAY_DOWN, DROPPED, Answer("", delay=0.01), refused(500, "The site restarts.")])
def test_a_renewal_is_tried_again_with_a_password_that_has_proven_right(
    scripted_client: Callable[..., Any], pass_time: Callable[[float], None], answer: Answer
) -> None:
    client, server = scripted_client(
        {**WITH_PASSWORD, "token": None},
        services=[{"services": []}, EXPIRED, {"services": []}],
        generateToken=[{"token": "first"}, answer, {"token": "second"}],
    )
    ask(client)
    assert failure_of(client).code in ("busy", "unreachable", "cut_short", "site_error")
    pass_time(2)
    assert ask(client) == {"services": []}
    assert server.received[-1].headers["X-Esri-Authorization"] == "Bearer second"


@pytest.mark.parametrize("answer", [GATEWAY_DOWN, DROPPED, Answer(""), Answer("", 429, {"Retry-After": "1"})])
def test_a_log_in_is_sent_once(scripted_client: Callable[..., Any], pauses: list[float], answer: Answer) -> None:
    client, server = scripted_client({**WITH_PASSWORD, "token": None, "retries": 5}, generateToken=answer)
    failure_of(client)
    assert (server.operations(), pauses) == (["generateToken"], [])


def test_a_given_token_is_used_as_it_is(client: Callable[..., Client], sim: Simulator) -> None:
    token = client().log_in().value
    sim.clear_requests()
    ask(client(user=None, token=token))
    assert operations(sim) == {"services": 1}


@pytest.mark.parametrize("spoil", [Simulator.expire_tokens, Simulator.revoke_tokens])
def test_credentials_take_over_from_a_given_token_that_is_refused(
    client: Callable[..., Client], sim: Simulator, spoil: Callable
) -> None:
    token = client().log_in().value
    spoil(sim)
    asking = client(token=token)
    assert ask(asking)["services"]
    assert asking.usage()["logins"] == 1


def test_a_given_token_that_expired_costs_one_log_in_for_all_threads(
    client: Callable[..., Client], sim: Simulator
) -> None:
    token = client().log_in().value
    sim.expire_tokens()
    sim.clear_requests()
    sim.settings("server", latency_ms=10)
    asking = client(token=token)
    assert len(run_concurrently(lambda dummy: ask(asking), range(24), 8).all_values()) == 24
    assert len(logins(sim)) == 1


def test_an_expiry_costs_one_renewal_for_all_threads(
    pass_time: Callable[[float], None], client: Callable[..., Client], sim: Simulator
) -> None:
    asking = client()
    for renewals in (1, 2, 3):
        assert len(run_concurrently(lambda dummy: ask(asking), range(24), 8).all_values()) == 24
        assert len(logins(sim)) == renewals
        sim.expire_tokens()
        pass_time(60)


def test_498_without_credentials_fails_at_once(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client(services=EXPIRED)
    failure = failure_of(client)
    assert failure.code == "token_invalid"
    assert "Give username and password beside the token, or a fresh token made with the same referer." in str(failure)
    assert server.operations() == ["services"]


def test_498_with_a_username_alone_fails_at_once(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client({"username": "admin"}, services=EXPIRED)
    assert failure_of(client).code == "token_invalid"
    assert server.operations() == ["services"]


NEW_TOKENS = [{"token": "first"}, {"token": "second"}, {"token": "third"}]


def test_a_token_may_expire_before_its_first_use(scripted_client: Callable[..., Any]) -> None:
    settings = {**WITH_PASSWORD, "token": None}
    client, server = scripted_client(settings, services=[EXPIRED, {"services": []}], generateToken=NEW_TOKENS)
    client.call(LIST_ROOT)
    assert server.operations() == ["generateToken", "services"] * 2


def test_two_new_tokens_that_are_refused_at_once_are_the_end(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client({**WITH_PASSWORD, "token": None}, services=EXPIRED, generateToken=NEW_TOKENS)
    assert failure_of(client).code == "token_invalid"
    assert server.operations() == ["generateToken", "services"] * 2


@pytest.mark.parametrize("expires", [1, 1_700_000_000, 1_700_000_000_000, None, "soon"])
def test_tokens_that_never_hold_are_the_end_whatever_they_say(
    scripted_client: Callable[..., Any], expires: Any
) -> None:
    tokens = [{"token": f"token-{number}", "expires": expires} for number in range(9)]
    client, server = scripted_client({**WITH_PASSWORD, "token": None}, services=EXPIRED, generateToken=tokens)
    assert failure_of(client).code == "token_invalid"
    assert server.operations().count("generateToken") == 2


def test_a_given_token_and_a_new_one_that_are_refused_are_the_end(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client(WITH_PASSWORD, services=EXPIRED, generateToken=NEW_TOKENS)
    assert failure_of(client).code == "token_invalid"
    assert server.operations() == ["services", "generateToken", "services"]
    assert failure_of(client).code == "token_invalid"
    assert server.operations().count("generateToken") == 1


def test_a_token_is_renewed_at_most_once_a_minute(
    scripted_client: Callable[..., Any], pass_time: Callable[[float], None]
) -> None:
    client, server = scripted_client(WITH_PASSWORD, services=EXPIRED, generateToken=NEW_TOKENS)
    for seconds, renewals in ((0, 1), (59.5, 1), (0.5, 2), (59.5, 2), (3600, 3)):
        pass_time(seconds)
        assert failure_of(client).code == "token_invalid"
        assert server.operations().count("generateToken") == renewals
    assert server.received[-1].headers["X-Esri-Authorization"] == "Bearer third"


def sometimes_expired(every: int) -> Callable[[Any], Any]:
    """Return a site that refuses the token in every so many requests, and takes it in the others."""
    count = itertools.count(1)
    return lambda received: EXPIRED if next(count) % every == 0 else {"services": []}


def test_a_site_that_refuses_good_tokens_now_and_then_is_given_one_more(scripted_client: Callable[..., Any]) -> None:
    issued = {"token": "t", "expires": (time.time() + 3600) * 1000}
    settings = {**WITH_PASSWORD, "token": None}
    client, server = scripted_client(settings, services=sometimes_expired(3), generateToken=issued)
    for _renewed in range(4):
        ask(client)
    for _ended in range(3):
        assert failure_of(client).code == "token_invalid"
        ask(client), ask(client)
    assert server.operations().count("generateToken") == client.usage()["logins"] == 2


def test_tokens_that_hold_for_a_minute_are_renewed_as_often_as_it_takes(
    scripted_client: Callable[..., Any], pass_time: Callable[[float], None]
) -> None:
    issued = [{"token": f"token-{number}"} for number in range(9)]
    settings = {**WITH_PASSWORD, "token": None}
    client, server = scripted_client(settings, services=sometimes_expired(2), generateToken=issued)
    for _request in range(8):
        ask(client)
        pass_time(60)
    assert server.operations().count("generateToken") == 8
    assert server.received[-1].headers["X-Esri-Authorization"] == "Bearer token-7"


def test_one_service_that_takes_no_token_costs_one_renewal_beside_busy_threads(
    scripted_client: Callable[..., Any],
) -> None:
    read = Operation("read {name}", "GET", "admin/{name}")
    settings = {**WITH_PASSWORD, "token": None}
    client, server = scripted_client(settings, bad=EXPIRED, good={}, generateToken=NEW_TOKENS)
    items = list(enumerate(["bad", *["good"] * 7] * 6))
    results = run_concurrently(lambda item: client.call(read, name=item[1]), items, 8, stop_at=())
    assert {item[1] for item in results.values} == {"good"}
    assert {(item[1], failure.code) for item, failure in results.errors.items()} == {("bad", "token_invalid")}
    assert server.operations().count("generateToken") <= 2


def test_499_is_not_answered_with_a_log_in(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client(WITH_PASSWORD, services=refused(499, "Unauthorized access. Token not found."))
    failure = failure_of(client)
    assert failure.code == "token_required"
    assert "token_location: body" in str(failure) and "referer" in str(failure)
    assert server.operations() == ["services"]


def test_a_write_that_met_an_expired_token_is_sent_again(scripted_client: Callable[..., Any]) -> None:
    write = Operation("write", "POST", "admin/write", writes=True)
    client, server = scripted_client(
        WITH_PASSWORD, write=[EXPIRED, {"status": "success"}], generateToken={"token": "fresh"}
    )
    client.call(write)
    assert [(request.operation, request.form.get("token")) for request in server.received] == [
        ("write", "given-token"),
        ("generateToken", None),
        ("write", "fresh"),
    ]


# Where it travels


@pytest.mark.parametrize("location, method, place", [("header", "GET", "header"), ("body", "POST", "body")])
def test_where_a_reading_request_carries_the_token(
    client: Callable[..., Client], sim: Simulator, location: str, method: str, place: str
) -> None:
    sim.settings("server", require_body_token=True)
    ask(client(token_location=location))
    assert [
        (request["method"], request["token_in"]) for request in sim.requests() if request["operation"] == "services"
    ] == [(method, place)]


@pytest.mark.parametrize("referer", ["gisops.arcgis", "https://automation.example.com/"])
def test_the_referer_is_the_same_at_log_in_and_later(
    client: Callable[..., Client], sim: Simulator, referer: str
) -> None:
    ask(client(referer=referer))
    assert {request["referer"] for request in sim.requests()} == {referer}
    login = next(request for request in sim.requests() if request["operation"] == "generateToken")
    assert (login["form"]["client"], login["form"]["referer"]) == ("referer", referer)


def test_a_token_for_another_referer_is_refused(client: Callable[..., Client]) -> None:
    token = client(referer="one").log_in().value
    assert failure_of(client(user=None, token=token, referer="two")).code == "token_invalid"


@pytest.mark.parametrize("location", ["header", "body"])
def test_credentials_are_never_in_a_url(client: Callable[..., Client], sim: Simulator, location: str) -> None:
    for context, user, service in (("server", "gis_admin", BUFFER), ("arcgis", "agsadmin", Service("", "Buffer"))):
        asking = client(context, user, token_location=location)
        asking.call(SITE_INFO)
        asking.call(QUERY, {"number": 1}, **service.parts)
        asking.call(STATISTICS, **service.parts)
    assert len(sim.requests()) == 10
    for request in sim.requests():
        assert not {"token", "username", "password", "referer"} & set(request["query"])
        assert request["token_in"] in ("none", "header", "body")


def test_one_token_serves_all_products(client: Callable[..., Client], sim: Simulator) -> None:
    token = client().log_in().value
    for context, path in (("server", "admin/services"), ("notebook", "admin/system/jobs"), ("video", "admin")):
        assert client(context, None, token=token).call(Operation("read", "GET", path))


def test_a_site_without_a_url_needs_a_portal() -> None:
    client = Client(Connection(url=None, username="a", password="b"))
    with pytest.raises(ArcGISError, match="The option url is missing"):
        client.log_in()


def test_the_requests_are_counted(client: Callable[..., Client], sim: Simulator) -> None:
    asking = client()
    ask(asking)
    ask(asking)
    usage = asking.usage()
    assert (usage["requests"], usage["retries"], usage["logins"]) == (4, 0, 1)
    assert usage["elapsed"] >= 0
    assert operations(sim) == {
        "rest/info": 1,
        "generateToken": 1,
        "services": 2,
    }
