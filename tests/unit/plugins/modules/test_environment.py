# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options from the environment: which variable counts, and that a blank one does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible.module_utils.basic import AnsibleFallbackNotFound

from ansible_collections.gisops.arcgis.plugins.module_utils._module import from_environment
from ansible_collections.gisops.arcgis.tests.unit.doubles import BUFFER, STUCK, VIDEO
from arcgis_simulator import Simulator

BLANK = [
    "ARCGIS_URL", "ARCGIS_SERVER_URL", "ARCGIS_NOTEBOOK_URL", "ARCGIS_VIDEO_URL", "ARCGIS_PORTAL_URL",
    "ARCGIS_TOKEN_SOURCE", "ARCGIS_TOKEN", "ARCGIS_API_KEY", "ARCGIS_REFERER", "ARCGIS_TOKEN_LOCATION",
    "ARCGIS_VALIDATE_CERTS",
]  # fmt: skip


@pytest.fixture
def from_outside(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set what a site needs in the environment alone."""

    def set_variables(**more: str) -> None:
        account = sim.accounts["gis_admin"]
        variables = {
            "ARCGIS_USERNAME": account.username,
            "ARCGIS_PASSWORD": account.password,
            "ARCGIS_CA_PATH": sim.ca_path,
            **more,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_variables


@pytest.mark.parametrize(
    "values, found",
    [
        (("a",), "a"),
        (("a", "b"), "a"),
        (("", "b"), "b"),
        (("  ", "b"), "b"),
        ((None, "b"), "b"),
        (("0",), "0"),
        (("a ",), "a "),
    ],
)
def test_the_first_variable_that_says_something_counts(
    monkeypatch: pytest.MonkeyPatch, values: tuple, found: str
) -> None:
    names = [f"ARCGIS_TEST_{number}" for number in range(len(values))]
    for name, value in zip(names, values):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert from_environment(*names) == found


@pytest.mark.parametrize("value", [None, "", " ", "\t\n"])
def test_a_blank_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is not None:
        monkeypatch.setenv("ARCGIS_TEST", value)
    with pytest.raises(AnsibleFallbackNotFound):
        from_environment("ARCGIS_TEST")


@pytest.mark.parametrize(
    "name, variable, context, options",
    [
        ("gp_job_query", "ARCGIS_SERVER_URL", "server", {"services": ["Elevation"]}),
        ("gp_job_query", "ARCGIS_URL", "server", {"services": ["Elevation"]}),
        ("gp_job_info", "ARCGIS_SERVER_URL", "server", {"service": BUFFER, "job_ids": [STUCK]}),
        ("gp_job", "ARCGIS_SERVER_URL", "server", {"service": BUFFER, "job_ids": [STUCK], "state": "cancelled"}),
        ("notebook_jobs_info", "ARCGIS_NOTEBOOK_URL", "notebook", {}),
        ("notebook_jobs_info", "ARCGIS_URL", "notebook", {}),
        ("video_job_info", "ARCGIS_VIDEO_URL", "video", {"job_ids": [VIDEO.format(1)]}),
        ("video_job_info", "ARCGIS_URL", "video", {"job_ids": [VIDEO.format(1)]}),
        ("token", "ARCGIS_SERVER_URL", "server", {}),
        ("token", "ARCGIS_NOTEBOOK_URL", "notebook", {}),
        ("token", "ARCGIS_VIDEO_URL", "video", {}),
        ("token", "ARCGIS_URL", "server", {}),
        ("token", "ARCGIS_PORTAL_URL", "portal", {}),
    ],
)
def test_a_module_runs_on_the_environment_alone(
    run: Callable, sim: Simulator, from_outside: Callable, name: str, variable: str, context: str, options: dict
) -> None:
    # Every other variable is there and blank, as an unfilled credential form leaves it.
    from_outside(**{**dict.fromkeys(BLANK, ""), variable: sim.url(context)})
    result = run(name, user=None, without=("url", "ca_path"), **options)
    assert "failed" not in result, result


@pytest.mark.parametrize(
    "name, own",
    [
        ("gp_job_query", "ARCGIS_SERVER_URL"),
        ("notebook_jobs_info", "ARCGIS_NOTEBOOK_URL"),
        ("video_job_info", "ARCGIS_VIDEO_URL"),
    ],
)
def test_the_variable_of_the_product_comes_first(run: Callable, from_outside: Callable, name: str, own: str) -> None:
    from_outside(**{own: "https://own.example.com/x?", "ARCGIS_URL": "https://other.example.com/x"})
    options = {"gp_job_query": {"all_services": True}, "video_job_info": {"job_ids": ["j1"]}}.get(name, {})
    assert run(name, user=None, without=("url",), **options)["msg"].startswith("The option url holds a query")


def test_a_url_of_another_product_is_not_taken(run: Callable, sim: Simulator, from_outside: Callable) -> None:
    from_outside(ARCGIS_NOTEBOOK_URL=sim.url("notebook"), ARCGIS_VIDEO_URL=sim.url("video"))
    assert (
        "missing required arguments: url" in run("gp_job_query", user=None, without=("url",), all_services=True)["msg"]
    )


def test_nothing_is_set(run: Callable) -> None:
    result = run("gp_job_query", user=None, services=["Elevation"])
    assert result["msg"].startswith(
        "one of the following is required: token, username. Set username and password, or token; or ARCGIS_USERNAME "
    )
    assert "the environment in which the module runs, which is that of the managed host" in result["msg"]


def test_no_url_is_set(run: Callable) -> None:
    result = run("gp_job_query", services=["Elevation"], without=["url"])
    assert result["msg"].startswith("missing required arguments: url. Set the option url, or ARCGIS_SERVER_URL (")


def test_what_the_task_says_counts_more(run: Callable, sim: Simulator, from_outside: Callable) -> None:
    from_outside(
        ARCGIS_USERNAME="nobody", ARCGIS_PASSWORD="wrong", ARCGIS_REFERER="outside", ARCGIS_CA_PATH="/no/such/file"
    )
    assert run("gp_job_query", services=["Elevation"], referer="inside")["total"] == 4
    assert {request["referer"] for request in sim.requests()} == {"inside"}


def test_the_other_options_of_the_environment(run: Callable, sim: Simulator, from_outside: Callable) -> None:
    token = run("token", referer="outside")["token"]
    sim.clear_requests()
    from_outside(
        ARCGIS_TOKEN=token,
        ARCGIS_REFERER="outside",
        ARCGIS_TOKEN_LOCATION="body",
        ARCGIS_VALIDATE_CERTS="no",
        ARCGIS_CA_PATH="",
    )
    assert run("gp_job_query", user=None, without=("ca_path",), services=["Elevation"])["total"] == 4
    assert [(request["operation"], request["token_in"], request["referer"]) for request in sim.requests()] == [
        ("query", "body", "outside")
    ]


def test_the_token_source_of_the_environment(run: Callable, from_outside: Callable) -> None:
    from_outside(ARCGIS_TOKEN_SOURCE="site")
    assert run("token", user="siteadmin")["source"] == "site"
    from_outside(ARCGIS_TOKEN_SOURCE="elsewhere")
    assert "value of token_source must be one of: auto, portal, site, got: elsewhere" in run("token")["msg"]
