"""Challenged registrations as client over a veth, beside Kamailio's uac."""

from measuring import registrations
from measuring.bench import LAB_INTERFACE, PORT_INTERFACE
from measuring.generator import over_veth
from measuring.kamailio_system import NAME, kamailio, uac_registrations
from measuring.row import row_of
from measuring.trunkline_system import VETH, document, register_all, trunkline

BUDGET = 25
ACCOUNTS = 20_000
# As many as it registers in the second between two rounds of its timer without losing answers: more
# overrun its receive buffer, and retransmissions would count against it.
KAMAILIO_ACCOUNTS = 1000


def measure(bench):
    ours, theirs = bench.several(of_trunkline), bench.several(of_kamailio)
    return [row_of("challenged registrations, veth", "1/s and core",
                   [each.per_second for each in ours], peer=f"{NAME} uac", budget=BUDGET,
                   peer_values=[each.per_second for each in theirs], how=registrations.HOW,
                   note=f"Trunkline {registrations.describe(ours)}; "
                        f"peer {registrations.describe(theirs)}.")]


def of_trunkline(bench):
    content = document(bench, VETH, **registrations.core(ACCOUNTS, registrations.WINDOW))
    with bench.wire() as instance:
        return registrations.measure(bench, instance.lab, over_veth(LAB_INTERFACE), ACCOUNTS,
                                     3600, lambda: trunkline(bench, content),
                                     lambda: register_all(bench))


def of_kamailio(bench):
    """Its sockets are in lab, so that its frames leave it as the lab's registrar's do. It registers
    again by itself: the grants end before its timer's next round but three."""
    more = uac_registrations(bench.folder, KAMAILIO_ACCOUNTS)
    with bench.wire("192.0.2.10/24") as instance:
        return registrations.measure(bench, instance.port, over_veth(PORT_INTERFACE),
                                     KAMAILIO_ACCOUNTS, 3, lambda: kamailio(bench, instance.lab, more))
