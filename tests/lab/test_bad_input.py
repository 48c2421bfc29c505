"""What is wrong is told, with what to do about it; nothing is left half started."""

import os
import socket
import subprocess

import pytest
from conftest import LabMaker, lab_document
from expected import APPLIANCE, REGISTRAR
from sip_client import SipClient, request

from lab import configuration
from lab.lab import PROGRAM

NO_PRIVILEGES = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """Namespaces and a wire, and no appliance."""
    maker = LabMaker(tmp_path_factory.mktemp("bench"))
    try:
        yield maker(start=False)
    finally:
        maker.close()


class Attempt:
    """Runs the program on a configuration in the lab and says what became of it."""

    def __init__(self, lab, folder):
        self.lab = lab
        self.path = folder / "bad.yaml"
        self.socket = lab.instance.socket

    def document(self, change):
        document = lab_document(change)
        # The lab's own appliance has that port; what this one keeps is its own.
        document["administration"].pop("web_and_cli", None)
        for key in ("sealing_key", "registration_journal"):
            document["administration"][key] = str(self.path.with_name(key))
        document["ip_network"].setdefault("network_namespace", "")
        if document["ip_network"]["network_namespace"] == "unused":
            document["ip_network"]["network_namespace"] = self.lab.instance.appliance.name
        if document["administration"]["local_socket"] == "unused":
            document["administration"]["local_socket"] = str(self.socket)
        configuration.write(document, self.path)

    def run(self, command="run", before=(), environment=None):
        """Its exit code and all that it said; fails if anything is left afterwards."""
        links = self._links()
        result = subprocess.run(
            self.lab.instance.port.command(*before, PROGRAM, command, self.path),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False,
            env={**os.environ, **(environment or {})})
        assert self._links() == links
        assert not self.socket.exists()
        return result.returncode, result.stdout + result.stderr

    def _links(self):
        namespaces = (self.lab.instance.port, self.lab.instance.appliance)
        return [namespace.run("ip", "-o", "address") for namespace in namespaces]


@pytest.fixture
def attempt(bench, tmp_path):
    return Attempt(bench, tmp_path)


def port(document):
    return document["ip_network"]["physical_ports"][0]


def accounts(document):
    return document["signaling_and_media"]["accounts"]


def sip_interfaces(document):
    return document["signaling_and_media"]["sip_interfaces"]


# What is changed in conf/lab.yaml, and words that the message must have.
FAULTS = {
    "unknown key": (
        lambda d: d["appliance"].update(hostnam="sbc1"),
        ["appliance.hostnam", "'hostname'"]),
    "wrong type": (
        lambda d: d["appliance"].update(shards="many"),
        ["appliance.shards", "many"]),
    "out of range": (
        lambda d: d["appliance"].update(shards=0),
        ["appliance.shards", "0"]),
    "not one of the values": (
        lambda d: accounts(d)[0].update(register="regulr"),
        ["signaling_and_media.accounts[0].register", "regulr", "'regular'"]),
    "reference to nothing": (
        lambda d: sip_interfaces(d)[0].update(network_interface="Voce"),
        ["sip_interfaces[0].network_interface", "Voce", "'Voice'"]),
    "two ports with one name": (
        lambda d: d["ip_network"]["physical_ports"].append(dict(port(d))),
        ["ip_network.physical_ports[1]", "GE_1"]),
    "port that the model does not have": (
        lambda d: (port(d).update(name="XX_9"),
                   d["ip_network"]["ethernet_groups"][0].update(members=["XX_9"])),
        ["XX_9", "GE_1"]),
    "address that is none": (
        lambda d: d["ip_network"]["ip_interfaces"][0].update(address="192.0.2.300/24"),
        ["ip_interfaces[0].address", "192.0.2.300/24"]),
    "secret file that is not there": (
        lambda d: accounts(d)[0].update(password={"file": "/nowhere/office.secret"}),
        ["accounts[0].password", "/nowhere/office.secret"]),
    "secret of an environment that has none": (
        lambda d: accounts(d)[0].update(password={"env": "TRUNKLINE_TEST_NO_SUCH"}),
        ["accounts[0].password", "TRUNKLINE_TEST_NO_SUCH"]),
    "two SIP interfaces on one port": (
        lambda d: sip_interfaces(d).append({**sip_interfaces(d)[0], "name": "Second"}),
        ["sip_interfaces[1]", "5060"]),
}


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_configuration_is_refused_with_what_is_wrong(attempt, name, command):
    change, words = FAULTS[name]
    attempt.document(change)
    code, said = attempt.run(command)
    assert code == 1
    assert f"{attempt.path}:" in said
    for word in words:
        assert word in said


def test_all_faults_are_told_at_once(attempt):
    def change(document):
        for name in ("unknown key", "not one of the values", "reference to nothing"):
            FAULTS[name][0](document)

    attempt.document(change)
    code, said = attempt.run("check")
    assert code == 1
    for name in ("unknown key", "not one of the values", "reference to nothing"):
        for word in FAULTS[name][1]:
            assert word in said


def test_the_place_of_a_fault_is_told_with_line_and_column(attempt):
    attempt.path.write_text("appliance:\n  model: mediant-ve\n  shards: many\n", encoding="utf-8")
    code, said = attempt.run("check")
    assert code == 1
    assert f"{attempt.path}:3:11: appliance.shards" in said


@pytest.mark.parametrize("text", [
    "appliance: {model: [\n", "a: b: c\n", "\t- x\n", "- a list\n", "", "\x00\x01", "&a [*a]\n",
    "x: " + "[" * 5000,
], ids=["unclosed", "two colons", "tab", "list", "empty", "binary", "cycle", "deep"])
def test_what_is_no_configuration_at_all_is_refused(attempt, text):
    attempt.path.write_text(text, encoding="utf-8")
    code, said = attempt.run()
    assert code == 1
    assert str(attempt.path) in said


def test_a_file_that_is_not_there_is_named(attempt):
    code, said = attempt.run()
    assert code == 1
    assert str(attempt.path) in said


def test_a_network_interface_that_is_not_there_is_named(attempt):
    attempt.document(lambda d: port(d)["device"].update(interface="sbc9"))
    code, said = attempt.run()
    assert code == 1
    assert "sbc9" in said and "GE_1" in said


def test_a_network_namespace_that_is_not_there_is_named(attempt):
    attempt.document(lambda d: d["ip_network"].update(network_namespace="no-such-namespace"))
    code, said = attempt.run()
    assert code == 1
    assert "no-such-namespace" in said


def test_without_privileges_it_says_which_it_needs(attempt):
    attempt.document(None)
    code, said = attempt.run(before=NO_PRIVILEGES)
    assert code == 1
    assert "root" in said or "CAP_" in said


def test_a_local_socket_in_a_folder_that_cannot_be_made_is_named(attempt):
    attempt.document(lambda d: d["administration"].update(local_socket="/proc/none/trunkline.sock"))
    code, said = attempt.run()
    assert code == 1
    assert "/proc/none" in said


def test_a_local_socket_that_another_one_serves_is_left_alone(attempt, tmp_path):
    taken = tmp_path / "taken.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(taken))
        other.listen()
        attempt.document(lambda d: d["administration"].update(local_socket=str(taken)))
        code, said = attempt.run()
        assert code == 1
        assert str(taken) in said
        assert taken.exists()


@pytest.mark.parametrize("words", [
    ["run"], ["run", "a.yaml", "b.yaml"], ["bogus"], ["check"], ["show", "nothing"],
    ["show", "registration", "--colour-of-the-sky"], ["--bogus"],
], ids=" ".join)
def test_wrong_usage_ends_with_2(words):
    result = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=30,
                            check=False)
    assert result.returncode == 2
    assert result.stdout + result.stderr


def test_show_without_an_appliance_says_what_to_do(tmp_path):
    path = tmp_path / "nobody.sock"
    result = subprocess.run([PROGRAM, "show", "registration", "--socket", path],
                            capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 1
    assert str(path) in result.stderr
    assert "trunkline run" in result.stderr


def test_a_second_appliance_on_the_same_port_and_socket_is_refused(make_lab):
    lab = make_lab()
    lab.wait_registered()
    second = subprocess.run(lab.instance.port.command(PROGRAM, "run", lab.config),
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
                            check=False)
    assert second.returncode == 1
    assert str(lab.instance.socket) in second.stdout + second.stderr
    assert all(row["registered"] for row in lab.appliance.registrations())


def test_a_second_appliance_with_the_same_kernel_twin_is_refused(make_lab, tmp_path):
    lab = make_lab()
    lab.wait_registered()
    other = Attempt(lab, tmp_path)
    other.socket = tmp_path / "other.sock"
    other.document(None)
    code, said = other.run()
    assert code == 1
    assert "voice" in said
    with SipClient(lab.instance.lab, REGISTRAR) as client:
        ask = request("OPTIONS", f"sip:{APPLIANCE}", sender=client.sender)
        assert client.ask(ask, APPLIANCE).status == 200
    assert "1 received" in lab.instance.lab.run("ping", "-c", "1", "-W", "2", APPLIANCE)
