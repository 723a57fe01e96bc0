# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in, and what the sites make of a token."""

from __future__ import annotations

import pytest
import requests

BUFFER = "admin/services/Maps/Buffer.GPServer/jobs"


def test_the_authority_is_needed(sim):
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(sim.url("server") + "/rest/info", verify=True, timeout=5)


@pytest.mark.parametrize(
    "context, path, username, kind, maximum",
    [
        ("portal", "sharing/rest/generateToken", "gis_admin", int, 20160),
        ("kubernetes", "sharing/rest/generateToken", "gis_admin", int, 20160),
        ("server", "admin/generateToken", "siteadmin", str, 1440),
        ("arcgis", "admin/generateToken", "agsadmin", str, 1440),
        ("arcgis", "tokens/generateToken", "agsviewer", int, 1440),
        ("arcgis", "tokens/", "agsviewer", int, 1440),
        ("notebook", "admin/generateToken", "siteadmin", int, 1440),
        ("video", "admin/generateToken", "siteadmin", int, 525600),
    ],
)
def test_expiry_is_capped_and_shaped(sim, client, context, path, username, kind, maximum):
    answer = client.login(username, context, path, expiration="1000000")
    assert isinstance(answer["expires"], kind)
    assert int(answer["expires"]) == sim.now() + maximum * 60_000
    short = client.login(username, context, path, expiration="5")
    assert int(short["expires"]) == sim.now() + 5 * 60_000


def test_wrong_password(client):
    portal = client.login(password="no")
    assert portal == {
        "error": {"code": 400, "message": "Unable to generate token.", "details": ["Invalid username or password."]}
    }
    site = client.login("siteadmin", "server", "admin/generateToken", password="no")
    assert site["status"] == "error" and site["code"] == 401
    assert client.login("agsadmin", "arcgis", "tokens/generateToken", password="no")["error"]["code"] == 400


def test_missing_fields(client):
    assert client.post("portal", "sharing/rest/generateToken", client="referer", referer="x")["error"]["details"] == [
        "'username' must be specified.",
        "'password' must be specified.",
    ]
    assert client.post("arcgis", "admin/generateToken", client="requestip")["messages"] == [
        "Unable to generate token.",
        "'username' must be specified.",
        "'password' must be specified.",
    ]
    assert client.login(client="", context="server", path="admin/generateToken")["error"]["code"] == 201
    assert client.login(referer="")["error"]["details"] == ["'referer' must be specified."]
    assert client.login(client="ip")["error"]["details"] == ["'ip' must be specified."]


def test_credentials_in_the_query_are_refused(client):
    for method in ("GET", "POST"):
        answer = client.session.request(
            method,
            client.sim.url("arcgis") + "/tokens/generateToken",
            verify=client.sim.ca_path,
            timeout=5,
            params={"username": "agsadmin", "password": "agsadmin-Secret-1", "client": "requestip", "f": "json"},
        ).json()
        assert answer["error"]["code"] == 405
        assert isinstance(answer["error"]["details"], str)


def test_a_federated_site_logs_in_its_own_administrator_only(client):
    assert client.login("gis_admin", "server", "admin/generateToken")["code"] == 401
    token = client.token("siteadmin", "server", "admin/generateToken")
    assert client.get("server", f"{BUFFER}/query", token)["total"] == 25
    assert client.get("notebook", "admin/system/jobs", token)["error"]["code"] == 498
    assert client.login("siteadmin", "video", "admin/generateToken")["loginAsPSA"] is True


def test_portal_token_serves_the_federated_sites_and_no_other(client):
    token = client.token()
    assert "results" in client.get("server", f"{BUFFER}/query", token)
    assert "asyncJobs" in client.get("notebook", "admin/system/jobs", token)
    assert "jobId" in client.get("video", "rest/jobs/job/j00000001-51de-4000-8000-000000000001", token)
    assert client.get("arcgis", "admin/services", token)["code"] == 498
    assert client.get("kubernetes", "admin/services", token)["code"] == 498


@pytest.mark.parametrize("place", ["header", "authorization", "body", "query"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_where_the_token_may_be(sim, client, method, place):
    if (method, place) == ("GET", "body"):
        pytest.skip("a GET has no body")
    sim.clear_requests()
    answer = client.send(method, "server", f"{BUFFER}/query", client.token(), token_in=place)
    assert answer.json()["total"] == 25
    entry = sim.requests()[-1]
    assert (entry["token_in"], entry["operation"], entry["referer"]) == (place, "query", "raw-client")
    assert entry["query"].get("token", "<secret>") == "<secret>"


def test_a_site_may_insist_on_the_body(sim, client):
    sim.settings("server", require_body_token=True)
    token = client.token()
    assert client.post("server", f"{BUFFER}/query", token)["code"] == 499
    assert client.post("server", f"{BUFFER}/query", token, token_in="body")["total"] == 25
    assert client.get("server", f"{BUFFER}/query", token)["total"] == 25


def test_refused_tokens(sim, client):
    def messages(token, **more):
        answer = client.get("server", f"{BUFFER}/query", token, **more)
        return answer["code"], answer["messages"][0]

    assert messages(None)[0] == 499
    assert messages("garbage") == (498, "Could not decrypt token. Token may not be valid.")
    assert messages(client.token(), header_referer="other")[0] == 498
    assert messages(client.token(client="requestip"))[0] == 498
    sim.settings("server", portal_token_clients=None)
    assert client.get("server", f"{BUFFER}/query", client.token(client="requestip"))["total"] == 25
    token = client.token(expiration="1")
    assert client.get("server", f"{BUFFER}/query", token)["total"] == 25
    sim.advance(61)
    assert messages(token) == (498, "Token Expired.")
    later = client.token()
    sim.expire_tokens()
    assert messages(later) == (498, "Token Expired.")
    sim.revoke_tokens()
    assert messages(later)[1].startswith("Could not decrypt")
    assert client.get("notebook", "admin/system/jobs", later)["error"]["code"] == 498
    assert client.get("notebook", "admin/system/jobs")["error"] == {
        "code": 499,
        "message": "Token Required",
        "details": [],
    }


def test_bound_addresses(client):
    for data, works in (
        ({"client": "requestip"}, True),
        ({"client": "ip", "ip": "127.0.0.1"}, True),
        ({"client": "ip", "ip": "192.0.2.7"}, False),
    ):
        token = client.token("agsadmin", "arcgis", "admin/generateToken", **data)
        assert ("folders" in client.get("arcgis", "admin/services", token)) is works


def test_exchange_for_a_server_token(sim, client):
    token = client.token()
    for name in ("serverUrl", "serverURL"):
        answer = client.post(
            "portal",
            "sharing/rest/generateToken",
            token=token,
            token_in="body",
            request="getToken",
            **{name: sim.url("server") + "/rest/services"},
        )
        assert client.get("server", "admin/services", answer["token"])["folderName"] == "/"
        assert client.get("portal", "sharing/rest/community/self", answer["token"])["error"]["code"] == 498
    sim.expire_tokens()
    answer = client.post(
        "portal", "sharing/rest/generateToken", token=token, token_in="body", serverUrl=sim.url("server")
    )
    assert answer["error"]["code"] == 498
    assert (
        client.post(
            "portal",
            "sharing/rest/generateToken",
            token=token,
            token_in="body",
            serverUrl="https://other.example.com/gis",
        )["error"]["code"]
        == 400
    )


def test_app_tokens_are_refused_by_administrator_directories(client):
    answer = client.post(
        "portal",
        "sharing/rest/oauth2/token",
        client_id="demo_app",
        client_secret="demo_app-Secret-1",
        grant_type="client_credentials",
    )
    assert answer["expires_in"] == 7200
    assert client.get("server", "admin/services", answer["access_token"])["code"] == 403


def test_sign_in_page(sim, client):
    asked = {"response_type": "token", "client_id": "any", "redirect_uri": "https://localhost", "state": "s1"}
    for password, works in (("gis_admin-Secret-1", True), ("wrong", False)):
        page = client.send("GET", "portal", "sharing/rest/oauth2/authorize", f=None, **asked).text
        state = page.split('"oauth_state": "')[1].split('"')[0]
        answer = client.send(
            "POST",
            "portal",
            "sharing/rest/oauth2/signin",
            oauth_state=state,
            f=None,
            username="gis_admin",
            password=password,
        )
        if not works:
            assert answer.status_code == 200 and "Invalid username or password." in answer.text
            continue
        assert answer.status_code == 302 and "state=s1" in answer.headers["Location"]
        token = answer.headers["Location"].split("access_token=")[1].split("&")[0]
        assert client.get("server", "admin/services", token, header_referer=None)["folderName"] == "/"


def test_privileges(client):
    viewer, user = client.token("gis_viewer"), client.token("gis_user")
    assert client.get("server", f"{BUFFER}/query", viewer)["total"] == 25
    job = client.sim.jobs("server", "Maps/Buffer")[0]["job_id"]
    for operation in (f"{job}/cancel", f"{job}/delete", "purgeQueue"):
        assert client.post("server", f"{BUFFER}/{operation}", viewer) == {
            "status": "error",
            "messages": ["Token is valid but access is denied."],
            "code": 403,
        }
    assert client.get("server", f"{BUFFER}/query", user)["code"] == 403
    assert client.get("notebook", "admin/system/jobs", user)["error"]["code"] == 403


def test_discovery(sim, client):
    info = client.get("server", "rest/info")
    assert info["owningSystemUrl"] == sim.url("portal")
    assert client.get("notebook", "rest/info")["owningSystemUrl"] == sim.url("portal")
    assert client.get("video", "rest/info")["authInfo"]["tokenServicesUrl"].endswith("/sharing/rest/generateToken")
    alone = client.get("arcgis", "rest/info")
    assert "owningSystemUrl" not in alone
    assert alone["authInfo"]["tokenServicesUrl"] == sim.url("arcgis") + "/tokens/"
    assert client.get("portal", "sharing/rest/info")["authInfo"]["isTokenBasedSecurity"] is True
    token = client.token()
    assert client.get("portal", "sharing/rest/portals/self", token)["user"]["username"] == "gis_admin"
    servers = client.get("portal", "sharing/rest/portals/self/servers", token)["servers"]
    assert {server["url"] for server in servers} == {sim.url(name) for name in ("server", "notebook", "video")}
    assert client.get("portal", "sharing/rest/community/users/j_doe", token)["username"] == "j_doe"


def test_api_keys_are_tokens_of_their_owner(sim, client):
    admin, reader = sim.api_keys["operations"], sim.api_keys["reporting"]
    assert admin == "AAPToperations-Secret-1"
    for context, path in (
        ("server", "admin/services"),
        ("notebook", "admin/system/jobs"),
        ("kubernetes", "admin/services"),
    ):
        assert "error" not in client.get(context, path, admin, header_referer="whoever")
        assert client.get(context, path, admin).get("code") is None
    assert client.get("portal", "sharing/rest/community/self", reader)["username"] == "gis_viewer"
    cancel = "admin/system/jobs/j00000006-0b00-4000-8000-000000000006/cancel"
    assert client.post("notebook", cancel, reader, token_in="body")["error"]["code"] == 403
    assert client.get("arcgis", "admin/services", admin)["code"] == 498


def test_how_administrator_directories_take_api_keys(sim, client):
    key = sim.api_keys["operations"]
    for answer, code in (("denied", 403), ("garbage", 498), ("missing", 499)):
        sim.settings("server", api_keys=answer)
        assert client.get("server", "admin/services", key)["code"] == code
        assert "error" not in client.get("server", "rest/services", key)
    sim.settings("server", api_keys="accept")
    sim.expire_tokens()
    assert client.get("server", "admin/services", key) == {
        "status": "error",
        "messages": ["Token Expired."],
        "code": 498,
    }
    sim.reset("demo")
    sim.revoke_tokens()
    assert client.get("server", "admin/services", key)["code"] == 498
