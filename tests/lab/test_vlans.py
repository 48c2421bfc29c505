"""Several VLANs on one port, and ways to networks that no default gateway leads to."""

import pytest
from expected import APPLIANCE, REGISTRAR
from packet_socket import with_tag
from sip_client import SipClient, request
from switch import Switch, VlanSwitch
from test_configuration import ask

from lab.lab import LAB_INTERFACE
from lab.namespaces import add_wire
from lab.waiting import wait_until

VLAN = 20
# The untagged network.
OFFICE, OFFICE_HOST = "198.51.100.10", "198.51.100.1"
FAR_NETWORK, FAR_HOST = "203.0.113.0/24", "203.0.113.5"
ROUTES = "ip_network.static_routes"


def in_vlan(document):
    """The voice interface on a tagged device, and one on the untagged device beside it."""
    network = document["ip_network"]
    network["ethernet_devices"].append(
        {"name": f"vlan {VLAN}", "underlying": "GROUP_1", "vlan_id": VLAN, "tagging": "tagged"})
    network["ip_interfaces"][0]["device"] = f"vlan {VLAN}"
    network["ip_interfaces"].append(
        {"name": "Office", "application_types": ["control"], "address": f"{OFFICE}/24",
         "device": "vlan 1"})
    document["signaling_and_media"]["sip_interfaces"].append(
        {"name": "SIPInterface_1", "network_interface": "Office", "udp_port": 5060})


@pytest.fixture
def tagged_lab(make_lab):
    """The lab in a VLAN of its own, an office network untagged: (lab, what forwards both)."""
    lab = make_lab(in_vlan, start=False)
    switch = Switch(lab, bridge=False)
    namespace = lab.instance.lab
    add_wire(namespace, "office0", switch.namespace, "office1", [f"{OFFICE_HOST}/24"])
    try:
        with VlanSwitch(switch.namespace, "port1", {VLAN: "up0", None: "office1"}) as forwarder:
            lab.start_appliance()
            yield lab, forwarder
            lab.appliance.stop()  # it un-registers by way of the switch
    finally:
        switch.delete()


def test_a_tagged_device_registers_beside_an_untagged_one(tagged_lab):
    lab, forwarder = tagged_lab
    lab.wait_registered(60)
    assert forwarder.vlans_seen == {VLAN, None}, "and nothing in another VLAN"
    for own, other in ((REGISTRAR, APPLIANCE), (OFFICE_HOST, OFFICE)):
        with SipClient(lab.instance.lab, own) as client:
            ask_it = request("OPTIONS", f"sip:{other}", sender=client.sender)
            assert client.ask(ask_it, other).status == 200
        assert "2 received" in lab.instance.lab.run("ping", "-c", "2", "-i", "0.2", "-W", "5",
                                                    "-s", "1472", other), "full frames"
    counters = lab.appliance.counters()["counters"]
    assert counters["vlan.unknown"] == counters["vlan.untagged"] == 0


def test_frames_of_a_vlan_that_nobody_speaks_are_dropped_and_counted(tagged_lab):
    lab, forwarder = tagged_lab
    lab.wait_registered(60)
    broadcast = b"\xff" * 6 + b"\x02\x00\x00\x00\x00\x77" + b"\x08\x00" + bytes(46)
    forwarder.send(with_tag(broadcast, 30))

    def counted():
        return lab.appliance.counters()["counters"]["vlan.unknown"] == 1

    wait_until(counted, 20, "the frame counted")


def answers(client):
    """Whether a request from the far network gets its answer."""
    try:
        ask_it = request("OPTIONS", f"sip:{APPLIANCE}", sender=client.sender)
        return client.ask(ask_it, APPLIANCE).status == 200
    except TimeoutError:
        return False


def test_a_static_route_leads_to_another_network_and_goes_as_it_came(make_lab):
    def change(document):
        del document["ip_network"]["ip_interfaces"][0]["gateway"]

    lab = make_lab(change)
    lab.wait_registered()
    lab.instance.lab.run("ip", "address", "add", f"{FAR_HOST}/32", "dev", LAB_INTERFACE)
    route = {"destination": FAR_NETWORK, "device": "vlan 1", "gateway": REGISTRAR}
    with SipClient(lab.instance.lab, FAR_HOST) as client:
        client.socket.settimeout(1)
        assert not answers(client), "without a way"
        assert lab.appliance.counters()["counters"]["next_hop.unreachable"] >= 1
        reply = ask(lab, "configuration edit", edits=[{"table": ROUTES, "rows": [0], "set": route}])
        assert reply["ok"] and not reply["reset_needed"], reply
        assert FAR_NETWORK in lab.instance.appliance.run("ip", "route")
        wait_until(lambda: answers(client), 20, "an answer by the static route")
        reply = ask(lab, "configuration edit", edits=[{"table": ROUTES, "rows": [0], "removes_row": True}])
        assert reply["ok"], reply
        assert FAR_NETWORK not in lab.instance.appliance.run("ip", "route")
        assert not answers(client), "the way has gone"
    assert all(row["registered"] for row in lab.appliance.registrations())
