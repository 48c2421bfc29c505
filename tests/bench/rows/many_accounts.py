"""Memory an account; how long many accounts take to register after a cold start, at full speed and at
a rate, and to stand again after a restart."""

from statistics import median

from measuring import fleet
from measuring.figures import text
from measuring.row import row_of

GOAL_BYTES = 1024
FEW, SOME, MANY = 10, 10_000, 100_000
RATE = 20_000
# A second of blast ends when it looks, every millisecond, and later where others have its core.
CLOCK_TOLERANCE = 0.02
RUNS = 2  # what is counted hardly differs from one to the next
# Each registration is two REGISTERs.
AT_RATE_SECONDS = 2 * MANY / RATE


def measure(bench):
    few, some, many, paced = (bench.several(of, at_most=RUNS)
                              for of in (with_few, with_some, with_many, at_a_rate))
    return [
        memory(SOME, some, few),
        memory(MANY, many, few),
        row_of(f"cold start of {text(MANY)} accounts", "s", [each.cold for each in many],
               how="From the process's start to the last grant, told by blast each second; no limit of "
                   "rate, 200 under way, over a veth.",
               note=f"{text(median(each.peak for each in many))} registrations in the best second."),
        row_of(f"the same at {text(RATE)} REGISTER/s", "s", [each.registering for each in paced],
               peer="configured", peer_values=[AT_RATE_SECONDS], less_is_better=True, budget=0.9,
               how=f"With registration_rate {RATE}, from the first grant to the last, in whole seconds."),
        row_of("REGISTERs in its busiest second", "1/s", [max(each.busiest for each in paced)],
               peer="configured", peer_values=[RATE], less_is_better=True,
               budget=1 / (1 + CLOCK_TOLERANCE),
               how="Of all runs. A second is from one line of blast to the next, which may come late: "
                   f"{CLOCK_TOLERANCE:.0%} more than the rate are let pass."),
        row_of(f"restart with {text(MANY)} accounts", "s", [each.restart for each in many],
               peer="cold start", peer_values=[each.cold for each in many], less_is_better=True,
               how="After kill -9, from the process's start to its first answer, when all stand from "
                   "the journal.",
               note=f"{text(min(each.standing for each in many))} stand; "
                    f"{max(each.asked_again for each in many)} registrations in the first "
                    f"{fleet.WATCHED_SECONDS} s after it."),
    ]


def memory(accounts, runs, few):
    """Bytes an account, all in: what the process has more with them than with hardly any."""
    base = median(each.memory for each in few)
    return row_of(f"memory an account, {text(accounts)} registered", "bytes",
                  [(each.memory - base) / (accounts - FEW) for each in runs], peer="goal",
                  peer_values=[GOAL_BYTES], less_is_better=True, budget=1,
                  how=f"Resident memory of the process, less what it has with {FEW} accounts, "
                      "configuration and journal included.")


def with_few(bench):
    return fleet.measure(bench, FEW)


def with_some(bench):
    return fleet.measure(bench, SOME)


def with_many(bench):
    return fleet.measure(bench, MANY, restarts=True)


def at_a_rate(bench):
    return fleet.measure(bench, MANY, RATE)
