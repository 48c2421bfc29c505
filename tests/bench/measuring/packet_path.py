"""The packet path without a shard behind it, and testpmd doing the least that can be done on the same
ports."""

import re
from contextlib import contextmanager
from pathlib import Path

from lab.errors import LabError
from lab.waiting import wait_until

from .bench import BUILD, on_cpu

PROGRAM = BUILD / "tests" / "bench" / "bench-path"
FRAME = 400
# As many as bench-path has under way over its rings.
UNDER_WAY = 512
HOW = ("One core; frames of 400 bytes, each received, taken through every node to the shard's ring, "
       "back through every node and sent, both checksums verified and made; testpmd receives, swaps "
       "two addresses, sends. CPU time of the polling thread.")
# What the far side sends first: UDP to the appliance, as bench-path expects it.
TO_THE_APPLIANCE = ("--tx-first", "--tx-ip=192.0.2.1,192.0.2.10", "--tx-udp=5060,5060",
                    "--eth-peer=0,02:00:00:00:00:0a")
RECEIVED = re.compile(r"RX-packets: (\d+) +RX-missed")


def ours(bench, port):
    """Datagrams a CPU second of bench-path."""
    command = on_cpu(bench.system_cpu, [str(PROGRAM), port, str(bench.seconds)])
    said = bench.result_of("bench-path", command, 120)
    return 1e9 / float(re.search(r"([\d.]+) ns each", said)[1])


@contextmanager
def testpmd(bench, name, cpu, device, mode, *words):
    """testpmd for the block, forwarding on `cpu`; its other thread tells how it goes."""
    other = bench.system_cpu + bench.generator_cpu - cpu
    command = ["dpdk-testpmd", "--no-huge", "-m", "256", "--no-pci", "--no-telemetry",
               f"--file-prefix={bench.instance.name}-{name}", "--lcores", f"0@{other},1@{cpu}",
               f"--vdev={device}", "--", f"--forward-mode={mode}", "--nb-cores=1", "--auto-start",
               f"--txpkts={FRAME}", "--stats-period=1", "--total-num-mbufs=8192", "--no-flush-rx",
               f"--burst={UNDER_WAY}", *words]
    with bench.serving(name, command) as server:
        yield server


@contextmanager
def far_side(bench):
    """Gives the socket of a memif whose far side, on the generator's core, returns what it gets. It
    sends its first packets when somebody has come."""
    socket = bench.folder / "memif.sock"
    socket.unlink(missing_ok=True)
    device = f"net_memif0,role=server,socket={socket},socket-abstract=no"
    with testpmd(bench, "far-side", bench.generator_cpu, device, "5tswap", *TO_THE_APPLIANCE):
        wait_until(socket.exists, 30, "the far side's socket")
        yield socket


def forwarded(bench, server):
    """Packets a CPU second of a testpmd that is under way."""
    def line_after(count):
        def found():
            if server.exit_code is not None:
                raise LabError(f"testpmd ended:\n{server.last_lines()}")
            lines = RECEIVED.findall(server.output())
            return lines if len(lines) > count and int(lines[-1]) else None

        lines = wait_until(found, 30, lambda: f"packets of testpmd:\n{server.last_lines()}",
                           interval=0.005)
        return len(lines), int(lines[-1]), polling_seconds(server.pid)

    lines, first, begin = line_after(1)
    _, last, end = line_after(lines + max(1, round(bench.seconds)) - 1)
    return (last - first) / (end - begin)


def polling_seconds(pid):
    """CPU time of the thread that forwards: it polls, and no other has as much to do."""
    return max(int(task.read_text(encoding="utf-8").split()[0])
               for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
