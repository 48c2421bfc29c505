"""The load generator against the peers that it is made for: blast as the registrar of an appliance
with a thousand accounts and as its neighbour that pings, as clients of a Kamailio, and against itself
over memif."""

import csv
import itertools
import json
import os
import re
import signal
import subprocess
from contextlib import contextmanager

import pytest
from conftest import lab_document
from expected import APPLIANCE, DOMAIN, REGISTRAR, only_account, proxy_and_registration, proxy_set
from sip_client import SipClient

from lab import configuration
from lab.appliance import Appliance
from lab.instance import Instance
from lab.kamailio import REALM, Kamailio
from lab.lab import LAB_INTERFACE, PORT_INTERFACE, PROGRAM, ROOT
from lab.namespaces import add_wire
from lab.processes import Server
from lab.waiting import wait_until

BLAST = ROOT / "build" / "tools" / "blast" / "blast"
NUMBERS = itertools.count(1)
SECRET = "of-the-lab"
# Of a memif the appliance's port has a MAC that depends on its name, GE_1, and on its role.
APPLIANCE_MAC, APPLIANCE_SERVER_MAC = "02:7d:52:f3:bb:19", "02:7d:52:f3:bb:18"
BLAST_MAC = "02:00:00:00:00:01"


@pytest.fixture(name="instance")
def empty_lab(tmp_path):
    """The namespaces of a lab without anything in them."""
    instance = Instance(f"tlb{os.getpid()}-{next(NUMBERS)}", logs=tmp_path / "logs")
    instance.lock()
    try:
        instance.logs.mkdir(parents=True)
        instance.add_namespaces()
        yield instance
    finally:
        instance.remove()


def blast_command(namespace, port, address, role, *words):
    # It shares the machine with what it judges, so it may sleep when there is nothing to do.
    return namespace.command(BLAST, "--port", port, "--address", f"{address}/24", "--nap", "100",
                             "--json", role, *words)


@contextmanager
def playing(command, log):
    """A role that plays while the block runs, its "server" meanwhile, and what came of it
    afterwards: its lines of "progress", its "report" and its "exit_code"."""
    server = Server("blast", command, log)
    result = {"server": server}
    try:
        yield result
    finally:
        server.end()
        text = server.output()
    result["exit_code"] = server.exit_code
    begin = text.index("{\n")
    result["progress"], result["report"] = text[:begin].splitlines(), json.loads(text[begin:])


def play(command):
    """A role that ends by itself: its exit code and its report."""
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=60, check=False)
    assert result.stdout, result.stderr
    return result.returncode, json.loads(result.stdout)


def many_accounts(document, count):
    only_account(document)
    account = document["signaling_and_media"]["accounts"][0]
    document["signaling_and_media"]["accounts"] = [
        account | {"name": f"a{number}", "user_name": f"user{number}", "contact_user": f"c{number}",
                   "password": SECRET}
        for number in range(count)]
    proxy_set(document)["proxy_addresses"] = [{"address": REGISTRAR, "transport": "udp"}]
    proxy_and_registration(document).update(registration_time=3600,
                                            max_generated_registers_rate=300)


def start_appliance(instance, change):
    document = configuration.for_instance(lab_document(change), instance.folder,
                                          instance.appliance.name, instance.socket)
    config = instance.folder / "lab.yaml"
    configuration.write(document, config)
    appliance = Appliance(PROGRAM, config, instance.socket, instance.port,
                          instance.logs / "trunkline.log")
    appliance.start()
    return appliance


def all_registered(appliance, count):
    appliance.check_alive()
    rows = appliance.registrations() or []
    return len(rows) == count and all(row["registered"] for row in rows)


def test_the_appliance_registers_a_thousand_accounts_at_the_registrar(instance):
    count = 1000
    add_wire(instance.lab, LAB_INTERFACE, instance.port, PORT_INTERFACE, [])
    instance.lab.set_for_interface("disable_ipv6", LAB_INTERFACE, 1)
    command = blast_command(instance.lab, f"af_packet:{LAB_INTERFACE}", REGISTRAR, "registrar",
                            "--realm", DOMAIN, "--password", SECRET, "--aors", count)
    with playing(command, instance.logs / "blast.log") as played:
        appliance = start_appliance(instance, lambda document: many_accounts(document, count))
        try:
            wait_until(lambda: all_registered(appliance, count), 40, "every account registered",
                       interval=0.5)
        finally:
            assert appliance.stop() == 0
    report = played["report"]
    assert report["wrong"] == 0, report
    assert played["exit_code"] == 0
    assert report["aors"] == report["registered"] == count
    line = r" +(\d+) s +\d+/s  busy +\d+ %  bound \d+, challenged \d+, granted \d+, .* wrong 0"
    seconds = [int(found[1]) for found in map(re.compile(line).fullmatch, played["progress"]) if found]
    assert seconds == sorted(set(seconds)) and len(seconds) >= 3, "a line each second"
    assert report["challenged"] >= count and report["refreshed"] == 0
    # Power-off has its own patience, so it may leave some bindings.
    assert report["unregistered"] > 0
    assert report["bound"] == count - report["unregistered"]


def over_memif(document, socket, role="client"):
    """The appliance's port is one end of a memif, and there is no kernel beside it."""
    network = document["ip_network"]
    network["kernel_twin"] = "none"
    network["physical_ports"][0]["device"] = {"vdev": "memif", "socket": str(socket), "role": role}
    network["static_neighbours"] = [{"device": "vlan 1", "address": REGISTRAR, "mac": BLAST_MAC}]
    interface = network["ip_interfaces"][0]
    del interface["gateway"], interface["primary_dns"]


def test_the_appliance_registers_over_memif(instance):
    count, socket = 300, instance.folder / "memif.sock"

    def change(document):
        many_accounts(document, count)
        over_memif(document, socket)

    command = blast_command(instance.lab, f"memif:{socket},server", REGISTRAR, "registrar", "--mac",
                            BLAST_MAC, "--realm", DOMAIN, "--password", SECRET)
    with playing(command, instance.logs / "blast.log") as played:
        wait_until(socket.exists, 20, "the generator's end of the memif")
        appliance = start_appliance(instance, change)
        try:
            wait_until(lambda: all_registered(appliance, count), 40, "every account registered",
                       interval=0.2)
        finally:
            assert appliance.stop() == 0
    report = played["report"]
    assert (report["wrong"], played["exit_code"]) == (0, 0), report
    assert report["aors"] == report["registered"] == count
    assert report["unregistered"] == count and report["bound"] == 0
    assert report["link"]["bad_checksums"] == report["link"]["others"] == 0


def test_the_appliance_answers_options_over_memif(instance):
    count, socket = 5000, instance.folder / "memif.sock"

    def change(document):
        without_registrations(document)
        over_memif(document, socket)

    command = blast_command(instance.lab, f"memif:{socket},server", REGISTRAR, "options", "--mac",
                            BLAST_MAC, "--peer-mac", APPLIANCE_MAC, "--to", APPLIANCE, "--count",
                            count)
    with playing(command, instance.logs / "blast.log") as played:
        wait_until(socket.exists, 20, "the generator's end of the memif")
        appliance = start_appliance(instance, change)
        try:
            wait_until(lambda: played["server"].exit_code is not None, 40, "the generator's end")
        finally:
            assert appliance.stop() == 0
    report = played["report"]
    assert (report["wrong"], played["exit_code"]) == (0, 0), report
    assert report["completed"] == count and report["timed_out"] == 0


def without_registrations(document):
    document["signaling_and_media"]["accounts"] = []
    document["signaling_and_media"].pop("gateway")
    proxy_and_registration(document).update(enable_registration=False, use_default_proxy=False)


def test_the_appliance_as_the_server_of_a_memif_answers_options(instance):
    count, socket = 1000, instance.folder / "memif.sock"

    def change(document):
        without_registrations(document)
        over_memif(document, socket, "server")

    appliance = start_appliance(instance, change)
    # A client that comes between the making of the socket and the start of the port is refused.
    wait_until(lambda: appliance.check_alive() or appliance.counters() is not None, 20,
               "the appliance answers")
    try:
        code, report = play(blast_command(
            instance.lab, f"memif:{socket}", REGISTRAR, "options", "--mac", BLAST_MAC, "--peer-mac",
            APPLIANCE_SERVER_MAC, "--to", APPLIANCE, "--count", count))
    finally:
        assert appliance.stop() == 0
    assert (code, report["wrong"], report["timed_out"]) == (0, 0, 0), report
    assert report["completed"] == count


def link_and_frames(appliance):
    """Whether its port has a link, and how many frames it has received."""
    appliance.check_alive()
    counters = appliance.counters() or {"ports": [], "counters": {"rx.frames": 0}}
    return (any(port["link_up"] for port in counters["ports"]), counters["counters"]["rx.frames"])


def kill_amid_traffic(appliance, command, log):
    """Ends a generator of packets without warning while the appliance receives them."""
    wait_until(lambda: not link_and_frames(appliance)[0], 20, "the end of the link before",
               interval=0.02)
    # More than what was under way when the link before ended.
    enough = link_and_frames(appliance)[1] + 20_000
    generator = Server("blast", command, log)
    try:
        wait_until(lambda: link_and_frames(appliance) > (True, enough), 40,
                   "packets that are received", interval=0.01)
    finally:
        generator.signal_group(signal.SIGKILL)
        wait_until(lambda: generator.exit_code is not None, 10, "the generator's end")


def cseqs(appliance):
    appliance.check_alive()
    return {row["name"]: row["cseq"] for row in appliance.registrations() or []
            if row["state"] == "REGISTERED"}


def test_the_appliance_outlives_the_far_side_of_its_memif(instance):
    count, deaths, socket = 50, 10, instance.folder / "memif.sock"

    def change(document):
        many_accounts(document, count)
        over_memif(document, socket, "server")

    port = f"memif:{socket}"
    registrar = blast_command(instance.lab, port, REGISTRAR, "registrar", "--mac", BLAST_MAC,
                              "--realm", DOMAIN, "--password", SECRET)
    # More than the appliance can receive, to a port that nobody has: it does little else.
    flood = blast_command(instance.lab, port, REGISTRAR, "rtp", "--mac", BLAST_MAC, "--peer-mac",
                          APPLIANCE_SERVER_MAC, "--to", APPLIANCE, "--one-way", "--streams", 1000,
                          "--ptime", "0.1", "--payload", 1400, "--seconds", 60)
    log = instance.logs / "blast.log"
    appliance = start_appliance(instance, change)
    try:
        with playing(registrar, log):
            wait_until(lambda: all_registered(appliance, count), 40, "every account registered",
                       interval=0.2)
        for _ in range(deaths):
            kill_amid_traffic(appliance, flood, log)
        before = cseqs(appliance)
        with playing(registrar, instance.logs / "second-blast.log") as played:
            subprocess.run([PROGRAM, "register", "all", "--socket", instance.socket], check=True,
                           capture_output=True, timeout=30)
            wait_until(lambda: len(now := cseqs(appliance)) == count
                       and all(now[name] > before.get(name, 0) for name in now), 60,
                       "every account registered again", interval=0.2)
    finally:
        assert appliance.stop() == 0
    assert played["report"]["wrong"] == 0, played["report"]
    assert played["report"]["registered"] == count


def kamailio(instance, users):
    add_wire(instance.lab, LAB_INTERFACE, instance.port, PORT_INTERFACE, [f"{REGISTRAR}/24"])
    return Kamailio(instance.lab, [REGISTRAR], users, instance.folder, instance.logs / "kamailio.log")


def client(instance, role, *words):
    return blast_command(instance.port, f"af_packet:{PORT_INTERFACE}", APPLIANCE, role, "--to",
                         f"{REGISTRAR}:5060", *words)


def test_clients_register_at_kamailio(instance):
    count, rounds = 100, 10
    registrar = kamailio(instance, {f"u{number}": SECRET for number in range(count)})
    registrar.start()
    try:
        code, report = play(client(instance, "register", "--accounts", count, "--rounds", rounds,
                                   "--password", SECRET, "--domain", REALM, "--window", 16))
        assert (code, report["wrong"], report["completed"]) == (0, 0, count * rounds), report
        assert report["latency"]["count"] == count * rounds
        assert report["latency"]["p50_us"] <= report["latency"]["p99_us"]
        assert report["latency"]["p99_us"] <= report["latency"]["max_us"]
        bindings = registrar.bindings()
        assert len(bindings) == count
        assert len(bindings[f"u7@{REALM}"]) == 1

        code, report = play(client(instance, "register", "--accounts", 5, "--password", "guess",
                                   "--domain", REALM))
        assert code == 1, "wrong answers are told by the exit code"
        assert report["refused_by_status"] == {"401": 5}
    finally:
        registrar.stop()


def test_options_at_a_rate_are_answered_by_kamailio(instance):
    registrar = kamailio(instance, {"u0": SECRET})
    registrar.start()
    try:
        code, report = play(client(instance, "options", "--rate", 2000, "--count", 1000))
    finally:
        registrar.stop()
    assert (code, report["wrong"], report["completed"]) == (0, 0, 1000), report
    assert report["seconds"] >= 0.499, "open loop: not faster than asked for"
    assert 0 < report["cpu_seconds"] <= report["seconds"]


def test_the_kernel_resolves_and_pings_the_generator(instance):
    add_wire(instance.lab, LAB_INTERFACE, instance.port, PORT_INTERFACE,
             [f"{REGISTRAR}/24", "2001:db8:2::1/64"])
    command = blast_command(instance.port, f"af_packet:{PORT_INTERFACE}", APPLIANCE, "registrar",
                            "--address", "2001:db8:2::10/64")
    with playing(command, instance.logs / "blast.log") as played:
        for address in (APPLIANCE, "2001:db8:2::10"):
            instance.lab.run("ping", "-c", "2", "-i", "0.1", "-w", "10", "-s", "1000", address)
    assert played["report"]["link"]["answered"] >= 6, "two resolutions, four pings"
    assert played["exit_code"] == 0


def test_clients_against_the_registrar_over_memif(instance):
    socket = instance.folder / "memif.sock"
    server = blast_command(instance.lab, f"memif:{socket},server", REGISTRAR, "registrar",
                           "--realm", DOMAIN, "--password", SECRET)
    with playing(server, instance.logs / "blast.log") as played:
        code, report = play(blast_command(
            instance.port, f"memif:{socket}", APPLIANCE, "register", "--to", REGISTRAR,
            "--accounts", 2000, "--rounds", 2, "--password", SECRET, "--domain", DOMAIN))
    assert (code, report["wrong"], report["completed"]) == (0, 0, 4000), report
    assert report["timed_out"] == 0
    counted = played["report"]
    assert counted["wrong"] == 0 and played["exit_code"] == 0
    assert (counted["registered"], counted["refreshed"]) == (2000, 2000)
    assert counted["bound"] == 2000


def test_the_registrar_writes_a_line_for_each_address_of_record(instance):
    socket, table = instance.folder / "memif.sock", instance.folder / "aors.csv"
    server = blast_command(instance.lab, f"memif:{socket},server", REGISTRAR, "registrar",
                           "--realm", DOMAIN, "--password", SECRET, "--aor-csv", table)
    with playing(server, instance.logs / "blast.log") as played:
        for password, *words in ((SECRET, "--accounts", 3, "--rounds", 2),
                                 (SECRET, "--accounts", 2, "--expires", 0),
                                 ("guess", "--accounts", 1)):
            play(blast_command(instance.port, f"memif:{socket}", APPLIANCE, "register", "--to",
                               REGISTRAR, "--domain", DOMAIN, "--password", password, *words))
    assert played["exit_code"] == 1, "the guess"
    with open(table, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [["aor", "registered", "refreshed", "unregistered", "wrong"],
                    [f"u0@{DOMAIN}", "1", "1", "1", "1"],
                    [f"u1@{DOMAIN}", "1", "1", "1", "0"],
                    [f"u2@{DOMAIN}", "1", "1", "0", "0"]]


def test_a_table_that_cannot_be_written_is_told(instance):
    socket = instance.folder / "memif.sock"
    command = blast_command(instance.lab, f"memif:{socket},server", REGISTRAR, "registrar",
                            "--seconds", "0.1", "--aor-csv", "/nowhere/aors.csv")
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=30, check=False)
    assert result.returncode == 1
    assert "cannot write /nowhere/aors.csv; give another --aor-csv" in result.stderr


def test_the_kernel_registers_at_the_generator_over_a_tap(instance):
    tap = "blast0"
    command = blast_command(instance.lab, f"tap:{tap}", REGISTRAR, "registrar", "--realm", DOMAIN,
                            "--password", SECRET)
    with playing(command, instance.logs / "blast.log") as played:
        wait_until(lambda: tap in instance.lab.run("ip", "-o", "link"), 20, "the TAP")
        instance.lab.run("ip", "address", "add", f"{APPLIANCE}/24", "dev", tap)
        instance.lab.run("ip", "link", "set", tap, "up")
        instance.lab.run("ping", "-c", "2", "-i", "0.1", "-w", "10", "-s", "1000", REGISTRAR)
        with SipClient(instance.lab, APPLIANCE) as client:
            answer = client.register(REGISTRAR, "tapped", SECRET, f"sip:tapped@{DOMAIN}",
                                     f"sip:tapped@{client.sender}")
        assert answer.status == 200
        assert f"<sip:tapped@{client.sender}>" in answer.header("contact")
    report = played["report"]
    assert (report["wrong"], played["exit_code"]) == (0, 0), report
    assert report["challenged"] == report["registered"] == report["bound"] == 1
    assert report["link"]["answered"] >= 3, "a resolution, two pings"
    assert report["link"]["bad_checksums"] == 0


def rtp_over(instance, ports, *words):
    """RTP streams from the second port to the first and back: the exit codes and reports of both
    ends."""
    far = blast_command(instance.lab, ports[0], REGISTRAR, "rtp-peer")
    with playing(far, instance.logs / "blast.log") as played:
        code, report = play(blast_command(instance.port, ports[1], APPLIANCE, "rtp", "--to",
                                          REGISTRAR, *words))
    return code, report, played


def memif_ports(instance):
    socket = instance.folder / "memif.sock"
    return f"memif:{socket},server", f"memif:{socket}"


def kernel_ports(instance):
    add_wire(instance.lab, LAB_INTERFACE, instance.port, PORT_INTERFACE, [])
    instance.lab.set_for_interface("disable_ipv6", LAB_INTERFACE, 1)
    return f"af_packet:{LAB_INTERFACE}", f"af_packet:{PORT_INTERFACE}"


@pytest.mark.parametrize("make_ports", [memif_ports, kernel_ports])
def test_rtp_streams_come_back(instance, make_ports):
    code, report, played = rtp_over(instance, make_ports(instance), "--streams", 20, "--seconds", 1)
    assert (code, report["wrong"], report["unsent"]) == (0, 0, 0), report
    assert report["sent"] == report["received"] == 20 * 50
    assert report["lost"] == report["reordered"] == report["duplicates"] == 0
    assert report["latency"]["count"] == 1000 and report["latency"]["p50_us"] > 0
    assert report["latency"]["p999_us"] <= report["latency"]["max_us"]
    assert report["jitter"]["max_us"] >= report["jitter"]["mean_us"] > 0
    counted = played["report"]
    assert (played["exit_code"], counted["wrong"]) == (0, 0), counted
    assert (counted["streams"], counted["received"], counted["reflected"]) == (20, 1000, 1000)
    assert counted["lost"] == 0
    # Both read the machine's counter, so the far end knows how long a packet was under way.
    assert counted["latency"]["count"] == 1000
    assert counted["latency"]["max_us"] <= report["latency"]["max_us"]


def test_more_rtp_than_the_wire_takes_still_ends(instance):
    code, report, played = rtp_over(instance, memif_ports(instance), "--streams", 100, "--ptime",
                                    "0.01", "--seconds", "0.2")
    assert (code, report["wrong"]) == (0, 0), report
    assert report["sent"] + report["unsent"] == 100 * 20000
    assert report["sent"] >= report["received"] > 0
    assert report["lost"] == report["sent"] - report["received"]
    assert played["exit_code"] == 0


def test_lost_requests_are_sent_again(instance):
    socket = instance.folder / "memif.sock"
    server = blast_command(instance.lab, f"memif:{socket},server", REGISTRAR, "registrar",
                           "--realm", DOMAIN, "--drop", "0.1")
    with playing(server, instance.logs / "blast.log") as played:
        code, report = play(blast_command(
            instance.port, f"memif:{socket}", APPLIANCE, "register", "--to", REGISTRAR,
            "--accounts", 500, "--domain", DOMAIN, "--t1", 20))
    assert (code, report["completed"], report["timed_out"]) == (0, 500, 0), report
    # A machine that is busy elsewhere may have some more sent again that were not lost.
    assert report["retransmissions"] >= played["report"]["dropped"] > 0
    assert played["report"]["wrong"] == 0


@pytest.mark.parametrize("words, said", [
    (["options", "--count", 5, "--t1", 10], "5 of 5 operations timed out"),
    (["register", "--accounts", 3, "--t1", 10], "3 of 3 operations timed out"),
    (["rtp", "--streams", 2, "--seconds", "0.1"], "packets came back"),
])
def test_a_peer_that_answers_nothing_is_told_by_the_exit_code(instance, words, said):
    add_wire(instance.lab, LAB_INTERFACE, instance.port, PORT_INTERFACE, [])
    command = blast_command(instance.port, f"af_packet:{PORT_INTERFACE}", APPLIANCE, *words, "--to",
                            REGISTRAR, "--peer-mac", BLAST_MAC)
    command.remove("--json")
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=30, check=False)
    assert (result.returncode, said in result.stderr) == (1, True), result.stderr
    assert re.search(r"^completed +0$", result.stdout, re.MULTILINE), result.stdout


@pytest.mark.parametrize("words, said", [
    (["--to", "198.51.100.1"], "--gateway"),
    (["--to", REGISTRAR, "--wait", "0.5"], "does not answer ARP"),
])
def test_a_peer_that_cannot_be_reached_is_told(instance, words, said):
    add_wire(instance.lab, LAB_INTERFACE, instance.port, PORT_INTERFACE, [])
    command = blast_command(instance.port, f"af_packet:{PORT_INTERFACE}", APPLIANCE, "options",
                            *words)
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=30, check=False)
    assert result.returncode == 1
    assert said in result.stderr


@pytest.mark.parametrize("port, patience, said", [
    ("af_packet:none0", 600, "none0"),
    ("memif:/run/nobody-makes-it.sock", 0.2, "Failed to connect socket"),
    # Nobody makes the folder either, so there is nothing to wait for.
    ("memif:/nowhere/memif.sock", 600, "one side be the server"),
])
def test_a_port_that_is_not_there_is_told(instance, port, patience, said):
    command = blast_command(instance.port, port, APPLIANCE, "registrar", "--wait", patience)
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=30, check=False)
    assert result.returncode == 1
    assert said in result.stderr
