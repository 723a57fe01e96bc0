# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the connection: what is taken, what is refused, and what is secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.connection import (
    Connection,
    is_loopback,
    origin,
    parse_connection,
)
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._module import ANY_PRODUCT, connection_arguments

GIVEN: dict[str, Any] = {
    **{name: option.get("default") for name, option in connection_arguments(ANY_PRODUCT).items()},
    "url": "https://gis.example.com/server",
    "username": "admin",
    "password": "pass word",
}


def test_what_is_given_arrives() -> None:
    settings = parse_connection({**GIVEN, "portal_url": "https://gis.example.com/portal/home/", "timeout": 5})
    assert settings == Connection(
        url="https://gis.example.com/server",
        portal_url="https://gis.example.com/portal",
        username="admin",
        password="pass word",
        timeout=5,
    )
    assert settings.can_log_in


@pytest.mark.parametrize(
    "given, expected",
    [
        ("https://gis.example.com/server", "https://gis.example.com/server"),
        ("https://gis.example.com/server/", "https://gis.example.com/server"),
        ("https://gis.example.com/server/admin", "https://gis.example.com/server"),
        ("https://gis.example.com/server/admin/", "https://gis.example.com/server"),
        ("https://gis.example.com/server/rest", "https://gis.example.com/server"),
        ("https://gis.example.com:6443/arcgis", "https://gis.example.com:6443/arcgis"),
        ("HTTPS://gis.example.com/server", "https://gis.example.com/server"),
        ("https://gis.example.com/administration", "https://gis.example.com/administration"),
        ("https://[2001:db8::1]:6443/arcgis", "https://[2001:db8::1]:6443/arcgis"),
        ("http://localhost:6080/arcgis", "http://localhost:6080/arcgis"),
        ("http://127.0.0.1/arcgis", "http://127.0.0.1/arcgis"),
        (" https://gis.example.com/server ", "https://gis.example.com/server"),
    ],
)
def test_the_context_url(given: str, expected: str) -> None:
    assert parse_connection({**GIVEN, "url": given}).url == expected


@pytest.mark.parametrize(
    "given, problem",
    [
        ("", "is empty"),
        ("gis.example.com/server", "is not a URL that begins with https://"),
        ("ftp://gis.example.com/server", "is not a URL that begins with https://"),
        ("https:///server", "is not a URL that begins with https://"),
        ("https://gis.example.com:port/server", "is not a URL"),
        ("https://gis.example.com:0/server", "is not a URL"),
        ("https://[::1/server", "is not a URL"),
        ("https://admin:secret@gis.example.com/server", "holds a username or password"),
        ("https://gis.example.com/server?token=abc", "holds a query or a fragment"),
        ("https://gis.example.com/server#admin", "holds a query or a fragment"),
        ("https://gis.example.com/a/../server", "has a path with escapes"),
        ("https://gis.example.com/ser%76er", "has a path with escapes"),
        (
            "https://gis.example.com\\\\@evil.example.com/server",
            "holds blanks, backslashes or characters that cannot be seen",
        ),
        ("https://gis.example.com/ser\nver", "holds blanks, backslashes or characters that cannot be seen"),
        ("http://gis.example.com/server", "uses http, which would send the token in the clear"),
        ("http://127.0.0.1.evil.example.com/server", "uses http, which would send the token in the clear"),
        ("http://localhost.evil.example.com/server", "uses http, which would send the token in the clear"),
    ],
)
@pytest.mark.parametrize("option", ["url", "portal_url"])
def test_a_url_that_cannot_be_used(option: str, given: str, problem: str) -> None:
    with pytest.raises(ArcGISError) as caught:
        parse_connection({**GIVEN, option: given})
    failure = caught.value.failure
    assert failure.code == "bad_option"
    assert failure.reason.startswith(f"The option {option} ") and problem in failure.reason
    assert "secret" not in str(caught.value) and "abc" not in str(caught.value)


def test_http_is_allowed_in_so_many_words() -> None:
    assert (
        parse_connection({**GIVEN, "url": "http://gis.example.com/server", "allow_http": True}).url
        == "http://gis.example.com/server"
    )


@pytest.mark.parametrize(
    "changes, option",
    [
        ({"username": ""}, "username"),
        ({"password": ""}, "password"),
        ({"password": "********"}, "password"),
        ({"token": ""}, "token"),
        ({"token": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}, "token"),
        ({"token": "two words"}, "token"),
        ({"token": "line\nbreak"}, "token"),
        ({"token": "tök"}, "token"),
        ({"referer": "a\r\nX: y"}, "referer"),
        ({"referer": ""}, "referer"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": 3601}, "timeout"),
        ({"retries": -1}, "retries"),
        ({"retries": 21}, "retries"),
        ({"max_concurrency": 0}, "max_concurrency"),
        ({"max_concurrency": 65}, "max_concurrency"),
        ({"token_expiration": 0}, "token_expiration"),
        ({"ca_path": "/no/such/ca.pem"}, "ca_path"),
        ({"client_cert": "/no/such/cert.pem"}, "client_cert"),
        ({"client_key": "/no/such/key.pem"}, "client_key"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(changes: dict[str, Any], option: str) -> None:
    with pytest.raises(ArcGISError) as caught:
        parse_connection({**GIVEN, **changes})
    assert caught.value.failure.code == "bad_option"
    assert caught.value.failure.reason.startswith(f"The option {option} ")


def test_what_the_connection_verifies(tmp_path: Path) -> None:
    assert parse_connection(GIVEN).verify is True
    assert parse_connection({**GIVEN, "ca_path": str(tmp_path)}).verify == str(tmp_path)
    assert parse_connection({**GIVEN, "ca_path": str(tmp_path), "validate_certs": False}).verify is False


def test_a_client_certificate_with_and_without_its_key(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.touch(), key.touch()
    given = {**GIVEN, "client_cert": str(cert)}
    assert parse_connection(given).client_cert == str(cert)
    assert parse_connection({**given, "client_key": str(key)}).client_cert == (str(cert), str(key))


def test_secrets_are_not_shown() -> None:
    settings = parse_connection({**GIVEN, "token": "given-token"})
    assert settings.secrets == {"pass word", "given-token"}
    assert "pass word" not in repr(settings)
    assert "given-token" not in repr(settings)


@pytest.mark.parametrize(
    "first, second, same",
    [
        ("https://gis.example.com/a", "https://GIS.example.com:443/b", True),
        ("https://gis.example.com./a", "https://gis.example.com/b", True),
        ("http://gis.example.com", "http://gis.example.com:80/", True),
        ("https://gis.example.com", "http://gis.example.com", False),
        ("https://gis.example.com", "https://gis.example.com:6443", False),
        ("https://gis.example.com", "https://portal.example.com", False),
        ("https://gis.example.com", "https://gis.example.com@evil.example.com", False),
        ("https://gis.example.com", "https://gis.example.com.evil.example.com", False),
    ],
)
def test_which_urls_have_one_origin(first: str, second: str, same: bool) -> None:
    assert (origin(first) == origin(second)) is same


@pytest.mark.parametrize(
    "host, answer",
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("127.0.0.1.example.com", False),
        ("gis", False),
    ],
)
def test_which_hosts_are_this_machine(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer
