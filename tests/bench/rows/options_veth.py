"""OPTIONS answered over a veth, beside Kamailio's stateless reply."""

from measuring import options
from measuring.bench import LAB_INTERFACE, PORT_INTERFACE
from measuring.generator import over_veth
from measuring.kamailio_system import NAME, STATELESS_OPTIONS, kamailio
from measuring.row import row_of
from measuring.trunkline_system import VETH, document, trunkline

BUDGET = 12


def measure(bench):
    ours, theirs = bench.several(of_trunkline), bench.several(of_kamailio)
    return [row_of("OPTIONS answered, veth", "1/s and core", [each.per_second for each in ours],
                   peer=f"{NAME} sl_send_reply", budget=BUDGET,
                   peer_values=[each.per_second for each in theirs], how=options.HOW,
                   note=f"Trunkline {options.describe(ours)}; peer {options.describe(theirs)}.")]


def of_trunkline(bench):
    with bench.wire() as instance:
        return options.measure(bench, instance.lab, over_veth(LAB_INTERFACE),
                               lambda: trunkline(bench, document(bench, VETH)))


def of_kamailio(bench):
    """Its sockets are in lab, so that its frames leave it as the lab's registrar's do."""
    with bench.wire("192.0.2.10/24") as instance:
        return options.measure(bench, instance.port, over_veth(PORT_INTERFACE),
                               lambda: kamailio(bench, instance.lab, STATELESS_OPTIONS))
