# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two sides of the fault matrix: what can go wrong with a request, and the tasks that meet it."""

from __future__ import annotations

from typing import Any, NamedTuple

RETRIES = 2
SMALL_LIMIT = 1024 * 1024

BUFFER = "Maps/Buffer"
GP_JOB = "jb0ffe20000000000000000executing1"
NOTEBOOK_JOB = "j00000006-0b00-4000-8000-000000000006"
KUBERNETES_JOB = "j00000004-0c8b-4000-8000-000000000004"
VIDEO_JOB = "j00000001-51de-4000-8000-000000000001"


class Fault(NamedTuple):
    """A fault that strikes for ever, and what a reading request makes of it.

    rule holds the fields for the simulator. code is that of the catalogue, None where the request succeeds all the
    same. said is a pattern for what the message says came back. passes tells that it is retried, and sent how many
    requests each try sends. done tells whether a write was carried out, where that is the fault's nature; None means
    that the fault comes in both ways. lost tells that afterwards nobody knows whether a write was carried out.
    """

    rule: dict[str, Any]
    code: str | None
    said: str = ""
    passes: bool = False
    lost: bool = False
    done: bool | None = None
    sent: int = 1


def _passing(error: str, said: str, done: bool | None, **rule: Any) -> Fault:
    """Return a fault that may be over at the next try."""
    return Fault(rule, error, said, passes=True, lost=True, done=done)


def _garbled(error: str, said: str, done: bool | None = None, **rule: Any) -> Fault:
    """Return a fault after which a try is as good as the last one, and that hides what became of a write."""
    return Fault(rule, error, said, lost=True, done=done)


def _refusal(error: str, said: str, **rule: Any) -> Fault:
    """Return a fault that is a clear no."""
    return Fault(rule, error, said, done=False)


_BROKEN = r"the connection failed: .*(reset|aborted|closed|without response)"
_CUT = "the connection broke in the middle of the answer"
_NO_JSON = "the answer is empty or not complete JSON"
_NO_OBJECT = "the answer is not a JSON object"
_PAGE = "the site answered with a web page in place of JSON"
_TOO_LARGE = "the answer is larger than 1 MB"

FAULTS: dict[str, Fault] = {
    "refuse": _passing("unreachable", _BROKEN, False, kind="refuse"),
    "reset_before": _passing("unreachable", _BROKEN, False, kind="reset_before"),
    "reset_during": _passing("cut_short", _CUT, True, kind="reset_during"),
    "reset_after": _passing("unreachable", _BROKEN, True, kind="reset_after"),
    "answer_lost": _passing("unreachable", _BROKEN, True, kind="answer_lost"),
    **{
        f"framing_{how}": _passing(code, said, True, kind="broken_framing", how=how)
        for how, (code, said) in {
            "two_lengths": ("cut_short", "the answer could not be read: InvalidHeader"),
            "negative_chunk": ("cut_short", "the answer could not be read|the connection broke in the middle"),
            "no_chunk_size": ("cut_short", "the answer could not be read|the connection broke in the middle"),
            "no_status": ("unreachable", "the connection failed"),
            "many_headers": ("unreachable", "the connection failed"),
            "long_header": ("unreachable", "the connection failed"),
            "no_gzip": ("cut_short", "the connection broke in the middle of the answer"),
        }.items()
    },
    "truncated": _passing("cut_short", _CUT, True, kind="truncated"),
    "truncated_unseen": _passing("cut_short", _NO_JSON, True, kind="truncated", announced=False),
    "empty_body": _passing("cut_short", _NO_JSON, None, kind="empty_body"),
    "non_json": _garbled("unexpected_shape", 'the answer is no JSON, "All is well."', kind="non_json"),
    **{
        f"http_{status}": _passing("busy", f"answered with HTTP {status}", None, kind="http_status", status=status)
        for status in (429, 500, 502, 503, 504)
    },
    "busy_site": _passing("busy", 'code 503, "Starting"', False, kind="site_error", code=503, message="Starting."),
    "sign_in_page": _garbled("html_answer", _PAGE, kind="sign_in_page"),
    "page_403": _garbled("html_answer", "HTTP 403 and no JSON", kind="sign_in_page", status=403),
    **{
        f"foreign_404_{name}": _garbled("html_answer", "404", kind="wrong_shape", status=404, body=body)
        for name, body in {"empty": {}, "route": {"message": "no Route matched with those values"}}.items()
    },
    **{
        f"wrong_shape_{name}": _garbled("unexpected_shape", _NO_OBJECT, kind="wrong_shape", body=body)
        for name, body in {"list": [], "null": None}.items()
    },
    "wrong_shape_object": _garbled(
        "unexpected_shape", "the answer (holds no|says neither)", kind="wrong_shape", body={}
    ),
    "wrong_types": _garbled("unexpected_shape", "the answer (holds no|says neither)", True, kind="wrong_types"),
    "huge_body": _garbled("body_too_large", _TOO_LARGE, kind="huge_body", size=2 * SMALL_LIMIT),
    "huge_body_unannounced": _garbled(
        "body_too_large", _TOO_LARGE, kind="huge_body", size=2 * SMALL_LIMIT, announced=False
    ),
    "huge_body_compressed": _garbled(
        "body_too_large", _TOO_LARGE, kind="huge_body", size=2 * SMALL_LIMIT, compressed=True
    ),
    "redirect_elsewhere": _garbled(
        "redirected", "redirected the request to https://", kind="redirect", to="other_origin"
    ),
    "redirect_loop": Fault({"kind": "redirect"}, "redirected", "redirected the request", lost=True, sent=4),
    "web_tier": _refusal("web_tier_login", "HTTP 401", kind="sign_in_page", status=401),
    "proxy_login": _refusal("web_tier_login", "HTTP 407", kind="sign_in_page", status=407),
    "site_error": _refusal("site_error", 'code 500, "Disk full"', kind="site_error", message="Disk full."),
    "no_privilege": _refusal("no_privilege", "code 403", kind="site_error", code=403, message="No."),
    "token_required": _refusal("token_required", "code 499", kind="site_error", code=499, message="Token required."),
    "latency": Fault({"kind": "latency", "seconds": 0.01}, None),
    "content_type": Fault({"kind": "content_type", "value": "image/png"}, None),
    **{
        f"charset_{name}": Fault({"kind": "charset", "name": name}, None)
        for name in ("ISO-8859-1", "UTF-16", "windows-1252", "utf-8-sig")
    },
    "raw_characters": Fault({"kind": "raw_characters"}, None),
    "clock_skew": Fault({"kind": "clock_skew", "seconds": -86400}, None),
}
PASSING = [name for name, fault in FAULTS.items() if fault.passes]
HARMFUL = {name: fault for name, fault in FAULTS.items() if fault.code}


class Task(NamedTuple):
    """A task: how it is run, and the operation that it reads first, with how a message names it.

    A writing one also has its write, how that is named, and what it ends in when the write met a passing fault and did
    not come through: the code, or None for that of the fault, and a pattern for what was then seen. repeats tells that
    it sends the write again in that case. refused is the code where the site says no to the write.
    """

    module: str
    context: str
    options: dict[str, Any]
    read: str
    reads: str
    write: str = ""
    writes: str = ""
    nothing_done: str | None = None
    seen: str = ""
    repeats: bool = False
    refused: str = "site_error"


_ONE_JOB = {"service": BUFFER, "job_ids": [GP_JOB]}
_READ_GP_JOB = f"read job {GP_JOB} of the service {BUFFER}"
_READ_NOTEBOOK_JOB = f"read job {NOTEBOOK_JOB} of the Notebook Server"
_QUERY = f"query the jobs of the service {BUFFER}"

TASKS: dict[str, Task] = {
    "gp_job-absent": Task(
        "gp_job", "server", {**_ONE_JOB, "state": "absent"}, "job", _READ_GP_JOB,
        "delete", f"delete job {GP_JOB}", "delete_unconfirmed", "the job is still executing",
        repeats=True, refused="delete_refused",
    ),
    "gp_job-cancelled": Task(
        "gp_job", "server", {**_ONE_JOB, "state": "cancelled"}, "job", _READ_GP_JOB,
        "cancel", f"cancel job {GP_JOB}", repeats=True, refused="cancel_refused",
    ),
    "gp_job_info": Task("gp_job_info", "server", _ONE_JOB, "job", _READ_GP_JOB),
    "gp_job_query": Task("gp_job_query", "server", {"services": [BUFFER]}, "query", _QUERY),
    "gp_jobs_directory": Task(
        "gp_jobs_directory", "server", {"max_age_minutes": 99, "allow_restart": True}, "directory",
        "read the jobs directory", "directory edit", "edit the jobs directory", "edit_unconfirmed",
        "does not show the new maxFileAge",
    ),
    "gp_queue": Task(
        "gp_queue", "server", {"services": [BUFFER], "state": "empty"}, "query", _QUERY,
        "purgeQueue", f"purge the queue of the service {BUFFER}",
    ),
    "gp_services_info": Task("gp_services_info", "server", {}, "services", "list the services of the site"),
    "notebook_job-kubernetes": Task(
        "notebook_job", "kubernetes", {"state": "cancelled", "job_ids": [KUBERNETES_JOB], "platform": "kubernetes"},
        "job", f"read notebook job {KUBERNETES_JOB}", "cancel", f"cancel notebook job {KUBERNETES_JOB}",
        repeats=True, refused="cancel_refused",
    ),
    "notebook_jobs_info-kubernetes": Task(
        "notebook_jobs_info", "kubernetes", {"platform": "kubernetes"}, "notebook jobs",
        "list the notebook jobs of the site",
    ),
    "notebook_job": Task(
        "notebook_job", "notebook", {"state": "cancelled", "job_ids": [NOTEBOOK_JOB]}, "job", _READ_NOTEBOOK_JOB,
        "cancel", f"cancel job {NOTEBOOK_JOB}", repeats=True, refused="cancel_refused",
    ),
    "notebook_jobs": Task(
        "notebook_jobs", "notebook", {"state": "absent", "scope": "all_finished"}, "system/jobs",
        "list the jobs of the Notebook Server", "deleteAll", "delete the finished jobs of the Notebook Server",
        "some_jobs_failed",
        r"The first failure: Could not delete job .*: the deletion was sent, but the job is still (succeeded|failed)",
    ),
    "notebook_jobs_info": Task(
        "notebook_jobs_info", "notebook", {}, "system/jobs", "list the jobs of the Notebook Server"
    ),
    "site_info": Task("site_info", "server", {}, "services", "list the services of the site"),
    "token": Task("token", "server", {}, "generateToken", "log in"),
    "video_job_info": Task(
        "video_job_info", "video", {"job_ids": [VIDEO_JOB]}, "job", f"read job {VIDEO_JOB} of the Video Server"
    ),
}  # fmt: skip
WRITING = {name: task for name, task in TASKS.items() if task.write}
WITH_TOKEN = {name: task for name, task in TASKS.items() if task.module != "token"}
