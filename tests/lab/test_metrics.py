"""What the appliance tells Prometheus, judged by Prometheus' own tool."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from operator_commands import act
from rest_client import RestClient, rest_lab

from lab.waiting import wait_until

DOCS = Path(__file__).resolve().parents[2] / "docs"
MONITORING = DOCS / "monitoring"


@pytest.fixture(name="lab", scope="module")
def fixture_lab(tmp_path_factory):
    with rest_lab(tmp_path_factory.mktemp("metrics")) as lab:
        yield lab


def text_of(lab, user="watcher"):
    with RestClient(lab, user) as client:
        answer = client.get("/metrics")
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return answer.body.decode()


def value_of(text, metric):
    return float(re.search(rf"^{re.escape(metric)} (\S+)$", text, re.MULTILINE).group(1))


def names_in(text):
    """Of metrics; the parts of a histogram are the histogram."""
    names = re.findall(r"\b((?:trunkline|process)_[a-z_]+)\b", text)
    return {re.sub(r"(_seconds)_(?:bucket|sum|count)$", r"\1", name) for name in names}


def promtool(*words, **options):
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, timeout=60,
                          check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_checker_of_prometheus_finds_no_fault(lab):
    assert promtool("check", "metrics", input=text_of(lab)) == ""


def test_a_stranger_is_told_nothing(lab):
    with RestClient(lab, None) as client:
        assert client.ask("GET", "/metrics", checks=False).status == 401


def test_the_numbers_are_those_of_the_appliance(lab):
    rows = lab.appliance.registrations()
    registered = 'trunkline_registrations{state="registered"}'
    # As of the last look at them, which may be a second ago.
    wait_until(lambda: value_of(text_of(lab), registered) == len(rows), 10,
               lambda: f"{len(rows)} registered, but it tells {text_of(lab)}")
    text = text_of(lab)
    assert value_of(text, 'trunkline_registrations{state="failed"}') == 0
    assert value_of(text, 'trunkline_registration_attempts_total') >= len(rows)
    assert value_of(text, 'trunkline_port_link_up{port="GE_1"}') == 1
    assert value_of(text, 'trunkline_sip_requests_sent_total{shard="0"}') >= 2 * len(rows)
    received = 'trunkline_port_received_packets_total{port="GE_1"}'
    before = value_of(text, received)
    assert before > 0
    assert act(lab, "register", "all").returncode == 0
    wait_until(lambda: value_of(text_of(lab), received) >= before + len(rows), 10,
               "no more packets are counted")


def test_how_long_registrations_take_is_counted(lab):
    rows = lab.appliance.registrations()
    count = "trunkline_registration_duration_seconds_count"
    before = value_of(text_of(lab), count)
    assert before >= len(rows)
    assert act(lab, "register", "all").returncode == 0
    wait_until(lambda: value_of(text_of(lab), count) >= before + len(rows), 20,
               lambda: text_of(lab))
    text = text_of(lab)
    assert value_of(text, "trunkline_registration_duration_seconds_sum") > 0
    all_of_them = 'trunkline_registration_duration_seconds_bucket{le="+Inf"}'
    assert value_of(text, all_of_them) == value_of(text, count)
    interface = 'trunkline_sip_interface_sent_total{sip_interface="SIPInterface_0"}'
    assert value_of(text, interface) >= 2 * len(rows)


def test_the_documents_name_what_there_is(lab):
    served = names_in(text_of(lab))
    assert names_in((DOCS / "metrics.md").read_text(encoding="utf-8")) == served
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8"))
    for name in ("alerts.yaml", "grafana-dashboard.json"):
        assert names_in((MONITORING / name).read_text(encoding="utf-8")) <= served, name
    assert all(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])


def test_the_alert_rules_fire_when_they_should_and_else_not():
    promtool("check", "rules", str(MONITORING / "alerts.yaml"))
    promtool("test", "rules", "alerts_test.yaml", cwd=MONITORING)
