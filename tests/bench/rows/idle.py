"""What the appliance costs while nothing happens: a kernel-backed port, its twin, ten registered
accounts."""

import time

from lab.waiting import wait_until

from measuring import registrations
from measuring.bench import LAB_INTERFACE
from measuring.cpu_time import precise
from measuring.generator import over_veth, registrar
from measuring.row import Row, row_of
from measuring.trunkline_system import DOMAIN, PASSWORD, VETH, document, trunkline

GOAL_PERCENT, PCI_GOAL_PERCENT = 1, 3
ACCOUNTS = 10
SECONDS = 10


def measure(bench):
    return [row_of("idle", "% of a core", percentages(bench), peer="goal",
                   peer_values=[GOAL_PERCENT], less_is_better=True, budget=1,
                   how=f"CPU time of the process in {SECONDS} s on an af_packet port with its kernel "
                       f"twin, {ACCOUNTS} accounts registered."),
            Row("idle, PCI ports", "% of a core", peer="goal", peer_value=PCI_GOAL_PERCENT, budget=1,
                note="Not measured here: the bench binds no network card.")]


def percentages(bench):
    """Of a core, a figure a run."""
    content = document(bench, VETH, **registrations.core(ACCOUNTS, registrations.WINDOW))
    found = []
    with bench.wire() as instance:
        with registrar(bench, instance.lab, over_veth(LAB_INTERFACE), "--realm", DOMAIN,
                       "--password", PASSWORD, "--nap", 1000) as blast:
            with trunkline(bench, content) as system:
                wait_until(lambda: bound(blast) == ACCOUNTS, 30, "every account registered")
                for _ in range(bench.runs):
                    before, begin = precise(system.pid), time.monotonic()
                    time.sleep(SECONDS)
                    spent = precise(system.pid) - before
                    found.append(100 * spent / (time.monotonic() - begin))
    return found


def bound(blast):
    seen = registrations.moments(blast.output())
    return seen[-1].granted if seen else 0
