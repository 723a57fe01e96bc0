# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics of jobs: what is counted, and that the text is valid whatever a site calls its services and statuses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.record import GP_STATUSES
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.metrics import (
    HELP,
    MOST_UNKNOWN_STATUSES,
    Metrics,
    metrics_of,
)
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.sources import Source, parse_sources

NOW = 1_769_846_400_000  # 2026-01-31T08:00:00Z
HOUR = 3_600_000

# One line of the text format: name, labels, value. A label holds anything but a quote, a backslash and a line break.
_ROW = re.compile(r'([a-z_]+)\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\} (-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)')
_LABEL = re.compile(r'([a-z]+)="((?:[^"\\\n]|\\[\\"n])*)"')
_UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}

Series = tuple[str, tuple[tuple[str, str], ...]]


def parsed(text: str) -> dict[Series, float]:
    """Read the text format as strictly as Prometheus does; refuse a series that comes twice."""
    assert text.endswith("\n")
    series: dict[Series, float] = {}
    family, families = "", []
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            family = line.split(" ")[2]
            families.append(family)
            assert line == f"# HELP {family} {HELP[family]}"
        elif line.startswith("#"):
            assert line == f"# TYPE {family} gauge"
        else:
            row = _ROW.fullmatch(line)
            assert row, line
            labels = tuple(
                (name, re.sub(r'\\[\\"n]', lambda escape: _UNESCAPED[escape[0]], value))
                for name, value in _LABEL.findall(row[2])
            )
            assert row[1] == family and (family, labels) not in series, line
            series[family, labels] = float(row[3])
    assert families == sorted(HELP)
    return series


def of_metric(metrics: Metrics, name: str, **labels: str) -> dict[tuple[str, ...], float]:
    """Return the rows of a metric that have these labels, by the values of the others."""
    return {
        tuple(value for label, value in given if label not in labels): number
        for (family, given), number in parsed(metrics.text).items()
        if family == name and labels.items() <= dict(given).items()
    }


def job(status: str, service: str | None = "Maps/Buffer", **more: Any) -> dict[str, Any]:
    """Return a record of a job."""
    return {"job_id": "j1", "status": status, **({} if service is None else {"service": service}), **more}


def source(*jobs: dict[str, Any], site: str = "production", product: str = "gp", **more: Any) -> Source:
    """Return what was collected from a site."""
    return Source(site, product, jobs, **more)


# What is counted


def test_a_service_that_has_jobs_has_a_row_for_each_known_status() -> None:
    metrics = metrics_of([source(job("failed"), job("failed"), job("executing", "Elevation"))], NOW)
    assert of_metric(metrics, "arcgis_jobs", site="production", product="gp", service="Maps/Buffer") == {
        (status,): 2 if status == "failed" else 0 for status in GP_STATUSES
    }
    assert len(of_metric(metrics, "arcgis_jobs")) == 2 * len(GP_STATUSES)


def test_a_source_without_jobs_is_a_success_and_has_no_rows_of_jobs() -> None:
    metrics = metrics_of([source()], NOW)
    assert of_metric(metrics, "arcgis_collection_success") == {("production", "gp"): 1}
    assert of_metric(metrics, "arcgis_jobs") == {} and metrics.series == 2


def test_a_source_that_could_not_be_read_is_no_success_and_its_jobs_do_not_count() -> None:
    metrics = metrics_of([source(job("failed"), error="The site is down."), source(job("new"), site="other")], NOW)
    assert of_metric(metrics, "arcgis_collection_success", product="gp") == {("production",): 0, ("other",): 1}
    assert of_metric(metrics, "arcgis_jobs", site="production") == {}
    assert len(of_metric(metrics, "arcgis_jobs", site="other")) == len(GP_STATUSES)


def test_the_oldest_open_job_counts_from_its_submission_or_else_from_its_start() -> None:
    jobs = [
        job("executing", submitted_time_ms=NOW - HOUR),
        job("executing", submitted_time_ms=NOW - 9 * HOUR, start_time_ms=None),
        job("waiting"),
        job("succeeded", submitted_time_ms=NOW - 99 * HOUR, duration=5.0),
        job("submitted", submitted_time_ms=NOW + 1),
        job("unheard_of", submitted_time_ms=NOW - 500),
        job("unknown", submitted_time_ms=NOW - HOUR),
    ]
    notebook = source(job("executing", None, submitted_time_ms=None, start_time_ms=NOW - HOUR), product="notebook")
    ages = of_metric(metrics_of([source(*jobs), notebook], NOW), "arcgis_job_oldest_seconds", site="production")
    assert ages == {
        ("gp", "Maps/Buffer", "executing"): 9 * 3600,
        ("gp", "Maps/Buffer", "submitted"): 0,
        ("gp", "Maps/Buffer", "unheard_of"): 0.5,
        ("notebook", "", "executing"): 3600,
    }


def test_durations_are_an_average_and_a_maximum_for_each_status() -> None:
    jobs = [job("succeeded", duration=1), job("succeeded", duration=2.5), job("succeeded", duration=None)]
    metrics = metrics_of([source(*jobs, job("failed", duration=0))], NOW)
    where = {"site": "production", "product": "gp", "service": "Maps/Buffer"}
    assert of_metric(metrics, "arcgis_job_duration_average_seconds", **where) == {("succeeded",): 1.75, ("failed",): 0}
    assert of_metric(metrics, "arcgis_job_duration_maximum_seconds", **where) == {("succeeded",): 2.5, ("failed",): 0}


def test_the_collection_has_its_time_and_its_duration_unless_that_is_unknown() -> None:
    metrics = metrics_of([source(elapsed=0.25), source(site="other", error="No.")], NOW + 125)
    assert of_metric(metrics, "arcgis_collection_duration_seconds") == {("production", "gp"): 0.25}
    times = of_metric(metrics, "arcgis_collection_timestamp_seconds")
    assert times == {("production", "gp"): NOW / 1000 + 0.125, ("other", "gp"): NOW / 1000 + 0.125}


# What would make a file useless


def test_the_names_and_the_help_texts_stay_as_they_were_released() -> None:
    # Prometheus keeps what it collected by these names, and two files with different help texts break the collection.
    # A metric may be added; what is here must not change.
    assert HELP == {
        "arcgis_jobs": "Jobs that were collected.",
        "arcgis_job_oldest_seconds": "Age of the oldest open job when the jobs were collected.",
        "arcgis_job_duration_average_seconds": "Average duration of the jobs that were collected.",
        "arcgis_job_duration_maximum_seconds": "Longest duration of the jobs that were collected.",
        "arcgis_collection_success": "Whether the jobs could be read (1) or not (0).",
        "arcgis_collection_timestamp_seconds": "When the jobs were collected, in seconds since 1970.",
        "arcgis_collection_duration_seconds": "How long it took to collect the jobs.",
    }


def test_every_file_has_the_same_help_texts_whatever_was_collected() -> None:
    texts = [metrics_of(sources, NOW).text for sources in ([], [source(error="No.")], [source(job("failed"))])]
    assert len({tuple(line for line in text.split("\n") if line.startswith("#")) for text in texts}) == 1


def test_neither_an_id_nor_a_user_nor_a_time_of_its_own_is_in_the_file() -> None:
    metrics = metrics_of(
        [source({**job("executing"), "job_id": "j4711", "username": "j_doe", "machine": "GIS01"})], NOW
    )
    assert not re.search("j4711|j_doe|GIS01|_total", metrics.text)
    labels = {name for _family, given in parsed(metrics.text) for name, _value in given}
    assert labels == {"site", "product", "service", "status"}


@pytest.mark.parametrize("odd", ['a"b', "a\\", "a\nb", '\\"', "\\n", "ü/\u2028", "{}=,#", " ", "\ud800", "# HELP"])
def test_odd_names_are_escaped(odd: str) -> None:
    metrics = metrics_of([source(job(f"status {odd}", f"Maps/{odd}"))], NOW)
    readable = odd.encode("utf-8", "replace").decode()
    counts = of_metric(metrics, "arcgis_jobs", site="production", product="gp")
    assert counts[f"Maps/{readable}", f"status {readable}"] == 1 and len(counts) == len(GP_STATUSES) + 1
    assert metrics.text.encode("utf-8")


def test_names_that_differ_only_in_what_cannot_be_written_are_counted_together() -> None:
    metrics = metrics_of([source(job("odd\ud800"), job("odd\ud801"), job("odd?"))], NOW)
    assert of_metric(metrics, "arcgis_jobs", status="odd?") == {("production", "gp", "Maps/Buffer"): 3}


def test_unknown_statuses_beyond_the_first_ones_of_the_alphabet_are_counted_together() -> None:
    unknown = [f"odd{number:02d}" for number in range(MOST_UNKNOWN_STATUSES + 2)]
    jobs = [job(status, service) for status in reversed(unknown) for service in ("Maps/Buffer", "Elevation")]
    metrics = metrics_of([source(*jobs, job("failed")), source(job("zombie"), site="other")], NOW)
    assert metrics.other_statuses == [{"site": "production", "product": "gp", "statuses": unknown[-2:]}]
    counts = of_metric(metrics, "arcgis_jobs", site="production", product="gp", service="Elevation")
    assert set(counts) == {(status,) for status in (*GP_STATUSES, *unknown[:-2], "other")}
    assert counts["other",] == 2 and counts["odd00",] == 1
    assert of_metric(metrics, "arcgis_jobs", status="zombie") == {("other", "gp", "Maps/Buffer"): 1}


def test_a_status_that_is_called_like_those_that_are_put_together_is_counted_with_them() -> None:
    unknown = [f"odd{number:02d}" for number in range(MOST_UNKNOWN_STATUSES)]
    metrics = metrics_of([source(*map(job, unknown), job("other"), job("zombie"))], NOW)
    assert of_metric(metrics, "arcgis_jobs", status="other") == {("production", "gp", "Maps/Buffer"): 2}
    assert metrics.other_statuses == [{"site": "production", "product": "gp", "statuses": ["other", "zombie"]}]


# Whatever is collected


def test_whatever_is_collected_the_text_is_valid_and_every_job_is_counted_once() -> None:
    hypothesis = pytest.importorskip("hypothesis", reason="only the newest environment has hypothesis")
    st = hypothesis.strategies
    texts = st.one_of(st.text(max_size=8), st.sampled_from(('"', "\\", "\n", "\\n", "other", "\ud800")))
    statuses = st.one_of(st.sampled_from(GP_STATUSES), texts, st.integers(0, 30).map("odd{}".format))
    times = st.one_of(st.none(), st.integers(-62_135_596_800_000, 253_402_300_799_999), st.floats(0, 1e14))
    spans = st.one_of(st.none(), st.integers(0, 10**11), st.floats(0, 1e11))
    jobs = st.fixed_dictionaries(
        {"job_id": st.just("j1"), "status": statuses},
        optional={
            "service": st.one_of(st.none(), st.sampled_from(("Maps/Buffer", "Elevation")), texts),
            "submitted_time_ms": times,
            "start_time_ms": times,
            "duration": spans,
        },
    )
    names = st.sampled_from(("production", "Production", 'a"b', "a\\", "ü"))
    entries = st.fixed_dictionaries(
        {
            "site": names,
            "product": st.sampled_from(("gp", "notebook", "video")),
            "jobs": st.lists(jobs, max_size=40),
            "error": st.one_of(st.none(), texts),
            "elapsed": spans,
        }
    )
    several = st.lists(entries, max_size=4, unique_by=lambda entry: (entry["site"], entry["product"]))

    @hypothesis.given(several)
    @hypothesis.settings(max_examples=150, deadline=None, derandomize=True, database=None)
    def check(given: list[dict[str, Any]]) -> None:
        sources = parse_sources("sources", given)
        metrics = metrics_of(sources, NOW)
        series = parsed(metrics.text)
        assert len(series) == metrics.series
        counted = sum(number for (name, _labels), number in series.items() if name == "arcgis_jobs")
        assert counted == sum(len(each.jobs) for each in sources if not each.error)
        for each in sources:
            of_it = {dict(labels)["status"] for (name, labels) in series if name == "arcgis_jobs"
                     and dict(labels)["site"] == each.site and dict(labels)["product"] == each.product}  # fmt: skip
            assert len(of_it - set(GP_STATUSES)) <= MOST_UNKNOWN_STATUSES + 1
        assert metrics.text == metrics_of(sources, NOW).text

    check()


# What is refused


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf"), 10**400, 1e18, -1e18, True, "1"])
@pytest.mark.parametrize("name", ["submitted_time_ms", "start_time_ms", "end_time_ms", "duration", "elapsed"])
def test_a_number_that_is_no_time_is_refused(name: str, odd: Any) -> None:
    given: dict[str, Any] = {"site": "production", "product": "gp", "jobs": [job("failed")], "error": None}
    (known,) = parse_sources("sources", [{**given, "elapsed": 0.5}])
    assert known.elapsed == 0.5
    more = {"elapsed": odd} if name == "elapsed" else {"elapsed": None, "jobs": [job("failed", **{name: odd})]}
    with pytest.raises(ArcGISError) as refused:
        parse_sources("sources", [{**given, **more}])
    assert refused.value.failure.code == "bad_option"
    assert re.search(rf"The option sources\..*{name}.* is no number from ", str(refused.value))


@pytest.mark.parametrize("odd", [[1], {}, 7, True])
@pytest.mark.parametrize("name", ["service", "type", "username", "machine"])
def test_a_name_that_is_no_text_is_refused(name: str, odd: Any) -> None:
    entry = {"site": "production", "product": "gp", "error": None, "elapsed": None}
    assert parse_sources("sources", [{**entry, "jobs": [job("failed", **{name: None})]}])
    with pytest.raises(ArcGISError) as refused:
        parse_sources("sources", [{**entry, "jobs": [job("failed", **{name: odd})]}])
    assert f"holds an entry whose {name} is no text" in str(refused.value)


def test_a_site_that_comes_twice_is_refused() -> None:
    given = {"site": "production", "product": "gp", "jobs": [], "error": None, "elapsed": None}
    assert len(parse_sources("sources", [given, {**given, "product": "video"}, {**given, "site": "other"}])) == 3
    with pytest.raises(ArcGISError) as refused:
        parse_sources("sources", [given, {**given, "error": "No."}])
    assert "more than once" in str(refused.value)
