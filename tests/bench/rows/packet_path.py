"""The packet path with all its nodes, beside testpmd's macswap on the same kind of ports."""

from lab.errors import LabError

from measuring.machine import first_line
from measuring.packet_path import HOW, UNDER_WAY, far_side, forwarded, ours, testpmd
from measuring.row import CannotMeasure, row_of

PEER = f"testpmd {first_line('pkg-config', '--modversion', 'libdpdk')} macswap"


def measure(bench):
    if first_line("which", "dpdk-testpmd") == "-":
        raise CannotMeasure("there is no dpdk-testpmd (Debian's dpdk-dev)")
    return [
        row_of("packet path, rings", "packets/s and core", bench.several(over_rings), peer=PEER,
               peer_values=bench.several(testpmd_over_rings), how=HOW),
        over_a_memif(bench),
    ]


def over_a_memif(bench):
    """testpmd's first burst is lost now and then when both ends are testpmd; then nothing goes on."""
    how = f"As before; the far side is a testpmd 5tswap on the other core, {UNDER_WAY} packets under way."
    values, note = bench.several(over_memif), ""
    try:
        peer_values = bench.several(testpmd_over_memif)
    except LabError as error:
        peer_values, note = [], f"No figure of testpmd: {str(error).partition(':')[0]} did not come."
    return row_of("packet path, memif", "packets/s and core", values, peer=PEER,
                  peer_values=peer_values, how=how, note=note)


def over_rings(bench):
    return ours(bench, "ring")


def testpmd_over_rings(bench):
    with testpmd(bench, "testpmd", bench.system_cpu, "net_ring0", "macswap", "--tx-first") as system:
        return forwarded(bench, system)


def over_memif(bench):
    with far_side(bench) as socket:
        return ours(bench, f"memif:{socket}")


def testpmd_over_memif(bench):
    with far_side(bench) as socket:
        device = f"net_memif0,role=client,socket={socket},socket-abstract=no"
        with testpmd(bench, "testpmd", bench.system_cpu, device, "macswap") as system:
            return forwarded(bench, system)
