"""What operators see: `trunkline show`, the log; and what nobody sees: secrets."""

import json
import signal
import subprocess
from pathlib import Path

from capture import Capture
from conftest import lab_document
from expected import AORS
from operator_commands import act, show

from lab import configuration
from lab.lab import CONFIG, LAB_INTERFACE, PROGRAM
from lab.waiting import wait_until

COLUMNS = {"kind", "name", "aor", "state", "registered", "last_status", "reason", "answered_by",
           "transport", "requested_expires", "granted_expires", "expires_in", "next_attempt_in",
           "consecutive_failures", "attempts", "realm", "algorithm", "call_id", "cseq", "shard"}


def test_show_registration_prints_a_line_a_row(registered_lab):
    text = show(registered_lab, "registration")
    for aor in AORS:
        lines = [line for line in text.splitlines() if aor in line]
        assert len(lines) == 1
        assert "REGISTERED" in lines[0]
    assert "\x1b" not in text


def test_show_registration_json_has_every_column(registered_lab):
    rows = json.loads(show(registered_lab, "registration", "--json"))
    assert {row["aor"] for row in rows} == {f"sip:{aor}" for aor in AORS}
    for row in rows:
        assert COLUMNS <= set(row)
    assert {row["kind"] for row in rows} == {"device", "trunk group", "endpoint", "account"}


def test_show_registration_of_a_name_is_that_row_alone(registered_lab):
    rows = json.loads(show(registered_lab, "registration", "--json"))
    for row in rows:
        named = json.loads(show(registered_lab, "registration", row["name"], "--json"))
        assert [one["aor"] for one in named] == [row["aor"]]
    result = act(registered_lab, "show", "registration", "nobody")
    assert result.returncode == 1 and "nobody" in result.stderr


def test_rows_of_registrations_come_in_pages_with_their_number(registered_lab):
    names = [row["name"] for row in registered_lab.appliance.registrations()]
    for offset in range(len(names)):
        page = registered_lab.appliance.ask("show registration", offset=offset, limit=2)
        assert [row["name"] for row in page["registrations"]] == names[offset:offset + 2]
        assert page["total"] == page["registered"] == len(names)
    failed = registered_lab.appliance.ask("show registration", state="FAILED")
    assert (failed["registrations"], failed["total"]) == ([], 0)
    assert registered_lab.appliance.ask("show registration", limit=-1) is None, "refused"


def test_show_registration_watch_tells_of_every_row_until_it_is_ended(registered_lab, tmp_path):
    out = tmp_path / "watch.txt"
    with open(out, "wb") as stream:
        watch = subprocess.Popen([PROGRAM, "show", "registration", "--watch", "--socket",
                                  registered_lab.instance.socket], stdout=stream)
    try:
        wait_until(lambda: out.read_text(encoding="utf-8").count(": REGISTERED") == len(AORS), 10,
                   lambda: f"a line a row in: {out.read_text(encoding='utf-8')}")
        assert watch.poll() is None
        watch.send_signal(signal.SIGINT)
        assert watch.wait(10) == 0
    finally:
        watch.kill()
        watch.wait()


def test_show_counters_json_is_json(registered_lab):
    counters = json.loads(show(registered_lab, "counters", "--json"))
    assert counters["nodes"] and counters["shards"]


def test_the_log_has_a_stage_line_a_part(registered_lab):
    log = registered_lab.appliance.server.output()
    for word in ("board", "dataplane", "shards", "management", "REGISTERED"):
        assert word in log, f"no '{word}' in\n{log}"


def test_secrets_appear_nowhere(make_lab, tmp_path):
    def change(document):
        document["administration"]["log_level"] = "trace"

    lab = make_lab(change, start=False)
    secrets = set(configuration.digest_users(lab_document(), CONFIG.parent).values())
    assert len(secrets) >= 4
    places = {}
    with Capture(lab.instance.lab, LAB_INTERFACE, tmp_path / "wire.pcap"):
        lab.start_appliance()
        lab.wait_registered()
        places["show"] = (show(lab, "registration") + show(lab, "registration", "--json")
                          + show(lab, "counters", "--json"))
        process = Path("/proc") / str(lab.appliance.server.pid)
        places["command line"] = (process / "cmdline").read_text(encoding="utf-8")
        places["threads"] = "".join(path.read_text(encoding="utf-8")
                                    for path in process.glob("task/*/comm"))
        lab.appliance.stop()
    places["log"] = lab.appliance.server.output()
    places["check"] = subprocess.run([PROGRAM, "check", lab.config], capture_output=True, text=True,
                                     timeout=30, check=True).stdout
    places["wire"] = (tmp_path / "wire.pcap").read_bytes().decode("latin-1")
    assert "REGISTER" in places["wire"]
    for place, text in places.items():
        for secret in secrets:
            assert secret not in text, f"a secret stands in: {place}"
