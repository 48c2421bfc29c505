"""OPTIONS in a closed loop against a system under test."""

from dataclasses import dataclass
from statistics import median

from .figures import text
from .generator import play

WINDOW = 128
HOW = (f"blast keeps {WINDOW} OPTIONS under way from the other core; the figure is answers by "
       "CPU second (user and kernel) of the system under test.")


@dataclass(frozen=True)
class Answered:
    """Of one run."""

    count: int
    rate: float       # a second of the wall
    user: float       # seconds of CPU
    total: float
    busy: float       # share of its core
    generator: float  # share of the generator's core

    @property
    def per_second(self):
        return self.count / self.total


def measure(bench, namespace, system, port, *words):
    def run(seconds):
        return play(bench, namespace, system, port, *words, "--seconds", seconds, "options",
                    "--to", "192.0.2.10:5060", "--window", WINDOW)

    run(0.5)  # caches, neighbours, the processor's clock
    report = run(bench.seconds)
    cpu = report["cpu"]
    return Answered(report["completed"], report["rate"], cpu.user, cpu.total,
                    cpu.total / report["seconds"], report["busy_share"])


def describe(runs):
    """Medians, in words."""
    def middle(of):
        return median(of(each) for each in runs)

    return (f"{text(middle(lambda each: each.rate))}/s by the wall with "
            f"{middle(lambda each: each.busy):.0%} of its core, "
            f"{middle(lambda each: 1e6 * each.total / each.count):.2f} us each, "
            f"{middle(lambda each: 1e6 * each.user / each.count):.2f} us of it user "
            f"(generator {middle(lambda each: each.generator):.0%} busy)")
