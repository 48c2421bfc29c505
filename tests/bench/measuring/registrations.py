"""Challenged registrations of a client under test, with blast as its registrar: every account
registers, is challenged (MD5, qop=auth) and granted; and again, round after round."""

import re
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import mean, median

from lab.errors import LabError
from lab.waiting import wait_until

from .cpu_time import by_thread, of_group
from .figures import text
from .generator import registrar
from .trunkline_system import DOMAIN, PASSWORD, PEER

HOW = ("blast, on the other core, challenges and verifies each (REGISTER, 401, REGISTER, 200); the "
       "figure is grants by CPU second (user and kernel) of the system under test, which registers "
       "all its accounts again and again.")
# REGISTERs that Trunkline may have under way, as by default.
WINDOW = 200
# Milliseconds between two lines of blast: how late the end of a round may be seen.
INTERVAL = 20
# Characters that have blast's last two lines.
TAIL = 4096
PROGRESS = re.compile(r"^ *(\d+) s .* busy +(\d+) % .* challenged (\d+), granted (\d+), retransmissions (\d+), wrong (\d+)$",
                      re.MULTILINE)


@dataclass(frozen=True)
class Registered:
    """Of one run."""

    count: int
    peak: int         # in the best second of the wall
    user: float       # seconds of CPU
    total: float
    generator: float  # share of the generator's core in that second
    retransmissions: int
    threads: dict     # of the system's first process: name -> seconds of CPU

    @property
    def per_second(self):
        return self.count / self.total


@dataclass(frozen=True)
class Moment:
    """A line of blast's."""

    second: int
    busy: int  # percent of its core, since the line before
    challenged: int
    granted: int
    retransmissions: int
    wrong: int


def moments(said):
    """Of the whole lines that blast has said."""
    return [Moment(*map(int, found)) for found in PROGRESS.findall(said[:said.rfind("\n") + 1])]


def core(accounts, window, rate=0):
    """signaling_and_media of Trunkline: as many accounts at one server, at `rate` REGISTERs a second
    instead of the page's; 0: without a limit."""
    return {
        "proxy_sets": [{"name": "Registrar", "sip_interface": "SIPInterface_0",
                        "proxy_addresses": [{"address": PEER, "transport": "udp"}],
                        "registration_window": window, "registration_rate": rate}],
        "ip_groups": [{"name": "Registrar", "type": "server", "proxy_set": "Registrar",
                       "sip_group_name": DOMAIN}],
        "accounts": [{"name": f"u{number}", "serving_ip_group": "Registrar",
                      "user_name": f"u{number}", "password": PASSWORD, "host_name": DOMAIN,
                      "contact_user": f"u{number}", "register": "regular"}
                     for number in range(accounts)],
        "sip_definitions": {"proxy_and_registration": {
            "limit_generated_registers": False, "registration_time": 60}},
    }


def measure(bench, namespace, port, accounts, granted, start, again=lambda: None):
    """`start` gives the context of the system, once blast listens on `port` in `namespace` and grants
    for `granted` seconds; `again` has a system register all accounts that would not by itself. The
    next round begins while the last requests of the one before are under way, so that the rate is the
    system's and not that of rounds; CPU times are taken at rest, when blast's count is whole."""
    with registrar(bench, namespace, port, "--aors", accounts, "--expires", granted,
                   "--realm", DOMAIN, "--password", PASSWORD, "--interval", INTERVAL) as blast:
        with start() as system:
            def when(holds):
                """The last line of blast, once `holds` says so of it and of the one before it."""
                def found():
                    if blast.exit_code is not None:
                        raise LabError(f"blast ended:\n{blast.last_lines()}")
                    last = moments(blast.output()[-TAIL:])[-2:]
                    return last if len(last) == 2 and holds(*last) else None

                return wait_until(found, 60, "registrations", interval=0.005)[1]

            def at_rest(least):
                return when(lambda then, now: now.granted == then.granted >= least)

            def spent():
                return of_group(system.pid, bench.system_cpu), by_thread(system.pid)

            first = last = at_rest(accounts)
            cpu_before, threads_before = spent()
            while last.second - first.second <= bench.seconds:
                again()
                enough = last.granted + accounts - WINDOW
                last = when(lambda _, now, enough=enough: now.granted >= enough)
            last = at_rest(last.granted)
            cpu_after, threads = spent()
    seen = moments(blast.output())
    if seen[-1].wrong:
        raise LabError(f"blast got {seen[-1].wrong} wrong requests:\n{blast.last_lines()}")
    return of_window([moment for moment in seen[seen.index(first):] if moment.granted <= last.granted],
                     cpu_after - cpu_before,
                     {name: now - threads_before.get(name, 0) for name, now in threads.items()})


def of_window(seen, spent, threads):
    """Of the lines of a window, its first moment included."""
    first, last = seen[0], seen[-1]
    seconds = by_second(seen)
    peak, busy = max((now.granted - then.granted, now.busy) for then, now in zip(seconds, seconds[1:]))
    return Registered(last.granted - first.granted, peak, spent.user, spent.total, busy / 100,
                      last.retransmissions - first.retransmissions, threads)


def by_second(seen):
    """The first moment, and of each second after it the last, as busy as its lines are on average."""
    whole = seen[:1]
    for _, lines in groupby(seen[1:], key=lambda moment: moment.second):
        lines = list(lines)
        whole.append(replace(lines[-1], busy=mean(line.busy for line in lines)))
    return whole


def describe(runs):
    """Medians, in words."""
    def middle(of):
        return median(of(each) for each in runs)

    return (f"{text(middle(lambda each: each.peak))} in its best second of the wall, "
            f"{middle(lambda each: 1e6 * each.total / each.count):.2f} us each, "
            f"{middle(lambda each: 1e6 * each.user / each.count):.2f} us of it user "
            f"(generator {middle(lambda each: each.generator):.0%} busy, "
            f"{middle(lambda each: each.retransmissions):g} retransmissions)")
