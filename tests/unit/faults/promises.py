# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold after every run, whatever the site and the network did: each promise is a function of its own."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import CATALOGUE
from ansible_collections.gisops.arcgis.tests.unit.faults.model import ABSENT, FINISHED, QUEUED, Run, Visit

# These faults change what a reading task finds.
DISTORTING = ("stale", "clock_skew", "wrong_unit", "filters_ignored", "wrong_types")


def may_touch(run: Run, job_id: str) -> bool:
    """Say whether the task may have changed a job that was there before."""
    status = run.before[job_id]
    if run.task.module == "notebook_jobs":
        return status in FINISHED or run.is_stirred(job_id)
    if run.task.module == "gp_queue":
        return job_id in run.task.jobs and (status in QUEUED or run.is_stirred(job_id))
    return job_id in run.task.jobs


def only_selected_jobs_were_touched(run: Run) -> None:
    """No write names, and no write changed, a job outside the selection."""
    for visit in run.writes:
        call = visit.call
        assert all(may_touch(run, job_id) for job_id in visit.touched if job_id in run.before)
        assert call.job is None or (call.job in run.task.jobs and visit.touched <= {call.job})
        assert call.service is None or call.service.removesuffix(".GPServer") in run.task.jobs.values()
        assert call.job is None or visit.concerns(call.job, run.task.jobs[call.job])


def jobs_that_nobody_selected_are_as_before(run: Run) -> None:
    """A job outside the selection, left alone by others too, is unchanged; cancelling ones may have ended."""
    for job_id, status in run.before.items():
        if not may_touch(run, job_id) and not run.is_stirred(job_id) and status not in ("cancelling", "deleting"):
            assert run.after.get(job_id) == status


def only_statuses_held_when_last_seen(run: Run) -> None:
    """Each write follows a look at its job that showed one of only_statuses."""
    wanted = run.task.options.get("only_statuses")
    seen: dict[str | None, list[str]] = {}
    for visit in run.visits if wanted is not None else ():
        if visit.call.operation == "job":
            earlier = [] if visit.answer_arrived else seen.get(visit.call.job, [])
            seen[visit.call.job] = earlier + (list(visit.shown.values()) if visit.answer_may_have_arrived else [])
        if visit.is_write:
            assert set(seen.get(visit.call.job, [])) & set(wanted)


def no_more_than_max_jobs_were_written_to(run: Run) -> None:
    """The number of jobs that writes name is within max_jobs."""
    most = run.task.options.get("max_jobs")
    if most is not None and run.task.module in ("gp_job", "notebook_job"):
        assert len({visit.call.job for visit in run.writes}) <= most


def nothing_was_written_in_vain(run: Run) -> None:
    """In check mode, and by a task that only reads, no write reached the site."""
    if run.task.check or run.task.module == "gp_job_query":
        assert not run.writes


def own_doing(run: Run, job_id: str, service: str | None) -> bool | None:
    """Say whether the task changed a job; None where the answer to a write was lost, so that it cannot know."""
    writes = [visit for visit in run.writes if visit.concerns(job_id, service)]
    if any(visit.accepted and visit.answer_arrived and _has_effect(visit, job_id) for visit in writes):
        return True
    return False if all(visit.answer_arrived for visit in writes) else None


def _has_effect(visit: Visit, job_id: str) -> bool:
    return visit.call.job == job_id or job_id in visit.touched


def effect_was_seen(run: Run, job_id: str, service: str | None, surely: bool = False) -> bool:
    """Say whether a look at a job, after a write whose answer was lost, showed what the write would bring about.

    It may have, where the answer to the look was changed in part; surely leaves such looks out.
    """
    numbers = [
        number
        for number, visit in enumerate(run.visits)
        if visit.is_write and not visit.answer_arrived and visit.concerns(job_id, service)
    ]
    looks = run.visits[numbers[0] :] if numbers else []
    looks = [visit for visit in looks if visit.answer_arrived or (visit.answer_may_have_arrived and not surely)]
    return any(_shows(visit, job_id, run.task.goal) for visit in looks)


def _shows(visit: Visit, job_id: str, goal: tuple[str, ...]) -> bool:
    shown = visit.shown.get(job_id)
    if shown is None and visit.call.operation in ("query", "system/jobs") and visit.call.job is None:
        shown = ABSENT
    return shown in goal


def changed_is_true_of_each_job(run: Run) -> None:
    """A job counts as changed where the task's own request changed it.

    After a lost answer it counts as changed where the next look shows what the write would have brought about.
    """
    if run.task.check or run.task.module == "gp_job_query":
        return
    # A task on all jobs of a kind goes by what it saw before and after, whoever did it in between.
    goes_by_looks = run.task.module in ("gp_queue", "notebook_jobs")
    for item in run.items:
        job_id, service = item["job_id"], item.get("service")
        own = own_doing(run, job_id, service)
        refused = any("site_error" in visit.faults and visit.call.job in (None, job_id) for visit in run.writes)
        explained = item["error"] is not None or run.is_stirred(job_id) or refused
        if own:
            assert item["changed"] or (goes_by_looks and run.is_stirred(job_id))
        elif item["changed"] and not (goes_by_looks and (run.is_stirred(job_id) or run.struck("stale"))):
            accepted = any(visit.accepted and _has_effect(visit, job_id) for visit in run.writes)
            assert own is None
            assert accepted or effect_was_seen(run, job_id, service)
        elif own is None and not item["changed"] and not explained:
            assert not effect_was_seen(run, job_id, service, surely=True)


def changed_is_true_of_the_task(run: Run) -> None:
    """A task has changed something where one of its jobs was changed."""
    changed, writes = run.result["changed"], run.writes
    if run.task.module == "gp_job_query":
        assert not changed
    elif not run.failed and not run.task.options.get("summary_only"):
        assert changed == any(item["changed"] for item in run.items)
    elif run.task.check:
        return
    elif any(visit.accepted and visit.answer_arrived and visit.touched for visit in writes):
        assert changed
    elif all(visit.answer_arrived for visit in writes) and not any(visit.accepted for visit in writes):
        assert not changed or None in run.stirred


def a_job_that_left_its_queue_by_itself_was_not_changed(run: Run) -> None:
    """A job that began to execute before the purge, or came to its own end, does not count as purged."""
    for item in run.items if run.task.module == "gp_queue" else ():
        if item["status"] in ("executing", "succeeded", "failed", "timed_out"):
            assert not item["changed"]
            assert item["outcome"] in ("left_queue", "failed")


def what_is_reported_gone_is_gone(run: Run) -> None:
    """A job whose deletion is reported, or that is shown as absent, is not on the site."""
    if run.task.check or run.struck("wrong_types"):
        return
    gone = [item["job_id"] for item in run.items if item["outcome"] == "deleted"] if run.task.state else []
    gone += [job_id for job_id, status in run.result.get("diff", {}).get("after", {}).items() if status == ABSENT]
    assert not set(gone) & run.after.keys()


def reported_cancels_reached_the_site(run: Run) -> None:
    """A cancel that counts as a change was accepted by the site, or its effect was seen after a lost answer."""
    if run.task.check:
        return
    for item in run.items if run.task.module in ("gp_job", "notebook_job") else ():
        if item["outcome"] == "cancel_accepted" and item["changed"]:
            accepted = any(visit.accepted and visit.call.job == item["job_id"] for visit in run.writes)
            assert accepted or effect_was_seen(run, item["job_id"], item.get("service"))


def the_statuses_told_were_shown(run: Run) -> None:
    """What a task says of a job's status, the site has shown it."""
    if run.task.check or run.task.module == "gp_job_query" or run.struck("wrong_types"):
        return
    shown = {(job_id, status) for visit in run.visits for job_id, status in visit.shown.items()}
    for item in run.items:
        for status in {item["status_before"], item["status"]} - {None, ABSENT}:
            assert (item["job_id"], status) in shown


def a_wait_that_succeeds_has_seen_the_end(run: Run) -> None:
    """A task that waited and did not fail has seen every job of its selection arrive."""
    if not run.task.options.get("wait") or run.task.check or run.failed:
        return
    ends = (ABSENT,) if run.task.state == ABSENT else (ABSENT, *FINISHED)
    assert all(item["status"] in ends or item["outcome"] == "not_selected" for item in run.items)


def there_is_one_log_in_and_one_for_each_expiry(run: Run) -> None:
    """The task logs in once, and once more for each token that the site refused."""
    log_ins = [
        visit for visit in run.visits if visit.call.operation == "generateToken" and "redirect" not in visit.faults
    ]
    ends = len({visit.call.token for visit in run.visits if visit.call.error_code == 498})
    assert run.result["api"]["logins"] <= 1 + ends
    assert sum(visit.accepted and visit.answer_arrived for visit in log_ins) <= 1 + ends
    assert len(log_ins) <= 1 + ends


def no_secret_is_told(run: Run, secrets: set[str]) -> None:
    """Neither the output, nor what is left in temporary files, nor an error, nor an address tells one."""
    told = [run.printed, *(f"{entry['path']} {entry['query']}" for entry in run.log)]
    for error in run.errors:
        told += [repr(error), str(error)]
    text = "\n".join(told)
    assert not [secret for secret in secrets if secret in text]
    assert all(entry["token_in"] in ("none", "header", "body") for entry in run.log)


def failures_are_in_the_catalogue(run: Run) -> None:
    """A task fails with an entry of the catalogue, which is never a mistake of the collection itself."""
    found: list[dict[str, Any] | None] = [item.get("error") for item in run.items]
    if run.failed:
        found.append(run.result.get("error"))
        assert run.result.get("error"), json.dumps(run.result)
    for error in found:
        assert error is None or error["code"] in CATALOGUE.keys() - {"internal_error", "check_mode_write"}, error


def a_query_finds_what_is_there(run: Run) -> None:
    """A query invents nothing, keeps to its filters, and finds every job where nothing distorted the answers."""
    if run.task.module != "gp_job_query" or run.failed:
        return
    statuses = run.task.options.get("statuses")
    found = {job["job_id"]: job["status"] for job in run.items}
    assert found.keys() <= run.before.keys() & run.task.jobs.keys()
    assert statuses is None or set(found.values()) <= set(statuses)
    if run.stirred or run.struck(*DISTORTING):
        return
    steady = {job_id for job_id in run.task.jobs if run.before.get(job_id) == run.after.get(job_id)}
    expected = {
        job_id: status
        for job_id, status in run.before.items()
        if job_id in steady and (statuses is None or status in statuses)
    }
    assert {job_id: status for job_id, status in found.items() if job_id in steady} == expected


PROMISES = (
    only_selected_jobs_were_touched,
    jobs_that_nobody_selected_are_as_before,
    only_statuses_held_when_last_seen,
    no_more_than_max_jobs_were_written_to,
    nothing_was_written_in_vain,
    changed_is_true_of_each_job,
    changed_is_true_of_the_task,
    a_job_that_left_its_queue_by_itself_was_not_changed,
    what_is_reported_gone_is_gone,
    reported_cancels_reached_the_site,
    the_statuses_told_were_shown,
    a_wait_that_succeeds_has_seen_the_end,
    there_is_one_log_in_and_one_for_each_expiry,
    failures_are_in_the_catalogue,
    a_query_finds_what_is_there,
)
