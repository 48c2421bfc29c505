"""Datagrams in fragments, as large as UDP carries (RFC 3261 18.1.1), over a TAP port: af_packet has IPv4
fragments put together by the kernel and cuts what is above 8 kB."""

import pytest
from expected import APPLIANCE, APPLIANCE_6
from sip_client import SipClient, request

from lab.lab import PORT_INTERFACE, REGISTRAR, REGISTRAR_6
from lab.waiting import wait_until

TAP = "tl-tap"


def over_tap(document):
    document["ip_network"]["physical_ports"][0]["device"] = {"vdev": "tap", "interface": TAP}


def over_tap_6(document):
    over_tap(document)
    interface = document["ip_network"]["ip_interfaces"][0]
    interface.update(address=f"{APPLIANCE_6}/64", gateway=REGISTRAR_6, primary_dns=REGISTRAR_6)


def wire_tap(lab):
    """A bridge between the TAP, which the appliance makes, and the wire of the lab."""
    namespace = lab.instance.port

    def is_there():
        lab.appliance.check_alive()
        return TAP in namespace.run("ip", "-o", "link")

    wait_until(is_there, 20, "the TAP")
    namespace.run("ip", "link", "add", "bridge", "type", "bridge")
    # The appliance has the TAP's address for itself; a bridge would keep its frames.
    namespace.run("ip", "link", "set", TAP, "address", "02:00:00:00:00:99")
    for interface in (TAP, PORT_INTERFACE, "bridge"):
        namespace.set_for_interface("disable_ipv6", interface, 1)
    for interface in (TAP, PORT_INTERFACE):
        namespace.run("ip", "link", "set", interface, "master", "bridge")
    for interface in (TAP, "bridge"):
        namespace.run("ip", "link", "set", interface, "up")


@pytest.fixture(params=[(over_tap, APPLIANCE, REGISTRAR), (over_tap_6, APPLIANCE_6, REGISTRAR_6)],
                ids=["ip4", "ip6"])
def peer(request, make_lab):
    """The lab, a client in it, and the address of the appliance."""
    change, appliance, own = request.param
    lab = make_lab(change, start=False)
    lab.start_appliance()
    wire_tap(lab)
    lab.wait_registered(60)
    with SipClient(lab.instance.lab, own) as client:
        yield lab, client, appliance


def uri_of(address):
    return f"sip:[{address}]" if ":" in address else f"sip:{address}"


# T121
def test_options_of_sixty_kilobytes_are_answered(peer):
    lab, client, appliance = peer
    data = request("OPTIONS", uri_of(appliance), sender=client.sender,
                   extra=["Content-Type: text/plain"], body=b"x" * 60_000)
    assert client.ask(data, appliance).status == 200
    counters = lab.appliance.counters()["counters"]
    assert counters["reassembly.datagrams"] >= 1
    assert counters["ip4.truncated"] == 0


# T121
def test_a_large_answer_comes_back_in_fragments(peer):
    """It has the Vias of its request, which may be 16 kB, and goes the request's way however large."""
    lab, client, appliance = peer
    vias = [f"Via: SIP/2.0/UDP host{number}.example;branch=z9hG4bK{number};padding={'p' * 450}"
            for number in range(30)]
    data = request("OPTIONS", uri_of(appliance), sender=client.sender, extra=vias)
    assert len(data) > 8 * 1500
    answer = client.ask(data, appliance)
    assert answer.status == 200
    assert [value for name, value in answer.headers if name == "via"][1:] == [
        via.removeprefix("Via: ") for via in vias]
    assert lab.appliance.counters()["counters"]["fragment.fragments"] > 8
