# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer says: a JSON object, an error inside one, or something that is no ArcGIS answer at all.

ArcGIS Enterprise reports errors as HTTP 200 with one of two envelopes inside, sends JSON as text/plain, and HTML
comes from sign-in pages and proxies. This module is private to the collection.
"""

from __future__ import annotations

import codecs
import html
import json
import math
import re
import time
from collections.abc import Callable, Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Any

from .._errors import MOST_DETAILS, ArcGISError, quoted

_BUSY = frozenset((429, 500, 502, 503, 504))
_ERROR_KEYS = frozenset(("code", "message", "messageCode", "details", "extendedCode"))
_MOST_DIGITS = 100
_MOST_LEVELS = 64
# Each costs some 60 bytes of memory or more: 2 million are the statuses of a million jobs, or 40,000 whole records.
_MOST_ELEMENTS = 2_000_000
_KINDS = {401: "no_privilege", 403: "no_privilege", 404: "not_found", 498: "token_invalid", 499: "token_required"}
_CHARSET = re.compile(r"charset=[\s\"']*([\w.:-]+)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_UNSEEN = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
# Enough for what a page says first.
_LONGEST_PAGE = 65536
_BLANK = "\ufeff \t\r\n"

Masked = Callable[[str], str]


def parse_response(http_status: int, headers: Mapping[str, str], body: bytes, masked: Masked = str) -> dict[str, Any]:
    """Return the JSON object of an answer, or raise the ArcGISError that the answer stands for.

    masked returns a text without secrets.
    """
    text = _decoded(headers.get("Content-Type", ""), body)
    payload = _json_object(http_status, text)
    if http_status in _BUSY and (payload is None or http_status != 500):
        reason = f"the site, or a proxy in front of it, answered with HTTP {http_status}{_words_of(text, masked)}"
        raise ArcGISError("busy", reason, http_status=http_status, retry_after=_retry_after(headers))
    if payload is None:
        raise _page_error(http_status, text, masked)
    found = envelope_error(payload)
    if 404 in (http_status, *(found or ())[:1]) and not _is_of_arcgis(payload):
        # Only the site can say that it has no such job or service, and this may be any gateway in front of it.
        reason = f"something answered with code 404 and JSON that is no error of ArcGIS{_words_of(text, masked)}"
        raise ArcGISError("html_answer", reason, http_status=http_status)
    if found:
        raise _site_error(http_status, *found, masked)
    if http_status >= 400:
        raise _site_error(http_status, http_status, "", [], masked)
    return payload


def _decoded(content_type: str, body: bytes) -> str:
    """Return the text of an answer: as its first bytes say, as its header says, or as UTF-8."""
    named = _CHARSET.search(content_type)
    if named and named[1].lower().startswith(("utf-16", "utf-32")) and b"\0" not in body[:4]:
        # The braces of JSON would have a zero beside them.
        named = None
    encodings = [encoding for mark, encoding in _BOMS if body.startswith(mark)] + ([named[1]] if named else [])
    for encoding in encodings:
        try:
            return body.decode(encoding, "replace")
        except (LookupError, ValueError):
            continue
    return body.decode("utf-8", "replace")


def _words_of(text: str, masked: Masked) -> str:
    """Return what a page or an odd answer says, as the end of a sentence; nothing where it says nothing."""
    # What is masked before it is cut ends in no half of a secret.
    page = masked(text[: 2 * _LONGEST_PAGE])[:_LONGEST_PAGE]
    title = _TITLE.search(page)
    words = quoted(html.unescape(_UNSEEN.sub(" ", page)).strip() or (title[1] if title else ""))
    return f', "{words}"' if words else ""


def envelope_error(payload: Mapping[str, Any]) -> tuple[int | None, str, list[str]] | None:
    """Return code, message and details of an error inside an answer; None where the answer is none.

    Portal, Notebook Server, Video Server and the public REST API wrap the error in "error"; the administrator API of
    ArcGIS Server puts "status", "messages" and "code" at the top. A job that failed has a status too, and is no error.
    """
    inner = payload.get("error")
    if inner:
        inner = inner if isinstance(inner, Mapping) else {"message": inner}
        return whole_number(inner.get("code")), str(inner.get("message") or ""), _texts(inner.get("details"))
    if "jobId" in payload or "jobID" in payload:
        return None
    status = str(payload.get("status", "")).lower()
    if status in ("error", "failed", "failure") or payload.get("success") is False:
        return (
            whole_number(payload.get("code")),
            " ".join(_texts(payload.get("messages") or payload.get("message"))),
            [],
        )
    return None


def _is_of_arcgis(payload: Mapping[str, Any]) -> bool:
    """Say whether an error has one of the two envelopes of ArcGIS, and not one that another server would write."""
    inner = payload.get("error")
    if isinstance(inner, Mapping):
        return isinstance(inner.get("message"), str) and inner.keys() <= _ERROR_KEYS
    return not inner and str(payload.get("status")).lower() == "error" and "messages" in payload


def says_success(payload: Mapping[str, Any]) -> bool:
    """Say whether a payload without an error says that a write was carried out."""
    return payload.get("success") is True or str(payload.get("status")).lower() == "success"


def whole_number(value: Any) -> int | None:
    """Read a whole number of a payload, which may be written as text; None where it is none."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _json_object(http_status: int, text: str) -> dict[str, Any] | None:
    """Decode a JSON object; None where the text is a page or no JSON at all. What comes out can be printed as JSON."""
    problem = "is not a JSON object"
    try:
        payload = json_value(text)
    except RecursionError:
        payload, problem = None, f"is nested deeper than {_MOST_LEVELS} levels"
    except OverflowError:
        payload, problem = None, f"holds more than {_MOST_ELEMENTS} elements"
    except json.JSONDecodeError as flaw:
        if http_status < 400 and _is_cut_short(text.strip(_BLANK), flaw):
            raise ArcGISError(
                "cut_short", "the answer is empty or not complete JSON", http_status=http_status
            ) from None
        return None
    if isinstance(payload, dict):
        return payload
    if http_status < 400:
        raise ArcGISError("unexpected_shape", f"the answer {problem}", http_status=http_status)
    return None


def json_value(text: str) -> Any:
    """Decode JSON of a site into a value that can be printed as JSON.

    A number that no counter holds, or beyond what numbers can be, stays text, which costs a field and not the answer.
    Control characters inside texts are read, though JSON wants them escaped: sites repeat what users wrote.
    Raises JSONDecodeError where it is no JSON, RecursionError where it is nested too deep, and OverflowError where it
    holds more than can be read.
    """
    groups = text.count("{") + text.count("[")
    if groups + text.count(",") > _MOST_ELEMENTS:
        raise OverflowError
    value = _DECODER.decode(text)
    if groups > _MOST_LEVELS and _is_deeper(value, _MOST_LEVELS):
        raise RecursionError
    if "\\" in text and "\\ud" in text.lower():
        # Half a character is legal in JSON, and in nothing that prints it.
        whole = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        value = json.loads(whole)
    return value


def _is_deeper(payload: Any, levels: int) -> bool:
    """Say whether lists and objects are nested deeper than so many levels."""
    level = [payload]
    for _dummy in range(levels + 1):
        groups = [each for each in level if isinstance(each, (dict, list))]
        if not groups:
            return False
        level = [each for group in groups for each in (group.values() if isinstance(group, dict) else group)]
    return True


def _whole(text: str) -> int | str:
    return int(text) if len(text) <= _MOST_DIGITS else text


def _fraction(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


_DECODER = json.JSONDecoder(parse_int=_whole, parse_float=_fraction, parse_constant=str, strict=False)


def _page_error(http_status: int, text: str, masked: Masked) -> ArcGISError:
    """Return what an answer that is no JSON object means."""
    words = _words_of(text, masked)
    if http_status in (401, 407):
        reason = f"the web server answered with HTTP {http_status}{words}"
        return ArcGISError("web_tier_login", reason, http_status=http_status)
    if http_status >= 400:
        reason = f"the web server answered with HTTP {http_status} and no JSON{words}"
        return ArcGISError("html_answer", reason, http_status=http_status)
    if text.lstrip(_BLANK).startswith("<"):
        reason = f"the site answered with a web page in place of JSON{words}"
        return ArcGISError("html_answer", reason, http_status=http_status)
    return ArcGISError("unexpected_shape", f"the answer is no JSON{words}", http_status=http_status)


def _is_cut_short(text: str, flaw: json.JSONDecodeError) -> bool:
    """Say whether a text that is no JSON, and why, may be the beginning of some."""
    if not text.startswith(("{", "[")):
        return not text
    is_at_the_end = flaw.pos >= len(flaw.doc.rstrip(_BLANK)) or flaw.msg.startswith("Unterminated string")
    return is_at_the_end or text[-1] not in "}]"


def _site_error(http_status: int, code: int | None, message: str, details: list[str], masked: Masked) -> ArcGISError:
    """Return the error that an envelope stands for; the code decides, a text only where its code is known to vary."""
    lowered = " ".join(message.lower().split())
    if "token is valid but access is denied" in lowered:
        kind = "no_privilege"
    elif code in (429, 503):
        kind = "busy"
    elif lowered.startswith("invalid token"):
        kind = "token_invalid"
    elif code == 400 and lowered.startswith("invalid url"):
        kind = "wrong_url"
    else:
        kind = _KINDS.get(code or 0, "site_error")
    reason = "the site answered with an error" if code is None else f"the site answered with code {code}"
    said = quoted(masked(message)).rstrip(".")
    reason += f', "{said}"' if said else ""
    shown = tuple(quoted(masked(detail)) for detail in details[:MOST_DETAILS])
    return ArcGISError(kind, reason, http_status=http_status, site_code=code, details=shown)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the header Retry-After asks for, or the seconds until the date that it names."""
    value = headers.get("Retry-After")
    if not value:
        return None
    if value.strip().isdecimal() and len(value) < _MOST_DIGITS:
        return float(value)
    until, now = http_date(value), http_date(headers.get("Date"))
    # Both dates are of the clock of the site.
    return None if until is None else max(0.0, until - (time.time() if now is None else now))


def http_date(value: str | None) -> float | None:
    """Return the seconds since 1970 of a date in a header, which is in UTC; None where it is none."""
    try:
        parsed = parsedate_to_datetime(value or "")
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).timestamp()
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(item) for item in values if item]
