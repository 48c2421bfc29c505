"""blast on the generator's core, and what it tells."""

import itertools
from contextlib import contextmanager

from lab.waiting import wait_until

from .bench import BUILD
from .trunkline_system import MEMIF_MAC, PEER_MAC

PROGRAM = BUILD / "tools" / "blast" / "blast"
ADDRESS = "192.0.2.1"
# A client's branches begin anew with each process, and a server remembers those of the last 32 s
# (Timer J); it tells them apart by the port.
LOCAL_PORTS = itertools.cycle(range(20000, 60000))


def over_veth(interface):
    """The words for a port: an interface of its namespace."""
    return ("--port", f"af_packet:{interface}")


def over_memif(socket, role):
    """The words for a port: one side of a memif, without a kernel that could be asked for addresses."""
    side = ",server" if role == "server" else ""
    return ("--port", f"memif:{socket}{side}", "--mac", PEER_MAC, "--peer-mac", MEMIF_MAC)


def command(bench, namespace, port, *words):
    return namespace.command(PROGRAM, *port, "--address", f"{ADDRESS}/24",
                             "--cpu", str(bench.generator_cpu), "--json", *map(str, words))


@contextmanager
def registrar(bench, namespace, port, *words):
    """The registrar for the block; gives its Server, whose output has a line a second
    unless `words` say otherwise."""
    with bench.serving("blast", command(bench, namespace, port, "registrar", *words)) as server:
        wait_until(lambda: " s " in server.output() or server.exit_code is not None, 30,
                   "the generator's first second")
        yield server
