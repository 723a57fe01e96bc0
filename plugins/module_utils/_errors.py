# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error catalogue: every way in which a task can fail, with its cause and its remedy.

This module is private to the collection. The documentation page "Error catalogue" is generated from it.
"""

from __future__ import annotations

import os
import traceback
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class ErrorKind:
    """One entry of the catalogue: what the user sees, the likely cause, and what to do about it."""

    meaning: str
    cause: str
    remedy: str
    retryable: bool = False


CATALOGUE: dict[str, ErrorKind] = {
    "bad_option": ErrorKind(
        "An option has a value that cannot be used.",
        "A typing error, an empty variable, or a masked secret in place of a value.",
        "Correct the option that the message names. Nothing was sent to the site.",
    ),
    "bad_credentials": ErrorKind(
        "The site refused to issue a token for this username and password.",
        "A wrong or expired password, a locked account, or an account that cannot ask for tokens.",
        "Check username, password and token_source. Set portal_url where the site belongs to a portal that it does not "
        "name. SAML and IWA accounts cannot ask for tokens: "
        "use a built-in account, a token, or the site's direct port.",
    ),
    "token_invalid": ErrorKind(
        "The site refused the token (498).",
        "The token expired, was issued by another portal or site, or is bound to another referer. Or it is an API key "
        "that the site does not accept.",
        "Give username and password beside the token, or a fresh token made with the same referer.",
    ),
    "token_required": ErrorKind(
        "The site found no token in the request (499).",
        "A proxy or Web Adaptor removed the header that carries the token, or the token was made for another referer.",
        "Try token_location: body, and check that referer is the one that the token was made with.",
    ),
    "no_privilege": ErrorKind(
        "The token is valid, but the account may not do this (401 or 403).",
        "The account's role lacks the administrative privilege for this operation.",
        "Use an administrator, or add the privilege to the role. A custom role also needs the administrative privilege "
        "View all content.",
    ),
    "web_tier_login": ErrorKind(
        "The web server in front of the site asks for a log-in of its own (HTTP 401 or 407).",
        "Integrated Windows authentication, basic authentication or an authenticating proxy guards the URL.",
        "Use the site's direct port in url, such as 6443, 11443 or 21443, or configure the proxy.",
    ),
    "untrusted_portal": ErrorKind(
        "The site names a portal on another host, and no credentials were sent there.",
        "The site is federated with a portal that has another host name than url.",
        "Set portal_url to that portal if it is the right one, or token_source: site.",
    ),
    "unknown_service": ErrorKind(
        "The site has no such service.",
        "A typing error in the service name, a missing folder, a removed service, or the url of another product.",
        "Write the service as Folder/Name, such as Maps/Buffer; services at the root have no folder. "
        "Check that url is the context URL of the ArcGIS Server.",
    ),
    "unknown_job": ErrorKind(
        "The service has no such job.",
        "A typing error in the job ID, a job of another service, or a job that the site has already cleaned up.",
        "Check the job ID, the service and url, or set missing_ok: true where a vanished job is fine.",
    ),
    "contradicted": ErrorKind(
        "The site lists the job, and says that it has no such job.",
        "One machine of the site is out of step or down, or a cache or a proxy answers instead of the site.",
        "Run the task again. If the error persists, check the machines of the site. The job counts as neither present "
        "nor absent.",
        retryable=True,
    ),
    "unsupported": ErrorKind(
        "The site does not offer this operation.",
        "The operation is not documented for Kubernetes, or the release of the site is older than the operation.",
        "Check platform and the release of the site.",
    ),
    "not_found": ErrorKind(
        "The site answered that it has no such resource (404).",
        "The URL points to another product, or the release of the site is older than the resource.",
        "Check that url is the context URL of the right product, such as https://gis.example.com/server.",
    ),
    "wrong_url": ErrorKind(
        "There is no ArcGIS site at this address, or it has no such address (400, Invalid URL).",
        "The context in url is misspelt or missing, or the address belongs to something else.",
        "Check that url is the context URL of the right product, such as https://gis.example.com/server.",
    ),
    "cancel_refused": ErrorKind(
        "The site refused to cancel the job, and the job is still unfinished.",
        "Some releases do not cancel jobs that wait in the queue.",
        "Cancel the job once it executes, purge the queue of the service, or use state: absent to delete the job.",
    ),
    "delete_refused": ErrorKind(
        "The site refused to delete the job, and the job is still there.",
        "The site could not remove the job, for instance because its directory is locked.",
        "Check the logs of the site, and run the task again.",
    ),
    "delete_unconfirmed": ErrorKind(
        "The job is still there although its deletion was sent.",
        "The answer was lost, or the site deletes later than it says.",
        "Run the task again. This is safe: a job that is gone by then is reported as absent.",
        retryable=True,
    ),
    "some_jobs_failed": ErrorKind(
        "Some of the selected jobs did not reach the requested state.",
        "See the error of each job in the result.",
        "Correct the cause and run the task again. Jobs that are in the requested state are left alone.",
    ),
    "purge_incomplete": ErrorKind(
        "Jobs still wait in the queue although it was purged.",
        "The site is still working on the purge, or did not accept it for these jobs.",
        "Run the task again, or delete the jobs with gp_job and state: absent.",
        retryable=True,
    ),
    "edit_unconfirmed": ErrorKind(
        "The setting is unchanged although the edit was sent.",
        "The answer was lost, or the site did not accept the value.",
        "Run the task again and check the logs of the site.",
        retryable=True,
    ),
    "restart_not_allowed": ErrorKind(
        "The change would restart services, and that was not allowed.",
        "Editing the jobs directory restarts the services that use it.",
        "Set allow_restart: true, in a maintenance window.",
    ),
    "too_many_jobs": ErrorKind(
        "More jobs would be changed than max_jobs allows, so none was changed.",
        "The selection is larger than expected.",
        "Select less or raise max_jobs. Without max_jobs, check mode shows what would be changed.",
    ),
    "wait_timeout": ErrorKind(
        "The jobs had not ended within wait_timeout.",
        "The jobs take longer, or a job that is being cancelled never stops.",
        "Raise wait_timeout. A job that stays in cancelling ends only when its service is restarted or it is deleted.",
        retryable=True,
    ),
    "job_ended_badly": ErrorKind(
        "A job ended with a status that fail_on names, or is missing.",
        "See the last messages of the job.",
        "Correct the problem that the messages name, and submit the job again.",
    ),
    "unreadable_services": ErrorKind(
        "Some of the selected services could not be read.",
        "See the error of each service under unreadable in the result.",
        "Correct the cause, or set ignore_unreadable: true to accept a list without those services.",
    ),
    "html_answer": ErrorKind(
        "The site answered with a web page instead of JSON.",
        "A sign-in page, administrative access that is switched off at the Web Adaptor, or a wrong URL.",
        "Check url, allow administrative access at the Web Adaptor, or use the direct port (6443, 11443 or 21443).",
    ),
    "redirected": ErrorKind(
        "The site redirected the request, and the redirect was not followed.",
        "A redirect to another origin could hand the token to another server, and a redirected write could be lost.",
        "Set url (or portal_url) to the address that the message names, if it is the right one.",
    ),
    "tls_failure": ErrorKind(
        "The TLS connection could not be established.",
        "The certificate of the site is not signed by a known authority, has expired, or names another host.",
        "Set ca_path to the certificate of the authority that signed the site's certificate, set client_cert where the "
        "site asks for a certificate, or correct url.",
    ),
    "certificate_ends_soon": ErrorKind(
        "The certificate of the site ends soon.",
        "Nobody has renewed it yet.",
        "Renew the certificate. When it has ended, every task fails with tls_failure.",
    ),
    "certificate_unchecked": ErrorKind(
        "The certificate of the site is not checked.",
        "The option validate_certs is false.",
        "Set ca_path to the certificate of the authority that signed the site's certificate, and validate_certs: true. "
        "Anyone who can impersonate the site gets the password otherwise.",
    ),
    "clock_skew": ErrorKind(
        "The clock of the site differs from the one of the machine that runs the module.",
        "One of the two machines does not synchronise its clock.",
        "Synchronise both clocks. Ages such as 6h are reckoned on the clock of the site; times in logs differ.",
    ),
    "timeout": ErrorKind(
        "The site did not answer in time.",
        "The site is overloaded, or a firewall drops the packets.",
        "Check that the site answers, and raise timeout if it is only slow.",
        retryable=True,
    ),
    "unreachable": ErrorKind(
        "The site could not be reached, or the connection broke.",
        "A wrong host or port, a site that is stopped, or a network failure.",
        "Check url, the proxy variables of the environment, and that the site runs.",
        retryable=True,
    ),
    "busy": ErrorKind(
        "The site, or a proxy in front of it, is overloaded or down (HTTP 429 or 5xx).",
        "Too many requests, a restart of the site, or a backend that does not answer.",
        "Try again later, lower max_concurrency, or raise retries.",
        retryable=True,
    ),
    "cut_short": ErrorKind(
        "The answer was cut short, or is not JSON.",
        "The connection broke in the middle of the answer, or a proxy changed it.",
        "Run the task again. If the error persists, check the proxies between this host and the site.",
        retryable=True,
    ),
    "body_too_large": ErrorKind(
        "The answer was larger than the collection accepts.",
        "The URL does not point to an ArcGIS site, or the site returned far more than was asked for.",
        "Check url, or ask for less, for instance with a smaller page_size.",
    ),
    "unexpected_shape": ErrorKind(
        "The answer is JSON, but not in the documented form of this resource, or it is about another job.",
        "The URL points to another product, a cache answers, or the release of the site answers differently.",
        "Check url and platform. If both are right, please report the release of the site and the message.",
    ),
    "site_error": ErrorKind(
        "The site answered with an error of its own.",
        "See the code and the message of the site.",
        "Check the logs of the site.",
    ),
    "unwritable_file": ErrorKind(
        "A file could not be written.",
        "The account may not write there, the file system is read-only, or the disk is full.",
        "Correct the path, the permissions or the space on the disk that the message names, and run the task again.",
    ),
    "missing_library": ErrorKind(
        "The Python that runs the module lacks the library requests.",
        "The module runs under another Python than the one that has the library, or in an execution environment "
        "without it.",
        "Install requests for that Python, or set ansible_python_interpreter to one that has it.",
    ),
    "check_mode_write": ErrorKind(
        "A request that changes the site was stopped in check mode.",
        "A bug in the collection: check mode must not write.",
        "Please report it. Nothing was changed.",
    ),
    "internal_error": ErrorKind(
        "The collection met a situation that it does not handle.",
        "A bug in the collection.",
        "Please report the message together with the release of the site.",
    ),
}


# A failure of these kinds would meet every other request of the task as well, so a run over many jobs stops.
FATAL_CODES = frozenset(
    ("bad_credentials", "token_invalid", "token_required", "web_tier_login", "untrusted_portal", "redirected")
    + ("tls_failure", "unreachable", "check_mode_write", "unwritable_file")
)

# After a failure of these kinds it is unknown whether the site carried the request out, once it was sent. A site may
# redirect what it has just carried out.
_ANSWER_LOST = frozenset(
    ("timeout", "unreachable", "busy", "cut_short", "html_answer", "body_too_large", "unexpected_shape", "redirected")
    + ("tls_failure",)
)

# A request that met one of these was looked at and turned down, or answered by something in front of the site.
_TURNED_DOWN = FATAL_CODES - _ANSWER_LOST | {"no_privilege", "not_found", "wrong_url", "unsupported"}

_LONGEST_QUOTE = 500
# How many details of an answer are kept, and how many a message shows.
MOST_DETAILS = 20


@dataclass(frozen=True)
class Failure:
    """A failure of the catalogue, with what was attempted, where, and what came back.

    code is a key of CATALOGUE. reason is one clause on what came back. operation completes "Could not ...". http_status
    is that of the HTTP answer, site_code the code inside the site's own error envelope. hint replaces the remedy of
    the catalogue. retry_after is what the site asked to wait, in seconds. was_sent is false where the request surely
    did not leave.
    """

    code: str
    reason: str
    operation: str = ""
    http_status: int | None = None
    site_code: int | None = None
    details: tuple[str, ...] = ()
    method: str | None = None
    url: str | None = None
    hint: str | None = None
    retry_after: float | None = None
    was_sent: bool = True

    @property
    def kind(self) -> ErrorKind:
        """Return the entry of the catalogue."""
        return CATALOGUE[self.code]

    @property
    def is_fatal(self) -> bool:
        """Say whether every other request of the task would meet it as well."""
        return self.code in FATAL_CODES

    @property
    def is_lost(self) -> bool:
        """Say whether the request may have been carried out all the same, because no answer to it arrived."""
        return self.was_sent and self.code in _ANSWER_LOST

    @property
    def is_indeterminate(self) -> bool:
        """Say whether only a look can tell what became of the request: no answer arrived, or one that says error.

        Sites report an error of what they have carried out, too.
        """
        return self.was_sent and self.code not in _TURNED_DOWN

    def __str__(self) -> str:
        """Say in one or two sentences what was attempted, where, what came back and what to do."""
        reason = plain(self.reason).rstrip(".")
        if self.operation:
            where = f" ({self.method} {self.url})" if self.url else ""
            reason = f"Could not {self.operation}{where}: {reason}"
        details = f" Details: {' '.join(map(plain, self.details[:MOST_DETAILS])).rstrip('.')}." if self.details else ""
        if len(self.details) > MOST_DETAILS:
            details += f" And {len(self.details) - MOST_DETAILS} more."
        return f"{reason}.{details} {plain(self.hint or self.kind.remedy)}"

    def adding(self, clause: str, **changes: Any) -> Failure:
        """Return this failure with a further clause on what is known, and other changes."""
        return replace(self, reason=f"{self.reason.rstrip('.')}{clause}", **changes)

    def of_missing_operation(self) -> Failure:
        """Return the failure of a write to something that exists, where the site answered 404."""
        return replace(
            self, code="unsupported", hint="The site lacks the operation: check url, platform and the release."
        )

    def leaving_unknown(self, write: str) -> Failure:
        """Return the failure of a write of which nobody knows what became; write is such as "cancel it"."""
        hint = "Run the task again once the site answers: it finds out what was done." if self.kind.retryable else None
        return self.adding(f". It is unknown whether the request to {write} was carried out", hint=hint or self.hint)

    def as_result(self) -> dict[str, Any]:
        """Return the failure as a module returns it."""
        return {
            "code": self.code,
            "http_status": self.http_status,
            "site_code": self.site_code,
            "message": plain(self.reason),
            "details": [plain(detail) for detail in self.details],
            "method": self.method,
            "url": self.url,
            "retryable": self.kind.retryable,
            "hint": plain(self.hint or self.kind.remedy),
        }


class ArcGISError(Exception):
    """Carries a failure up to where it is dealt with. Its own text is the code alone: secrets are masked elsewhere."""

    def __init__(self, code: str, reason: str, operation: str = "", **more: Any) -> None:
        super().__init__(code)
        self.failure = Failure(code, reason, operation, **more)

    @classmethod
    def of(cls, failure: Failure) -> ArcGISError:
        """Return the exception that carries a failure."""
        error = cls(failure.code, failure.reason)
        error.failure = failure
        return error

    def __str__(self) -> str:
        """Return the sentences of the failure."""
        return str(self.failure)


def plain(text: str) -> str:
    """Return a text on one line, without what could steer a terminal."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def quoted(text: str) -> str:
    """Return a text of the site as messages repeat it: plain, and ending in [...] where it was shortened."""
    return plain(text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]} [...]")


def bad_option(option: str, problem: str, instead: str) -> ArcGISError:
    """Return the error for an option that cannot be used: which one, what is wrong, and what to write instead."""
    return ArcGISError("bad_option", f"The option {option} {problem}", hint=instead)


def internal_error(problem: BaseException) -> Failure:
    """Say where an unforeseen exception arose; its text could hold anything, so it is left out."""
    place = traceback.extract_tb(problem.__traceback__)[-1]
    reason = f"{type(problem).__name__} in {os.path.basename(place.filename)}, line {place.lineno}"
    return Failure("internal_error", reason)
