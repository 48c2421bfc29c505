"""Many accounts on one appliance: a cold start, the memory that they take once they are registered,
and a restart from the journal; the appliance is ended by kill -9."""

import time
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError
from lab.waiting import wait_until

from . import registrations
from .bench import LAB_INTERFACE
from .generator import over_veth, registrar
from .trunkline_system import DOMAIN, PASSWORD, VETH, asked, document, trunkline

# Nothing is due to be refreshed while it is measured.
GRANTED_SECONDS = 36000
# How long after a restart REGISTERs are looked for.
WATCHED_SECONDS = 5


@dataclass(frozen=True)
class Fleet:
    accounts: int
    cold: float        # seconds from the process's start to the last grant, which blast tells each second
    registering: int   # seconds from the first grant to the last, by the same count
    peak: int          # grants in the best second
    busiest: int       # REGISTERs in the busiest second
    memory: int        # resident bytes, all registered
    restart: float     # seconds from the process's start to its first answer to an operator
    standing: int      # accounts that are registered then
    asked_again: int   # registrations in the first seconds after it


def measure(bench, accounts, rate=0, restarts=False):
    """`rate`: REGISTERs a second towards the registrar; 0: no limit. Without `restarts`, nothing is
    told of them."""
    content = document(bench, VETH, **registrations.core(accounts, registrations.WINDOW, rate))
    journal = bench.folder / "registrations.journal"
    journal.unlink(missing_ok=True)
    content["administration"]["registration_journal"] = str(journal)
    definitions = content["signaling_and_media"]["sip_definitions"]
    definitions["proxy_and_registration"]["registration_time"] = GRANTED_SECONDS
    with bench.wire() as instance:
        with registrar(bench, instance.lab, over_veth(LAB_INTERFACE), "--aors", accounts,
                       "--expires", GRANTED_SECONDS, "--realm", DOMAIN,
                       "--password", PASSWORD) as blast:
            begin = time.monotonic()
            with trunkline(bench, content) as system:
                wait_until(lambda: granted(blast) >= accounts, 600, f"{accounts} registrations")
                cold = time.monotonic() - begin
                memory = resident_bytes(system.pid)
                wait_for_the_journal(journal)
            seen = registrations.moments(blast.output())
            restart, standing, asked_again = (started_again(bench, content, blast) if restarts
                                              else (None, None, None))
    return Fleet(accounts, cold, registering(seen, accounts), most(seen, lambda moment: moment.granted),
                 most(seen, lambda moment: moment.granted + moment.challenged), memory, restart,
                 standing, asked_again)


def started_again(bench, content, blast):
    """Seconds, the accounts that stand, and the registrations that the registrar sees after it."""
    before = granted(blast)
    begin = time.monotonic()
    with trunkline(bench, content):
        seconds = time.monotonic() - begin
        standing = registered(bench)
        last = registrations.moments(blast.output())[-1].second
        wait_until(lambda: registrations.moments(blast.output())[-1].second >= last + WATCHED_SECONDS,
                   60, "the generator's next seconds")
    return seconds, standing, granted(blast) - before


def registered(bench):
    rows = asked(bench, {"command": "show registration"})["registrations"]
    return sum(row["registered"] for row in rows)


def granted(blast):
    seen = registrations.moments(blast.output())
    return seen[-1].granted if seen else 0


def registering(seen, accounts):
    """Lines of blast that tell of more grants than the one before, up to all accounts: seconds."""
    return sum(1 for then, now in zip(seen, seen[1:])
               if now.granted > then.granted and then.granted < accounts)


def most(seen, of):
    return max(of(now) - of(then) for then, now in zip(seen, seen[1:]))


def wait_for_the_journal(journal):
    """Until nothing is added for three seconds: what a registrar granted is written within a turn of
    the control thread, which may have to wait for a disk."""
    sizes = []

    def is_quiet():
        sizes.append(journal.stat().st_size)
        return len(sizes) > 60 and sizes[-1] == sizes[-60]

    wait_until(is_quiet, 60, "the journal is written")


def resident_bytes(pid):
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return 1024 * int(line.split()[1])
    raise LabError("the process has no memory")
