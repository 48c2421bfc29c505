"""The packet path with all its nodes, beside testpmd's macswap on the same kind of ports."""

from measuring.machine import first_line
from measuring.packet_path import (HOW, UNDER_WAY, far_side, forwarded, memif, ours, ours_over_memif,
                                   testpmd)
from measuring.row import CannotMeasure, row_of

PEER = f"testpmd {first_line('pkg-config', '--modversion', 'libdpdk')} macswap"


def measure(bench):
    if first_line("which", "dpdk-testpmd") == "-":
        raise CannotMeasure("there is no dpdk-testpmd (Debian's dpdk-dev)")
    return [
        row_of("packet path, rings", "packets/s and core", bench.several(over_rings), peer=PEER,
               peer_values=bench.several(testpmd_over_rings), how=HOW),
        row_of("packet path, memif", "packets/s and core", bench.several(ours_over_memif), peer=PEER,
               peer_values=bench.several(testpmd_over_memif),
               how=f"As before; the far side is a testpmd 5tswap on the other core, {UNDER_WAY} "
                   "packets under way."),
    ]


def over_rings(bench):
    return ours(bench, "ring")


def testpmd_over_rings(bench):
    with testpmd(bench, "testpmd", bench.system_cpu, "net_ring0", "macswap", "--tx-first",
                 f"--burst={UNDER_WAY}") as system:
        return forwarded(bench, system)


def testpmd_over_memif(bench):
    device = f"net_memif0,role=server,socket={memif(bench)},socket-abstract=no"
    with testpmd(bench, "testpmd", bench.system_cpu, device, "macswap", "--burst=64") as system:
        with far_side(bench):
            return forwarded(bench, system)
