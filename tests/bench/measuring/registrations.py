"""Challenged registrations of a client under test, with blast as its registrar: every account
registers, is challenged (MD5, qop=auth) and granted; and again, round after round."""

import re
from dataclasses import dataclass
from statistics import median

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
    """A line of blast's, a second after the one before."""

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
    for `granted` seconds; `again` has a system register all accounts that would not by itself."""
    with registrar(bench, namespace, port, "--aors", accounts, "--expires", granted,
                   "--realm", DOMAIN, "--password", PASSWORD) as blast:
        with start() as system:
            def granted_in_all(count):
                """The lines of blast so far, once that many are granted, and the CPU times then."""
                def found():
                    if blast.exit_code is not None:
                        raise LabError(f"blast ended:\n{blast.last_lines()}")
                    seen = moments(blast.output())
                    return seen if seen and seen[-1].granted >= count else None

                seen = wait_until(found, 60, f"{count} registrations", interval=0.01)
                return seen, of_group(system.pid, bench.system_cpu), by_thread(system.pid)

            seen, cpu_before, threads_before = granted_in_all(accounts)
            before = seen[-1]
            while seen[-1].second - before.second < bench.seconds:
                again()
                seen, cpu_after, threads = granted_in_all(seen[-1].granted + accounts)
    if seen[-1].wrong:
        raise LabError(f"blast got {seen[-1].wrong} wrong requests:\n{blast.last_lines()}")
    return of_window([moment for moment in seen if moment.second >= before.second],
                     cpu_after - cpu_before,
                     {name: spent - threads_before.get(name, 0) for name, spent in threads.items()})


def of_window(seen, spent, threads):
    """Of the lines of a window, its first moment included."""
    first, last = seen[0], seen[-1]
    peak, busy = max((now.granted - then.granted, now.busy) for then, now in zip(seen, seen[1:]))
    return Registered(last.granted - first.granted, peak, spent.user, spent.total, busy / 100,
                      last.retransmissions - first.retransmissions, threads)


def describe(runs):
    """Medians, in words."""
    def middle(of):
        return median(of(each) for each in runs)

    return (f"{text(middle(lambda each: each.peak))} in its best second of the wall, "
            f"{middle(lambda each: 1e6 * each.total / each.count):.2f} us each, "
            f"{middle(lambda each: 1e6 * each.user / each.count):.2f} us of it user "
            f"(generator {middle(lambda each: each.generator):.0%} busy, "
            f"{middle(lambda each: each.retransmissions):g} retransmissions)")
