"""Challenged registrations as client over a memif, beside Kamailio's uac over a veth, which is the
fastest way that it has."""

from measuring import registrations
from measuring.generator import over_memif
from measuring.kamailio_system import NAME
from measuring.row import row_of
from measuring.trunkline_system import document, memif, register_all, trunkline

from .registrations_veth import ACCOUNTS, BUDGET, of_kamailio


def measure(bench):
    ours, theirs = bench.several(of_trunkline), bench.several(of_kamailio)
    return [row_of("challenged registrations, memif", "1/s and core",
                   [each.per_second for each in ours], peer=f"{NAME} uac, veth", budget=BUDGET,
                   peer_values=[each.per_second for each in theirs], how=registrations.HOW,
                   note=f"Trunkline {registrations.describe(ours)}.")]


def of_trunkline(bench):
    """The registrar is there first, so it makes the socket."""
    socket = bench.folder / "memif.sock"
    content = document(bench, memif(socket, "client"), **registrations.core(ACCOUNTS, registrations.WINDOW))
    with bench.namespaces() as instance:
        return registrations.measure(bench, instance.lab, over_memif(socket, "server"), ACCOUNTS,
                                     3600, lambda: trunkline(bench, content, after=socket),
                                     lambda: register_all(bench))
