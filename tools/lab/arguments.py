"""The command line of tools/run. Needs nothing but Python: tools/run calls it before it installs
anything. Leaves with 2 on wrong usage."""

import argparse
import re
import sys

HELP = """\
usage: tools/run [--once | --detach | --stop] [--config FILE] [--timeout SECONDS] [--json]
                 [--name NAME]

  (nothing)          stay until Ctrl-C, which un-registers and removes everything
  --once             end when all are registered: exit code 0; 1 with the reasons after the timeout
  --detach           leave lab and appliance running; one JSON line says where things are
  --stop             end what runs: after --detach, in another terminal, or left by a crash
  --config FILE      another configuration than conf/lab.yaml; a copy of it is run
  --timeout SECONDS  how long the registrations may take, 60 unless told
  --json             the registrations as JSON on standard output, all else on standard error
  --name NAME        another lab beside the usual one: its namespaces are called NAME-lab and so on

Exit codes: 0 done, 1 failed, 2 wrong usage.
"""
USAGE = HELP.split("\n\n", maxsplit=1)[0].removeprefix("usage: ")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tools/run", usage=USAGE, add_help=False,
                                     allow_abbrev=False)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--once", action="store_true")
    mode.add_argument("--detach", action="store_true")
    mode.add_argument("--stop", action="store_true")
    parser.add_argument("--config")
    parser.add_argument("--timeout", type=seconds, default=60)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--name", type=instance_name, default="trunkline")
    parser.add_argument("--help", "-h", action="store_true")
    return parser.parse_args(arguments)


def seconds(text):
    value = float(text)
    if not 0 < value <= 86400:
        raise argparse.ArgumentTypeError("more than 0 and up to 86400 seconds")
    return value


def instance_name(text):
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", text):
        raise argparse.ArgumentTypeError("letters, digits, - and _, 32 at most")
    return text


if __name__ == "__main__":
    if parse(sys.argv[1:]).help:
        print(HELP, end="")
