# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords and tokens appear in no error, no exception chain, no representation and no warning."""

from __future__ import annotations

import base64
import json
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client, Operation
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.connection import Connection
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.secrets import Secrets
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.tokens import Token
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.transport import Request
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.record import status_of
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    DROPPED,
    GATEWAY_DOWN,
    PAGE_404,
    Answer,
    portal_error,
    refused,
)
from arcgis_simulator import Simulator

TOKEN, PASSWORD = "Given-Token-5f3a", "Secret-Password-9c1d"
SETTINGS = {"token": TOKEN, "username": "admin", "password": PASSWORD, "token_source": "site", "retries": 0}
READ = Operation("read the thing", "GET", "admin/thing")
COUNT = Operation("count the things", "POST", "admin/thing")
WRITE = Operation("change the thing", "POST", "admin/thing", writes=True)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and everything that it was raised from or during."""
    if error is not None:
        yield error
        yield from chain(error.__cause__)
        yield from chain(error.__context__)


def everything_said(error: ArcGISError) -> str:
    """Return all that any report of an error could show."""
    links = [text for link in chain(error) for text in (str(link), repr(link), repr(link.args))]
    trace = traceback.format_exception(type(error), error, error.__traceback__)
    return "".join([*links, *trace, repr(error.failure), str(error.failure.as_result())])


ANSWERS = {
    "an error that repeats the secrets": portal_error(500, f"bad token {TOKEN} of {PASSWORD}"),
    "details that repeat the secrets": Answer({"error": {"code": 500, "message": "bad", "details": [TOKEN, PASSWORD]}}),
    "an error of the administrator API that repeats them": refused(400, f"{TOKEN} {PASSWORD}"),
    "a redirect that carries them": Answer(
        "", 302, {"Location": f"https://evil.example.com/{TOKEN}/?token={TOKEN}&password={PASSWORD}"}
    ),
    "a page that shows them": Answer(f"<html>{TOKEN} {PASSWORD}</html>"),
    "a body that breaks": Answer({"token": TOKEN}, missing_bytes=3),
    "no answer": DROPPED,
    "a gateway": GATEWAY_DOWN,
    "no page": PAGE_404,
    "a list": Answer([TOKEN]),
}


@pytest.mark.parametrize("operation", [READ, COUNT, WRITE])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_no_error_and_nothing_behind_it_shows_a_secret(
    scripted_client: Callable[..., Any], answer: Answer, operation: Operation
) -> None:
    client, dummy = scripted_client(SETTINGS, thing=answer, generateToken=answer)
    for call in (lambda: client.call(operation), client.log_in):
        with pytest.raises(ArcGISError) as caught:
            call()
        said = everything_said(caught.value)
        assert TOKEN not in said
        assert PASSWORD not in said


def test_a_token_that_was_issued_is_hidden_as_well(scripted_client: Callable[..., Any]) -> None:
    issued = "Issued-Token-77"
    client, dummy = scripted_client(
        {**SETTINGS, "token": None}, generateToken={"token": issued}, thing=portal_error(500, f"no {issued} here")
    )
    with pytest.raises(ArcGISError) as caught:
        client.call(READ)
    assert issued not in everything_said(caught.value)
    assert "no ******** here" in str(caught.value)
    assert {PASSWORD, issued} <= client.secrets.forms


@pytest.mark.parametrize(
    "form", [str, quote, quote_plus, lambda text: quote(text).replace("%2B", "%2b").replace("%3D", "%3d")]
)
def test_a_token_that_was_issued_is_hidden_however_the_site_writes_it(
    scripted_client: Callable[..., Any], form: Callable[[str], str]
) -> None:
    issued = "Issued+Token/77=="
    client, dummy = scripted_client(
        {**SETTINGS, "token": None},
        generateToken={"token": issued},
        thing=portal_error(500, f"no ?token={form(issued)}&x here"),
    )
    with pytest.raises(ArcGISError) as caught:
        client.call(READ)
    assert "no ?token=********&x here" in str(caught.value)
    assert form(issued) not in everything_said(caught.value)
    assert form(issued) in client.secrets.forms


def test_the_network_is_down(pauses: list[float]) -> None:
    client = Client(Connection(url="https://127.0.0.1:9/server", **SETTINGS))
    with pytest.raises(ArcGISError) as caught:
        client.call(READ)
    assert TOKEN not in everything_said(caught.value) and PASSWORD not in everything_said(caught.value)


@pytest.mark.parametrize("spoil", [Simulator.expire_tokens, Simulator.revoke_tokens])
def test_a_token_that_the_site_refuses(client: Callable[..., Client], sim: Simulator, spoil: Callable) -> None:
    token = client().log_in().value
    spoil(sim)
    with pytest.raises(ArcGISError) as caught:
        client(user=None, token=token).call(Operation("list", "GET", "admin/services"))
    assert caught.value.failure.code == "token_invalid"
    assert token not in everything_said(caught.value)


@pytest.mark.parametrize(
    "thing",
    [
        Connection(url="https://gis.example.com", token=TOKEN, password=PASSWORD),
        Request("log in", "POST", "https://gis.example.com", {"password": PASSWORD, "x": TOKEN}, TOKEN),
        Token(TOKEN, 1, "portal", "https://gis.example.com"),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_representations_show_no_secret(thing: object) -> None:
    for text in (repr(thing), str(thing), f"{thing}"):
        assert TOKEN not in text and PASSWORD not in text


@pytest.mark.parametrize("operation", [READ, COUNT, WRITE])
@pytest.mark.parametrize("location", ["header", "body"])
def test_no_url_and_no_other_header_carries_a_secret(
    scripted_client: Callable[..., Any], operation: Operation, location: str
) -> None:
    client, server = scripted_client(
        {**SETTINGS, "token_location": location},
        thing=[refused(498, "Token Expired."), {"status": "success"}],
        generateToken={"token": "Issued"},
    )
    client.call(operation)
    assert len(server.received) == 3
    for request in server.received:
        assert not any(secret in request.target for secret in (TOKEN, PASSWORD, "Issued", "admin/secret"))
        carriers = {
            name
            for name, value in request.headers.items()
            if any(secret in value for secret in (TOKEN, PASSWORD, "Issued"))
        }
        assert carriers <= {"X-Esri-Authorization"}
        assert not (carriers and request.method == "POST")


@pytest.mark.parametrize("before", range(470, 500, 7))
def test_a_text_that_is_cut_does_not_end_in_half_a_secret(scripted_client: Callable[..., Any], before: int) -> None:
    text = "x" * before + f" {TOKEN} {PASSWORD}"
    client, dummy = scripted_client(SETTINGS, thing=portal_error(500, text))
    with pytest.raises(ArcGISError) as caught:
        client.call(READ)
    said = everything_said(caught.value)
    assert TOKEN[:4] not in said and PASSWORD[:4] not in said


def test_a_secret_that_another_one_begins_with_leaves_nothing_of_it() -> None:
    assert Secrets(["abc", "abcdef"]).masked("abcdef, abc and abcd") == "********, ******** and ********d"


@pytest.mark.parametrize("written", ["pa%2Fss", "pa/ss"])
def test_the_password_of_a_proxy_is_hidden(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("https_proxy", "http://automation:pa%2Fss@proxy.example.com:3128")
    assert Secrets([]).masked(f"no way by {written} today") == "no way by ******** today"


FORMS = {
    "HTML": lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("'", "&#x27;"),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "representation": lambda text: str({"x": text})[7:-2],
    "basic authentication": lambda text: base64.b64encode(f"admin:{text}".encode()).decode(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "one line": lambda text: " ".join(text.split()),
    "status": status_of,
    "lower case": str.lower,
}


@pytest.mark.parametrize("secret", ["Se\\cret  Pass&1", 'a<b>"C" d', "PassWord-Ä1", "it's  Mine"])
@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_masked_in_every_form(form: str, secret: str) -> None:
    written = FORMS[form](secret)
    assert written not in Secrets([secret], "admin").masked(f"said: {written}.")


def test_a_status_that_is_too_long_is_not_cut() -> None:
    assert status_of("x" * 101) == "unknown"


def test_a_short_secret_is_not_masked() -> None:
    assert Secrets(["1", "ab"]).masked("job 1 of ab") == "job 1 of ab"
    assert Secrets(["abc"]).masked("abc") == "********"


def test_keys_of_a_site_are_masked_and_stay_apart() -> None:
    value = {"Secret1": [{"x-Secret1": 1}], "Secret2": 2, "own": {"Secret2": "Secret1"}}
    assert Secrets(["Secret1", "Secret2"]).without_keys(value) == {
        "********": [{"x-********": 1}],
        "******** (2)": 2,
        "own": {"********": "Secret1"},
    }
