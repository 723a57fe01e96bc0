# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the connection trusts: the authorities that the task names, whatever the environment says."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import SITE_INFO, Client
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.transport import Request
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.jobs import GpJobs
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.apply import apply_state
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.desired_state import ABSENT, DesiredState, JobChange
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.source import JobRef
from ansible_collections.gisops.arcgis.plugins.module_utils._module import task_context
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    DROPPED,
    NOT_FOUND,
    Answer,
    ScriptedSite,
    job,
    page,
)
from arcgis_simulator import Simulator


@pytest.fixture
def other_ca(tmp_path: Path) -> str:
    """The certificate of an authority that has nothing to do with the site."""
    path = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return str(path)


def failure_of(client: Client) -> Failure:
    """Return the failure that a call ends in."""
    with pytest.raises(ArcGISError) as caught:
        client.call(SITE_INFO)
    return caught.value.failure


def test_the_authority_of_the_task(client: Callable[..., Client]) -> None:
    assert client().call(SITE_INFO)["currentVersion"]


@pytest.mark.parametrize("verify", ["other", True])
def test_an_authority_that_is_not_trusted(client: Callable[..., Client], other_ca: str, verify: str | bool) -> None:
    failure = failure_of(client(verify=other_ca if verify == "other" else verify))
    assert failure.code == "tls_failure"
    assert "the TLS connection failed:" in str(failure) and "certificate verify failed" in str(failure).lower()
    assert "Set ca_path to the certificate of the authority that signed the site's certificate, " in str(failure)


def test_a_wrong_authority_is_not_retried(client: Callable[..., Client], other_ca: str, pauses: list[float]) -> None:
    failure_of(client(verify=other_ca))
    assert pauses == []


def test_a_name_that_the_certificate_does_not_have(client: Callable[..., Client], sim: Simulator) -> None:
    failure = failure_of(client(url=sim.url("server").replace("localhost", "127.1")))
    assert failure.code == "tls_failure"
    assert "127.1" in str(failure)


def test_tls_spoken_to_a_site_without_it(scripted: Callable, client: Callable[..., Client]) -> None:
    server = scripted(info={})
    failure = failure_of(client(url=server.url.replace("http://", "https://"), retries=0))
    assert failure.code == "tls_failure"


def test_a_file_that_holds_no_certificate(client: Callable[..., Client], tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    assert failure_of(client(verify=str(broken), retries=0)).code == "tls_failure"


def test_checking_can_be_switched_off(client: Callable[..., Client]) -> None:
    assert client(verify=False).call(SITE_INFO)


def tls_server(issued: trustme.LeafCert) -> ssl.SSLContext:
    """Return the settings of a server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    return context


def test_a_certificate_that_has_expired(scripted: Callable, client: Callable[..., Client], tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    expired = authority.issue_cert("127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=timezone.utc))
    server = scripted(tls_server(expired), info={})
    failure = failure_of(client(url=server.url, verify=str(tmp_path / "ca.pem"), retries=0))
    assert failure.code == "tls_failure"
    assert "expired" in str(failure)


@pytest.mark.parametrize("in_one_file", [True, False])
def test_a_site_that_asks_for_a_client_certificate(
    scripted: Callable, client: Callable[..., Client], tmp_path: Path, in_one_file: bool
) -> None:
    authority = trustme.CA()
    context = tls_server(authority.issue_cert("127.0.0.1"))
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    paths = {name: str(tmp_path / name) for name in ("ca.pem", "both.pem", "cert.pem", "key.pem")}
    account = authority.issue_cert("automation@example.com")
    authority.cert_pem.write_to_path(paths["ca.pem"])
    account.private_key_and_cert_chain_pem.write_to_path(paths["both.pem"])
    account.private_key_pem.write_to_path(paths["key.pem"])
    account.cert_chain_pems[0].write_to_path(paths["cert.pem"])
    server = scripted(context, info={"fine": True})
    settings = {"url": server.url, "verify": paths["ca.pem"], "user": None, "token": "given-token", "retries": 0}
    certificate = paths["both.pem"] if in_one_file else (paths["cert.pem"], paths["key.pem"])
    assert client(**settings, client_cert=certificate).call(SITE_INFO) == {"fine": True}
    assert failure_of(client(**settings)).code in ("tls_failure", "unreachable")
    assert failure_of(client(**settings, client_cert=paths["cert.pem"])).code == "tls_failure"
    assert len(server.received) == 1


def test_the_certificates_of_the_authorities_are_read_once(
    client: Callable[..., Client], sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Any] = []
    true = ssl.SSLContext.load_verify_locations

    def load(self: ssl.SSLContext, *args: Any, **more: Any) -> None:
        loaded.append(args or more)
        true(self, *args, **more)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", load)
    asked = client()
    for _dummy in range(3):
        # As for another origin, or after the connection was closed.
        asked._transport._adapter.poolmanager.clear()
        asked._transport._servers.clear()
        asked._transport.send(Request("ask", "GET", f"{sim.url('server')}/rest/info"), asked.retries())
    assert len(loaded) == 1


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_does_not_override_the_task(
    client: Callable[..., Client], other_ca: str, sim: Simulator, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, other_ca)
    assert client().call(SITE_INFO)
    assert client(verify=False).call(SITE_INFO)
    assert failure_of(client(verify=True)).code == "tls_failure"
    monkeypatch.setenv(variable, sim.ca_path)
    assert client(verify=True).call(SITE_INFO)
    assert failure_of(client(verify=other_ca)).code == "tls_failure"


NEW_CONNECTION = {"Connection": "close"}


@pytest.fixture
def trusted(client: Callable[..., Client], tmp_path: Path) -> Iterator[Callable[..., tuple[Client, ScriptedSite]]]:
    """Make a site with a good certificate, some answers of which are no TLS."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    servers: list[ScriptedSite] = []

    def make(**script: Any) -> tuple[Client, ScriptedSite]:
        servers.append(Garbling(script, tls_server(authority.issue_cert("127.0.0.1"))))
        settings = {"url": servers[-1].url, "verify": str(tmp_path / "ca.pem"), "user": None, "token": "given-token"}
        return client(**settings, retries=2), servers[-1]

    yield make
    for server in servers:
        server.stop()


class Garbling(ScriptedSite):
    """A site that breaks the TLS stream in place of an answer that is to be dropped."""

    def _handler(self) -> Any:
        class Handler(super()._handler()):  # type: ignore[misc]
            """One connection."""

            def _send(self, answer: Answer) -> None:
                if answer.dropped:
                    os.write(self.connection.fileno(), b"This is no record of TLS.")
                super()._send(answer)

        return Handler


def close_before_the_handshake(server: ScriptedSite, *which: int) -> list[int]:
    """Let a site close these of its connections, counted from 1, at once; return the numbers of all."""
    opened: list[int] = []

    def is_served(request: Any, address: Any) -> bool:
        opened.append(len(opened) + 1)
        return opened[-1] not in which

    server._server.verify_request = is_served  # type: ignore[method-assign]
    return opened


def test_a_site_that_restarts_closes_connections_before_the_handshake(trusted: Callable, pauses: list[float]) -> None:
    client, server = trusted(info={"fine": True})
    opened = close_before_the_handshake(server, 1, 2)
    assert client.call(SITE_INFO) == {"fine": True}
    assert (opened, len(pauses)) == ([1, 2, 3], 2)


def test_a_site_that_stays_away_is_unreachable(trusted: Callable) -> None:
    client, server = trusted(info={})
    opened = close_before_the_handshake(server, 1, 2, 3)
    assert failure_of(client).code == "unreachable"
    assert (opened, server.received) == ([1, 2, 3], [])


def delete_a_job(client: Client) -> JobChange:
    """Delete the job j1."""
    ref = JobRef(Service("Maps", "Buffer"), "j1")
    return apply_state(GpJobs(client), DesiredState(ABSENT), [ref], task_context(client))[0]


def test_a_write_that_met_a_closed_connection_is_sent_again(trusted: Callable) -> None:
    there = Answer(job("j1", "esriJobFailed"), headers=NEW_CONNECTION)
    client, server = trusted(job=there, query=page(), delete={"status": "success"})
    opened = close_before_the_handshake(server, 2)
    change = delete_a_job(client)
    assert (change.outcome, change.changed, change.error) == ("deleted", True, None)
    assert server.operations().count("delete") == 1
    assert opened[:3] == [1, 2, 3]


def test_a_stream_that_breaks_in_the_answer_to_a_write_leaves_the_job_to_decide(trusted: Callable) -> None:
    client, server = trusted(job=[job("j1", "esriJobFailed"), NOT_FOUND], query=page(), delete=DROPPED)
    change = delete_a_job(client)
    assert (change.outcome, change.changed, change.error) == ("deleted", True, None)
    assert server.operations().count("delete") == 1


def test_a_certificate_is_refused_before_anything_is_sent(client: Callable[..., Client], other_ca: str) -> None:
    assert failure_of(client(verify=other_ca)).was_sent is False
