"""Memory of a million registered accounts, in one process with its registrar: a configuration file
may not be that large."""

import re
import subprocess

from lab.errors import LabError

from measuring.bench import BUILD, on_cpu
from measuring.row import row_of

from .many_accounts import GOAL_BYTES

PROGRAM = BUILD / "tests" / "bench" / "bench-shard"
ACCOUNTS = 1_000_000


def measure(bench):
    return [row_of("memory an account, a million registered", "bytes",
                   bench.several(bytes_an_account, at_most=1), peer="goal", peer_values=[GOAL_BYTES],
                   less_is_better=True, budget=1,
                   how="bench-shard memory: what a shard has asked of the allocator for its accounts, "
                       "configuration included; registered over no wire, by a registrar in the same "
                       "process; without the packet path, the journal and the process around it.")]


def bytes_an_account(bench):
    command = on_cpu(bench.system_cpu, [str(PROGRAM), "memory", str(ACCOUNTS)])
    result = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    found = re.search(r"^registered +(\d+) bytes an account", result.stdout, re.MULTILINE)
    if result.returncode != 0 or not found:
        raise LabError(f"bench-shard: exit code {result.returncode}: {result.stderr.strip()}")
    return int(found[1])
