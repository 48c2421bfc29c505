"""Counts of tests, from the XML that GoogleTest and pytest write."""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field


@dataclass
class Results:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list = field(default_factory=list)  # names

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures

    def fail(self, name):
        self.failed += 1
        self.failures.append(name)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def from_junit(path):
    """One result a <testcase>; GoogleTest's and pytest's dialects agree in what is read here. None
    if the file is not there or was not finished: the program crashed."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return None
    results = Results()
    for case in root.iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            results.fail(name)
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            results.skipped += 1
        else:
            results.passed += 1
    return results
