# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Formats, content types, redirects and methods."""

from __future__ import annotations

import pytest

QUERY = "admin/services/Maps/Buffer.GPServer/jobs/query"
CANCEL = "admin/services/Maps/Buffer.GPServer/jobs/jb0ffe200000000000000000000stuck1/cancel"


@pytest.mark.parametrize(
    "context, path, kind",
    [
        ("server", "admin/services", "text/plain"),
        ("arcgis", "admin/services", "text/plain"),
        ("server", "rest/info", "application/json"),
        ("kubernetes", "admin/services", "application/json"),
        ("notebook", "admin/system/jobs", "application/json"),
        ("video", "rest/jobs/job/j0", "application/json"),
    ],
)
def test_content_types(client, context, path, kind):
    answer = client.send("GET", context, path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].lower().replace(" ", "") == f"{kind};charset=utf-8"


def test_admin_redirects_to_its_slash(sim, client):
    answer = client.send("GET", "server", "admin", x="a b\r\n")
    assert answer.status_code == 302
    assert answer.headers["Location"] == sim.url("server") + "/admin/?x=a+b%0D%0A&f=json"
    assert client.get("server", "admin/")["code"] == 499
    assert "resources" in client.post("server", "admin", client.token())


@pytest.mark.parametrize("user, privilege", [("agsadmin", "ADMINISTER"), ("agsviewer", "PUBLISH")])
def test_the_directory_tells_the_build_and_who_asks(client, user, privilege):
    assert client.get("arcgis", "admin/info")["code"] == 499
    info = client.get("arcgis", "admin/info", client.token(user, "arcgis", "admin/generateToken"))
    assert (info["fullVersion"], info["currentbuild"]) == ("11.3.0", "51575")
    assert (info["loggedInUser"], info["loggedInUserPrivilege"]) == (user, privilege)


def test_pages_without_f(client):
    form = client.send("GET", "server", QUERY, f=None)
    assert form.status_code == 200 and form.text.startswith("<!DOCTYPE") and "password" in form.text
    page = client.send("GET", "server", QUERY, client.token(), f=None)
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    assert "nextStart" in page.text


def test_pretty_json(client):
    assert "\n" in client.send("GET", "server", "rest/info", f="pjson").text
    assert "\n" not in client.send("GET", "server", "rest/info").text


def test_get_on_an_operation(sim, client):
    token = client.token()
    answer = client.send("GET", "server", CANCEL, token)
    assert (answer.status_code, answer.json()["code"]) == (405, 405)
    sim.settings("server", wrong_method="html")
    answer = client.send("GET", "server", CANCEL, token)
    assert answer.status_code == 405 and answer.text.startswith("<")
    sim.settings("server", wrong_method="form")
    answer = client.send("GET", "server", CANCEL, token)
    assert answer.status_code == 200 and answer.text.startswith("<")


def test_forms_that_cannot_be_read(client):
    answer = client.session.post(
        client.sim.url("arcgis") + "/tokens/",
        data=b"no boundary",
        verify=client.sim.ca_path,
        headers={"Content-Type": "multipart/form-data; boundary=x"},
        timeout=5,
    )
    assert answer.status_code == 400


def test_slashes_do_not_matter(client):
    token = client.token()
    assert client.get("server", QUERY + "/", token)["total"] == 25


def test_other_paths(client):
    assert client.send("GET", "nowhere", "").status_code == 404
    assert client.send("PUT", "server", QUERY).status_code == 405
    assert client.get("server", "rest/nothing")["error"]["code"] == 400
    assert client.get("server", "admin/nothing")["code"] == 499
    assert client.get("server", "admin/nothing", client.token())["code"] == 404


def test_date_follows_the_clock(sim, client):
    sim.set_clock(now=1_000_000_000_000)
    assert client.send("GET", "server", "rest/info").headers["Date"] == "Sun, 09 Sep 2001 01:46:40 GMT"
