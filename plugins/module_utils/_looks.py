# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at a site after writes: what can be read of the jobs, and the time that the site gets to show an effect.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ansible_collections.gisops.arcgis.plugins.module_utils._client import Site
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._wait import Seen
from ansible_collections.gisops.arcgis.plugins.module_utils._wishes import Target

# The machines of a site may disagree for a moment: looks at growing intervals, 6.2 seconds in all.
_PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2)


class Readable(Protocol):
    """Jobs of a product, as far as looking at them goes."""

    site: Site

    def statuses(self, targets: Sequence[Target], absent_means_gone: bool = False) -> dict[Target, Seen]:
        """Return what is known of every job, with as few requests as the product allows."""


def settles(site: Site, is_settled: Callable[[], bool]) -> bool:
    """Look until the site shows what is expected of it, and say whether it did within about six seconds."""
    for pause in (0.0, *_PAUSES):
        if pause:
            site.transport.sleep(pause)
        if is_settled():
            return True
    return False


def settles_after(site: Site, write: str, failure: ArcGISError | None, is_settled: Callable[[], bool]) -> bool:
    """Look as settles does after a write, of which failure is what became of it and None says that it was accepted.

    After an error of the site there is one look: it tells whether the site did what it says that it did not.
    Raises the ArcGISError of a look that fails, with what is then known of the change.
    """
    was_refused = failure is not None and not failure.is_lost
    try:
        return is_settled() if was_refused else settles(site, is_settled)
    except ArcGISError as error:
        error.result = {"changed": failure is None}
        raise (error.leaves_unknown(write) if failure else error) from None


def look(jobs: Readable, targets: Sequence[Target], absent_means_gone: bool = False) -> dict[Target, str | None]:
    """Return the statuses that can be read after writes were accepted, and warn of the jobs that cannot."""
    try:
        seen = jobs.statuses(targets, absent_means_gone)
    except ArcGISError as error:
        seen = dict.fromkeys(targets, error)
    errors = [status for status in seen.values() if isinstance(status, ArcGISError)]
    if errors:
        said = f"{len(errors)} jobs could not be read after the writes, so the status shown for them is older."
        jobs.site.warn(f"{said} {errors[0]}")
    return {target: status for target, status in seen.items() if not isinstance(status, ArcGISError)}
