# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches of each context and their defaults; the README says what each of them does."""

from __future__ import annotations

from typing import Any

_COMMON: dict[str, Any] = {
    "latency_ms": 0,
    "version": "11.3.0",
    "require_body_token": False,
    "wrong_method": "envelope",
    "token_default_minutes": 60,
    "token_max_minutes": 1440,
    "api_keys": "accept",
    "token_carriers": "both",
    "denied_code": 403,
    "unknown_answers": "envelope_404",
}
_SITE_LOGIN: dict[str, Any] = {"bad_credentials_code": 401}
_FEDERATED: dict[str, Any] = {
    "owning_system_url": None,
    "portal_token_clients": ["referer"],
    "rest_info_portal": "both",
}
_GP: dict[str, Any] = {
    "number": 10,
    "max_number": None,
    "capped_next_start": True,
    "result_order": "stable",
    "several_statuses": "first",
    "empty_start_time": "ignored",
    "window_tests": "submitted",
    "window_unit": "milliseconds",
    "record_unit": "milliseconds",
    "end_without_start": "error",
    "unfinished_end_time": "absent",
    "hidden_from_pages": [],
    "job_url": "admin",
    "cancel_seconds": 2,
}
_SERVER: dict[str, Any] = {
    **_COMMON,
    **_SITE_LOGIN,
    **_GP,
    "cancel_refuses": ["waiting", "new"],
    "delete_refuses": [],
    "delete_seconds": 0,
    "purge_cancels": ["new", "submitted", "waiting"],
    "max_file_age": 360,
}
_PORTAL: dict[str, Any] = {
    **_COMMON,
    "token_default_minutes": 120,
    "token_max_minutes": 20160,
    "deployment_type": "ArcGISEnterprise",
}

DEFAULTS: dict[str, dict[str, Any]] = {
    "portal": _PORTAL,
    "server": {**_SERVER, **_FEDERATED},
    "arcgis": _SERVER,
    "kubernetes": {
        **_PORTAL,
        **_GP,
        "version": "11.5.0",
        "deployment_type": "ArcGISEnterpriseOnKubernetes",
        "several_statuses": "all",
        "window_unit": "seconds",
        "end_without_start": "apply",
        "gp_operations": "none",
        "cancelled_status": "FAILED",
        "notebooks_num": None,
        "notebooks_fields": "full",
        "notebooks_key": "asyncNotebookJobs",
        "notebooks_can_cancel": True,
        "notebooks_keep_finished": True,
    },
    "notebook": {
        **_COMMON,
        **_SITE_LOGIN,
        **_FEDERATED,
        "num": 100,
        "get_writes": True,
        "post_writes": True,
        "record_unit": "milliseconds",
        "unfinished_end_time": "absent",
        "cancel_seconds": 2,
        "cancelled_status": "FAILED",
    },
    "video": {
        **_COMMON,
        **_SITE_LOGIN,
        **_FEDERATED,
        "version": "12.0.0",
        "token_max_minutes": 525600,
        "status_running": "In Progress",
        "status_completed": "Completed",
        "status_failed": "FAILED",
    },
}
_CHOICES = {
    "wrong_method": ("envelope", "html", "form"),
    "api_keys": ("accept", "denied", "garbage", "missing"),
    "token_carriers": ("both", "header", "body"),
    "denied_code": (403, 401, 400, 500),
    "unknown_answers": ("envelope_404", "envelope_400", "envelope_500", "http_404", "page"),
    "rest_info_portal": ("both", "tokens_only", "absent"),
    "capped_next_start": (True, False),
    "result_order": ("stable", "shuffled"),
    "several_statuses": ("first", "all", "last", "none", "error"),
    "empty_start_time": ("ignored", "matches_nothing", "error"),
    "window_unit": ("milliseconds", "seconds"),
    "record_unit": ("milliseconds", "seconds"),
    "gp_operations": ("none", "listed"),
    "notebooks_fields": ("full", "brief"),
    "post_writes": (True, False),
    "window_tests": ("submitted", "end"),
    "end_without_start": ("error", "ignore", "apply"),
    "unfinished_end_time": ("absent", "zero", "null"),
    "job_url": ("admin", "public"),
    "notebooks_key": ("asyncNotebookJobs", "notebookJobs"),
}


def changed_settings(context: str, current: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with the changes in place; an unknown name or choice is an error, not a wish."""
    for name, value in changes.items():
        if name not in DEFAULTS[context]:
            raise ValueError(f"{context} has no setting {name!r}; it has {', '.join(sorted(DEFAULTS[context]))}")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(map(str, _CHOICES[name]))}, not {value!r}")
    return {**current, **changes}
