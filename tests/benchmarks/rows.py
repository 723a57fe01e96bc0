# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of the benchmark: each function measures one of them and returns its lines of the table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

from measuring import Bench, Measure
from plays import Play, named, peak, seconds, whole
from results import Goal, Line, Sample, both_ways
from simulated import CLEAN_UP, LARGE, ONE_SERVICE, OWN

OURS = "Ours"
LIMIT = "the simulator's limit, an asynchronous client"
IDEAL = "requests x latency / concurrency"
LATENCY, CONCURRENCY = 20, 8
MEMORY_MB = 150
JOBS_OF_EACH, PAGE = 1000, 100
WAITED_FOR, JOBS_BESIDE = 500, 1500


def many_tasks(bench: Bench) -> list[Line]:
    """Many tasks with one log-in, each of which reads one status."""
    count = bench.plan.tasks
    measures = bench.both_ways("many_tasks", count=count, log_in_once=True)
    each_logs_in = bench.play("many_tasks", count=count, log_in_once=False, gisops_arcgis_direct=True)
    log_ins = [partial(_log_ins, bench, play) for play in (measures[0], each_logs_in)]
    direct, module, once, each = bench.in_turn(OWN, 0, [*measures, *log_ins])
    above = [Sample([_above_debug(play, count) for play in plays]) for plays in (direct, module)]
    what = f"a task of {count}, above `debug`, 0 ms"
    return [
        *both_ways("tasks", what, above, goal=Goal(0.05)),
        Line("tasks", f"{what}: direct", above[0], "as a module", above[1], Goal(1 / 8)),
        Line(
            "tasks",
            f"{count} tasks after `token`",
            Sample(once, "log-ins"),
            "without",
            Sample(each, "log-ins"),
            Goal(1 / count),
        ),
    ]


def _above_debug(play: Play, count: int) -> float:
    ours, debug = (sum(task.seconds for task in named(play, name)) for name in (OURS, "Debug"))
    return (ours - debug) / count


def _log_ins(bench: Bench, play: Measure) -> int:
    """Run a play and return the log-ins that the site saw."""
    play()
    return sum(entry["operation"] == "generateToken" for entry in bench.site.log())


def one_status(bench: Bench) -> list[Line]:
    """The status of one job, with log-in, when the play has used the modules before."""
    lines = []
    for latency in (0, LATENCY):
        (plays,) = bench.in_turn(OWN, latency, [bench.play("status")])
        ours = [seconds(plays, name, nth=1) for name in ("Directly", "As a module")]
        pair = seconds(plays, "Log in with uri", "Read with uri", nth=1)
        lines += both_ways("status", f"log-in and one status, {latency} ms", ours, "two `uri` tasks", pair, Goal(0.15))
    return lines


def whole_play(bench: Bench) -> list[Line]:
    """The same as a play of its own, from start to end."""
    *ours, with_uri = bench.in_turn(OWN, 0, [*bench.both_ways("one_task"), bench.play("one_status_uri")])
    what = "a play that reads one status, 0 ms"
    return both_ways("play", what, map(whole, ours), "a play of two `uri` tasks", whole(with_uri), Goal(0.8))


def in_a_loop(bench: Bench) -> list[Line]:
    """Finished jobs deleted in a loop of tasks, one job an item."""
    plan = bench.plan
    sizes = (plan.items, plan.items_module)
    loops = [
        bench.play("delete_loop", job_ids=_job_ids(size), gisops_arcgis_direct=direct)
        for size, direct in zip(sizes, (True, False))
    ]
    *ours, with_uri = bench.in_turn(OWN, 0, [*loops, bench.play("delete_uri", job_ids=_job_ids(plan.items_uri))])
    by_item = [seconds(plays, OURS).per(size, "ms an item") for plays, size in zip(ours, sizes)]
    what = f"a loop over {sizes[0]} jobs (module: {sizes[1]}), 0 ms"
    return both_ways("loop", what, by_item, *_of_uri(with_uri, plan.items_uri), Goal(0.1))


def deletions(bench: Bench) -> list[Line]:
    """Finished jobs deleted in one task."""
    return _deletions(bench, LATENCY, 150) + _deletions(bench, 0, 400)


def _deletions(bench: Bench, latency: int, times_faster: int) -> list[Line]:
    count, items = bench.plan.deletions, bench.plan.items_uri
    writes = [("POST", f"{bench.site.jobs_of('Bench/Delete')}/{job_id}/delete") for job_id in _job_ids(count)]
    measures = bench.both_ways("delete", job_ids=_job_ids(count), concurrency=CONCURRENCY)
    measures += [bench.play("delete_uri", job_ids=_job_ids(items)), bench.limit(writes, CONCURRENCY)]
    *ours, with_uri, limit = bench.in_turn(OWN, latency, measures)
    what = f"delete {count} jobs, {latency} ms, {CONCURRENCY} at once"
    tasks = [seconds(plays, OURS) for plays in ours]
    by_job = [sample.per(count, "ms a job") for sample in tasks]
    lines = both_ways("delete", what, by_job, *_of_uri(with_uri, items), Goal(times_faster, is_least=True))
    if latency:
        return _against_ideal("delete", what, tasks, count, Goal(1.25), Sample(limit)) + lines
    return [*lines, Line("delete", f"{what}: direct", tasks[0], LIMIT, Sample(limit))]


def _job_ids(count: int) -> list[str]:
    return [f"jd{number:04d}" for number in range(1, count + 1)]


def _of_uri(plays: Sequence[Play], items: int) -> tuple[str, Sample]:
    """Return what a loop is called that deletes with uri, and what it takes by the item."""
    return f"a `uri` loop over {items}", seconds(plays, "Delete with uri").per(items, "ms an item")


def _against_ideal(
    row: str, what: str, ours: Sequence[Sample], requests: int, goal: Goal, limit: Sample | None = None
) -> list[Line]:
    """Return the lines against what the latency alone costs, of ours and of the simulator's limit."""
    ideal = Sample([requests * LATENCY / 1000 / CONCURRENCY])
    lines = both_ways(row, what, ours, IDEAL, ideal, goal)
    return lines + ([Line(row, f"{what}: {LIMIT}", limit, IDEAL, ideal)] if limit else [])


def clean_up(bench: Bench) -> list[Line]:
    """The clean-up role on many jobs of many services, and on a thousand."""
    bench.site.begin(CLEAN_UP, 0)
    services = list(bench.site.services().items())
    many, few = (dict(services[:number]) for number in (bench.plan.cleaned_services, 10))
    count, count_few = (sum(jobs.values()) for jobs in (many, few))
    measures = bench.both_ways("clean_up", services=list(many), count=count)
    plays = bench.in_turn(CLEAN_UP, LATENCY, measures, bench.plan.long_runs)
    of_few = bench.in_turn(CLEAN_UP, 0, bench.both_ways("clean_up", services=list(few), count=count_few))
    what = f"the clean-up role on {count} jobs of {len(many)} services, {LATENCY} ms, {CONCURRENCY} at once"
    deleting = [seconds(each, "Delete the finished jobs") for each in plays]
    small = f"the clean-up role on {count_few} jobs, 0 ms, the whole play"
    return [
        *_against_ideal("clean-up", f"{what}, the whole play", list(map(whole, plays)), count, Goal(1.3)),
        *_against_ideal("clean-up", f"{what}, its task that deletes", deleting, count, Goal(1.3)),
        *both_ways("clean-up", f"{what}, peak memory", map(peak, plays), goal=Goal(MEMORY_MB)),
        *both_ways("clean-up", small, map(whole, of_few), goal=Goal(3)),
    ]


def count_jobs(bench: Bench) -> list[Line]:
    """The jobs of a large site counted, and those of a large service."""
    many = _count(bench, LARGE, 1000, Goal(1.5), bench.plan.runs)
    return many + _count(bench, ONE_SERVICE, 100, Goal(1.2), bench.plan.long_runs)


def _count(bench: Bench, scenario: str, page_size: int, goal: Goal, runs: int) -> list[Line]:
    bench.site.begin(scenario, 0)
    services = bench.site.services()
    count = sum(services.values())
    pages = [
        ("GET", f"{bench.site.jobs_of(service)}/query?number={page_size}&start={start}")
        for service, jobs in services.items()
        for start in range(1, jobs + 1, page_size)
    ]
    options = {"count": count, "summary_only": True, "page_size": page_size, "concurrency": CONCURRENCY}
    measures = [*bench.both_ways("query", **options), bench.limit(pages, CONCURRENCY)]
    *ours, limit = bench.in_turn(scenario, LATENCY, measures, runs)
    what = f"count {count} jobs, services: {len(services)}, {len(pages)} pages, {LATENCY} ms, {CONCURRENCY} at once"
    return _against_ideal("count", what, [seconds(plays, OURS) for plays in ours], len(pages), goal, Sample(limit))


def esri(bench: Bench) -> list[Line]:
    """The same work with Esri's Python package, whose import is not counted."""
    if bench.esri is None:
        return [Line("esri", "skipped: Esri's package `arcgis` could not be installed")]
    job_ids = _job_ids(bench.plan.deletions_esri)
    measures = [*bench.both_ways("esri", job_ids=job_ids), bench.with_esri(bench.esri, job_ids)]
    lines = []
    for latency in (0, LATENCY):
        *ours, scripts = bench.in_turn(OWN, latency, measures)
        for name, what, wanted in (
            ("Status", "log-in and one status", 0.25),
            ("Ids", "the ids of 1000 jobs", 0.5),
            ("Delete", f"{len(job_ids)} deletions, which Esri's package sends to `cancel`", 0.5),
        ):
            theirs = Sample([script[name] for script in scripts])
            samples = [seconds(plays, name) for plays in ours]
            lines += both_ways("esri", f"{what}, {latency} ms", samples, "`arcgis` 2.4.4", theirs, Goal(wanted))
    return lines


def growth(bench: Bench) -> list[Line]:
    """How time and memory grow with the jobs and with the requests at once: the picture."""
    bench.site.begin(LARGE, 0)
    services = list(bench.site.services())
    points = [(listed, at_once, True) for at_once in (1, 8, 64) for listed in bench.plan.listed_services]
    points += [(listed, 8, False) for listed in bench.plan.listed_services]
    measures = [
        bench.play(
            "query",
            services=services[:listed],
            count=listed * JOBS_OF_EACH,
            summary_only=False,
            page_size=PAGE,
            concurrency=at_once,
            gisops_arcgis_direct=direct,
        )
        for listed, at_once, direct in points
    ]
    one_status = bench.play("one_task", gisops_arcgis_direct=True)
    plays = bench.in_turn(LARGE, LATENCY, measures, bench.plan.long_runs)
    (least,) = bench.in_turn(OWN, LATENCY, [one_status], bench.plan.long_runs)
    lines = []
    for (listed, at_once, direct), found in zip(points, plays):
        jobs, way = listed * JOBS_OF_EACH, "direct" if direct else "as a module"
        facts = {"jobs": jobs, "at_once": at_once, "way": way}
        what = f"list {jobs} jobs, pages of {PAGE}, {LATENCY} ms, {at_once} at once: {way}"
        pages = jobs / PAGE
        ideal = Sample([pages * LATENCY / 1000 / min(at_once, pages)])
        lines += [
            Line("growth", what, seconds(found, OURS), IDEAL, ideal, facts=facts),
            Line(
                "growth", f"{what}, peak memory", peak(found), "a play that reads one status", peak(least), facts=facts
            ),
        ]
    return lines


def wait_for_many(bench: Bench) -> list[Line]:
    """The requests of a task that waits for many jobs of one service; each round begins with the first page."""
    play = bench.play("wait", job_ids=[f"jw{number:04d}" for number in range(1, WAITED_FOR + 1)])
    (runs,) = bench.in_turn(OWN, 0, [partial(_queries, bench, play)], bench.plan.long_runs)
    rounds = [len(queries) / sum("start" not in query for query in queries) for queries in runs]
    pages = Sample([math.ceil((WAITED_FOR + JOBS_BESIDE) / 1000)], "pages")
    what = f"wait for {WAITED_FOR} of {WAITED_FOR + JOBS_BESIDE} jobs, each round"
    return [Line("wait", what, Sample(rounds, "requests"), "pages of the service", pages, Goal(1))]


def _queries(bench: Bench, play: Measure) -> list[dict[str, str]]:
    """Run a play and return the parameters of the queries that arrived."""
    play()
    return [entry["query"] for entry in bench.site.log() if entry["operation"] == "query"]


ROWS: dict[str, Callable[[Bench], list[Line]]] = {
    "tasks": many_tasks,
    "status": one_status,
    "play": whole_play,
    "loop": in_a_loop,
    "delete": deletions,
    "clean-up": clean_up,
    "count": count_jobs,
    "esri": esri,
    "wait": wait_for_many,
    "growth": growth,
}
