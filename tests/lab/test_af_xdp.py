"""A port on AF_XDP: the NIC stays with the kernel, its frames go to the appliance alone."""

import re

import pytest
import test_network
from expected import APPLIANCE, REGISTRAR
from sip_client import SipClient, request
from test_cli import run
from test_restart import kill

from lab.lab import PORT_INTERFACE


def on_af_xdp(document):
    device = document["ip_network"]["physical_ports"][0]["device"]
    device["vdev"] = "af_xdp"


def xdp_program(lab):
    """Of the port's interface: None when there is none."""
    found = re.search(r"prog/xdp id (\d+)", lab.instance.port.run("ip", "-d", "link", "show", PORT_INTERFACE))
    return found and found.group(1)


@pytest.fixture(name="xdp_lab")
def fixture_xdp_lab(make_lab):
    lab = make_lab(on_af_xdp)
    lab.wait_registered(60)
    return lab


def test_registers_answers_and_carries_tcp(xdp_lab):
    assert re.search(r"^GE_1 +\S+ +UP .* net_af_xdp ", run(xdp_lab, "show network physical-port"),
                     re.MULTILINE)
    with SipClient(xdp_lab.instance.lab, REGISTRAR) as client:
        for _ in range(50):
            ask = request("OPTIONS", f"sip:{APPLIANCE}", sender=client.sender)
            assert client.ask(ask, APPLIANCE).status == 200
    test_network.test_ping_is_answered_once(xdp_lab)
    test_network.test_tcp_through_the_kernel_twin_carries_more_than_a_segment(xdp_lab)


def test_after_a_kill_it_takes_over_the_program_that_was_left_and_removes_it_in_the_end(xdp_lab):
    left = xdp_program(xdp_lab)
    kill(xdp_lab)
    assert left and xdp_program(xdp_lab) == left, "the kernel keeps it"
    xdp_lab.start_appliance()
    xdp_lab.wait_registered(60)
    with SipClient(xdp_lab.instance.lab, REGISTRAR) as client:
        ask = request("OPTIONS", f"sip:{APPLIANCE}", sender=client.sender)
        assert client.ask(ask, APPLIANCE).status == 200
    assert xdp_lab.appliance.stop() == 0
    assert xdp_program(xdp_lab) is None
