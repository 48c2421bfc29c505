"""The command line of tools/test. Needs nothing but Python. Leaves with 2 on wrong usage."""

import argparse
import sys

STEPS = ("lint", "unit", "instructions", "fuzz", "lab", "image", "address", "thread")
SANITIZERS = ("address", "thread")

HELP = """\
usage: tools/test [--sanitizers] [--only STEP]... [-k EXPRESSION]

  (nothing)      lint: style, floors and length of the files, and the tests of these tools
                 unit: unit and simulation tests
                 instructions: what single operations cost, counted by callgrind
                 fuzz: a minute of hostile input for every reader of outside bytes
                 lab: the real appliance and a real registrar in network namespaces
                 image: makes the appliance's image and boots it by a BIOS in an emulated machine
                        beside a real registrar; skipped where Debian's packages are out of reach
  --sanitizers   these too:
                 address: unit and simulation again, with the address and undefined sanitizers
                 thread: those of signaling, management and simulation again, with the thread
                         sanitizer
  --only STEP    that step alone; may be given several times
  -k EXPRESSION  of the lab tests only those that match (pytest -k)

Ends with a line "N passed, N failed, N skipped". Exit codes: 0 all passed, 1 something failed or
nothing ran, 2 wrong usage.
"""
USAGE = HELP.split("\n\n", maxsplit=1)[0].removeprefix("usage: ")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tools/test", usage=USAGE, add_help=False,
                                     allow_abbrev=False)
    parser.add_argument("--sanitizers", action="store_true")
    parser.add_argument("--only", action="append", choices=STEPS)
    parser.add_argument("-k", dest="expression")
    parser.add_argument("--help", "-h", action="store_true")
    return parser.parse_args(arguments)


def steps_of(options):
    """The steps to run, in order."""
    if options.only:
        return [step for step in STEPS if step in options.only]
    return [step for step in STEPS if options.sanitizers or step not in SANITIZERS]


if __name__ == "__main__":
    if parse(sys.argv[1:]).help:
        print(HELP, end="")
