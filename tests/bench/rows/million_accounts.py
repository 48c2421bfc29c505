"""Memory that a bare shard has for each of a million registered accounts, in one process with its
registrar: a configuration file may not be that large. It is a part of what the goal counts, so it
is not judged by it."""

import re

from measuring.bench import BUILD, on_cpu
from measuring.row import row_of

PROGRAM = BUILD / "tests" / "bench" / "bench-shard"
ACCOUNTS = 1_000_000


def measure(bench):
    return [row_of("memory an account, a bare shard's, a million registered", "bytes",
                   bench.several(bytes_an_account, at_most=1),
                   how="bench-shard memory: what a shard has asked of the allocator for its accounts, "
                       "configuration included; registered over no wire, by a registrar in the same "
                       "process; without the packet path, the journal and the process around it, so "
                       "that the goal of 1 KiB all in does not judge it.")]


def bytes_an_account(bench):
    command = on_cpu(bench.system_cpu, [str(PROGRAM), "memory", str(ACCOUNTS)])
    said = bench.result_of("bench-shard", command, 600)
    return int(re.search(r"^registered +(\d+) bytes an account", said, re.MULTILINE)[1])
