"""From the start of the process to its first REGISTER on the wire."""

import socket
import time

from lab.errors import LabError

from measuring import registrations
from measuring.bench import LAB_INTERFACE, on_cpu
from measuring.row import row_of
from measuring.trunkline_system import PROGRAM, VETH, document, write_config

GOAL_SECONDS = 1
ACCOUNTS = 10
ETH_P_ALL = 3  # if_ether.h
PATIENCE = 30


def measure(bench):
    return [row_of("start to first REGISTER", "s", bench.several(seconds), peer="goal",
                   peer_values=[GOAL_SECONDS], less_is_better=True, budget=1,
                   how="From before the process is made to the frame at the far end of the veth; one "
                       "core, packet memory of 4 KiB pages, the registrar's address given.")]


def seconds(bench):
    """The far end's kernel has the registrar's address and answers ARP; nobody answers SIP."""
    config = write_config(bench, document(bench, VETH,
                                          **registrations.core(ACCOUNTS, registrations.WINDOW)))
    with bench.wire("192.0.2.1/24") as instance:
        tap = instance.lab.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        with tap:
            tap.bind((LAB_INTERFACE, 0))
            tap.settimeout(PATIENCE)
            command = instance.port.command(*on_cpu(bench.system_cpu, [PROGRAM, "run", config]))
            begin = time.monotonic()
            with bench.serving("trunkline", command) as server:
                while b"REGISTER sip:" not in tap.recv(65536):
                    if time.monotonic() - begin > PATIENCE:
                        raise LabError(f"no REGISTER came:\n{server.last_lines()}")
                return time.monotonic() - begin
