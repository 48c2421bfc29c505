"""OPTIONS answered over a memif, beside Kamailio's stateless reply over a veth, which is the fastest
way that it has."""

from measuring import options
from measuring.generator import over_memif
from measuring.kamailio_system import NAME
from measuring.row import row_of
from measuring.trunkline_system import document, memif, trunkline

from .options_veth import of_kamailio

BUDGET = 40


def measure(bench):
    ours, theirs = bench.several(of_trunkline), bench.several(of_kamailio)
    return [row_of("OPTIONS answered, memif", "1/s and core", [each.per_second for each in ours],
                   peer=f"{NAME} sl_send_reply, veth", budget=BUDGET,
                   peer_values=[each.per_second for each in theirs], how=options.HOW,
                   note=f"Trunkline {options.describe(ours)}.")]


def of_trunkline(bench):
    """The generator is there first, so it makes the socket."""
    socket = bench.folder / "memif.sock"
    content = document(bench, memif(socket, "client"))
    with bench.namespaces() as instance:
        return options.measure(bench, instance.lab, over_memif(socket, "server"),
                               lambda: trunkline(bench, content, after=socket))
