"""Counts of instructions, by callgrind, and their judgement by those that were written down."""

import json
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

# More than compilers' and libraries' bug fixes make of it, less than anything worth noticing.
TOLERANCE = 0.05
UPDATE = "if that is meant to be: tests/bench/instructions --update, and commit instructions.json"


class CannotCount(Exception):
    """Says what went wrong."""


def count(program):
    """Operation -> instructions of one, as bench-operations does them."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind", "--collect-atstart=no",
                   f"--callgrind-out-file={folder}/out", str(program)]
        try:
            result = subprocess.run(command, capture_output=True, text=True, check=False,
                                    errors="replace")
        except FileNotFoundError as missing:
            raise CannotCount("valgrind is not installed; tools/test installs it") from missing
        if result.returncode != 0:
            raise CannotCount(f"exit code {result.returncode} of {program}\n{result.stderr}")
        dumps = [path.read_text(encoding="utf-8") for path in Path(folder).glob("out.*")]
    repetitions = re.search(r"^repetitions (\d+)$", result.stdout, re.MULTILINE)
    if not repetitions or not dumps:
        raise CannotCount(f"{program} counted nothing")
    return in_each(sorted(map(parse_dump, dumps)), int(repetitions[1]))


def in_each(totals, repetitions):
    return {name: round(number / repetitions) for name, number in totals}


def parse_dump(text):
    """The operation's name and its instructions, of all repetitions."""
    name = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.MULTILINE)
    total = re.search(r"^totals: (\d+)$", text, re.MULTILINE)
    if not name or not total or not int(total[1]):
        raise CannotCount("callgrind left a dump that counts no operation")
    return name[1], int(total[1])


def judge(baseline, counted):
    """Operation -> None where it is within the tolerance, else what is wrong, in words. Fewer
    instructions are no fault."""
    verdicts = {}
    for name in sorted({*baseline, *counted}):
        before, now = baseline.get(name), counted.get(name)
        if before is None:
            verdicts[name] = f"{name}: {now} instructions and nothing to compare with; {UPDATE}"
        elif now is None:
            verdicts[name] = f"{name}: not counted any more; {UPDATE}"
        elif now > before * (1 + TOLERANCE):
            verdicts[name] = (f"{name}: {now} instructions, {now / before - 1:+.1%} over the "
                              f"{before} that it took; {UPDATE}")
        else:
            verdicts[name] = None
    return verdicts


def read(path):
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write(path, counted):
    path.write_text(json.dumps(counted, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def write_junit(path, verdicts):
    """For tools/test: a test case an operation."""
    suite = ElementTree.Element("testsuite", name="instructions")
    for name, verdict in verdicts.items():
        case = ElementTree.SubElement(suite, "testcase", classname="instructions", name=name)
        if verdict:
            ElementTree.SubElement(case, "failure", message="costs more").text = verdict
    ElementTree.ElementTree(suite).write(path)
