# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where tokens come from, how often a task logs in, and what happens when one is refused."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils import _tokens
from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import run_all
from ansible_collections.gisops.arcgis.plugins.module_utils._client import SITE_INFO, Operation, Site
from ansible_collections.gisops.arcgis.plugins.module_utils._connection import Connection
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_jobs import QUERY, READ, STATISTICS
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_services import LIST_ROOT, Service
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    DROPPED,
    GATEWAY_DOWN,
    PAGE_404,
    Answer,
    portal_error,
    refused,
)
from arcgis_simulator import Simulator

BUFFER = Service("Maps", "Buffer")
EXPIRED = refused(498, "Token Expired.")
WITH_PASSWORD = {"username": "admin", "password": "secret", "token_source": "site"}


def ask(site: Site) -> dict[str, Any]:
    """Ask for something that needs a token."""
    return site.call(LIST_ROOT)


def logins(sim: Simulator) -> list[str]:
    """Return the context of every log-in that arrived."""
    return [request["context"] for request in sim.requests() if request["operation"] == "generateToken"]


def error_of(site: Site, operation: Operation = LIST_ROOT) -> ArcGISError:
    """Return the error that a call ends in."""
    with pytest.raises(ArcGISError) as caught:
        site.call(operation)
    return caught.value


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
    site: Callable[..., Site], sim: Simulator, context: str, user: str, more: dict[str, Any], issuer: str
) -> None:
    token = site(context, user, **more).log_in()
    assert logins(sim) == [issuer]
    assert token.source == ("portal" if issuer in ("portal", "kubernetes") else "site")
    assert token.issuer == sim.url(issuer) + (
        "/sharing/rest/generateToken" if token.source == "portal" else "/admin/generateToken"
    )
    assert 3_500_000 < token.expires_ms - sim.now() <= 3_600_000


def test_a_portal_that_is_given_is_not_looked_for(site: Callable[..., Site], sim: Simulator) -> None:
    site(portal_url=sim.url("portal")).log_in()
    assert [request["operation"] for request in sim.requests()] == ["generateToken"]


def test_refused_credentials_are_not_tried_elsewhere(site: Callable[..., Site], sim: Simulator) -> None:
    # siteadmin is an account of the site itself, which its portal does not know.
    assert error_of(site(user="siteadmin")).code == "bad_credentials"
    assert logins(sim) == ["portal"]


def test_a_stand_alone_site_has_no_portal_to_ask(site: Callable[..., Site], sim: Simulator) -> None:
    error = error_of(site("arcgis", "agsadmin", token_source="portal"))
    assert error.code == "bad_option"
    assert "The option token_source is portal, but the site is not federated" in str(error)
    assert logins(sim) == []


def test_a_portal_on_another_host_is_named_and_gets_nothing(site: Callable[..., Site], sim: Simulator) -> None:
    sim.settings("server", owning_system_url="https://portal.example.com/portal")
    error = error_of(site())
    assert error.code == "untrusted_portal"
    assert str(error).endswith(
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
def test_a_portal_that_only_looks_like_the_host_of_the_site(scripted_site: Callable[..., Any], portal: str) -> None:
    site, server = scripted_site({"token": None, "username": "a", "password": "b"}, info={"owningSystemUrl": portal})
    assert error_of(site).code == "untrusted_portal"
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
    ids=["no URL", "steering signs", "http", "no text"],
)
def test_a_portal_with_an_address_that_cannot_be_used(
    scripted: Callable[..., Any], pauses: list[float], monkeypatch: pytest.MonkeyPatch, portal: Any, words: str
) -> None:
    proxy = scripted(info={"owningSystemUrl": portal})
    monkeypatch.setenv("http_proxy", proxy.origin)
    error = error_of(Site(Connection(url="http://gis.example.com/server", username="a", password="b")))
    assert error.code == "untrusted_portal"
    assert words in str(error)
    assert str(error).isprintable() and str(error.as_result()).isprintable()
    assert proxy.operations() == ["info"]


def test_a_portal_whose_scheme_is_written_in_capitals(site: Callable[..., Site], sim: Simulator) -> None:
    sim.settings("server", owning_system_url=sim.url("portal").replace("https:", "HTTPS:"))
    assert site().log_in().issuer == f"{sim.url('portal')}/sharing/rest/generateToken"


def test_a_portal_can_be_the_site_itself(scripted_site: Callable[..., Any]) -> None:
    def info(request: Any) -> Answer:
        return PAGE_404 if "/sharing/" not in request.path else Answer({"authInfo": {}})

    site, server = scripted_site(
        {"token": None, "username": "a", "password": "b"}, info=info, generateToken={"token": "t"}
    )
    assert site.log_in().issuer == f"{server.url}/sharing/rest/generateToken"


@pytest.mark.parametrize(
    "expires, expected",
    [(1700000000000, 1700000000000), ("1700000000000", 1700000000000), (None, None), ("soon", None)],
)
def test_the_expiry_comes_in_several_shapes(
    scripted_site: Callable[..., Any], expires: Any, expected: int | None
) -> None:
    site, dummy = scripted_site(WITH_PASSWORD, generateToken={"token": "t", "expires": expires})
    assert site.log_in().expires_ms == expected


@pytest.mark.parametrize("token", [None, "", 7, ["t"], "two\nlines", "tök"])
def test_an_answer_without_a_usable_token(scripted_site: Callable[..., Any], token: Any) -> None:
    site, dummy = scripted_site({**WITH_PASSWORD, "token": None}, generateToken={"token": token})
    error = error_of(site)
    assert (error.code, error.attempted) == ("unexpected_shape", "log in")


@pytest.mark.parametrize(
    "answer",
    [
        portal_error(400, "Unable to generate token."),
        portal_error(401, "Invalid username or password."),
        portal_error(403, "odd"),
        portal_error(498, "Invalid Credentials"),
        portal_error(200, "Could not validate account."),
        refused(401, "Invalid username or password."),
        refused(500, "User account is locked."),
    ],
)
def test_refused_credentials_whatever_the_code(scripted_site: Callable[..., Any], answer: Answer) -> None:
    site, server = scripted_site({**WITH_PASSWORD, "token": None}, generateToken=answer)
    error = error_of(site)
    assert error.code == "bad_credentials"
    assert "SAML and IWA accounts cannot ask for tokens" in str(error)
    assert server.operations() == ["generateToken"]


def test_what_else_a_log_in_can_meet_is_not_called_a_wrong_password(scripted_site: Callable[..., Any]) -> None:
    site, dummy = scripted_site(
        {**WITH_PASSWORD, "token": None}, generateToken=refused(500, "Local machine is not participating in any Site.")
    )
    assert error_of(site).code == "site_error"


# How often


def test_many_threads_log_in_once(site: Callable[..., Site], sim: Simulator) -> None:
    asking = site()
    ids = [job["job_id"] for job in sim.jobs("server", "Maps/Buffer")]
    outcomes = run_all(lambda job_id: asking.call(READ, service=BUFFER, job_id=job_id), ids, 8)
    assert [outcome.value["jobId"] for outcome in outcomes] == ids
    assert len(logins(sim)) == asking.cost()["logins"] == 1


def test_a_log_in_that_failed_is_not_tried_again(site: Callable[..., Site], sim: Simulator) -> None:
    sim.settings("portal", latency_ms=20)
    asking = site(password="wrong")
    outcomes = run_all(lambda dummy: ask(asking), range(16), 8, stops=frozenset())
    assert {outcome.error.code for outcome in outcomes} == {"bad_credentials"}
    assert len(logins(sim)) == 1


@pytest.mark.parametrize("answer", [GATEWAY_DOWN, DROPPED])
def test_a_log_in_that_found_no_answer_is_not_tried_again_by_other_threads(
    scripted_site: Callable[..., Any], answer: Answer
) -> None:
    site, server = scripted_site({**WITH_PASSWORD, "token": None, "retries": 0}, generateToken=answer)
    outcomes = run_all(lambda dummy: ask(site), range(8), 8, stops=frozenset())
    assert all(outcome.error for outcome in outcomes)
    assert server.operations() == ["generateToken"]


def test_a_given_token_is_used_as_it_is(site: Callable[..., Site], sim: Simulator) -> None:
    token = site().log_in().value
    sim.clear_requests()
    ask(site(user=None, token=token))
    assert [request["operation"] for request in sim.requests()] == ["services"]


@pytest.mark.parametrize("spoil", [Simulator.expire_tokens, Simulator.revoke_tokens])
def test_credentials_take_over_from_a_given_token_that_is_refused(
    site: Callable[..., Site], sim: Simulator, spoil: Callable
) -> None:
    token = site().log_in().value
    spoil(sim)
    asking = site(token=token)
    assert ask(asking)["services"]
    assert asking.cost()["logins"] == 1


def test_a_given_token_that_expired_costs_one_log_in_for_all_threads(site: Callable[..., Site], sim: Simulator) -> None:
    token = site().log_in().value
    sim.expire_tokens()
    sim.clear_requests()
    sim.settings("server", latency_ms=10)
    asking = site(token=token)
    outcomes = run_all(lambda dummy: ask(asking), range(24), 8)
    assert not any(outcome.error for outcome in outcomes)
    assert len(logins(sim)) == 1


def test_an_expiry_costs_one_renewal_for_all_threads(
    site: Callable[..., Site], sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim.settings("portal", token_max_minutes=1)
    monkeypatch.setattr(_tokens, "_LEEWAY_MS", 70_000)
    asking = site()
    for renewals in (1, 2, 3):
        ask(asking)
        outcomes = run_all(lambda dummy: ask(asking), range(24), 8)
        assert not any(outcome.error for outcome in outcomes)
        assert len(logins(sim)) == renewals
        sim.expire_tokens()


def test_498_without_credentials_fails_at_once(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site(services=EXPIRED)
    error = error_of(site)
    assert error.code == "token_invalid"
    assert "Give username and password beside the token, or a fresh token made with the same referer." in str(error)
    assert server.operations() == ["services"]


def test_498_with_a_username_alone_fails_at_once(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site({"username": "admin"}, services=EXPIRED)
    assert error_of(site).code == "token_invalid"
    assert server.operations() == ["services"]


NEW_TOKENS = [{"token": "first"}, {"token": "second"}, {"token": "third"}]


def test_a_token_may_expire_before_its_first_use(scripted_site: Callable[..., Any]) -> None:
    settings = {**WITH_PASSWORD, "token": None}
    site, server = scripted_site(settings, services=[EXPIRED, {"services": []}], generateToken=NEW_TOKENS)
    site.call(LIST_ROOT)
    assert server.operations() == ["generateToken", "services"] * 2


def test_two_new_tokens_that_are_refused_at_once_are_the_end(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site({**WITH_PASSWORD, "token": None}, services=EXPIRED, generateToken=NEW_TOKENS)
    assert error_of(site).code == "token_invalid"
    assert server.operations() == ["generateToken", "services"] * 2


@pytest.mark.parametrize("expires", [1, 1_700_000_000, 1_700_000_000_000, None, "soon"])
def test_tokens_that_never_hold_are_the_end_whatever_they_say(scripted_site: Callable[..., Any], expires: Any) -> None:
    tokens = [{"token": f"token-{number}", "expires": expires} for number in range(9)]
    site, server = scripted_site({**WITH_PASSWORD, "token": None}, services=EXPIRED, generateToken=tokens)
    assert error_of(site).code == "token_invalid"
    assert server.operations().count("generateToken") == 2


def test_a_given_token_and_two_new_ones_that_are_refused_are_the_end(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site(WITH_PASSWORD, services=EXPIRED, generateToken=NEW_TOKENS)
    assert error_of(site).code == "token_invalid"
    assert server.operations() == ["services", *["generateToken", "services"] * 2]
    assert error_of(site).code == "token_invalid"
    assert server.operations().count("generateToken") == 2


def sometimes_expired(every: int) -> Callable[[Any], Any]:
    """Return a site that refuses the token in every so many requests, and takes it in the others."""
    count = itertools.count(1)
    return lambda received: EXPIRED if next(count) % every == 0 else {"services": []}


def test_a_site_that_refuses_good_tokens_now_and_then_is_given_one_more(scripted_site: Callable[..., Any]) -> None:
    issued = {"token": "t", "expires": (time.time() + 3600) * 1000}
    settings = {**WITH_PASSWORD, "token": None}
    site, server = scripted_site(settings, services=sometimes_expired(3), generateToken=issued)
    for _renewed in range(4):
        ask(site)
    for _ended in range(3):
        assert error_of(site).code == "token_invalid"
        ask(site), ask(site)
    assert server.operations().count("generateToken") == site.cost()["logins"] == 2


def test_one_service_that_takes_no_token_costs_one_renewal_beside_busy_threads(
    scripted_site: Callable[..., Any],
) -> None:
    read = Operation("read {name}", "GET", "admin/{name}")
    settings = {**WITH_PASSWORD, "token": None}
    site, server = scripted_site(settings, bad=EXPIRED, good={}, generateToken={"token": "t"})
    names = ["bad", *["good"] * 7] * 6
    outcomes = run_all(lambda name: site.call(read, name=name), names, 8, stops=frozenset())
    codes = {(outcome.item, outcome.error and outcome.error.code) for outcome in outcomes}
    assert codes == {("good", None), ("bad", "token_invalid")}
    assert server.operations().count("generateToken") <= 2


def test_a_token_whose_time_is_almost_over_is_renewed_as_often_as_it_takes(scripted_site: Callable[..., Any]) -> None:
    over = [{"token": f"token-{number}", "expires": str(int(time.time() * 1000) + 20_000)} for number in range(9)]
    settings = {**WITH_PASSWORD, "token": None}
    site, server = scripted_site(settings, services=sometimes_expired(2), generateToken=over)
    for _request in range(8):
        ask(site)
    assert server.operations().count("generateToken") == 8
    assert [request.headers["X-Esri-Authorization"] for request in server.received][-1] == "Bearer token-7"


def test_499_is_not_answered_with_a_log_in(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site(WITH_PASSWORD, services=refused(499, "Unauthorized access. Token not found."))
    error = error_of(site)
    assert error.code == "token_required"
    assert "token_location: body" in str(error) and "referer" in str(error)
    assert server.operations() == ["services"]


def test_a_write_that_met_an_expired_token_is_sent_again(scripted_site: Callable[..., Any]) -> None:
    write = Operation("write", "POST", "admin/write", writes=True)
    site, server = scripted_site(
        WITH_PASSWORD, write=[EXPIRED, {"status": "success"}], generateToken={"token": "fresh"}
    )
    site.call(write)
    assert [(request.operation, request.form.get("token")) for request in server.received] == [
        ("write", "given-token"),
        ("generateToken", None),
        ("write", "fresh"),
    ]


# Where it travels


@pytest.mark.parametrize("location, method, place", [("header", "GET", "header"), ("body", "POST", "body")])
def test_where_a_reading_request_carries_the_token(
    site: Callable[..., Site], sim: Simulator, location: str, method: str, place: str
) -> None:
    sim.settings("server", require_body_token=True)
    ask(site(token_location=location))
    assert [
        (request["method"], request["token_in"]) for request in sim.requests() if request["operation"] == "services"
    ] == [(method, place)]


@pytest.mark.parametrize("referer", ["gisops.arcgis", "https://automation.example.com/"])
def test_the_referer_is_the_same_at_log_in_and_later(site: Callable[..., Site], sim: Simulator, referer: str) -> None:
    ask(site(referer=referer))
    assert {request["referer"] for request in sim.requests()} == {referer}
    login = next(request for request in sim.requests() if request["operation"] == "generateToken")
    assert (login["form"]["client"], login["form"]["referer"]) == ("referer", referer)


def test_a_token_for_another_referer_is_refused(site: Callable[..., Site]) -> None:
    token = site(referer="one").log_in().value
    assert error_of(site(user=None, token=token, referer="two")).code == "token_invalid"


@pytest.mark.parametrize("location", ["header", "body"])
def test_credentials_are_never_in_a_url(site: Callable[..., Site], sim: Simulator, location: str) -> None:
    for context, user, service in (("server", "gis_admin", BUFFER), ("arcgis", "agsadmin", Service("", "Buffer"))):
        asking = site(context, user, token_location=location)
        asking.call(SITE_INFO)
        asking.call(QUERY, {"number": 1}, service=service)
        asking.call(STATISTICS, service=service)
    assert len(sim.requests()) == 10
    for request in sim.requests():
        assert not {"token", "username", "password", "referer"} & set(request["query"])
        assert request["token_in"] in ("none", "header", "body")


def test_one_token_serves_all_products(site: Callable[..., Site], sim: Simulator) -> None:
    token = site().log_in().value
    for context, path in (("server", "admin/services"), ("notebook", "admin/system/jobs"), ("video", "admin")):
        assert site(context, None, token=token).call(Operation("read", "GET", path))


def test_a_site_without_a_url_needs_a_portal() -> None:
    site = Site(Connection(url=None, username="a", password="b"))
    with pytest.raises(ArcGISError, match="The option url is missing"):
        site.log_in()


def test_the_requests_are_counted(site: Callable[..., Site], sim: Simulator) -> None:
    asking = site()
    ask(asking)
    ask(asking)
    cost = asking.cost()
    assert (cost["requests"], cost["retries"], cost["logins"]) == (4, 0, 1)
    assert cost["elapsed"] >= 0
    assert Counter(request["operation"] for request in sim.requests()) == {
        "rest/info": 1,
        "generateToken": 1,
        "services": 2,
    }
