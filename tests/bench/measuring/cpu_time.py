"""CPU time of a system under test: its processes, and what the kernel does on its behalf."""

import os
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class CpuTime:
    """Seconds. `kernel` has the system calls, the soft interrupts that run inside them, and what
    ksoftirqd of the core takes over of these."""

    user: float
    kernel: float

    @property
    def total(self):
        return self.user + self.kernel

    def __sub__(self, earlier):
        return CpuTime(self.user - earlier.user, self.kernel - earlier.kernel)

    def __add__(self, other):
        return CpuTime(self.user + other.user, self.kernel + other.kernel)


def of_group(group, cpu):
    """Of the processes of a group so far, ended children apart, and of ksoftirqd of `cpu`, which
    belongs to whoever has that core for himself."""
    total = CpuTime(0.0, 0.0)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue  # it has ended
            name, fields = parse_stat(stat)
            if int(fields[2]) == group:
                total += finely(times(fields), entry.name)
            elif name == f"ksoftirqd/{cpu}":
                total += CpuTime(0.0, times(fields).total)
    return total


def finely(ticks, pid):
    """The nanoseconds of a process, shared between user and kernel as its ticks are."""
    try:
        seconds = precise(pid)
    except OSError:
        return ticks  # it has ended
    user = ticks.user / ticks.total if ticks.total else 0.0
    return CpuTime(seconds * user, seconds * (1 - user))


def by_thread(pid):
    """Name -> seconds of the threads that a process has."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text(encoding="utf-8").strip()
        spent = int((task / "schedstat").read_text(encoding="utf-8").split()[0]) / 1e9
        found[name] = found.get(name, 0.0) + spent
    return found


def precise(pid):
    """Seconds of all threads that a process has, counted in nanoseconds and not in ticks."""
    return sum(by_thread(pid).values())


def parse_stat(text):
    """The command's name and the fields after it: state, parent, group, ..., as in proc(5)."""
    name = text[text.index("(") + 1:text.rindex(")")]
    return name, text[text.rindex(")") + 2:].split()


def times(fields):
    return CpuTime(int(fields[11]) * TICK, int(fields[12]) * TICK)
