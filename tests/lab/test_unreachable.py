"""A server that is not there says so by ICMP: nobody waits for the silence to end. And nobody is
believed who has not seen what was sent."""

import socket
import struct

import pytest
from expected import (
    APPLIANCE,
    REGISTRAR,
    general,
    only_account,
    proxy_and_registration,
    proxy_set,
)

from lab.lab import REGISTRAR_6
from lab.waiting import wait_until

APPLIANCE_6 = "2001:db8:2::10"
RETRY_TIME = 77
NO_LISTENER = f"{REGISTRAR}:5099"


def proxy_addresses(document, *addresses):
    proxy_set(document)["proxy_addresses"] = [{"address": address, "transport": "udp"}
                                              for address in addresses]


def without_listener(document):
    """The host of the registrar is there; nothing has the port that is asked. The first neighbour
    discovery over IPv6 may take longer than the default T1."""
    only_account(document)
    general(document).update(t1=3000, t2=4000)
    proxy_addresses(document, NO_LISTENER)
    proxy_and_registration(document)["registration_retry_time"] = RETRY_TIME


def without_listener_6(document):
    without_listener(document)
    proxy_addresses(document, f"[{REGISTRAR_6}]:5099")
    interface = document["ip_network"]["ip_interfaces"][0]
    interface.update(address=f"{APPLIANCE_6}/64", gateway=REGISTRAR_6, primary_dns=REGISTRAR_6)


def wait_for_row(lab, condition, what):
    rows = []

    def is_so():
        lab.appliance.check_alive()
        rows[:] = lab.appliance.registrations() or []
        return rows and condition(rows[0])

    wait_until(is_so, 30, lambda: f"{what}: {rows}")
    return rows[0]


def of_shards(counters, name):
    return sum(shard[name] for shard in counters["shards"])


# T56
@pytest.mark.parametrize("change, server", [(without_listener, NO_LISTENER),
                                            (without_listener_6, f"[{REGISTRAR_6}]:5099")],
                         ids=["ip4", "ip6"])
def test_a_port_without_a_registrar_is_reported_after_one_round_trip(make_lab, change, server):
    lab = make_lab(change)
    row = wait_for_row(lab, lambda row: row["state"] == "FAILED", "a failed row")
    assert row["reason"] == f"ICMP port unreachable: {server}"
    assert RETRY_TIME / 2 < row["next_attempt_in"] < RETRY_TIME * 1.5, "the retry time, with jitter"
    counters = lab.appliance.counters()
    assert of_shards(counters, "requests_sent") == 1
    assert of_shards(counters, "retransmissions") == 0, "nobody waited for the first timer"
    assert of_shards(counters, "transport_errors") == 1
    assert counters["counters"]["icmp.unreachable"] == 1


def test_the_next_server_is_asked_at_once(make_lab):
    def change(document):
        without_listener(document)
        proxy_addresses(document, NO_LISTENER, f"{REGISTRAR}:5060")

    lab = make_lab(change)
    row = wait_for_row(lab, lambda row: row["registered"], "a registered row")
    assert row["answered_by"] == f"{REGISTRAR}:5060"
    counters = lab.appliance.counters()
    assert of_shards(counters, "retransmissions") == 0
    assert counters["counters"]["icmp.unreachable"] == 1


# T56
@pytest.mark.parametrize("family", ["ip4", "ip6"])
def test_a_server_whose_address_nobody_has_is_left_before_the_silence_ends(make_lab, family):
    """Its neighbours answer no ARP or ND for it."""
    nobody, other = (("192.0.2.99:5060", f"{REGISTRAR}:5060") if family == "ip4"
                     else ("[2001:db8:2::99]:5060", f"[{REGISTRAR_6}]:5060"))

    def change(document):
        (without_listener if family == "ip4" else without_listener_6)(document)
        proxy_addresses(document, nobody, other)

    lab = make_lab(change)
    row = wait_for_row(lab, lambda row: row["registered"], "a registered row")
    assert row["answered_by"] == other
    counters = lab.appliance.counters()
    assert of_shards(counters, "timeouts") == 0, "nobody waited for Timer F"
    assert of_shards(counters, "transport_errors") == 1
    assert counters["counters"]["next_hop.unreachable"] >= 1
    log = (lab.instance.logs / "trunkline.log").read_text(encoding="utf-8")
    assert f"no next hop: {nobody}; goes on to {other}" in log


def icmp_error(quoted):
    """Destination unreachable, port unreachable (RFC 792)."""
    message = bytearray(struct.pack("!BBHI", 3, 3, 0, 0) + quoted)
    words = struct.unpack(f"!{len(message) // 2}H", message)
    total = sum(words)
    total = (total & 0xffff) + (total >> 16)
    struct.pack_into("!H", message, 2, ~(total + (total >> 16)) & 0xffff)
    return bytes(message)


def forged_quote(payload, port=5060):
    """A datagram of the appliance to the registrar, as who has not seen one would make it up."""
    payload += b"\r\n" * (len(payload) % 2)
    payload += b" " * (len(payload) % 2)
    length = 8 + len(payload)
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 1, 0, 64, socket.IPPROTO_UDP, 0,
                         socket.inet_aton(APPLIANCE), socket.inet_aton(REGISTRAR))
    return header + struct.pack("!HHHH", port, 5060, length, 0) + payload


def test_who_has_not_seen_the_request_cannot_end_it(make_lab):
    """RFC 5927: the registration that waits for its answer goes on, whatever is made up."""
    lab = make_lab(only_account, start=False)
    lab.kamailio.freeze()
    lab.start_appliance()
    wait_for_row(lab, lambda row: row["attempts"] == 1, "a REGISTER on its way")
    begin = b"REGISTER sip:lab.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK"
    of_our_form = begin + b"tl00" + b"0123456789abcdef01234567" + b"\r\n\r\n"
    with lab.instance.lab.socket(kind=socket.SOCK_RAW, protocol=socket.IPPROTO_ICMP) as forger:
        for quoted in (of_our_form, begin + b"guessed\r\n", b""):
            forger.sendto(icmp_error(forged_quote(quoted)), (APPLIANCE, 0))
        forger.sendto(icmp_error(forged_quote(of_our_form, port=5061)), (APPLIANCE, 0))

    def all_seen():
        counters = lab.appliance.counters()["counters"]
        return (counters["icmp.unreachable"], counters["icmp.quote_without_branch"],
                counters["icmp.quote_foreign"]) == (1, 2, 1)

    wait_until(all_seen, 30, lambda: f"four messages counted: {lab.appliance.counters()}")
    row = lab.appliance.registrations()[0]
    assert row["state"] == "REGISTERING"
    assert "ICMP" not in row["reason"]
    assert of_shards(lab.appliance.counters(), "transport_errors") == 0
    lab.kamailio.thaw()
    lab.wait_registered()
