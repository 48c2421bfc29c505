"""What registrations remember over a restart: the journal."""

import errno
import signal

import pytest
from capture import Capture, decode
from expected import AORS, general, proxy_and_registration
from operator_commands import act

from lab import configuration
from lab.lab import LAB_INTERFACE
from lab.processes import run_tool
from lab.waiting import wait_until


def kill(lab):
    lab.appliance.server.signal(signal.SIGKILL)
    assert lab.appliance.server.wait(10) == -signal.SIGKILL


def journal_of(lab):
    return lab.instance.socket.with_name("registrations.journal")


def registers_in(path):
    return decode(path, 'sip.Method == "REGISTER"', ["sip.CSeq.seq", "sip.Call-ID"])


# T04, T61
def test_after_a_kill_bindings_stand_and_no_register_goes_out_before_it_is_due(make_lab, tmp_path):
    lab = make_lab()
    before = {row["name"]: row for row in lab.wait_registered()}
    kill(lab)
    with Capture(lab.instance.lab, LAB_INTERFACE, tmp_path / "wire.pcap"):
        lab.start_appliance()
        after = {row["name"]: row for row in lab.wait_registered()}
    assert registers_in(tmp_path / "wire.pcap") == []
    assert set(after) == set(before)
    for name, row in after.items():
        assert row["call_id"] == before[name]["call_id"]
        assert row["cseq"] == before[name]["cseq"]
        assert 0 < row["expires_in"] <= before[name]["expires_in"]
        assert row["next_attempt_in"] > 0
    assert set(lab.kamailio.bindings()) == AORS


# T04
def test_after_a_kill_the_next_refresh_goes_on_with_call_id_and_cseq(make_lab):
    def change(document):
        proxy_and_registration(document).update(registration_time=10, refresh_jitter=0)

    lab = make_lab(change)
    before = {row["name"]: row for row in lab.wait_registered()}
    kill(lab)
    lab.start_appliance()

    def all_refreshed():
        rows = {row["name"]: row for row in lab.appliance.registrations() or []}
        return (set(rows) == set(before) and rows
                if all(row["registered"] and row["cseq"] > before[name]["cseq"]
                       for name, row in rows.items()) else None)

    wait_until(all_refreshed, 20, "every registration refreshed after the restart")
    for name, row in all_refreshed().items():
        assert row["call_id"] == before[name]["call_id"]


def test_a_damaged_journal_costs_fresh_registrations_and_a_line(make_lab):
    lab = make_lab()
    before = {row["name"]: row for row in lab.wait_registered()}
    kill(lab)
    journal = journal_of(lab)
    content = bytearray(journal.read_bytes())
    for at in range(0, len(content), 50):
        content[at] ^= 0xFF
    journal.write_bytes(content)
    lab.start_appliance()
    after = {row["name"]: row for row in lab.wait_registered()}
    assert set(after) == set(before)
    log = (lab.instance.logs / "trunkline.log").read_text(encoding="utf-8")
    assert "journal" in log.lower()
    assert any(row["call_id"] != before[name]["call_id"] for name, row in after.items())


def test_a_journal_that_cannot_be_written_harms_no_registration(make_lab):
    def change(document):
        general(document)

    lab = make_lab(change, start=False)
    journal_of(lab).mkdir()  # a folder stands where the file should be
    lab.start_appliance()
    lab.wait_registered()
    log = (lab.instance.logs / "trunkline.log").read_text(encoding="utf-8")
    assert str(journal_of(lab)) in log


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 128 kB for the journal."""
    folder = tmp_path / "disk"
    folder.mkdir()
    run_tool(["mount", "-t", "tmpfs", "-o", "size=128k", "none", folder])
    try:
        yield folder
    finally:
        run_tool(["umount", "--lazy", folder])


def fill(path):
    """Writes until nothing more fits."""
    with open(path, "wb", buffering=0) as out:
        with pytest.raises(OSError) as failure:
            while True:
                out.write(bytes(4096))
    assert failure.value.errno == errno.ENOSPC


def test_a_full_disk_harms_no_registration_and_the_journal_goes_on_when_there_is_room(make_lab,
                                                                                      small_disk):
    journal, filler = small_disk / "registrations.journal", small_disk / "filler"
    lab = make_lab(start=False)
    document = configuration.load(lab.config)
    document["administration"].update(registration_journal=str(journal),
                                      registration_journal_retry_time=1)
    configuration.write(document, lab.config)

    def log():
        return (lab.instance.logs / "trunkline.log").read_text(encoding="utf-8")

    lab.start_appliance()
    lab.wait_registered()
    fill(filler)
    # What is written down with each REGISTER uses up what is left of the last page.
    for _ in range(40):
        register_all(lab)
        if "cannot write the journal" in log():
            break
    assert f"cannot write the journal {journal}: No space left on device" in log()
    register_all(lab)
    before = {row["name"]: row for row in lab.wait_registered()}
    filler.unlink()
    wait_until(lambda: f"the journal {journal} is written again" in log(), 20, "room is found")
    kill(lab)
    lab.start_appliance()
    after = {row["name"]: row for row in lab.wait_registered()}
    for name, row in after.items():
        assert row["call_id"] == before[name]["call_id"]
        assert row["cseq"] == before[name]["cseq"], "nothing was sent after the restart"


def register_all(lab):
    """Has all register again, and waits until they have."""
    before = {row["name"]: row["attempts"] for row in lab.appliance.registrations()}
    assert act(lab, "register", "all").returncode == 0

    def all_have():
        rows = lab.appliance.registrations() or []
        return rows and all(row["attempts"] > before[row["name"]] and row["state"] == "REGISTERED"
                            for row in rows)

    wait_until(all_have, 30, "another REGISTER of every row")
