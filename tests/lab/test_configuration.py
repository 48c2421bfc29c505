"""The running appliance's configuration: edits, conflicts, versions, resets, and what goes wrong."""

import json
import os
import signal
import socket
import subprocess

import pytest
from capture import Capture
from expected import AORS
from operator_commands import act
from test_operator_actions import sent_in, wait_bindings

from lab import configuration
from lab.lab import LAB_INTERFACE, PROGRAM
from lab.waiting import wait_until

ACCOUNTS = "signaling_and_media.accounts"
USERS = {aor.partition("@")[0] for aor in AORS}


def ask(lab, command, **fields):
    """One request over the local socket, and the answer whatever it is."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(lab.instance.socket))
        connection.sendall(json.dumps({"command": command, **fields}).encode() + b"\n")
        with connection.makefile("rb") as answer:
            return json.loads(answer.readline())


def edit(lab, row, values, **fields):
    return ask(lab, "configuration edit",
               edits=[{"table": ACCOUNTS, "rows": [row], "set": values}], **fields)


def status(lab):
    return ask(lab, "configuration status")


def by_name(lab):
    return {row["name"]: row for row in lab.wait_registered()}


def test_an_edit_moves_what_it_changes_and_nobody_else(make_lab, tmp_path):
    lab = make_lab()
    before = by_name(lab)
    with Capture(lab.instance.lab, LAB_INTERFACE, tmp_path / "wire.pcap"):
        preview = edit(lab, 2, {"contact_user": "400"}, preview=True)
        assert [row["text"] for row in preview["differences"]] == [
            f"~ {ACCOUNTS}[2].contact_user: 300 -> 400"]
        assert status(lab)["revision"] == 1
        answer = edit(lab, 2, {"contact_user": "400"}, based_on=1)
        assert (answer["added"], answer["removed"], answer["kept"]) == (1, 1, len(USERS) - 1)
        wait_bindings(lab, USERS - {"300"} | {"400"})
        after = by_name(lab)
    assert set(sent_in(tmp_path / "wire.pcap")) == {("300", "REGISTER"), ("400", "REGISTER")}
    for name in set(before) - {"hotel"}:
        assert after[name]["cseq"] == before[name]["cseq"]
    assert "root (CLI): ~ " + ACCOUNTS + "[2].contact_user: 300 -> 400" in \
        lab.appliance.log.read_text()


def test_the_second_of_two_editors_is_told_who_was_first(make_lab):
    lab = make_lab()
    lab.wait_registered()
    assert edit(lab, 2, {"contact_user": "400"}, based_on=1)["ok"]
    refused = edit(lab, 2, {"contact_user": "500"}, based_on=1)
    assert refused["conflict"]
    assert "root (CLI) at " in refused["error"]
    assert "contact_user: 300 -> 400" in refused["error"]
    wait_bindings(lab, USERS - {"300"} | {"400"})


def test_a_refused_edit_leaves_everything_as_it_was(make_lab):
    lab = make_lab()
    before = by_name(lab)
    was = ask(lab, "configuration text", format="yaml")
    refused = ask(lab, "configuration edit", edits=[
        {"table": ACCOUNTS, "rows": [2], "set": {"contact_user": "400"}},
        {"table": "signaling_and_media.ip_groups", "rows": [0], "removes_row": True}])
    assert not refused["ok"]
    fault, = [fault for fault in refused["faults"]
              if fault["path"] == "signaling_and_media.ip_groups[0]"]
    assert "found it in use by" in fault["message"]
    assert ask(lab, "configuration text", format="yaml") == was
    after = by_name(lab)
    assert {name: row["cseq"] for name, row in after.items()} == \
        {name: row["cseq"] for name, row in before.items()}


def test_check_tells_the_difference_and_changes_nothing(make_lab, tmp_path):
    lab = make_lab()
    lab.wait_registered()
    document = configuration.load(lab.config)
    document["signaling_and_media"]["accounts"][2]["contact_user"] = "400"
    changed = tmp_path / "changed.yaml"
    configuration.write(document, changed)
    expected = f"~ {ACCOUNTS}[2].contact_user: 300 -> 400\n"
    assert act(lab, "check", str(changed), "--diff").stdout == expected
    assert act(lab, "check", str(changed), "--diff", "--against", str(lab.config)).stdout == expected
    assert act(lab, "check", str(lab.config), "--diff").stdout == ""
    assert status(lab)["revision"] == 1
    changed.write_text("appliance: {hostnam: x}\n")
    refused = act(lab, "check", str(changed), "--diff")
    assert refused.returncode == 1
    assert "did you mean 'hostname'?" in refused.stderr


def test_save_keeps_versions_and_rollback_goes_back(make_lab):
    lab = make_lab()
    lab.wait_registered()
    for user in ("400", "500"):
        assert edit(lab, 2, {"contact_user": user})["save_needed"]
        assert not ask(lab, "configuration save")["save_needed"]
    assert [version["number"] for version in status(lab)["versions"]] == [1, 2]
    assert configuration.load(lab.config)["signaling_and_media"]["accounts"][2][
        "contact_user"] == "500"
    assert lab.config.stat().st_mode & 0o777 == 0o600
    answer = ask(lab, "configuration rollback", version=1)
    assert answer["save_needed"]
    wait_bindings(lab, USERS - {"300"} | {"400"})
    refused = ask(lab, "configuration rollback", version=7)
    assert refused["error"] == "version: found 7; allowed: 1, 2"


def test_what_needs_a_reset_waits_and_a_reload_brings_it(make_lab, tmp_path):
    lab = make_lab()
    before = by_name(lab)
    pid = lab.appliance.server.pid
    answer = ask(lab, "configuration edit", edits=[
        {"table": "appliance", "set": {"hostname": "renamed"}}])
    assert answer["reset_needed"]
    assert answer["differences"][0]["needs_reset"]
    assert ask(lab, "system status")["hostname"] != "renamed"
    with Capture(lab.instance.lab, LAB_INTERFACE, tmp_path / "wire.pcap"):
        assert ask(lab, "reload", when="if-needed")["restarts"]

        def renamed():
            answer = lab.appliance.ask("system status")
            return answer is not None and answer["hostname"] == "renamed"
        wait_until(renamed, 20, lambda: lab.appliance.log.read_text()[-2000:])
        after = by_name(lab)
    assert lab.appliance.server.exit_code is None
    assert lab.appliance.server.pid == pid
    assert not [row for row in sent_in(tmp_path / "wire.pcap") if row[1] == "REGISTER"]
    for name, row in before.items():
        assert after[name]["call_id"] == row["call_id"]
    now = status(lab)
    assert not now["reset_needed"]
    assert not now["save_needed"]


def test_reload_if_needed_does_nothing_where_nothing_waits(make_lab):
    lab = make_lab()
    lab.wait_registered()
    assert ask(lab, "reload", when="if-needed") == {"ok": True, "restarts": False}


def test_reload_is_refused_with_a_startup_file_that_would_not_start(make_lab):
    lab = make_lab()
    lab.wait_registered()
    lab.config.write_text("appliance: {hostnam: x}\n")
    refused = ask(lab, "reload", when="without-saving")
    assert not refused["ok"]
    assert "did you mean 'hostname'?" in refused["error"]
    assert lab.appliance.ask("system status") is not None


def test_system_status_tells_the_truth(make_lab):
    lab = make_lab()
    lab.wait_registered()
    told = ask(lab, "system status")
    assert told["hostname"] == configuration.load(lab.config)["appliance"]["hostname"]
    assert told["address"] == "192.0.2.10"
    assert told["mask"] == "255.255.255.0"
    assert told["ram_bytes"] == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 0 < told["process_memory_bytes"] < told["ram_bytes"]
    assert 0 <= told["cpu_percent"] <= 100
    assert told["uptime_s"] >= 0


@pytest.mark.parametrize("form", ["yaml", "ini", "cli"])
def test_a_backup_with_sealed_secrets_comes_back_the_same(make_lab, form):
    def change(document):
        document["signaling_and_media"]["accounts"][2]["password"] = "in clear"

    lab = make_lab(change, start=False)
    lab.start_appliance()
    wait_until(lambda: lab.appliance.ask("configuration status") is not None, 20,
               lambda: lab.appliance.log.read_text()[-2000:])
    backup = ask(lab, "configuration text", format=form, secrets="sealed")["text"]
    assert "in clear" not in backup
    assert "$sealed$" in backup
    answer = ask(lab, "configuration load", format=form, text=backup, origin="backup")
    assert answer["ok"], answer
    assert answer["differences"] == []
    assert edit(lab, 2, {"password": "other"})["ok"]
    answer = ask(lab, "configuration load", format=form, text=backup, origin="backup")
    assert [row["path"] for row in answer["differences"]] == [f"{ACCOUNTS}[2].password"]
    assert not answer["save_needed"]


def test_factory_defaults_keep_the_way_in(make_lab):
    lab = make_lab()
    lab.wait_registered()
    answer = ask(lab, "configuration factory")
    assert answer["removed"] == len(USERS)
    wait_bindings(lab, set())
    left = ask(lab, "configuration get")["configuration"]
    assert set(left) == {"appliance", "ip_network", "administration"}
    assert left["ip_network"]["ip_interfaces"]
    assert ask(lab, "reload")["restarts"]
    wait_until(lambda: "sip_listeners=0" in lab.appliance.log.read_text() and
               lab.appliance.registrations() == [], 20,
               lambda: lab.appliance.log.read_text()[-2000:])
    assert lab.appliance.stop() == 0


def test_a_stop_while_it_is_to_start_anew_stops_it(make_lab):
    lab = make_lab()
    lab.wait_registered()
    assert ask(lab, "reload")["restarts"]
    assert lab.appliance.stop() == 0


def test_a_kill_at_any_time_of_a_save_loses_nothing(make_lab):
    """The startup file is whole and right after each, be it the old one or the new one."""
    lab = make_lab()
    lab.wait_registered()
    for number in range(5):
        user = str(400 + number)
        assert edit(lab, 2, {"contact_user": user})["ok"]
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(lab.instance.socket))
            connection.sendall(b'{"command": "configuration save"}\n')
            lab.appliance.server.signal(signal.SIGKILL)
            assert lab.appliance.server.wait(10) == -signal.SIGKILL
        document = configuration.load(lab.config)
        assert document["signaling_and_media"]["accounts"][2]["contact_user"] in (
            "300", *(str(400 + earlier) for earlier in range(number + 1)))
        checked = subprocess.run([PROGRAM, "check", lab.config], capture_output=True, text=True,
                                 check=False)
        assert checked.returncode == 0, checked.stderr
        lab.start_appliance()
        lab.wait_registered()


def test_a_full_disk_is_told_and_the_file_stays(make_lab, tmp_path):
    lab = make_lab(start=False)
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", small], check=True)
    try:
        startup = small / "lab.yaml"
        startup.write_text(lab.config.read_text())
        lab.appliance.config = startup
        lab.start_appliance()
        lab.wait_registered()
        assert edit(lab, 2, {"contact_user": "400"})["ok"]
        with open(small / "filler", "wb", buffering=0) as filler, pytest.raises(OSError):
            while True:
                filler.write(b"x" * 4096)
        refused = ask(lab, "configuration save")
        assert not refused["ok"]
        assert "No space left on device" in refused["error"]
        assert status(lab)["save_needed"]
        assert configuration.load(startup)["signaling_and_media"]["accounts"][2][
            "contact_user"] == "300"
        (small / "filler").unlink()
        assert not ask(lab, "configuration save")["save_needed"]
        assert lab.appliance.stop() == 0
    finally:
        subprocess.run(["umount", "--lazy", small], check=True)


def test_an_appliance_without_a_port_starts_and_answers(make_lab):
    """The image's factory configuration has none."""
    def change(document):
        for table in ("physical_ports", "ethernet_groups", "ethernet_devices", "ip_interfaces"):
            del document["ip_network"][table]
        # The lab's registrar wants a user to know.
        document["signaling_and_media"] = {"sip_definitions": {"proxy_and_registration": {
            "user_name": "gateway", "password": "unused"}}}

    lab = make_lab(change)
    wait_until(lambda: lab.appliance.check_alive() or lab.appliance.counters(), 60,
               "the appliance answers")
    assert lab.appliance.registrations() == []
