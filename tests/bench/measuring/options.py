"""OPTIONS in a closed loop against a system under test."""

import re
from dataclasses import dataclass
from statistics import median

from lab.errors import LabError
from lab.waiting import wait_until

from .cpu_time import of_group
from .figures import text
from .generator import LOCAL_PORTS, command
from .trunkline_system import ADDRESS

WINDOW = 128
HOW = (f"blast keeps {WINDOW} OPTIONS under way from the other core; the figure is answers by "
       "CPU second (user and kernel) of the system under test.")
PROGRESS = re.compile(r"^ *(\d+) s .* busy +(\d+) % +done (\d+), .* wrong (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Answered:
    """Of one run."""

    count: int
    peak: int         # in the best second of the wall
    user: float       # seconds of CPU
    total: float
    generator: float  # share of the generator's core in that second

    @property
    def per_second(self):
        return self.count / self.total


@dataclass(frozen=True)
class Moment:
    """A line of blast's, a second after the one before."""

    second: int
    busy: int  # percent of its core, since the line before
    done: int
    wrong: int


def moments(said):
    """Of the whole lines that blast has said."""
    return [Moment(*map(int, found)) for found in PROGRESS.findall(said[:said.rfind("\n") + 1])]


def measure(bench, namespace, port, start):
    """`start` gives the context of the system; blast, on `port` in `namespace`, waits for it."""
    words = command(bench, namespace, port, "--local-port", next(LOCAL_PORTS), "--seconds", 120,
                    "options", "--to", f"{ADDRESS}:5060", "--window", WINDOW)
    with bench.serving("blast", words) as blast, start() as system:
        def answered(enough):
            """The lines so far, once `enough` says so of them, and the CPU time then."""
            def found():
                if blast.exit_code is not None:
                    raise LabError(f"blast ended:\n{blast.last_lines()}")
                seen = [moment for moment in moments(blast.output()) if moment.done]
                return seen if seen and enough(seen) else None

            seen = wait_until(found, 60, "answers to OPTIONS", interval=0.01)
            return seen, of_group(system.pid, bench.system_cpu)

        # The second line with answers: before, the system and the loop were starting.
        seen, before = answered(lambda seen: len(seen) > 1)
        first = seen[-1]
        seen, after = answered(lambda seen: seen[-1].second - first.second >= bench.seconds)
    if seen[-1].wrong:
        raise LabError(f"blast got {seen[-1].wrong} wrong answers:\n{blast.last_lines()}")
    return of_window([moment for moment in seen if moment.second >= first.second], after - before)


def of_window(seen, spent):
    """Of the lines of a window, its first moment included."""
    peak, busy = max((now.done - then.done, now.busy) for then, now in zip(seen, seen[1:]))
    return Answered(seen[-1].done - seen[0].done, peak, spent.user, spent.total, busy / 100)


def describe(runs):
    """Medians, in words."""
    def middle(of):
        return median(of(each) for each in runs)

    return (f"{text(middle(lambda each: each.peak))} in its best second of the wall, "
            f"{middle(lambda each: 1e6 * each.total / each.count):.2f} us each, "
            f"{middle(lambda each: 1e6 * each.user / each.count):.2f} us of it user "
            f"(generator {middle(lambda each: each.generator):.0%} busy)")
