# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may select jobs: nothing empty, nothing masked, nothing that changes a URL."""

from __future__ import annotations

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils import _selections
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError

MASKS = [
    "********",
    "*",
    "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
    "value_specified_in_no_log_parameter",
    "<redacted>",
    "REDACTED",
]


@pytest.mark.parametrize(
    "value, problem",
    [
        (None, "is empty"),
        ("", "is empty"),
        (" ", "is empty"),
        *[(mask, "is a mask in place of a secret") for mask in MASKS],
        ("a\nb", "holds control characters"),
        ("a\x7f", "holds control characters"),
    ],
)
def test_what_selects_nothing_is_refused(value: object, problem: str) -> None:
    with pytest.raises(ArcGISError) as caught:
        _selections.word("submitted_by", value)
    assert caught.value.code == "bad_option"
    assert caught.value.said == f"The option submitted_by {problem}"


@pytest.mark.parametrize("value", ["j_doe", "AD\\\\j.doe", "DÖE", "a*b", 7])
def test_a_word_is_kept(value: object) -> None:
    assert _selections.word("submitted_by", value) == str(value)


def test_an_optional_word() -> None:
    assert _selections.optional_word("machine", None) is None
    assert _selections.optional_word("machine", "GIS01") == "GIS01"
    with pytest.raises(ArcGISError):
        _selections.optional_word("machine", "")


def test_a_list_keeps_its_order_and_loses_repetitions() -> None:
    assert _selections.words("types", ["b", "a", "b"]) == ["b", "a"]
    assert _selections.words("types", []) == []
    with pytest.raises(ArcGISError):
        _selections.words("types", ["a", None])


@pytest.mark.parametrize(
    "job_id",
    [
        "j0f3a6c1d2e4b48f7a9b0c1d2e3f4a5b6",
        "j290c2d4e60364xx2a0c735fb9b68428a",
        "j0bc73e29-3725-4eb1-b6c7-db2cdc56799c",
        "j_1",
    ],
)
def test_an_id_of_any_product_is_taken(job_id: str) -> None:
    assert _selections.job_ids("job_ids", [job_id, job_id]) == [job_id]


@pytest.mark.parametrize(
    "job_id",
    [
        "1",
        "j",
        "J0f3a",
        "j1/delete",
        "j1?f=json",
        "j1#a",
        "j 1",
        "../j1",
        "j1%2f",
        "j" + "a" * 128,
        "jé",
        "j1;",
        "query",
    ],
)
def test_what_could_not_be_an_id_is_refused(job_id: str) -> None:
    with pytest.raises(ArcGISError) as caught:
        _selections.job_ids("job_ids", ["j1", job_id])
    assert caught.value.code == "bad_option"
    assert caught.value.said == f"The option job_ids holds {job_id!r}, which is not the ID of a job"
