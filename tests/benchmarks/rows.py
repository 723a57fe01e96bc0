# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of the benchmark: each function measures one of them and returns its lines of the table."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from functools import partial

from measuring import Bench, Measure, check, own_seconds, requests_of, seconds
from results import Line, Sample
from simulated import LARGE, OWN

OURS, EMPTY = "Our module", "Empty module"
LIMIT = "the simulator's limit: an asynchronous client"
IDEAL = "requests x latency / concurrency"
CONCURRENCIES = (8, 32)

SERVICES, JOBS_OF_EACH, PAGE_SIZES = 100, 1000, (1000, 100)
MEMORY_MB = 150

WAITED_FOR, JOBS_BESIDE, PAGE = 500, 1500, 1000
TASKS = 20


def status_of_one_job(bench: Bench) -> list[Line]:
    """Row 1: the status of one job, with log-in."""
    lines = []
    for latency in bench.plan.latencies_ms:
        (plays,) = bench.in_turn(OWN, latency, [bench.play("status")])
        for nth, when in enumerate(("first in its play", "later in its play")):
            ours = seconds(plays, OURS, nth=nth)
            pair = seconds(plays, "Log in with uri", "Read with uri", nth=nth)
            library = seconds(plays, "Module with requests", nth=nth)
            what = f"status of one job, {latency} ms, {when}"
            lines += [
                Line(1, what, ours, "two uri tasks", pair, 0.6),
                Line(1, what, ours, "an empty module", seconds(plays, EMPTY, nth=nth)),
                Line(1, what, ours, "an empty module with requests, plus 0.15 s", library.less(-0.15), 1.0),
            ]
    return lines


def deletions(bench: Bench) -> list[Line]:
    """Row 2: delete finished jobs."""
    count, of_uri = bench.plan.deletions, bench.plan.deletions_uri
    job_ids = [f"jd{number:04d}" for number in range(1, count + 1)]
    writes = [("POST", f"{bench.site.jobs_of('Bench/Delete')}/{job_id}/delete") for job_id in job_ids]
    lines = []
    for latency in bench.plan.latencies_ms:
        measures = [bench.play("delete_uri", job_ids=job_ids[:of_uri]), bench.script("with_requests.py", writes, 1)]
        for concurrency in CONCURRENCIES:
            measures += [
                bench.play("delete", job_ids=job_ids, concurrency=concurrency),
                bench.script("with_requests.py", writes, concurrency),
                bench.script("at_once.py", writes, concurrency),
            ]
        with_uri, script, *by_concurrency = bench.in_turn(OWN, latency, measures)
        empty = seconds(with_uri, EMPTY)
        a_job_of_uri = seconds(with_uri, "Delete with uri").less(empty.median, "ms a job", of_uri / 1000)
        lines.append(Line(2, f"the fixed cost, which is an empty module, {latency} ms", empty))
        for number, concurrency in enumerate(CONCURRENCIES):
            plays, threads, limit = by_concurrency[3 * number : 3 * number + 3]
            what = f"delete {count} jobs, {latency} ms, {concurrency} at once"
            ours = seconds(plays, OURS).less(seconds(plays, EMPTY).median)
            a_job = ours.less(0, "ms a job", count / 1000)
            lines += [
                Line(2, f"{what}, with the fixed cost", seconds(plays, OURS)),
                *_against_ideal(2, what, ours, count, latency, concurrency, 1.3 if concurrency == 8 else None),
                *_against_ideal(2, f"{what}, by the module's clock", own_seconds(plays), count, latency, concurrency),
                Line(2, what, ours, "a script with as many threads", Sample(threads)),
                Line(2, what, ours, LIMIT, Sample(limit)),
                Line(2, what, ours, "a script, one by one", Sample(script), is_least=True),
                Line(2, what, a_job, f"uri, over {of_uri} jobs", a_job_of_uri, 100 if latency else 250, True),
                Line(2, f"{what}: requests", requests_of(plays), "writes", Sample([count], "requests")),
            ]
    return lines


def query_of_a_site(bench: Bench) -> list[Line]:
    """Row 3: count the jobs of a large site."""
    bench.site.begin(LARGE, 0)
    services = bench.site.services()
    check(len(services) == SERVICES, "the site has other services than expected")
    lines = []
    for latency in bench.plan.latencies_ms:
        for page_size in PAGE_SIZES:
            lines += _query(bench, services, latency, page_size, CONCURRENCIES[0])
    return lines + _memory_of_query(bench)


def _query(bench: Bench, services: Sequence[str], latency: int, page_size: int, concurrency: int) -> list[Line]:
    starts = range(1, JOBS_OF_EACH + 1, page_size)
    urls = [f"{bench.site.jobs_of(service)}/query?number={page_size}" for service in services]
    pages = [("GET", f"{url}&start={start}") for url in urls for start in starts]
    play = bench.play("query", summary_only=True, page_size=page_size, concurrency=concurrency)
    plays, limit = bench.in_turn(LARGE, latency, [play, bench.script("at_once.py", pages, concurrency)])
    ours = seconds(plays, OURS).less(seconds(plays, EMPTY).median)
    what = f"query {SERVICES * JOBS_OF_EACH} jobs, {latency} ms, {len(pages)} pages, {concurrency} at once"
    return [
        Line(3, f"the fixed cost, which is an empty module, {latency} ms", seconds(plays, EMPTY)),
        *_against_ideal(3, what, ours, len(pages), latency, concurrency, 1.5),
        *_against_ideal(3, f"{what}, by the module's clock", own_seconds(plays), len(pages), latency, concurrency),
        Line(3, what, ours, LIMIT, Sample(limit)),
        Line(3, f"{what}: requests", requests_of(plays), "pages", Sample([len(pages)], "requests")),
    ]


def _memory_of_query(bench: Bench) -> list[Line]:
    """Measure the module's process; the play has an empty module before it."""
    lines = []
    for summary_only, what in ((True, "with summary_only"), (False, "with all jobs in the result")):
        measure = bench.processes("query", summary_only=summary_only, page_size=PAGE_SIZES[0], concurrency=8)
        (runs,) = bench.in_turn(LARGE, 0, [measure])
        empty, ours = (Sample([processes[nth].peak_mb for processes in runs], "MB") for nth in (0, 1))
        busy = Sample([processes[1].cpu_seconds for processes in runs])
        lines += [
            Line(3, f"peak memory, {what}", ours, "the bound", Sample([MEMORY_MB], "MB"), 1.0),
            Line(3, f"peak memory, {what}", ours, "an empty module", empty),
            Line(3, f"processor time of the module, {what}", busy),
        ]
    return lines


def _against_ideal(
    row: int, what: str, ours: Sample, requests: int, latency: int, concurrency: int, wanted: float | None = None
) -> list[Line]:
    """Return the line against what latency and concurrency alone cost; without latency there is none."""
    if not latency:
        return []
    return [Line(row, what, ours, IDEAL, Sample([requests * latency / 1000 / concurrency]), wanted)]


def wait_for_many(bench: Bench) -> list[Line]:
    """Row 4: wait for many jobs of one service. Each round begins with the first page of a query."""
    play = bench.play("wait", job_ids=[f"jw{number:04d}" for number in range(1, WAITED_FOR + 1)])
    (runs,) = bench.in_turn(OWN, 0, [partial(_operations, bench, play)])
    rounds = [sum("start" not in query for query in queries) for queries, dummy in runs]
    a_round = Sample([len(queries) / count for count, (queries, dummy) in zip(rounds, runs)], "requests")
    pages = Sample([math.ceil((WAITED_FOR + JOBS_BESIDE) / PAGE)], "pages")
    what = f"wait for {WAITED_FOR} of {WAITED_FOR + JOBS_BESIDE} jobs: a round"
    return [
        Line(4, what, a_round, "pages of the service", pages, 1.0),
        Line(4, what, a_round, "one request for each job", Sample([WAITED_FOR], "requests"), is_least=True),
        Line(4, "the same: rounds", Sample(rounds, "rounds")),
        Line(4, "the same: records read at the end", Sample([reads for dummy, reads in runs], "requests")),
    ]


def _operations(bench: Bench, play: Measure) -> tuple[list[dict[str, str]], int]:
    """Run a play and return the parameters of the queries that arrived, and how many jobs were read on their own."""
    play()
    log = bench.site.log()
    queries = [entry["query"] for entry in log if entry["operation"] == "query"]
    return queries, sum(entry["operation"] == "job" for entry in log)


def log_ins_of_a_play(bench: Bench) -> list[Line]:
    """Row 5: many tasks with and without the module that logs in."""
    latency = max(bench.plan.latencies_ms)
    measures = [partial(_log_ins, bench, bench.play("twenty_tasks", log_in_once=once)) for once in (True, False)]
    runs = bench.in_turn(OWN, latency, measures)
    once, each = (Sample([count for count, dummy in values], "log-ins") for values in runs)
    seconds_once, seconds_each = (Sample([taken for dummy, taken in values]) for values in runs)
    what = f"{TASKS} tasks, {latency} ms, with token"
    return [
        Line(5, f"{what}: log-ins", once, "without token", each, 1 / TASKS),
        Line(5, f"{what}: the whole play", seconds_once, "without token", seconds_each),
    ]


def _log_ins(bench: Bench, play: Measure) -> tuple[int, float]:
    """Run a play and return the log-ins that the site saw and the seconds of the whole play."""
    began = time.perf_counter()
    play()
    taken = time.perf_counter() - began
    return bench.site.count("generateToken"), taken


ROWS: dict[int, Callable[[Bench], list[Line]]] = {
    1: status_of_one_job,
    2: deletions,
    3: query_of_a_site,
    4: wait_for_many,
    5: log_ins_of_a_play,
}
