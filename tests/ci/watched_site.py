# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has node_exporter and Prometheus read the metrics of the simulated site, and tries the examples on what they read.

Usage: watched_site.py DIRECTORY EXAMPLES NODE_EXPORTER. The simulator is up, DIRECTORY/simulator describes it, and
prometheus and promtool are on PATH.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]
from prometheus_client.parser import text_string_to_metric_families  # type: ignore[import-not-found, unused-ignore]

LIMIT = 30.0
# What fires on the demo: its stuck job, and the site that is down.
FIRING = {
    ("ArcGISJobStuck", "production", "Maps/Buffer"),
    ("ArcGISCollectionFailed", "down", ""),
}
# Not through a proxy that the machine may have.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def require(is_so: object, otherwise: str) -> None:
    """End with a sentence unless something is so."""
    if not is_so:
        raise SystemExit(f"Wrong: {otherwise}")


def wait_until(is_so: Callable[[], bool], otherwise: str) -> None:
    """Wait for something, and end with a sentence if it does not come."""
    deadline = time.monotonic() + LIMIT
    while not is_so():
        require(time.monotonic() < deadline, f"{otherwise}, after {LIMIT:.0f} seconds")
        time.sleep(0.2)


def run(*command: str, given: str = "", cwd: Path | None = None, may_fail: bool = False) -> str:
    """Run a command, and return what it prints."""
    done = subprocess.run(command, input=given, capture_output=True, text=True, cwd=cwd, check=False)
    output = done.stdout + done.stderr
    require(may_fail or done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{output}")
    return output


def read(url: str, **parameters: str) -> str:
    """Return what is at a local address."""
    query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
    with OPENER.open(url + query, timeout=LIMIT) as answer:
        text: str = answer.read().decode("utf-8")
        return text


def answers(url: str) -> bool:
    """Say whether something answers with success there."""
    try:
        read(url)
    except OSError:
        return False
    return True


def series_in(text: str) -> Series:
    """Return the series of the metrics of ArcGIS in a text; refuse one that comes twice."""
    series: Series = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples if family.name.startswith("arcgis_") else []:
            labels = frozenset((name, value) for name, value in sample.labels.items() if value)
            require((sample.name, labels) not in series, f"{sample.name} {dict(labels)} comes twice")
            require(sample.timestamp is None, f"{sample.name} has a time of its own")
            series[sample.name, labels] = sample.value
    return series


@contextmanager
def serving(directory: Path, name: str, ready: str, *command: str) -> Iterator[str]:
    """Run a server on a free port of the loopback interface, and yield its address once it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with (directory / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([*command, f"--web.listen-address={address}"], stdout=log, stderr=log)
    try:
        wait_until(lambda: answers(f"http://{address}{ready}"), f"{name} is not ready; see {directory / name}.log")
        yield address
    finally:
        process.terminate()
        process.wait(LIMIT)


# The examples by themselves


def test_rules(examples: Path) -> str:
    """Check the rules and their tests: each alert is seen both to fire and not to."""
    for command in (("check", "rules", "alerts.yml"), ("check", "config", "prometheus.yml")):
        run("promtool", *command, cwd=examples)
    run("promtool", "test", "rules", "alerts_test.yml", cwd=examples)
    groups = yaml.safe_load((examples / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    alerts = {rule["alert"] for group in groups for rule in group["rules"]}
    tests = yaml.safe_load((examples / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    for fires in (True, False):
        tested = {case["alertname"] for case in cases if bool(case["exp_alerts"]) is fires}
        require(tested == alerts, f"{alerts - tested} never {'fire' if fires else 'stay away'} in the tests")
    return f"{len(cases)} looks at {len(alerts)} alerts"


# The file


def collect(directory: Path, file: Path) -> None:
    """Write the metrics of two sites, of which one is down, with the playbook of the collection."""
    simulator = json.loads((directory / "simulator" / "simulator.json").read_text(encoding="utf-8"))
    account = simulator["accounts"]["gis_admin"]
    connection = {key: account[key] for key in ("username", "password")}
    up = {**connection, "url": simulator["urls"]["server"], "ca_path": simulator["ca_path"]}
    hosts = {
        "production": {"arcgis_connection": up, "job_collection_notebook_url": simulator["urls"]["notebook"]},
        "down": {"arcgis_connection": {**connection, "url": "https://localhost:1/server", "retries": 0}},
    }
    inventory = directory / "sites.yml"
    inventory.write_text(json.dumps({"gis_sites": {"hosts": hosts}}), encoding="utf-8")  # JSON is YAML
    extra = json.dumps({"arcgis_hosts": "gis_sites", "job_metrics_dest": str(file)})
    run("ansible-playbook", "-i", str(inventory), "-e", extra, "gisops.arcgis.metrics")


def write(file: Path, site: str) -> None:
    """Write the metrics of another site, as a second file."""
    jobs = [{"job_id": "j1", "status": 'odd "word"\\', "service": "Elevation"}]
    options = {"dest": str(file), "sources": [{"site": site, "product": "gp", "jobs": jobs}]}
    module = "ansible_collections.gisops.arcgis.plugins.modules.job_metrics"
    run(sys.executable, "-m", module, given=json.dumps({"ANSIBLE_MODULE_ARGS": options}))


def test_file(file: Path) -> Series:
    """Check the file with the tools for its format, and return what is in it."""
    text = file.read_text(encoding="utf-8")
    require(run("promtool", "check", "metrics", given=text) == "", "promtool finds the metrics wanting")
    series = series_in(text)
    success = {
        dict(labels)["site"]: value
        for (name, labels), value in series.items()
        if name == "arcgis_collection_success" and dict(labels)["product"] == "gp"
    }
    require(success == {"production": 1, "down": 0}, f"arcgis_collection_success is {success}")
    require(len(series) > 100, f"there are only {len(series)} series")
    return series


def test_node_exporter(url: str, directory: Path, expected: Series) -> None:
    """See that node_exporter shows what is in the file, beside a second file, and what would break that."""
    text = read(url)
    require("\nnode_textfile_scrape_error 0\n" in text, "node_exporter could not read the file")
    require(series_in(text) == expected, "node_exporter shows something else than is in the file")

    second = directory / "second.prom"
    write(second, "staging")
    text = read(url)
    require("\nnode_textfile_scrape_error 0\n" in text, "node_exporter could not read two files")
    both = series_in(text)
    require({**both, **expected} == both and len(both) > len(expected), "node_exporter does not show both files")

    # This is why the help texts never change: one that differs costs rows, even without an error to be seen.
    written = second.read_text(encoding="utf-8")
    second.write_text(re.sub("(# HELP arcgis_jobs ).*", r"\1Another text.", written), encoding="utf-8")
    require(not both.keys() <= shown(url).keys(), "another help text breaks nothing: the test before proves nothing")
    second.unlink()
    require(shown(url) == expected, "node_exporter does not show the file again")


def shown(url: str) -> Series:
    """Return what node_exporter shows, which is nothing if it answers with an error."""
    try:
        return series_in(read(url))
    except urllib.error.HTTPError:
        return {}


# Prometheus


class Requests(BaseHTTPRequestHandler):
    """Stands for the metrics of Esri: a counter of requests, which grows each time that it is read."""

    counted = count(1)

    def do_GET(self) -> None:
        """Answer with the counter."""
        body = f"# TYPE requests counter\nrequests {next(self.counted)}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def requests_counter() -> Iterator[str]:
    """Serve the counter of requests, and yield its address."""
    server = HTTPServer(("127.0.0.1", 0), Requests)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def blocks(examples: Path, language: str) -> list[str]:
    """Return the blocks of the README that are written in a language."""
    text = (examples / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def configuration(directory: Path, examples: Path, exporter: str, counter: str) -> Path:
    """Return the example configuration with short times and local addresses; no expression is changed.

    The metrics of Esri are collected as the README says, but for what only a real site has.
    """
    rules = yaml.safe_load((examples / "alerts.yml").read_text(encoding="utf-8"))
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        if "for" in rule:
            rule["for"] = "1s"
    settings = yaml.safe_load((examples / "prometheus.yml").read_text(encoding="utf-8"))
    settings["global"] = {name: "1s" for name in settings["global"]}
    settings["scrape_configs"][0]["static_configs"][0]["targets"] = [exporter]
    (shown_in_readme,) = blocks(examples, "yaml")
    run("promtool", "check", "config", "--syntax-only", "/dev/stdin", given=shown_in_readme)
    beside = yaml.safe_load(shown_in_readme)["scrape_configs"][0]
    beside.update(scheme="http", static_configs=[{**beside["static_configs"][0], "targets": [counter]}])
    settings["scrape_configs"].append(beside)
    for name, content in (("alerts.yml", rules), ("prometheus.yml", settings)):
        (directory / name).write_text(json.dumps(content), encoding="utf-8")
    return directory / "prometheus.yml"


class Prometheus:
    """The API of a Prometheus."""

    def __init__(self, address: str) -> None:
        """Take the address that it listens at."""
        self.api = f"http://{address}/api/v1"

    def ask(self, path: str, **parameters: str) -> Any:
        """Return the data of an answer."""
        return json.loads(read(f"{self.api}/{path}", **parameters))["data"]

    def firing(self) -> set[tuple[str, str, str]]:
        """Return the alerts that fire: the name, the site and the service of each."""
        alerts = [alert["labels"] for alert in self.ask("alerts")["alerts"] if alert["state"] == "firing"]
        return {(alert["alertname"], alert.get("site", ""), alert.get("service", "")) for alert in alerts}


def test_alerts(prometheus: Prometheus) -> None:
    """See that the alerts of the example fire which should, and no others."""
    wait_until(lambda: prometheus.firing() >= FIRING, f"not all of {FIRING} fire")
    time.sleep(3)  # Another one would have fired by then, since each was shortened to a second.
    require(prometheus.firing() == FIRING, f"there fire {prometheus.firing()} in place of {FIRING}")


def test_join(prometheus: Prometheus, examples: Path) -> None:
    """See that the queries of the README join both kinds of metrics, but for a threshold that the demo is below."""
    queries = [query for query in blocks(examples, "text") if "arcgis_jobs" in query]
    require(len(queries) == 2, f"the README has {len(queries)} queries")
    for query in queries:
        joined = re.sub(r" > \d+$", "", query, flags=re.MULTILINE)
        wait_until(lambda joined=joined: bool(prometheus.ask("query", query=joined)["result"]), f"no data: {joined}")  # type: ignore[misc]
        sites = [row["metric"] for row in prometheus.ask("query", query=joined)["result"]]
        require(sites == [{"site": "production"}], f"{sites} are joined by {joined}")


def test_dashboard(prometheus: Prometheus, dashboard: dict[str, Any]) -> str:
    """See that every query of the dashboard returns data, as a table and over time, and so do its variables."""
    count = 0
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            query = re.sub(r"\$(site|product)\b", ".*", target["expr"])
            require("$" not in query, f"unknown variable: {query}")
            now = time.time()
            span = {"start": str(now - 10), "end": str(now), "step": "1"}
            for path, parameters in (("query", {}), ("query_range", span)):
                found = prometheus.ask(path, query=query, **parameters)["result"]
                require(found, f"{panel['title']} shows nothing: {query}")
            shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            labels = {name for row in found for name in row["metric"]}
            require(shown <= labels, f"the legend of {panel['title']} names {shown - labels}, which is no label")
            count += 1
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()  # type: ignore[union-attr]
            match = {"match[]": metric.replace("$site", ".*")}
            require(prometheus.ask(f"label/{label}/values", **match), f"{variable['name']} has no values")
    return f"{count} queries of {len(dashboard['panels'])} panels"


def test_layout(dashboard: dict[str, Any]) -> None:
    """See that no panel lies on another one, that each has an ID of its own, and that each asks the chosen source."""
    cells: dict[tuple[int, int], str] = {}
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        for cell in (
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ):
            require(cell not in cells, f"{panel['title']} lies on {cells.get(cell)}")
            require(cell[0] < 24, f"{panel['title']} is too far to the right")
            cells[cell] = panel["title"]
    ids = [panel["id"] for panel in dashboard["panels"]]
    require(len(set(ids)) == len(ids), "two panels have the same ID")
    asked = {target["datasource"]["uid"] for panel in dashboard["panels"] for target in panel["targets"]}
    require(asked == {"${datasource}"}, f"the panels ask {asked}")


def main() -> None:
    """Run everything, and say what was verified."""
    directory, examples, exporter = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    looks = test_rules(examples)
    textfiles = directory / "textfiles"
    textfiles.mkdir()
    file = textfiles / "arcgis.prom"
    collect(directory, file)
    series = test_file(file)
    dashboard = json.loads((examples / "dashboard.json").read_text(encoding="utf-8"))
    test_layout(dashboard)
    only_files = ("--collector.disable-defaults", "--collector.textfile", f"--collector.textfile.directory={textfiles}")
    with ExitStack() as stack:
        address = stack.enter_context(serving(directory, "node_exporter", "/metrics", exporter, *only_files))
        test_node_exporter(f"http://{address}/metrics", textfiles, series)
        counter = stack.enter_context(requests_counter())
        settings = f"--config.file={configuration(directory, examples, address, counter)}"
        storage = f"--storage.tsdb.path={directory / 'tsdb'}"
        prometheus = Prometheus(
            stack.enter_context(serving(directory, "prometheus", "/-/ready", "prometheus", settings, storage))
        )
        test_alerts(prometheus)
        test_join(prometheus, examples)
        queries = test_dashboard(prometheus, dashboard)
        version = prometheus.ask("status/buildinfo")["version"]
    print(f"{len(series)} series read by node_exporter and Prometheus {version}; {looks}, {queries}")


if __name__ == "__main__":
    main()
