"""docs/conformance.md: every statement of tests/conformance/statements.yaml, the tests that prove it
and how they ended.

A test proves the statements whose ids stand in comments directly above it (`// T40, T41` or `# T40`)
or within it. Results come from the XML files that tools/test leaves.
"""

import argparse
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
STATEMENTS = "tests/conformance/statements.yaml"
PAGE = "docs/conformance.md"
NOT_RUN = "not run"

ID = re.compile(r"\bT(?:[ACD]\d+|\d{2,3})\b")
CPP_TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)")
PYTHON_TEST = re.compile(r"^def (test_\w+)\(")
COMMENT = {".cpp": re.compile(r"//(.*)"), ".py": re.compile(r"#(.*)")}

HEAD = """\
# Conformance

Each row is a statement about a SIP registration client: where it comes from, the tests that prove
it, and how they ended in the run that this page was made after. A statement without a test is not
claimed. Made by `tools/conformance` from `tests/conformance/statements.yaml` and the ids in the
tests; do not edit.

| Id | Statement | RFC | Tests | Result |
|---|---|---|---|---|
"""


def read_statements(root):
    return yaml.safe_load((root / STATEMENTS).read_text(encoding="utf-8"))


def proofs_of(root):
    """(test, ids) of all tests that name ids; a test is ("Suite", "Name") or ("tests.lab.file",
    "test_name"), as the XML files call it."""
    for path in sorted((root / "tests").rglob("*")):
        # Tests of the tools have ids as their samples and prove nothing about the appliance.
        if path.suffix in COMMENT and not path.is_relative_to(root / "tests" / "tools"):
            module = ".".join(path.relative_to(root).with_suffix("").parts)
            yield from proofs_in(path.read_text(encoding="utf-8"), path.suffix, module)


def proofs_in(text, suffix, module):
    above, test, ids = [], None, []
    for line in text.splitlines():
        comment = COMMENT[suffix].search(line)
        here = ID.findall(comment.group(1)) if comment else []
        if begun := test_begun(line, suffix, module):
            yield from proven(test, ids)
            test, ids, above = begun, above + here, []
        elif line.startswith((" ", ")", "@")):  # within a test, or between its comment and its name
            ids = ids + here
        elif comment and comment.start() == 0:
            above += here
        else:
            above = []
            if line and not line.startswith("{"):
                yield from proven(test, ids)
                test, ids = None, []
    yield from proven(test, ids)


def proven(test, ids):
    if test and ids:
        yield test, ids


def test_begun(line, suffix, module):
    if suffix == ".cpp":
        found = CPP_TEST.match(line)
        return found.groups() if found else None
    found = PYTHON_TEST.match(line)
    return (module, found.group(1)) if found else None


def unknown_ids(statements, tests):
    """In words, one for each id that a test names and the list does not have."""
    return [f"{' '.join(test)}: {name} is not in {STATEMENTS}"
            for test, ids in tests for name in ids if name not in statements]


def read_results(folder):
    """How each test ended; of one with parameters the worst."""
    order = [NOT_RUN, "skipped", "passed", "failed"]
    results = {}
    for path in sorted(folder.rglob("*.xml")):
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            # Suites and names of parameterised tests: "Many/Suite" "Name/0", "test_name[0]".
            suite = case.get("classname", "").split("/")
            suite = suite[1] if len(suite) > 1 and not suite[1].isdigit() else suite[0]
            test = (suite, re.split(r"[/\[]", case.get("name"))[0])
            results[test] = max(results.get(test, NOT_RUN), outcome(case), key=order.index)
    return results


def outcome(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None:
        return "skipped"
    return NOT_RUN if case.get("status") == "notrun" else "passed"


def summary(outcomes):
    """Of all tests of a statement."""
    if not outcomes:
        return ""
    if len(set(outcomes)) == 1:
        return outcomes[0]
    return ", ".join(f"{outcomes.count(word)} {word}"
                     for word in ("failed", "skipped", NOT_RUN, "passed") if word in outcomes)


def make_page(statements, tests, results):
    rows = []
    claimed = 0
    for name, statement in statements.items():
        proofs = list(dict.fromkeys(test for test, ids in tests if name in ids))
        claimed += bool(proofs)
        shown = "<br>".join(" ".join(test).replace("_", "\\_") for test in proofs)
        if not proofs:
            shown = f"*not claimed: {statement.get('unclaimed', 'no test yet')}*"
        result = summary([results.get(test, NOT_RUN) for test in proofs])
        rows.append(f"| {name} | {statement['says']} | {statement['rfc']} | {shown} | {result} |\n")
    return HEAD + "".join(rows) + f"\n{claimed} of {len(statements)} statements are claimed.\n"


def without_results(page):
    return re.sub(r"\|[^|\n]*\|$", "|", page, flags=re.MULTILINE)


def main(arguments, root=ROOT):
    parser = argparse.ArgumentParser(prog="tools/conformance", allow_abbrev=False,
                                     description=f"Writes {PAGE}.")
    parser.add_argument("--results", type=Path, metavar="FOLDER",
                        help="with the XML files of a run: build/test-results after tools/test")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; end with 1 when the page is not current, results aside")
    options = parser.parse_args(arguments)
    statements, tests = read_statements(root), list(proofs_of(root))
    if faults := unknown_ids(statements, tests):
        print("\n".join(faults), file=sys.stderr)
        return 1
    page = make_page(statements, tests, read_results(options.results) if options.results else {})
    path = root / PAGE
    if not options.check:
        path.write_text(page, encoding="utf-8")
    elif without_results(path.read_text(encoding="utf-8")) != without_results(page):
        print(f"{PAGE} is not current: run tools/conformance", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
