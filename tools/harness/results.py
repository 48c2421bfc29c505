"""Counts of tests, from the XML that GoogleTest and pytest write."""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field


@dataclass
class Results:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list = field(default_factory=list)  # names
    reasons: dict = field(default_factory=dict)  # by name, where the test told one

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures
        self.reasons |= other.reasons

    def fail(self, name, reason=""):
        self.failed += 1
        self.failures.append(name)
        if reason:
            self.reasons[name] = reason

    def told_failures(self, lines=20):
        """A paragraph a failure: its name and the last lines of its reason."""
        for name in self.failures:
            reason = self.reasons.get(name, "").strip().splitlines()
            yield "\n    ".join([f"FAILED {name}", *reason[-lines:]])

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
        failure = case.find("failure")
        if failure is None:
            failure = case.find("error")
        if failure is not None:
            results.fail(name, failure.text or failure.get("message", ""))
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            results.skipped += 1
        else:
            results.passed += 1
    return results
