# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The notebook jobs of Enterprise on Kubernetes, which has other addresses, keys and words for them."""

from __future__ import annotations

import copy
from typing import Any

from .accounts import Account
from .call import Call
from .notebook import RUNNING, NotebookJob, NotebookStore
from .product import NOTEBOOKS, Product, no_such_resource

_JOBS = "admin/notebooks/jobs"
_KEY = "notebook jobs"
_WORDS = {"PROCESSING": "EXECUTING"}


class KubernetesNotebooks:
    """The routes under `admin/notebooks`, and the jobs behind them."""

    def __init__(self, product: Product, jobs: list[dict[str, Any]]) -> None:
        self.product = product
        self.store = NotebookStore(product, jobs)
        product.add("notebooks", "admin/notebooks", lambda call, account: {"resources": ["jobs"]}, NOTEBOOKS)
        product.add("notebook jobs", _JOBS, self.listing, NOTEBOOKS)
        product.add("job", f"{_JOBS}/{{job}}", self.one, NOTEBOOKS)
        product.add("cancel", f"{_JOBS}/{{job}}/cancel", self.cancel, NOTEBOOKS, methods=("POST",))

    def _visible(self, account: Account | None) -> list[NotebookJob]:
        """Return the jobs that a user may see; some releases have no finished ones."""
        jobs = self.store.visible(account)
        return [job for job in jobs if self.product.settings["notebooks_keep_finished"] or _is_open(job)]

    def listing(self, call: Call, account: Account | None) -> dict[str, Any]:
        """List all jobs in short: the page knows no parameter for their order or for details.

        Nor does it know one for how many, unless the setting gives the list a length.
        """
        settings, jobs = self.product.settings, self._visible(account)
        if settings["notebooks_num"] is not None:
            jobs = jobs[: int(call.first("num") or settings["notebooks_num"])]
        return {settings["notebooks_key"]: [_brief(job, settings) for job in jobs]}

    def one(self, call: Call, job: str, account: Account | None) -> dict[str, Any]:
        """Describe one job, as far as is known with the keys of a Notebook Server."""
        found = self.store.job(job, account)
        if found not in self._visible(account):
            raise no_such_resource(job)
        settings = self.product.settings
        brief = _brief(found, settings)
        if settings["notebooks_fields"] == "brief":
            return brief
        record = found.full(settings, messages=True)
        del record["type"]
        return {**record, **brief}

    def cancel(self, call: Call, job: str, account: Account | None) -> dict[str, Any]:
        """Mark a job as cancelled, where the release can do so."""
        if not self.product.settings["notebooks_can_cancel"]:
            raise no_such_resource("cancel")
        return self.store.cancel(job, account)

    def copy(self) -> dict[str, Any]:
        """Return a copy of the jobs, for faults."""
        return {_KEY: copy.deepcopy(self.store.jobs)}

    def use(self, jobs: dict[str, Any]) -> dict[str, Any]:
        """Put such jobs in place and return those that were there."""
        if _KEY not in jobs:
            return {}
        before = {_KEY: self.store.jobs}
        self.store.jobs = jobs[_KEY]
        return before


def _is_open(job: NotebookJob) -> bool:
    return job.values["status"] in RUNNING


def _brief(job: NotebookJob, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the entry of the list: the type is the `name`, and the end of an open job is 0."""
    values = job.values
    return {
        "jobId": values["job_id"],
        "name": values["type"],
        **job.times({**settings, "unfinished_end_time": "zero"}),
        "status": _WORDS.get(values["status"], values["status"]),
    }
