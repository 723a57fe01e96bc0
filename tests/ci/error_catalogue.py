# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the page "Error catalogue" of the documentation from the catalogue in the code.

Usage: error_catalogue.py [--check]

With --check nothing is written, and the exit status tells whether the page is what would be written.
"""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "plugins/module_utils/_errors.py"
PAGE = ROOT / "docs/docsite/rst/error_catalogue.rst"

HEADER = """\
..
  Copyright (c) 2026, gisops.arcgis contributors
  GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

..
  This page is written by tests/ci/error_catalogue.py; change plugins/module_utils/_errors.py and run it again.

.. _ansible_collections.gisops.arcgis.docsite.error_catalogue:

Error catalogue
===============

A failed task says in ``msg`` what was attempted, where, what came back, and what to do. It also returns the dictionary
``error``, whose key ``code`` is one of the codes on this page. A playbook can decide by this code, because it stays the
same when the wording changes. Only what the argument specification of a module refuses, such as a username without a
password or two options that exclude each other, is refused by Ansible itself, with ``msg`` alone.

.. list-table::
   :header-rows: 1
   :widths: 20 80

   * - Key of ``error``
     - Meaning
   * - ``code``
     - One of the codes below.
   * - ``message``
     - What came back, in one clause.
   * - ``hint``
     - What to do. It is the remedy below, or a more exact one.
   * - ``details``
     - Further texts of the site, as a list.
   * - ``http_status``
     - The status of the HTTP answer; null if there was none. ArcGIS Enterprise reports many errors with HTTP 200.
   * - ``site_code``
     - The code inside the answer of the site; null if there was none.
   * - ``method``, ``url``
     - The request that failed, without its parameters; null if none was sent.
   * - ``retryable``
     - Whether the failure may pass. A reading request that met it was sent again, as often as the option ``retries``
       says, before the task failed. A write is sent again only after a look at the job.

The modules for GP jobs return the same dictionary for each job or service that failed, under ``jobs`` or
``unreadable``.

.. list-table::
   :header-rows: 1
   :widths: 25 75

   * - Code
     - Cause
"""

ROW = """\
   * - `{code}`_
     - {cause}
"""

ENTRY = """
``{code}``
{underline}

{meaning}

:Cause: {cause}
:Remedy: {remedy}
:Retryable: {retryable}
"""


def page(catalogue: dict[str, Any]) -> str:
    """Return the text of the page: the codes in alphabetical order with a line each, then everything about each."""
    catalogue = dict(sorted(catalogue.items()))
    rows = [ROW.format(code=code, cause=plain(first_sentence(kind.cause))) for code, kind in catalogue.items()]
    entries = [
        ENTRY.format(
            code=code,
            underline="-" * (len(code) + 4),
            meaning=plain(kind.meaning),
            cause=plain(kind.cause),
            remedy=plain(kind.remedy),
            retryable="yes" if kind.retryable else "no",
        )
        for code, kind in catalogue.items()
    ]
    return HEADER + "".join([*rows, *entries])


def first_sentence(text: str) -> str:
    """Return the first sentence of a text."""
    return re.split(r"(?<=\.) (?=[A-Z])", text, maxsplit=1)[0]


def plain(text: str) -> str:
    """Return a text so that reStructuredText shows it as it is; an example URL becomes no link."""
    return re.sub(r"([\\*`|]|(?<=https)(?=:)|_(?!\w))", r"\\\1", text)


def main() -> int:
    """Write or check the page and return the exit status."""
    text = page(runpy.run_path(str(SOURCE))["CATALOGUE"])
    if sys.argv[1:] == ["--check"]:
        if PAGE.read_text(encoding="utf-8") == text:
            return 0
        print(f"{PAGE.relative_to(ROOT)} is out of date: run python3 tests/ci/error_catalogue.py", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
