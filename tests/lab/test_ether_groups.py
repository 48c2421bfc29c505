"""Ethernet groups: what a lost link costs, what the network is told, what comes back by itself."""

import itertools
import re
import select
import time

import pytest
from capture import Capture, decode
from expected import APPLIANCE, APPLIANCE_6, REGISTRAR, general, only_account, proxy_and_registration
from sip_client import Message, SipClient, request
from switch import PORTS, Switch
from test_cli import run

from lab.lab import REGISTRAR_6
from lab.waiting import wait_until

PERIOD = 0.002


@pytest.fixture
def make_switched_lab(make_lab):
    """A lab with two ports in one group on a switch: (lab, switch)."""
    made = []

    def make(mode, change=None):
        def with_group(document):
            network = document["ip_network"]
            network["physical_ports"] = [
                {"name": f"GE_{i}", "device": {"vdev": "af_packet", "interface": interface}}
                for i, interface in enumerate(PORTS.values(), start=1)]
            network["ethernet_groups"] = [
                {"name": "GROUP_1", "members": ["GE_1", "GE_2"], "mode": mode}]
            network["ip_interfaces"].append(
                {"name": "Voice6", "application_types": ["media", "control"], "device": "vlan 1",
                 "address": f"{APPLIANCE_6}/64", "gateway": REGISTRAR_6})
            if change:
                change(document)

        lab = make_lab(with_group, start=False)
        made.append((lab, Switch(lab)))
        lab.start_appliance()
        return made[-1]

    yield make
    for lab, switch in made:
        lab.close()  # it un-registers by way of the switch
        switch.delete()


def group(lab):
    return lab.appliance.ask("show ethernet-groups")["groups"][0]


def senders(lab):
    return [member["port"] for member in group(lab)["members"] if member["sends"]]


def wait_for_sender(lab, port):
    wait_until(lambda: senders(lab) == [port], 20, lambda: f"{port} sends, but {group(lab)}")


def alarms(lab):
    reply = lab.appliance.ask("alarms active", limit=1000)
    return {row["name"] for row in reply["alarms"]}


class Stream:
    """Numbered OPTIONS, sent whether or not there are answers; who got none is lost."""

    def __init__(self, namespace):
        self._client = SipClient(namespace, REGISTRAR)
        self._numbers = itertools.count(1)
        self.sent = {}
        self.answered = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.close()

    def run_until(self, condition):
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, f"{len(self.answered)} of {len(self.sent)} answered"
            number = next(self._numbers)
            self.sent[number] = time.monotonic()
            self._client.send(request("OPTIONS", f"sip:{APPLIANCE}", sender=self._client.sender,
                                      cseq=number), APPLIANCE)
            self._receive(PERIOD)

    def run_for(self, answers):
        """Until that many more were answered."""
        enough = len(self.answered) + answers
        self.run_until(lambda: len(self.answered) >= enough)

    def lost(self):
        """Numbers without an answer, once nothing has come for a while."""
        while self._receive(2):
            pass
        return sorted(set(self.sent) - set(self.answered))

    def _receive(self, timeout):
        received = False
        while select.select([self._client.socket], [], [], 0 if received else timeout)[0]:
            answer = Message(self._client.socket.recv(65535))
            assert answer.status == 200
            self.answered.setdefault(int(answer.header("CSeq").split()[0]), time.monotonic())
            received = True
        return received


@pytest.mark.parametrize("mode", ["1rx_1tx", "2rx_1tx", "2rx_2tx"])
def test_a_lost_link_costs_some_requests_and_its_return_none(make_switched_lab, tmp_path, mode):
    lab, switch = make_switched_lab(mode)
    lab.wait_registered()
    assert group(lab)["members"][0]["sends"]
    both_send = mode == "2rx_2tx"
    pcap = tmp_path / "other.pcap"
    with Stream(lab.instance.lab) as stream:
        stream.run_for(answers=100)
        assert stream.lost() == []
        with Capture(switch.namespace, "port2", pcap):
            first = len(stream.sent) + 1
            switch.cut("port1")
            stream.run_until(lambda: group(lab)["switch_overs"] == 1)
            stream.run_for(answers=300)
            lost = stream.lost()
        assert all(number >= first for number in lost)
        assert not lost or lost == list(range(lost[0], lost[-1] + 1)), "one gap"
        gap = stream.answered[lost[-1] + 1] - stream.sent[lost[0]] if lost else 0
        print(f"{mode}: {len(lost)} of {len(stream.sent) - first + 1} requests lost, "
              f"{gap * 1000:.0f} ms from the first of them to the next answer")
        assert senders(lab) == ["GE_2"]
        told_of(pcap)

        switch.plug_in("port1")
        if both_send:
            wait_until(lambda: senders(lab) == ["GE_1", "GE_2"], 20, "both send again")
        else:
            stream.run_until(lambda: group(lab)["members"][0]["link_up"])
        stream.run_for(answers=1000)
        # What waited in the port that was cut may be answered now.
        assert set(stream.lost()) <= set(lost), "the return of the first member costs nothing"
        if not both_send:
            assert senders(lab) == ["GE_2"], "it stays where it is"
            assert group(lab)["switch_overs"] == 1
            switch.cut("port2")
            wait_for_sender(lab, "GE_1")
            stream.run_for(answers=100)
    assert all(row["registered"] for row in lab.appliance.registrations())


def test_a_link_that_a_lab_cuts_is_switched_from_and_says_so_until_it_is_mended(make_switched_lab):
    lab, _ = make_switched_lab("1rx_1tx")
    lab.wait_registered()
    with Stream(lab.instance.lab) as stream:
        stream.run_for(answers=50)
        run(lab, "debug board fault port GE_1 down")
        stream.run_until(lambda: senders(lab) == ["GE_2"])
        stream.run_for(answers=300)
        stream.lost()
        cut = group(lab)
        assert (cut["switch_overs"], cut["members"][0]["source"]) == (1, "injected")
        assert "GE_1 (down (injected), standby), GE_2 (up, active)" in run(lab, "show network ether-group")
        assert re.search(r"^GE_1 .* DOWN \(injected\) ", run(lab, "show network physical-port"), re.MULTILINE)
        assert re.search(r"^GE_1 +down \(injected\) .* off", run(lab, "show system hardware"), re.MULTILINE)
        wait_until(lambda: "acBoardEthernetLinkAlarm" in alarms(lab), 20, "the link's alarm")
        assert "GE_1 link is down (injected)" in run(lab, "show system alarms")

        run(lab, "debug board fault port GE_2 down")
        wait_until(lambda: senders(lab) == [], 20, "nobody sends")
        wait_until(lambda: "Ethernet Group GROUP_1 is Down (injected)" in run(lab, "show system alarms"),
                   20, "the group's alarm")
        run(lab, "no debug board fault port GE_2")
        stream.run_until(lambda: senders(lab) == ["GE_2"])
        stream.run_for(answers=50)
        run(lab, "no debug board fault")
        wait_until(lambda: not {"acBoardEthernetLinkAlarm", "acEthernetGroupAlarm"} & alarms(lab), 20,
                   "no alarms")
        assert senders(lab) == ["GE_2"], "it stays where it is"
    assert "no port GE_9 is in use; there are GE_1, GE_2" in run(
        lab, "debug board fault port GE_9 down", code=1)
    assert all(row["registered"] for row in lab.appliance.registrations())


def test_a_port_that_is_disabled_leaves_its_group_while_it_runs(make_switched_lab):
    lab, switch = make_switched_lab("2rx_1tx")
    lab.wait_registered()

    def set_mode(mode):
        run(lab, "configure network", "physical-port 0", f"mode {mode}", "exit", "exit")

    with Stream(lab.instance.lab) as stream:
        stream.run_for(answers=50)
        set_mode("disable")
        stream.run_until(lambda: senders(lab) == ["GE_2"])
        stream.run_for(answers=300)
        stream.lost()
        assert re.search(r"^GE_1 .* DISABLED .* AUTO ", run(lab, "show network physical-port"), re.MULTILINE)
        assert "NO-CARRIER" in switch.namespace.run("ip", "link", "show", "port1"), "the far side sees it"
        assert "acBoardEthernetLinkAlarm" not in alarms(lab), "nothing is wrong"
        set_mode("enable")
        stream.run_until(lambda: group(lab)["members"][0]["link_up"])
        run(lab, "debug board fault port GE_2 down")
        stream.run_until(lambda: senders(lab) == ["GE_1"])
        stream.run_for(answers=50)
    assert all(row["registered"] for row in lab.appliance.registrations())


# Mediant 2.7
def test_an_account_that_searches_as_ims_does_registers_again_when_its_link_is_back(make_lab):
    def change(document):
        document["signaling_and_media"]["accounts"][0]["registrar_search_mode"] = "according_to_ims"
        proxy_and_registration(document)["registration_time"] = 3600

    lab = make_lab(change)

    def attempts():
        return {row["name"]: row["attempts"] for row in lab.appliance.registrations()}

    lab.wait_registered()
    before = attempts()
    run(lab, "debug board fault port GE_1 down")
    wait_until(lambda: not group(lab)["members"][0]["link_up"], 20, "the link is down")
    run(lab, "no debug board fault")
    wait_until(lambda: attempts()["office"] > before["office"], 20, lambda: f"{before} < {attempts()}")
    lab.wait_registered()
    assert {name for name, number in attempts().items() if number != before[name]} == {"office"}


def told_of(pcap):
    """The other member announced each address by its family's means."""
    arps = decode(pcap, "arp.isgratuitous", ["arp.src.proto_ipv4", "eth.src"])
    assert {row["arp.src.proto_ipv4"][0] for row in arps} == {APPLIANCE}
    assert len(arps) >= 1
    told = decode(pcap, "icmpv6.type == 136 && icmpv6.nd.na.flag.s == 0 && ipv6.dst == ff02::1",
                  ["icmpv6.nd.na.target_address", "icmpv6.checksum.status"])
    assert {row["icmpv6.nd.na.target_address"][0] for row in told} == {APPLIANCE_6}
    assert all(row["icmpv6.checksum.status"] == ["1"] for row in told), told


def test_without_any_link_an_alarm_stands_until_one_is_back(make_switched_lab):
    def change(document):
        only_account(document)
        general(document).update(t1=100, t2=400)
        document["signaling_and_media"]["sip_definitions"]["proxy_and_registration"].update(
            registration_time=10, registration_retry_time=10)

    lab, switch = make_switched_lab("2rx_1tx", change)
    lab.wait_registered()
    switch.cut("port1")
    wait_until(lambda: "acBoardEthernetLinkAlarm" in alarms(lab), 20, "the link's alarm")
    assert "acEthernetGroupAlarm" not in alarms(lab)
    switch.cut("port2")
    wait_until(lambda: "acEthernetGroupAlarm" in alarms(lab), 20, "the group's alarm")
    assert re.search(r"^GROUP_1 +2RX/1TX +DOWN +GE_1 \(down, receives\), GE_2 \(down, active\) +1$",
                     run(lab, "show network ether-group"), re.MULTILINE)
    lab.wait_state("office", "FAILED", 60)
    switch.plug_in("port1")
    wait_until(lambda: "acEthernetGroupAlarm" not in alarms(lab), 20, "no group's alarm")
    wait_for_sender(lab, "GE_1")
    lab.wait_registered(60)
