# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the connection: what is taken, what is refused, and what is secret."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

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


@pytest.fixture
def pem(tmp_path: Path) -> dict[str, str]:
    """Make a certificate and its key: each in a file, both in one, and the key with a password."""
    issued = trustme.CA().issue_cert("client.example.com")
    chain, key = issued.cert_chain_pems[0].bytes(), issued.private_key_pem.bytes()
    locked = serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"pass")
    )
    contents = {
        "cert": chain,
        "key": key,
        "both": chain + key,
        "locked": locked,
        "both_locked": chain + locked,
        "text": b"x",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    os.mkfifo(tmp_path / "fifo")
    return {name: str(tmp_path / name) for name in (*contents, "fifo")} | {"folder": str(tmp_path)}


def test_a_client_certificate_with_and_without_its_key(pem: dict[str, str]) -> None:
    assert parse_connection({**GIVEN, "client_cert": pem["both"]}).client_cert == pem["both"]
    given = {**GIVEN, "client_cert": pem["cert"], "client_key": pem["key"]}
    assert parse_connection(given).client_cert == (pem["cert"], pem["key"])


@pytest.mark.parametrize(
    "cert, key, option",
    [
        ("cert", None, "client_cert"),
        ("text", None, "client_cert"),
        ("folder", None, "client_cert"),
        ("fifo", None, "client_cert"),
        ("both_locked", None, "client_cert"),
        ("cert", "locked", "client_key"),
        ("cert", "fifo", "client_key"),
        ("cert", "text", "client_key"),
    ],
)
def test_a_client_certificate_that_cannot_be_used(pem: dict[str, str], cert: str, key: str | None, option: str) -> None:
    with pytest.raises(ArcGISError) as caught:
        parse_connection({**GIVEN, "client_cert": pem[cert], "client_key": pem[key] if key else None})
    assert caught.value.failure.code == "bad_option"
    assert caught.value.failure.reason.startswith(f"The option {option} ")


def test_authorities_are_a_file_or_a_folder(pem: dict[str, str]) -> None:
    for path in (pem["cert"], pem["folder"]):
        assert parse_connection({**GIVEN, "ca_path": path}).verify == path
    with pytest.raises(ArcGISError, match="ca_path is .*fifo', which is no file"):
        parse_connection({**GIVEN, "ca_path": pem["fifo"]})


@pytest.mark.parametrize("token", ["Bearer abc", "a b"])
def test_a_token_with_a_word_before_it(token: str) -> None:
    with pytest.raises(ArcGISError, match="token holds a blank. Write the token alone, without a word such as Bearer"):
        parse_connection({**GIVEN, "token": token})


@pytest.mark.parametrize("context", ["https://gis.example.com/server", "https://gis.example.com:6443/arcgis"])
@pytest.mark.parametrize(
    "page",
    [
        *["/", "/rest", "/rest/", "/admin", "/REST/services", "/rest/services/Maps/Buffer/GPServer", "/rest/info"],
        *["/admin/services", "/admin/system/jobs", "/manager/", "/manager/index.html", "/home", "/home/index.html"],
        *["/webadaptor", "/webadaptor/admin", "/sharing/rest"],
    ],
)
def test_what_is_copied_along_with_the_context_is_cut(context: str, page: str) -> None:
    assert parse_connection({**GIVEN, "url": context + page}).url == context


@pytest.mark.parametrize("path", ["/rest", "/admin", "/home/gis", "/a/restful", "/admins", "/a/b"])
def test_a_context_may_be_called_like_a_page(path: str) -> None:
    assert parse_connection({**GIVEN, "url": f"https://gis.example.com{path}"}).url == f"https://gis.example.com{path}"


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
