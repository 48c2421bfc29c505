"""The documented trace D, registration for each SIP NAP of a Tmedia, line by line. Each line is an
account of one lab; T1 is 100 ms, so that a transaction ends after 6.4 s instead of 32 s."""

import re
import socket
from dataclasses import dataclass

import pytest
from capture import Capture, decode
from conftest import LabMaker
from expected import general
from odd_registrars import Entity, OddLab, Registrar, accounts_for
from operator_commands import act

from lab import configuration
from lab.lab import LAB_INTERFACE
from lab.waiting import wait_until

TRANSACTION, RETRY = 6.4, 5
# Clocks of two threads are compared: of what was sent, and of what was captured.
EARLY = 0.1
CHALLENGE = {"extra": 'WWW-Authenticate: Digest realm="nap", nonce="1", algorithm=MD5'}
LIFETIMES = {  # account -> behind the Contact of the 200, further header, what holds
    "contact-expires": (";expires=1200", "Server: sipp", 1200),
    "expires-header": ("", "Expires: 900", 900),
    "no-expires": ("", "Server: sipp", 3600),
}
REFUSED = Registrar("192.0.2.100", status="403 Forbidden")
SILENT = Registrar("192.0.2.101", scenario="")
CLOSED = Registrar("192.0.2.102", scenario="", transport="tcp")
SILENT_TCP = Registrar("192.0.2.103", scenario="", transport="tcp")
CHALLENGED = Registrar("192.0.2.104", "answer_then_accept", "401 Unauthorized", CHALLENGE)
APPLIED = Registrar("192.0.2.105", "accept")
ENTITIES = {
    "refused": Entity((REFUSED,)),
    "silent": Entity((SILENT,)),
    "closed": Entity((CLOSED,)),
    "silent-tcp": Entity((SILENT_TCP,)),
    "challenged": Entity((CHALLENGED,)),
    "applied": Entity((APPLIED,), account={"register": "no"}),
} | {name: Entity((Registrar(f"192.0.2.{110 + at}", "accept",
                             keys={"parameters": parameters, "extra": extra}),))
     for at, (name, (parameters, extra, _)) in enumerate(LIFETIMES.items())}
FIELDS = ["frame.time_epoch", "sip.CSeq.seq", "sip.Via.branch", "sip.Call-ID", "sip.Contact",
          "sip.Authorization"]


@dataclass
class Life:
    """What was seen of the accounts, until each that fails had failed and begun anew."""

    capture: object
    log: str
    without_apply: list  # REGISTERs that came to `applied` before its registration was configured
    rows: dict

    def registers(self, registrar):
        """The REGISTERs on the wire towards it, retransmissions too."""
        rows = decode(self.capture,
                      f"sip.Method == REGISTER && ip.dst == {registrar.address}", FIELDS)
        for row in rows:
            row["at"] = float(row["frame.time_epoch"][0])
            row["cseq"] = int(row["sip.CSeq.seq"][0])
        return rows

    def refresh_after(self, name):
        """The seconds from the 200 to the refresh that the appliance decided on."""
        found = re.search(rf" {name} \(.*REGISTERED at .* s, refresh in ([0-9.]+) s", self.log)
        return float(found.group(1))


def listen(lab, kind, registrar):
    """A socket that takes what comes and says nothing."""
    made = lab.instance.lab.socket(kind=kind)
    made.bind((registrar.address, 5060))
    if kind == socket.SOCK_STREAM:
        made.listen()
    return made


def add_address(lab, registrar):
    lab.instance.lab.run("ip", "address", "add", f"{registrar.address}/32", "dev", LAB_INTERFACE)


def apply_registration(lab):
    document = configuration.load(lab.config)
    for account in document["signaling_and_media"]["accounts"]:
        account["register"] = "regular"
    configuration.write(document, lab.config)
    result = act(lab, "apply", str(lab.config))
    assert result.returncode == 0, result.stderr


def configure(document):
    accounts_for(ENTITIES, retry_profile="tmedia", registration_time=3600)(document)


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trace-d")
    maker = LabMaker(folder)
    try:
        with OddLab(maker(configure, start=False), folder) as odd:
            yield live(odd, folder)
    finally:
        maker.close()


def live(odd, folder):
    lab = odd.lab
    for registrar in (SILENT, CLOSED, SILENT_TCP):
        add_address(lab, registrar)
    odd.start_registrars(ENTITIES)
    failed = {"refused": 2, "silent": 1, "closed": 2, "silent-tcp": 1}

    def all_failed():
        rows = {row["name"]: row for row in lab.appliance.registrations() or []}
        return rows and all(rows[name]["consecutive_failures"] >= count
                            and rows[name]["attempts"] > count for name, count in failed.items())

    with (listen(lab, socket.SOCK_DGRAM, SILENT), listen(lab, socket.SOCK_STREAM, SILENT_TCP),
          Capture(lab.instance.lab, LAB_INTERFACE, folder / "wire.pcap")):
        lab.start_appliance()
        wait_until(all_failed, 40,
                   lambda: f"attempts after failures: {lab.appliance.registrations()}")
        without_apply = odd.received(APPLIED, "applied")
        apply_registration(lab)
        wait_until(lambda: (odd.row("applied") or {}).get("registered"), 10, "applied REGISTERED")
        rows = {row["name"]: row for row in lab.appliance.registrations()}
    return Life(folder / "wire.pcap", lab.appliance.server.output(), without_apply, rows)


def attempts(registers):
    """The first transmission of each request."""
    return [row for at, row in enumerate(registers)
            if at == 0 or row["sip.Via.branch"] != registers[at - 1]["sip.Via.branch"]]


def gaps(rows):
    return [later["at"] - earlier["at"] for earlier, later in zip(rows, rows[1:])]


# TD1
def test_trace_d_registers_without_a_call_and_as_soon_as_it_is_configured(life):
    assert life.rows["no-expires"]["registered"]
    assert life.without_apply == []
    assert len(life.registers(APPLIED)) == 1


# TD2
def test_trace_d_registers_again_five_seconds_after_a_refusal(life):
    sent = life.registers(REFUSED)
    assert len(sent) >= 3
    assert all(gap >= RETRY - EARLY for gap in gaps(sent))
    assert [row["cseq"] for row in sent] == list(range(1, len(sent) + 1))
    assert "403 Forbidden" in life.rows["refused"]["reason"]


# TD3, T110
def test_trace_d_retransmits_into_silence_and_begins_anew_five_seconds_after_the_end(life):
    sent = life.registers(SILENT)
    first, second = attempts(sent)[:2]
    # Timer E at 100 ms, 200 ms, then T2 = 400 ms until Timer F: 0, 0.1, 0.3, 0.7, 1.1, ... 6.3 s.
    assert len([row for row in sent if row["cseq"] == first["cseq"]]) == 18
    assert second["cseq"] == first["cseq"] + 1
    assert second["at"] - first["at"] >= TRANSACTION + RETRY - EARLY


# TD4
def test_trace_d_connects_again_to_a_closed_tcp_port_every_five_seconds(life):
    rows = decode(life.capture, f"ip.dst == {CLOSED.address} && tcp.flags.syn == 1",
                  ["frame.time_epoch"])
    times = [float(row["frame.time_epoch"][0]) for row in rows]
    assert len(times) >= 3
    assert all(later - earlier >= RETRY - EARLY for earlier, later in zip(times, times[1:]))
    assert "connection refused" in life.rows["closed"]["reason"]


# TD5, T111
def test_trace_d_waits_a_transaction_and_five_seconds_on_tcp_that_is_silent(life):
    first, second = life.registers(SILENT_TCP)[:2]
    assert second["cseq"] == first["cseq"] + 1
    assert second["at"] - first["at"] >= TRANSACTION + RETRY - EARLY


# TD6
def test_trace_d_asks_for_an_hour_in_the_contact(life):
    for registrar in (REFUSED, SILENT, SILENT_TCP, CHALLENGED):
        assert all("expires=3600" in row["sip.Contact"][0] for row in life.registers(registrar))


# TD7, TD8, TD9
@pytest.mark.parametrize("name", LIFETIMES)
def test_trace_d_takes_the_lifetime_of_the_answer_and_refreshes_at_half(life, name):
    granted = LIFETIMES[name][2]
    assert life.rows[name]["granted_expires"] == granted
    # Counted from the request, told at its answer.
    assert granted / 2 - RETRY <= life.refresh_after(name) <= granted / 2


# TD10
def test_trace_d_answers_a_401_with_a_second_register(life):
    first, second = life.registers(CHALLENGED)
    assert first["sip.Authorization"] == []
    assert second["sip.Authorization"][0].startswith("Digest ")
    assert second["sip.Call-ID"] == first["sip.Call-ID"]
    assert second["cseq"] == first["cseq"] + 1
    assert life.rows["challenged"]["registered"]
