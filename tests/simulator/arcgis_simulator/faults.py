# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that say which requests meet which fault, and when."""

from __future__ import annotations

import dataclasses
import inspect
import random
from collections.abc import Awaitable, Collection
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from aiohttp import web

from .call import Call
from .effects import EFFECTS, Exchange

Names = Any  # a name, a list of names, or None for all


def _is_among(value: str | None, wanted: Names) -> bool:
    return wanted is None or value == wanted or (not isinstance(wanted, str) and value in wanted)


def _names(wanted: Names) -> Collection[str]:
    return () if wanted is None else (wanted,) if isinstance(wanted, str) else wanted


@dataclass
class Fault:
    """A rule: what it looks for in a request, which of those requests it strikes, and what it does to them.

    `skip` leaves out the first requests that it finds. `every` and `schedule` go by the number of the request among
    the remaining ones, from 1; `probability` is drawn from `seed` for each of them; `count` is how often it strikes.
    """

    kind: str
    context: Names = None
    operation: Names = None
    method: Names = None
    path: str | None = None
    skip: int = 0
    count: int | None = None
    every: int = 1
    schedule: list[int] | None = None
    probability: float = 1.0
    seed: int = 0
    parameters: dict[str, Any] = field(default_factory=dict)
    seen: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in EFFECTS:
            raise ValueError(f"Unknown kind of fault {self.kind!r}; there are {', '.join(sorted(EFFECTS))}")
        try:
            inspect.signature(EFFECTS[self.kind].function).bind(None, None, **self.parameters)
        except TypeError as error:
            raise ValueError(f"Fault {self.kind}: {error}") from None
        if self.skip < 0 or self.every < 1 or not 0 <= self.probability <= 1:
            raise ValueError(f"Fault {self.kind}: skip, every or probability is out of range")
        self._random = random.Random(self.seed)

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Fault:
        """Make a rule of flat fields, those that are no part of a rule being parameters of its kind."""
        if "kind" not in fields:
            raise ValueError("A fault needs a kind")
        own = {each.name for each in dataclasses.fields(cls) if each.init} - {"parameters"}
        rule = {name: value for name, value in fields.items() if name in own}
        return cls(**rule, parameters={name: value for name, value in fields.items() if name not in own})

    def view(self) -> dict[str, Any]:
        """Return the rule as flat fields, with how many requests it saw and how many it struck."""
        fields = dataclasses.asdict(self)
        return {**fields, **fields.pop("parameters")}

    def strikes(self, call: Call) -> bool:
        """Tell whether a request meets this fault, and count it."""
        if not self._matches(call):
            return False
        self.seen += 1
        number = self.seen - self.skip
        if number < 1:
            return False
        drawn = self._random.random() < self.probability
        due = number % self.every == 0 and (self.schedule is None or number in self.schedule)
        if not drawn or not due or (self.count is not None and self.struck >= self.count):
            return False
        self.struck += 1
        return True

    def _matches(self, call: Call) -> bool:
        return (
            _is_among(call.context, self.context)
            and _is_among(call.operation, self.operation)
            and _is_among(call.method, self.method)
            and (self.path is None or fnmatchcase(call.path, self.path))
            and EFFECTS[self.kind].applies(call, self.parameters)
        )


class Faults:
    """The rules of an enterprise, in the order in which they were added."""

    def __init__(self, contexts: Collection[str], operations: Collection[str]) -> None:
        self._contexts = contexts
        self._operations = operations
        self._rules: list[Fault] = []

    def add(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Add a rule; one that could never strike is an error."""
        fault = Fault.from_fields(fields)
        unknown = [name for name in _names(fault.context) if name not in self._contexts]
        unknown += [name for name in _names(fault.operation) if name not in self._operations]
        if unknown:
            raise ValueError(f"Fault {fault.kind}: nothing is called {', '.join(map(repr, unknown))}")
        self._rules.append(fault)
        return fault.view()

    def views(self) -> list[dict[str, Any]]:
        """Return the rules."""
        return [fault.view() for fault in self._rules]

    def clear(self) -> None:
        """Remove every rule."""
        self._rules.clear()

    def due(self, call: Call) -> list[Fault]:
        """Return the faults that a request meets, and count them."""
        return [fault for fault in self._rules if fault.strikes(call)]

    def has(self, kind: str) -> bool:
        """Tell whether there is a rule of a kind."""
        return any(fault.kind == kind for fault in self._rules)


async def pass_through(exchange: Exchange, faults: list[Fault]) -> web.StreamResponse:
    """Carry a request out under its faults, the first of them being the outermost."""
    if not faults:
        return await exchange.carry_out()
    fault, remaining = faults[0], faults[1:]

    def proceed() -> Awaitable[web.StreamResponse]:
        return pass_through(exchange, remaining)

    return await EFFECTS[fault.kind].function(exchange, proceed, **fault.parameters)
