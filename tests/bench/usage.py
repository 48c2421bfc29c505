"""Wrong usage of the programs that measure ends with 2 and says how to write it.

    usage.py BENCH-SHARD BENCH-PATH BENCH-PARSE
"""

import subprocess
import sys

WRONG = (
    ("", "register", "register 10", "register abc 1", "register 10 abc", "register 10 0",
     "register 0 1", "register 10x 1", "register 1.5 1", "register -1 1", "options 0", "options abc",
     "memory 0", "memory -5", "bogus 1"),
    ("", "ring", "ring 0", "ring abc", "ring nan", "ring inf", "memif: 1", "memif:/tmp/a -1",
     "bogus 1"),
    ("", "0", "abc", "nan", "inf", "-1", "1 1"),
)


def main(programs):
    failures = []
    for program, lines in zip(programs, WRONG, strict=True):
        for line in lines:
            ended = subprocess.run([program, *line.split()], capture_output=True, text=True,
                                   timeout=20, check=False)
            if ended.returncode != 2 or "usage: " not in ended.stderr:
                failures.append(f"{program} {line}: {ended.returncode} {ended.stderr}")
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
