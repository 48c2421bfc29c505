"""The packet path without a shard behind it, and testpmd doing the least that can be done on the same
ports."""

import re
import signal
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
       "two addresses, sends. Packets by CPU second of the polling thread, or of testpmd by second in "
       "which it had some, if that is more.")
# What the far side sends first: UDP to the appliance, as bench-path expects it.
TO_THE_APPLIANCE = ("--tx-ip=192.0.2.1,192.0.2.10", "--tx-udp=5060,5060",
                    "--eth-peer=0,02:00:00:00:00:0a")
# The server of a memif can send only into room that its client gives while it receives. So the far
# side, which is the client, receives before it sends; else the answers to its first packets are lost
# and nothing goes on.
FIRST_COMMANDS = "start\nstop\nstart tx_first\n"
RECEIVED = re.compile(r"RX-packets: (\d+) +RX-missed")
CYCLES = re.compile(r"CPU cycles/packet=([\d.]+) .* at (\d+) MHz Clock")


def ours(bench, port):
    """Datagrams a CPU second of bench-path over its two rings."""
    command = on_cpu(bench.system_cpu, [str(PROGRAM), port, str(bench.seconds)])
    return per_second(bench.result_of("bench-path", command, 120))


def ours_over_memif(bench):
    """The same over a memif whose far side is a testpmd."""
    command = on_cpu(bench.system_cpu, [str(PROGRAM), f"memif:{memif(bench)}", str(bench.seconds)])
    with bench.serving("bench-path", command) as system, far_side(bench):
        if system.wait(120) != 0:
            raise LabError(f"bench-path: {system.last_lines()}")
        return per_second(system.output())


def per_second(said):
    return 1e9 / float(re.search(r"([\d.]+) ns each", said)[1])


@contextmanager
def testpmd(bench, name, cpu, device, mode, *words):
    """testpmd for the block, forwarding on `cpu`; its other thread tells how it goes."""
    other = bench.system_cpu + bench.generator_cpu - cpu
    command = ["dpdk-testpmd", "--no-huge", "-m", "256", "--no-pci", "--no-telemetry",
               f"--file-prefix={bench.instance.name}-{name}", "--lcores", f"0@{other},1@{cpu}",
               f"--vdev={device}", "--", f"--forward-mode={mode}", "--nb-cores=1", "--auto-start",
               f"--txpkts={FRAME}", "--stats-period=1", "--total-num-mbufs=8192", "--no-flush-rx",
               "--record-core-cycles", *words]
    with bench.serving(name, command) as server:
        yield server


def memif(bench):
    """Its socket, which nobody has made yet."""
    socket = bench.folder / "memif.sock"
    socket.unlink(missing_ok=True)
    return socket


@contextmanager
def far_side(bench):
    """A testpmd on the generator's core that returns what comes over memif(), whose server, the system
    under test, has been started before."""
    socket = bench.folder / "memif.sock"
    commands = bench.folder / "far-side.commands"
    commands.write_text(FIRST_COMMANDS, encoding="utf-8")
    wait_until(socket.exists, 30, "the socket of the memif")
    device = f"net_memif0,role=client,socket={socket},socket-abstract=no"
    with testpmd(bench, "far-side", bench.generator_cpu, device, "5tswap", f"--burst={UNDER_WAY}",
                 f"--cmdline-file={commands}", *TO_THE_APPLIANCE) as server:
        yield server


def forwarded(bench, server):
    """Packets a second of a testpmd that is under way; see HOW. Ends it."""
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
    server.signal(signal.SIGINT)
    if server.wait(30) is None:
        raise LabError("testpmd does not end")
    cycles = CYCLES.search(server.output())
    if not cycles:
        raise LabError(f"testpmd tells no cycles:\n{server.last_lines()}")
    return max((last - first) / (end - begin), 1e6 * float(cycles[2]) / float(cycles[1]))


def polling_seconds(pid):
    """CPU time of the thread that forwards: it polls, and no other has as much to do."""
    return max(int(task.read_text(encoding="utf-8").split()[0])
               for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
