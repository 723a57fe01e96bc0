# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports: what is counted and found, and that what a site wrote is shown as text on every page."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._options import parse_time
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.report import data, style
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.report.aggregate import make_report
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.report.charts import Bar, bars, columns
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.report.findings import Watch
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.report.mail import MOST_BYTES, mail
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.report.messages import message_of
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.report.model import GROUPS, Report
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.report.notice import notice
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.report.page import page
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.report.texts import cut, shown, span, visible
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.sources import Source

COLLECTION = Path(__file__).resolve().parents[4]
NOW = 1_769_842_400_000  # 2026-01-31 06:53:20 UTC
HOUR = 3_600_000
# What a hostile site may write in any field: markup, an attribute that ends, a URL, and characters that turn the text.
EVIL = "\"'><script src=//evil.example>alert(1)</script><img src=x onerror=alert(1)>\u202e\x00\x1b[31m\u2066&amp;"


def gp(job_id: str, status: str, began: float | None = None, took: float | None = None, **more: Any) -> dict[str, Any]:
    """Return a GP record that was submitted so many hours ago and took so many seconds."""
    submitted = None if began is None else int(NOW - began * HOUR)
    ended = None if submitted is None or took is None else submitted + int(took * 1000)
    times = {"submitted_time_ms": submitted, "start_time_ms": None, "end_time_ms": ended, "duration": took}
    return {"job_id": job_id, "service": "Maps/Buffer", "status": status, **times, **more}


def report(*sources: Source, title: str = "Jobs", limits: tuple[str, str, str] = ("6h", "1h", "24h")) -> Report:
    """Return the report on what was collected, at a fixed time."""
    return make_report(title, sources, Watch(NOW, *(parse_time("limit", limit) for limit in limits)), {})


def of_jobs(*jobs: dict[str, Any], **more: Any) -> Report:
    """Return the report on GP jobs of one site."""
    return report(Source("", "gp", jobs), **more)


def kinds(made: Report) -> dict[str, tuple[str, ...]]:
    """Return the IDs of the jobs of each kind of finding."""
    return {finding.kind: finding.job_ids for finding in made.findings}


# What is found


def test_what_is_open_for_too_long_and_what_failed_lately_is_found() -> None:
    made = of_jobs(
        gp("stuck", "executing", 9), gp("young", "executing", 5.9), gp("odd", "paused", 7),
        gp("stopping", "cancelling", 7), gp("queued", "waiting", 1), gp("new", "submitted", 0.9),
        gp("failed", "failed", 2, 60), gp("late", "timed_out", 25, 2 * 3600), gp("old", "failed", 30, 60),
        gp("undated", "failed"), gp("done", "succeeded", 9, 1),
    )  # fmt: skip
    assert kinds(made) == {
        "executing_long": ("stuck", "odd"),
        "cancelling_long": ("stopping",),
        "queued_long": ("queued",),
        "failed": ("failed", "late"),
        "failed_undated": ("undated",),
    }
    assert [finding.text for finding in made.findings][:2] == [
        "2 jobs were submitted more than 6 h ago and are still executing.",
        "1 job was submitted more than 6 h ago and is being cancelled.",
    ]


def test_a_limit_may_be_a_moment() -> None:
    made = of_jobs(gp("a", "executing", 3), gp("b", "failed", 3, 1), limits=("2026-01-31T06:00:00Z",) * 3)
    assert kinds(made) == {"executing_long": ("a",)}
    assert made.findings[0].text == "1 job was submitted before 2026-01-31 06:00 UTC and is still executing."


def test_no_limit_finds_nothing() -> None:
    jobs = [
        gp("stuck", "executing", 900),
        gp("queued", "waiting", 900),
        gp("failed", "failed"),
        gp("b", "failed", 1, 1),
    ]
    assert make_report("Jobs", [Source("", "gp", jobs)], Watch(NOW, None, None, None), {}).findings == []


def test_a_finding_names_some_jobs_and_counts_all() -> None:
    found = of_jobs(*(gp(f"j{number:02d}", "executing", 9) for number in range(30))).findings[0]
    assert (found.count, len(found.job_ids)) == (30, 20)


def test_what_could_not_be_read_comes_first() -> None:
    job = gp("a", "executing", 9)
    made = report(Source("one", "gp", [job]), Source("two", "gp", (), "Boom."), Source("two", "video", [job], "Half."))
    assert [finding.text for finding in made.findings][:2] == [
        "Geoprocessing of two could not be read: Boom.",
        "Video of two could not be read completely: Half.",
    ]
    assert made.findings[2].kind == "executing_long"


# What is counted


def test_jobs_are_counted_by_status_service_hour_and_duration() -> None:
    made = report(
        Source("one", "gp", [gp("a", "succeeded", 1, 5), gp("b", "failed", 2, 70), gp("c", "executing", 30)]),
        Source("one", "notebook", [{"job_id": "n", "type": "openNotebook", "status": "unknown"}]),
        Source("two", "gp", (), "Boom."),
    )
    assert made.counts.as_result() == {
        "total": 4, "open": 1, "failed": 1, "products": {"gp": 3, "notebook": 1}, "sites": {"one": 4, "two": 0},
        "statuses": {"executing": 1, "failed": 1, "succeeded": 1, "unknown": 1},
    }  # fmt: skip
    assert [(row.name, row.total, dict(row.groups)) for row in made.services] == [
        ("Maps/Buffer", 3, {"succeeded": 1, "failed": 1, "executing": 1}),
        ("openNotebook", 1, {"other": 1}),
    ]
    assert list(made.spans) == [0, 1, 0, 1, 0, 0, 0]
    assert [(hour.start_ms, hour.began, hour.failed) for hour in made.hours if hour.began or hour.failed] == [
        (NOW // HOUR * HOUR - 2 * HOUR, {"failed": 1}, 1),
        (NOW // HOUR * HOUR - HOUR, {"succeeded": 1}, 0),
    ]
    assert len(made.hours) == 24 and made.hours[-1].start_ms <= NOW < made.hours[-1].start_ms + HOUR


def test_a_brief_record_counts_without_times() -> None:
    made = of_jobs(
        {"job_id": "a", "service": "S", "status": "executing"}, {"job_id": "b", "service": "S", "status": "failed"}
    )
    assert (made.counts.open, made.counts.failed, made.oldest) == (1, 1, [])
    assert kinds(made) == {"failed_undated": ("b",)}


def test_a_job_of_which_no_status_is_known_is_open_nowhere() -> None:
    made = of_jobs(gp("a", "unknown", 9))
    assert (made.counts.open, list(made.oldest), kinds(made)) == (0, [], {})


@pytest.mark.parametrize(
    "took, median, most", [([4], 4, 4), ([1, 9], 1, 9), ([1, 2, 3], 2, 3), (list(range(1, 101)), 50, 95)]
)
def test_durations_of_a_service(took: list[float], median: float, most: float) -> None:
    row = of_jobs(*(gp(f"j{each}", "succeeded", 1, each) for each in reversed(took))).services[0].durations
    assert row is not None
    assert (row.count, row.median, row.percentile_95, row.longest) == (len(took), median, most, max(took))


def test_the_oldest_jobs_are_kept_in_their_order() -> None:
    jobs = [gp(f"j{hours}", "executing", hours) for hours in (*range(1, 400, 2), *range(2, 400, 2))]
    assert [job.job_id for job in of_jobs(*jobs).oldest] == [f"j{hours}" for hours in range(399, 199, -1)]


@pytest.mark.parametrize(
    "job, message",
    [
        ({"messages": None}, None),
        ({"messages": []}, None),
        ({"messages": ["", {}]}, None),
        ({"messages": ["Starting", "KeyError: parcels", "The notebook ended with an error"]}, "KeyError: parcels"),
        ({"messages": ["Starting", "The container is out of memory"]}, "The container is out of memory"),
        (
            {"messages": [{"type": "esriJobMessageTypeInformative", "description": "The error field is set"},
                          {"type": "esriJobMessageTypeError", "description": "ERROR 000732: roads"},
                          {"type": "esriJobMessageTypeError", "description": "Failed to execute (Buffer)."}]},
            "ERROR 000732: roads",
        ),
        ({"failed_step": {"message": "Generating Info", "code": 158}, "messages": ["a"]}, "Generating Info"),
        ({"messages": ["x" * 999]}, "x" * 199 + "\u2026"),
    ],
)  # fmt: skip
def test_the_message_that_says_why(job: dict[str, Any], message: str | None) -> None:
    assert message_of(job) == message


def test_failures_with_one_message_are_one_row() -> None:
    why = {"messages": ["ERROR 1"]}
    made = of_jobs(*(gp(f"j{n}", "failed", 1, 1, **why) for n in range(12)), gp("x", "failed"), gp("y", "timed_out"))
    assert [(row.message, row.count, len(row.job_ids)) for row in made.failures] == [("ERROR 1", 12, 10), (None, 2, 2)]


# Texts


@pytest.mark.parametrize(
    "given, seen",
    [
        ("a\tb\nc", "a b c"),
        ("\u202eabc", "\\u202eabc"),
        ("\x00\x1b", "\\u0000\\u001b"),
        ("Stra\u00dfe \u5730\u56fe", "Stra\u00dfe \u5730\u56fe"),
        ("\ud800", "\\ud800"),
        ("\u200b\ufeff", "\\u200b\\ufeff"),
        (7, "7"),
    ],
)  # fmt: skip
def test_what_nobody_sees_is_made_visible(given: Any, seen: str) -> None:
    assert visible(given) == seen


def test_a_text_is_cut_and_escaped() -> None:
    assert cut("abcdef", 6) == "abcdef" and cut("abcdefg", 6) == "abcde\u2026"
    assert shown("<b> & \"'", 99) == "&lt;b&gt; &amp; &quot;&#x27;"


@pytest.mark.parametrize(
    "seconds, said",
    [
        (None, ""),
        (0, "0 s"),
        (0.4, "< 1 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3661, "1 h 1 min"),
        (86400, "1 d"),
        (86459, "1 d"),
        (93600, "1 d 2 h"),
    ],
)  # fmt: skip
def test_spans(seconds: float | None, said: str) -> None:
    assert span(seconds) == said


# Charts


def test_bars_are_as_long_as_their_values() -> None:
    text = bars("k", "Title", "Text", [Bar("a", "4", {"failed": 1, "queued": 3}), Bar("b", "0", {"failed": 0})])
    assert re.findall(r'class="part (\w+)" x="([\d.]+)%" y="\d+" width="([\d.]+)%"', text.replace('.0"', '"')) == [
        ("failed", "0.00", "25.00"),
        ("queued", "25.00", "75.00"),
    ]
    assert '<svg class="chart" role="img" aria-labelledby="k-title k-text"' in text
    assert '<title id="k-title">Title</title><desc id="k-text">Text</desc>' in text


def test_a_bar_that_is_not_empty_can_be_seen() -> None:
    text = bars("k", "Title", "Text", [Bar("a", "9", {"failed": 1_000_000}), Bar("b", "1", {"failed": 1})])
    assert re.findall(r'class="part.*?width="([\d.]+)%"', text) == ["100.00", "0.50"]


def test_columns_stand_on_one_line_and_name_every_sixth_hour() -> None:
    hours = [(f"{hour:02d}:00", {"failed": float(hour)}) for hour in range(24)]
    text = columns("k", "Title", "Text", hours)
    tops = [
        (float(top), float(height))
        for top, height in re.findall(r'class="part.*?y="([\d.]+)".*?height="([\d.]+)"', text)
    ]
    assert len(tops) == 23 and {round(top + height) for top, height in tops} == {142}
    assert re.findall(r">(\d\d:00)</text>", text) == ["00:00", "06:00", "12:00", "18:00"]


@pytest.mark.parametrize(
    "text", [bars("k", "T", "D", []), columns("k", "T", "D", []), columns("k", "T", "D", [("00:00", {})])]
)
def test_a_chart_without_values_is_a_chart(text: str) -> None:
    assert text.startswith("<svg") and text.endswith("</svg>")


# Pages


class Tags(HTMLParser):
    """Notes the tags of a page with their attributes, and whether each is closed where it should be."""

    EMPTY = frozenset(("meta", "rect", "line"))

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        assert len(attrs) == len(dict(attrs)), f"an attribute of {tag} is given twice"
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that is closed at once."""
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Check that the innermost tag is closed."""
        assert self.open.pop() == tag


def tags(text: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return the tags of a page, all of which are closed."""
    parser = Tags()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser.found


def evil_report() -> Report:
    """Return a report in which everything that a site writes is hostile."""
    jobs = [
        gp(
            EVIL + str(n),
            status,
            9,
            took,
            service=f"{EVIL}{n}",
            username=EVIL,
            machine=EVIL,
            messages=[EVIL],
            type=EVIL,
        )
        for n, (status, took) in enumerate(
            [("failed", 60.0), ("executing", None), (EVIL, None), ("waiting", None)] * 40
        )
    ]
    return report(
        Source(EVIL, "gp", jobs, EVIL, 1.0), Source("b", "notebook", [{**gp(EVIL, "failed"), "type": EVIL}]), title=EVIL
    )


@pytest.fixture(params=[page, mail])
def hostile(request: pytest.FixtureRequest) -> str:
    """A page and an e-mail on hostile jobs."""
    return request.param(evil_report())


def test_what_a_site_wrote_is_text(hostile: str) -> None:
    found = tags(hostile)
    allowed = "html head meta title style body main header footer section h1 h2 p dl div dt dd ul li b span code strong"
    allowed += " svg desc text rect line table caption thead tbody tr th td"
    assert {tag for tag, _attributes in found} <= set(allowed.split())
    names = {name for _tag, attributes in found for name in attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"href", "src", "action", "srcset"}
    assert all(character.isprintable() or character == "\n" for character in hostile)
    assert "evil.example" in hostile and "url(" not in hostile and "@import" not in hostile


def test_the_page_may_load_nothing_and_use_its_own_style_sheet_only() -> None:
    text = page(evil_report())
    policy = next(attributes["content"] for _tag, attributes in tags(text) if "http-equiv" in attributes) or ""
    sheet = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert sheet is not None
    digest = base64.b64encode(hashlib.sha256(sheet[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "style=" not in text
    assert "@media print" in sheet[1] and "prefers-color-scheme:dark" in sheet[1]


def test_every_picture_is_described_and_every_table_has_headers() -> None:
    found = tags(page(evil_report()))
    ids = [attributes["id"] for _tag, attributes in found if "id" in attributes]
    assert len(ids) == len(set(ids))
    pictures = [attributes for tag, attributes in found if tag == "svg" and attributes.get("role") == "img"]
    assert len(pictures) == 5
    for attributes in pictures:
        assert set((attributes["aria-labelledby"] or "").split()) <= set(ids)
    assert all(a.get("aria-hidden") == "true" for tag, a in found if tag == "svg" and a.get("role") != "img")
    assert {a.get("scope") for tag, a in found if tag == "th"} == {"col", "row"}


def test_the_e_mail_has_no_style_sheet_and_no_picture() -> None:
    assert not {"style", "svg", "img", "link", "script"} & {tag for tag, _attributes in tags(mail(evil_report()))}


def test_the_e_mail_stays_below_100_kb() -> None:
    assert len(mail(evil_report()).encode()) < MOST_BYTES == 100_000
    jobs = [gp(f"j{n}", "failed", 2, 9, service="&" * 500 + str(n), messages=['"' * 300 + str(n)]) for n in range(500)]
    assert len(mail(of_jobs(*jobs)).encode()) < MOST_BYTES


def test_findings_come_before_the_charts_and_sites_that_were_not_read_are_listed() -> None:
    text = page(report(Source("one", "gp", [gp("a", "executing", 9)]), Source("two", "gp", (), "The site is down.")))
    assert text.index("still executing") < text.index("<svg")
    assert text.count("The site is down.") == 2
    assert text.index('<th scope="row">two</th>') < text.index('<th scope="row">one</th>')


def test_a_report_without_jobs_says_so() -> None:
    assert "Nothing needs attention." in page(report()) and "Nothing needs attention." in mail(report())
    assert (
        notice(report())
        == "Jobs, 2026-01-31 06:53 UTC\n0 jobs from 0 sources, 0 open, 0 failed.\nNothing needs attention.\n"
    )
    assert "<svg" not in page(report())


def test_what_is_left_out_is_said() -> None:
    text = page(of_jobs(*(gp(f"j{n}", "executing", n, service=f"S{n}") for n in range(1, 61))))
    assert text.count("35 rows left out.") == 2
    assert "all others (48)" in text


def test_what_the_report_itself_leaves_out_is_said() -> None:
    stuck = [gp(f"j{n}", "executing", n + 1, service="S") for n in range(500)]
    failed = [gp(f"f{n}", "failed", 1, 1, service="S", messages=[f"ERROR {n:04d}"]) for n in range(300)]
    made = of_jobs(*stuck, *failed, {"job_id": "brief", "service": "S", "status": "executing"})
    assert re.findall(r"(\d+) rows left out", page(made)) == ["475", "275"]
    assert re.findall(r"(\d+) rows left out", mail(made)) == ["490", "290"]
    document = json.loads(data.json_of(made))
    assert document["left_out"] == {"oldest_open": 300, "failures": 100}
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(schema()).validate(document)


def test_an_e_mail_says_how_many_findings_it_leaves_out() -> None:
    text = mail(report(*(Source(f"site {n}", "gp", (), "It is down.") for n in range(23))))
    assert text.count("could not be read") == 20 and "And 3 findings more." in text


def test_the_same_jobs_make_the_same_bytes() -> None:
    assert [page(evil_report()), mail(evil_report()), data.json_of(evil_report())] == [
        page(evil_report()), mail(evil_report()), data.json_of(evil_report())
    ]  # fmt: skip


# Colours


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, as WCAG 2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", [style.LIGHT, style.DARK], ids=["light", "dark"])
def test_texts_and_charts_stand_out(colours: dict[str, str]) -> None:
    for text, ground in style.TEXT_PAIRS:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for drawn in (*GROUPS, "accent", "bad"):
        assert contrast(colours[drawn], colours["page"]) >= 3, drawn
    # Those that often stand side by side.
    for one, other in combinations(("queued", "executing", "succeeded", "failed"), 2):
        assert contrast(colours[one], colours[other]) >= 1.2, (one, other)


def test_every_colour_of_a_text_is_tested() -> None:
    sheet = style.style_sheet(GROUPS)
    texts = set(re.findall(r"[;{]color:var\(--(\w+)\)", sheet)) | set(
        re.findall(r"text[^}]*fill:var\(--(\w+)\)", sheet)
    )
    grounds = set(re.findall(r"background:var\(--(\w+)\)", sheet))
    assert texts == {text for text, _ground in style.TEXT_PAIRS}
    assert grounds == {ground for _text, ground in style.TEXT_PAIRS}
    assert set(style.LIGHT) == set(style.DARK)


# CSV and JSON


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r", "\n@", " ="])
def test_no_cell_is_a_formula(begin: str) -> None:
    job = gp(f"{begin}cmd", "failed", 1, 5.5, service=f"{begin}s", username=f"{begin}u", messages=[f"{begin}m"])
    rows = list(csv.reader(io.StringIO(data.csv_of([Source(f"{begin}x", "gp", [job])]))))
    assert tuple(rows[0]) == data.COLUMNS
    row = dict(zip(rows[0], rows[1]))
    cells = [row[name] for name in ("job_id", "service", "username", "site")]
    assert all(cell[0] == "'" for cell in cells)
    assert row["message"].lstrip("'").strip() and row["message"][0] not in "=+-@\t\r"
    assert row["duration"] == "5.5" and row["status"] == "failed" and row["machine"] == ""


@pytest.mark.parametrize(
    "took, cell",
    [(5.0, "5"), (0.1, "0.1"), (12345.678, "12345.678"), (1234567.891, "1234567.891"), (86400, "86400"), (None, "")],
)
def test_a_duration_keeps_its_digits(took: float | None, cell: str) -> None:
    written = data.csv_of([Source("a", "gp", [{**gp("j", "succeeded"), "duration": took}])])
    assert [row["duration"] for row in csv.DictReader(io.StringIO(written))] == [cell]


def test_a_row_of_csv_is_one_line() -> None:
    lines = data.csv_of([Source("a", "gp", [gp("j", "failed", 1, 1, messages=['one,\ntwo "three"'])])]).split("\r\n")
    assert len(lines) == 3 and lines[1].endswith(',"one, two ""three"""')


def schema() -> dict[str, Any]:
    """Return the documented form of the JSON report."""
    return json.loads((COLLECTION / "docs" / "docsite" / "job_report.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "made", [report(), evil_report(), of_jobs(gp("a", "executing", 9), gp("b", "succeeded", 1, 7))]
)
def test_the_json_report_is_as_documented(made: Report) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(json.loads(data.json_of(made)))


def test_the_documented_form_refuses_another_one() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    document = json.loads(data.json_of(report()))
    for change in ({"schema_version": 2}, {"more": 1}, {"hours": []}, {"time": "yesterday"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schema()).validate({**document, **change})


# Messages


def test_the_notice_fits_into_a_message() -> None:
    sources = [Source(f"site {n}", "gp", (), "It is down. " * 30) for n in range(50)]
    text = notice(report(*sources))
    assert len(text) < 3600 and text.endswith(" findings more.\n")
    assert "\u202e" not in notice(evil_report()) and "\n\n" not in text


# Size


BIG = """
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.report import aggregate, data, findings, mail, page
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.sources import Source
words = ["succeeded", "failed", "executing", "waiting"]
jobs = [{"job_id": f"j{n:032x}", "service": f"Folder/S{n % 3000}", "status": words[n % 4]} for n in range(100_000)]
source = Source("site", "gp", jobs)
def peak():
    # The one that getrusage tells begins with that of the process which started this one.
    with open("/proc/self/status") as status:
        return next(line.split()[1] for line in status if line.startswith("VmHWM"))
before = peak()
report = aggregate.make_report("Jobs", [source], findings.Watch(1_769_842_400_000, None, None, None), {})
sizes = [len(text.encode()) for text in (page.page(report), mail.mail(report), data.json_of(report))]
print(*sizes, before, peak())
"""


def test_a_hundred_thousand_jobs_make_a_small_page_in_little_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BIG], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    html, letter, numbers, before, most = map(int, done.stdout.split())
    assert html < 2_000_000 and letter < 100_000 and numbers < 2_000_000
    assert most < 150_000  # KiB, the brief records themselves included
    assert most - before < 50_000


def every_source() -> Iterator[Source]:
    """Yield what a site may give that no test before has."""
    yield Source("a", "gp", [gp("", "", 1), {"job_id": "x", "service": "", "status": "failed"}])
    yield Source("a", "video", [{"job_id": "v", "status": "failed", "steps": [], "failed_step": None, "type": None}])


def test_odd_records_spoil_no_report() -> None:
    made = report(*every_source())
    assert tags(page(made)) and tags(mail(made))
    assert made.counts.total == 3
