"""blast on the generator's core, and what it tells."""

import itertools
import json
import subprocess
from contextlib import contextmanager

from lab.errors import LabError

from .bench import BUILD
from .cpu_time import of_group

PROGRAM = BUILD / "tools" / "blast" / "blast"
ADDRESS = "192.0.2.1"
# A client's branches begin anew with each process, and a server remembers those of the last 32 s
# (Timer J); it tells them apart by the port.
LOCAL_PORTS = itertools.cycle(range(20000, 60000))


def command(bench, namespace, port, *words):
    return namespace.command(PROGRAM, "--port", port, "--address", f"{ADDRESS}/24",
                             "--cpu", str(bench.generator_cpu), "--json", *map(str, words))


@contextmanager
def registrar(bench, namespace, port, *words):
    """The registrar for the block; gives its Server, whose output has a line a second."""
    with bench.serving("blast", command(bench, namespace, port, "registrar", *words)) as server:
        yield server


def play(bench, namespace, system, port, *words):
    """A client's role, which ends by itself. Gives its report, with "cpu" the CPU time that `system`
    (a Server) spent meanwhile."""
    line = command(bench, namespace, port, "--quiet", "--local-port", next(LOCAL_PORTS), *words)
    before = of_group(system.pid, bench.system_cpu)
    result = subprocess.run([str(word) for word in line], capture_output=True, text=True,
                            timeout=300, check=False)
    spent = of_group(system.pid, bench.system_cpu) - before
    if result.returncode != 0 or not result.stdout:
        raise LabError(f"blast: exit code {result.returncode}: {result.stderr.strip()} "
                       f"{result.stdout.strip()}")
    return json.loads(result.stdout) | {"cpu": spent}
