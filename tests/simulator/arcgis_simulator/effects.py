# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of fault does to a request.

An effect gets the request on its way and a function that lets it proceed, to the next effect or to the product; its
other arguments are the parameters of the fault. The name of the function is the kind.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Callable

from aiohttp import web
from multidict import MultiDict, MultiMapping

from .accounts import Account
from .call import Call
from .delivery import (
    Delivery,
    Silence,
    body_of,
    cut,
    dripping,
    endless,
    held,
    json_response,
    misframed,
    reset,
    whole,
)
from .families import ERROR, SIGN_IN_FORM, ApiError, error_page, html_response, render_error
from .listeners import Listeners
from .product import WRITING, Product
from .times import duration_ms, http_date
from .tokens import Token

if TYPE_CHECKING:
    from .enterprise import Enterprise

Proceed = Callable[[], Awaitable[web.StreamResponse]]
Function = Callable[..., Awaitable[web.StreamResponse]]
# Tells from a call and the parameters of a fault whether its kind can do anything to it.
Test = Callable[[Call, dict[str, Any]], bool]


@dataclass
class Exchange:
    """A request on its way: `meanwhile` is entered while the product answers, `delivery` sends what comes of it."""

    request: web.Request
    call: Call
    enterprise: Enterprise
    product: Product
    listeners: Listeners
    meanwhile: list[AbstractContextManager[None]] = field(default_factory=list)
    delivery: Delivery = whole
    carried_out: bool = False

    async def carry_out(self) -> web.StreamResponse:
        """Let the product answer; nothing else happens until it has."""
        self.carried_out = True
        if self.call.method not in ("GET", "POST"):
            return error_page(405, "Method Not Allowed")
        with ExitStack() as stack:
            for manager in self.meanwhile:
                stack.enter_context(manager)
            return self.product.answer(self.call)


@dataclass(frozen=True)
class Effect:
    """What a kind does, and which requests it can do it to: the others do not count."""

    function: Function
    applies: Test


EFFECTS: dict[str, Effect] = {}
_NOTEBOOK_LISTS = ("system/jobs", "notebook jobs")


def _to_any(call: Call, parameters: dict[str, Any]) -> bool:
    return True


def _to_token(call: Call, parameters: dict[str, Any]) -> bool:
    return bool(call.token)


def _to_query(call: Call, parameters: dict[str, Any]) -> bool:
    return call.operation == "query"


def _to_writing(call: Call, parameters: dict[str, Any]) -> bool:
    return call.operation in WRITING


def _to_reading_jobs(call: Call, parameters: dict[str, Any]) -> bool:
    return call.operation in ("query", "job", "statistics", "public job", *_NOTEBOOK_LISTS)


def _to_job(call: Call, parameters: dict[str, Any]) -> bool:
    return bool(call.job or parameters.get("job"))


def _to_job_or_list(call: Call, parameters: dict[str, Any]) -> bool:
    return _to_job(call, parameters) or call.operation in ("query", *_NOTEBOOK_LISTS)


def effect(applies: Test = _to_any) -> Callable[[Function], Function]:
    """Register a function as the effect of the kind that it is named after."""

    def register(function: Function) -> Function:
        EFFECTS[function.__name__] = Effect(function, applies)
        return function

    return register


# Time


@effect()
async def latency(exchange: Exchange, proceed: Proceed, *, seconds: float) -> web.StreamResponse:
    """Wait before the request is carried out."""
    await asyncio.sleep(seconds)
    return await proceed()


@effect()
async def slow_drip(exchange: Exchange, proceed: Proceed, *, bytes_per_second: float = 20) -> web.StreamResponse:
    """Send the body slowly."""
    exchange.delivery = dripping(bytes_per_second)
    return await proceed()


@effect()
async def clock_skew(exchange: Exchange, proceed: Proceed, *, seconds: float) -> web.StreamResponse:
    """Let the Date header be ahead by some seconds, or behind."""
    response = await proceed()
    response.headers["Date"] = http_date(exchange.enterprise.clock.now() + duration_ms(seconds))
    return response


# The connection


@effect()
async def refuse(exchange: Exchange, proceed: Proceed) -> web.StreamResponse:
    """Close the connection in place of an answer, before the request is carried out."""
    return Silence()


@effect()
async def reset_before(exchange: Exchange, proceed: Proceed) -> web.StreamResponse:
    """Reset the connection before the request is carried out."""
    exchange.delivery = reset
    return Silence()


@effect()
async def reset_during(exchange: Exchange, proceed: Proceed) -> web.StreamResponse:
    """Carry the request out and reset the connection in the middle of the answer."""
    exchange.delivery = cut(None, broken=True)
    return await proceed()


@effect()
async def reset_after(exchange: Exchange, proceed: Proceed) -> web.StreamResponse:
    """Carry the request out and reset the connection before the first byte of the answer."""
    exchange.delivery = reset
    await proceed()
    return Silence()


@effect()
async def answer_lost(exchange: Exchange, proceed: Proceed, *, seconds: float | None = 0) -> web.StreamResponse:
    """Carry the request out, answer nothing for some seconds (null: as long as the caller waits), and close."""
    exchange.delivery = held(seconds)
    await proceed()
    return Silence()


@effect()
async def hang(exchange: Exchange, proceed: Proceed, *, seconds: float | None = None) -> web.StreamResponse:
    """Take the request and do nothing, for some seconds or as long as the caller waits."""
    exchange.delivery = held(seconds)
    return Silence()


@effect()
async def truncated(
    exchange: Exchange, proceed: Proceed, *, kept: int | None = None, announced: bool = True
) -> web.StreamResponse:
    """Carry the request out and cut the body; its full length is announced unless told otherwise."""
    response = await proceed()
    if announced:
        exchange.delivery = cut(kept, broken=False)
        return response
    body = body_of(response)
    return _with_body(response, body[: len(body) // 2 if kept is None else kept])


@effect()
async def broken_framing(exchange: Exchange, proceed: Proceed, *, how: str = "two_lengths") -> web.StreamResponse:
    """Carry the request out and send bytes in place of an answer that are no HTTP: see `misframed` for the ways."""
    exchange.delivery = misframed(how)
    return await proceed()


# The answer


def _with_body(response: web.StreamResponse, body: bytes, content_type: str | None = None) -> web.StreamResponse:
    """Return an answer like another one, but with this body; an answer that has none stays as it is."""
    if not isinstance(response, web.Response):
        return response
    headers = {name: value for name, value in response.headers.items() if name.lower() != "content-length"}
    if content_type:
        headers["Content-Type"] = content_type
    return web.Response(body=body, status=response.status, headers=headers)


async def _in_place_of(proceed: Proceed, response: web.Response, carried_out: bool) -> web.StreamResponse:
    """Return an answer that takes the place of the true one."""
    if carried_out:
        await proceed()
    return response


@effect()
async def content_type(exchange: Exchange, proceed: Proceed, *, value: str = "text/html") -> web.StreamResponse:
    """Send the true answer under another content type."""
    response = await proceed()
    response.headers["Content-Type"] = value
    return response


@effect()
async def charset(exchange: Exchange, proceed: Proceed, *, name: str = "ISO-8859-1") -> web.StreamResponse:
    """Send the true answer in another encoding, named in its header; what it cannot write is a question mark."""
    response = await proceed()
    text = body_of(response).decode("utf-8")
    with suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return _with_body(response, text.encode(name, "replace"), f"text/plain;charset={name}")


@effect()
async def raw_characters(exchange: Exchange, proceed: Proceed, *, characters: str = "\t\x1b\n") -> web.StreamResponse:
    """Add a text to the true answer that holds these characters as they are, which JSON wants to be escaped."""
    response = await proceed()
    body = body_of(response)
    if not body.lstrip().startswith(b"{"):
        return response
    odd = f'{{"note": "a{characters}b", '.encode()
    return _with_body(response, odd + body.lstrip()[1:].lstrip())


@effect(_to_query)
async def endless_pages(exchange: Exchange, proceed: Proceed, *, total: int | None = None) -> web.StreamResponse:
    """Show jobs that nobody has seen on every page of the job query, and always name a page after it."""
    response = await proceed()
    try:
        page = json.loads(body_of(response))
        start, number = int(page["start"]), max(1, len(page["results"]) or 1)
    except (ValueError, KeyError, TypeError):
        return response
    page["results"] = {**page["results"], **{f"jendless{start}-{count}": "Succeeded" for count in range(number)}}
    page["nextStart"] = start + number
    page["total"] = page["total"] if total is None else total
    return _with_body(response, json.dumps(page).encode())


@effect()
async def sign_in_page(
    exchange: Exchange, proceed: Proceed, *, status: int = 200, carried_out: bool = False
) -> web.StreamResponse:
    """Answer with a page that asks for name and password."""
    return await _in_place_of(proceed, html_response(SIGN_IN_FORM, status), carried_out)


@effect()
async def empty_body(exchange: Exchange, proceed: Proceed, *, carried_out: bool = True) -> web.StreamResponse:
    """Answer with HTTP 200 and nothing in it."""
    return await _in_place_of(proceed, web.Response(content_type="application/json"), carried_out)


@effect()
async def non_json(
    exchange: Exchange, proceed: Proceed, *, text: str = "All is well.", carried_out: bool = True
) -> web.StreamResponse:
    """Answer with a text that is no JSON."""
    return await _in_place_of(proceed, web.Response(text=text), carried_out)


@effect()
async def wrong_shape(
    exchange: Exchange, proceed: Proceed, *, body: Any = (), status: int = 200, carried_out: bool = True
) -> web.StreamResponse:
    """Answer with JSON of another shape: a list, a text, null, an object that lacks every key, or what gateways say."""
    return await _in_place_of(proceed, json_response(body, status), carried_out)


def _another_type(value: Any) -> Any:
    """Return a value of a type that nobody expects in place of this one."""
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, dict):
        return "an object"
    return [value] if value is None or isinstance(value, (bool, int, float)) else 17


@effect()
async def wrong_types(
    exchange: Exchange, proceed: Proceed, *, values: dict[str, Any] | None = None, without: tuple[str, ...] = ()
) -> web.StreamResponse:
    """Change the keys of the true answer: to these values or else each to another type, and leave some out."""
    response = await proceed()
    try:
        answer = json.loads(body_of(response))
    except ValueError:
        return response
    if not isinstance(answer, dict):
        return response
    if values is None and not without:
        values = {name: _another_type(value) for name, value in answer.items()}
    changed = {name: value for name, value in {**answer, **(values or {})}.items() if name not in without}
    return _with_body(response, json.dumps(changed).encode())


@effect()
async def http_status(
    exchange: Exchange,
    proceed: Proceed,
    *,
    status: int = 503,
    retry_after: Any = None,
    retry_after_date: float | None = None,
    carried_out: bool = False,
) -> web.StreamResponse:
    """Answer as a proxy does, with a page; Retry-After is written as given, or as a date so many seconds ahead."""
    response = error_page(status, HTTPStatus(status).phrase)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if retry_after_date is not None:
        moment = exchange.enterprise.clock.now() + duration_ms(retry_after_date)
        response.headers["Retry-After"] = http_date(moment)
    return await _in_place_of(proceed, response, carried_out)


@effect()
async def site_error(
    exchange: Exchange,
    proceed: Proceed,
    *,
    code: int = 500,
    message: str = "Something went wrong.",
    status: int = 200,
    carried_out: bool = False,
) -> web.StreamResponse:
    """Answer with an error in the envelope of the product."""
    if carried_out:
        await proceed()
    error = ApiError(code, message, http_status=status)
    return render_error(exchange.call, exchange.product.family(exchange.call), error)


@effect()
async def redirect(
    exchange: Exchange, proceed: Proceed, *, to: str = "same", status: int = 302, carried_out: bool = False
) -> web.StreamResponse:
    """Redirect to the same address (a loop as long as it lasts), `other_origin`, a path, or an address."""
    call, target = exchange.call, to
    path = call.raw_path + ("?" + call.query_string if call.query_string else "")
    if to == "same":
        target = call.base + path
    elif to == "other_origin":
        target = await exchange.listeners.open(to) + path
    elif to.startswith("/"):
        target = call.base + to
    return await _in_place_of(proceed, web.Response(status=status, headers={"Location": target}), carried_out)


@effect()
async def huge_body(
    exchange: Exchange,
    proceed: Proceed,
    *,
    size: int = 200 * 1024 * 1024,
    announced: bool = True,
    compressed: bool = False,
    carried_out: bool = True,
) -> web.StreamResponse:
    """Answer with a JSON object of so many bytes, made while it is sent."""
    exchange.delivery = endless(size, announced=announced, compressed=compressed)
    return await _in_place_of(proceed, json_response({}), carried_out)


# Tokens


@effect(_to_token)
async def token_expired(exchange: Exchange, proceed: Proceed) -> web.StreamResponse:
    """Let the token of the request expire before it is looked at."""
    exchange.enterprise.tokens.expire(exchange.call.token)
    return await proceed()


@effect(_to_token)
async def token_revoked(exchange: Exchange, proceed: Proceed) -> web.StreamResponse:
    """Forget the token of the request before it is looked at."""
    exchange.enterprise.tokens.revoke(exchange.call.token)
    return await proceed()


# Jobs


def _named_jobs(exchange: Exchange, job: Any) -> list[str]:
    """Return the jobs that a parameter names, or the one of the address."""
    named = job or exchange.call.job or []
    return [named] if isinstance(named, str) else list(named)


def _first_listed(response: web.StreamResponse) -> list[str]:
    """Return the first job of a list in an answer."""
    answer = json.loads(body_of(response) or b"{}")
    lists = [answer.get(key, []) for key in ("asyncJobs", "asyncNotebookJobs", "notebookJobs")]
    listed = list(answer.get("results", {})) or [entry["jobId"] for entries in lists for entry in entries]
    return listed[:1]


@effect(_to_job)
async def job_vanishes_before(exchange: Exchange, proceed: Proceed, *, job: Any = None) -> web.StreamResponse:
    """Remove the job of the address, or named ones, before the request is carried out."""
    for job_id in _named_jobs(exchange, job):
        exchange.product.remove_job(job_id)
    return await proceed()


@effect(_to_job_or_list)
async def job_vanishes_after(exchange: Exchange, proceed: Proceed, *, job: Any = None) -> web.StreamResponse:
    """Remove the job of the address, named ones, or the first of the list sent, after the request is carried out."""
    response = await proceed()
    for job_id in _named_jobs(exchange, job) or _first_listed(response):
        exchange.product.remove_job(job_id)
    return response


@effect(_to_job)
async def job_changes(exchange: Exchange, proceed: Proceed, *, job: Any = None, **fields: Any) -> web.StreamResponse:
    """Change fields of the job of the address, or of named ones, before the request is carried out."""
    for job_id in _named_jobs(exchange, job):
        exchange.product.update_job(job_id, fields)
    return await proceed()


@contextmanager
def _with_jobs(product: Product, jobs: dict[str, Any]) -> Iterator[None]:
    """Let a product see other jobs for a while."""
    true = product.use_jobs(jobs)
    try:
        yield
    finally:
        product.use_jobs(true)


def _repeat(product: Product, call: Call, account: Account | None) -> None:
    """Carry a request out for an account, whatever has become of the token it came with."""
    tokens = product.enterprise.tokens
    until = product.enterprise.clock.now() + 1
    token = tokens.issue(Token(account, product.context, frozenset({product.context}), "none", "", until))
    product.answer(replace(call, token=token))
    tokens.revoke(token)


@effect(_to_writing)
async def carried_out_later(exchange: Exchange, proceed: Proceed, *, seconds: float) -> web.StreamResponse:
    """Accept the request as usual, but carry it out when the simulator's clock has moved on."""
    call, product = exchange.call, exchange.product
    # The answer is that of a trial on a copy of the jobs.
    exchange.meanwhile.append(_with_jobs(product, product.copy_jobs(call)))
    response = await proceed()
    if exchange.carried_out and call.error_code is None:
        account = product.token_account(call, ERROR) if call.token else None
        exchange.enterprise.later(seconds, partial(_repeat, product, call, account))
    return response


@effect(_to_reading_jobs)
async def stale(exchange: Exchange, proceed: Proceed, *, seconds: float) -> web.StreamResponse:
    """Answer as a machine that has not heard of the requests of the last seconds."""
    product = exchange.product
    past = product.past_jobs(product.enterprise.clock.now() - duration_ms(seconds))
    exchange.meanwhile.append(_with_jobs(product, past))
    return await proceed()


# Filters

_FILTERS = {
    "status": ("jobStatus", "status"),
    "user": ("userName",),
    "machine": ("machineName",),
    "window": ("startTime", "endTime"),
}


def _rewrite(call: Call, change: Callable[[str, str], str | None]) -> None:
    """Change the parameters of a call; those that become None go."""

    def changed(values: MultiMapping[str]) -> MultiDict[str]:
        pairs = ((name, change(name, str(value))) for name, value in values.items())
        return MultiDict([(name, value) for name, value in pairs if value is not None])

    call.query, call.form = changed(call.query), changed(call.form)


@effect(_to_query)
async def filters_ignored(
    exchange: Exchange, proceed: Proceed, *, filters: tuple[str, ...] = tuple(_FILTERS)
) -> web.StreamResponse:
    """Let the site overlook filters: `status`, `user`, `machine`, `window`."""
    overlooked = {name for each in filters for name in _FILTERS.get(each, (each,))}
    _rewrite(exchange.call, lambda name, value: None if name in overlooked else value)
    return await proceed()


@effect(_to_query)
async def wrong_unit(exchange: Exchange, proceed: Proceed) -> web.StreamResponse:
    """Let the site take the times of a window for seconds where it wants milliseconds, or the reverse on Kubernetes."""

    def scaled(name: str, value: str) -> str | None:
        if name not in _FILTERS["window"] or not value.lstrip("-").isdigit():
            return value
        number = int(value)
        return str(number // 1000 if exchange.product.context == "kubernetes" else number * 1000)

    _rewrite(exchange.call, scaled)
    return await proceed()
