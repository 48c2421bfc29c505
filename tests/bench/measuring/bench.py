"""The place where things are measured: its namespaces, its two cores, its processes, and the end of
all of them, also of those that a crashed run left."""

import os
from contextlib import contextmanager
from pathlib import Path

from lab.errors import LabError
from lab.instance import Instance
from lab.namespaces import add_wire
from lab.processes import Server

from .row import CannotMeasure

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build"
LAB_INTERFACE = "lab0"
PORT_INTERFACE = "sbc0"


class Bench:
    """A context. `runs`: how often each figure is taken; `seconds`: how long each time."""

    def __init__(self, runs, seconds, say):
        self.runs = runs
        self.seconds = seconds
        self.say = say
        self.instance = Instance("trunkline-bench")
        self._servers = []
        self._figures = {}

    def __enter__(self):
        self.instance.lock()
        if self.instance.leftovers():
            self.instance.end_recorded(10)
            self.instance.delete_namespaces()
        self.instance.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_):
        for server in reversed(self._servers):
            server.end()
        self.instance.remove()

    def several(self, measure, at_most=100):
        """What `measure` gives, of each run, and of no more than `at_most`. Rows that ask for the same
        get the same."""
        if measure not in self._figures:
            self._figures[measure] = [measure(self) for _ in range(min(self.runs, at_most))]
        return self._figures[measure]

    @property
    def folder(self):
        return self.instance.folder

    @property
    def system_cpu(self):
        """The core of the system under test: the last, as the first has the machine's own work."""
        return self.cpus[-1]

    @property
    def generator_cpu(self):
        return self.cpus[-2]

    @property
    def cpus(self):
        """Those that this process may use."""
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2:
            raise CannotMeasure("needs two cores, one for the system and one for the generator")
        return cpus

    @contextmanager
    def namespaces(self):
        """Fresh ones for the block."""
        self.instance.add_namespaces()
        try:
            yield self.instance
        finally:
            self.instance.delete_namespaces()

    @contextmanager
    def wire(self, *addresses):
        """Fresh namespaces with a veth between lab (which has `addresses`) and port."""
        with self.namespaces() as instance:
            add_wire(instance.lab, LAB_INTERFACE, instance.port, PORT_INTERFACE, addresses)
            instance.lab.set_for_interface("disable_ipv6", LAB_INTERFACE, 1)
            yield instance

    @contextmanager
    def serving(self, name, command, env=None):
        """A process for the block, on record so that another run can end it."""
        log = self.instance.logs / f"{name}.log"
        log.unlink(missing_ok=True)
        server = Server(name, command, log, env=env)
        put_first(server.pid)
        self._servers.append(server)
        self.instance.record([each.id for each in self._servers])
        try:
            yield server
        finally:
            server.end(grace=20)
            self._servers.remove(server)
            self.instance.record([each.id for each in self._servers])

    def result_of(self, name, command, timeout):
        """What a program that ends by itself has said."""
        with self.serving(name, command) as server:
            code = server.wait(timeout)
            if code is None:
                raise LabError(f"{name}: no end within {timeout} s")
            if code != 0:
                raise LabError(f"{name}: exit code {code}: {server.output().strip()}")
            return server.output()


def put_first(pid):
    """What else runs on this machine shall disturb as little as it can: the kernel's automatic groups,
    a session each, let nice(1) weigh within a session alone."""
    try:
        Path(f"/proc/{pid}/autogroup").write_text("-20", encoding="utf-8")
    except OSError:
        pass  # a kernel without them, or the process has ended


def on_cpu(cpu, command):
    return ["taskset", "--cpu-list", str(cpu), *command]
