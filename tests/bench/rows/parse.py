"""Parsing alone: our Message beside libosip2 with nothing around it, and beside libre's decoder."""

from measuring.bench import BUILD, on_cpu
from measuring.machine import first_line
from measuring.row import row_of

PROGRAM = BUILD / "tests" / "bench" / "bench-parse"
HOW = ("A REGISTER, its 401 and its 200 in turn, CPU time of one thread. No parser of Kamailio is "
       "here: it is GPL and not to be linked.")
LIBRARIES = {"libosip2": "libosip2", "libre": "libre"}  # parser -> what pkg-config calls it
REMARKS = {
    "libosip2": "Our Message makes the strict checks that libosip2 leaves out.",
    "libre": "libre decodes Via, To, From, Call-ID and CSeq and finds the other rows; it does not "
             "judge them.",
}


def measure(bench):
    runs = bench.several(nanoseconds)
    ours = [1e9 / run["message"] for run in runs]
    return [row_of(f"messages parsed, beside {parser}", "1/s and core", ours,
                   peer=f"{parser} {first_line('pkg-config', '--modversion', package)} alone",
                   peer_values=[1e9 / run[parser] for run in runs],
                   how=f"{HOW} {REMARKS[parser]}")
            for parser, package in LIBRARIES.items() if parser in runs[0]]


def nanoseconds(bench):
    """Of a message, by parser."""
    command = on_cpu(bench.system_cpu, [str(PROGRAM), str(bench.seconds / 3)])
    said = bench.result_of("bench-parse", command, 600)
    return {name: float(figure) for name, figure in map(str.split, said.splitlines())}
