"""tools/conformance claims what a test proves, and nothing else."""

import pytest
from harness.conformance import main, proofs_in

STATEMENTS = """\
T01: {rfc: 3261 10.2, says: "First."}
T02: {rfc: own, says: "Second.", unclaimed: "needs calls"}
TA1: {rfc: own, says: "Third."}
"""
TEST = """\
// T01: why.
TEST(Suite, Name) {
    run();
}
"""
RESULTS = """<testsuites><testsuite>
<testcase name="Name" status="run" classname="Suite">{}</testcase>
</testsuite></testsuites>
"""


@pytest.fixture(name="root")
def project(tmp_path):
    for folder in ("docs", "tests/conformance", "tests/unit", "results"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tests/conformance/statements.yaml").write_text(STATEMENTS, encoding="utf-8")
    (tmp_path / "tests/unit/a_test.cpp").write_text(TEST, encoding="utf-8")
    return tmp_path


def page(root):
    return (root / "docs/conformance.md").read_text(encoding="utf-8")


def ids(text, suffix=".cpp"):
    return dict(proofs_in(text, suffix, "tests.unit.a"))


def test_a_statement_is_claimed_by_the_test_that_names_it(root):
    assert main([], root) == 0
    assert "| T01 | First. | 3261 10.2 | Suite Name | not run |" in page(root)
    assert "1 of 3 statements are claimed." in page(root)


def test_a_statement_without_a_test_is_not_claimed_and_says_why(root):
    main([], root)
    assert "| T02 | Second. | own | *not claimed: needs calls* |  |" in page(root)
    assert "| TA1 | Third. | own | *not claimed: no test yet* |  |" in page(root)


@pytest.mark.parametrize("element, result", [
    ("", "passed"), ("<failure/>", "failed"), ("<skipped/>", "skipped")])
def test_results_come_from_the_xml_of_a_run(root, element, result):
    (root / "results/unit.xml").write_text(RESULTS.format(element), encoding="utf-8")
    main([f"--results={root / 'results'}"], root)
    assert f"| Suite Name | {result} |" in page(root)


def test_the_worst_of_a_test_with_parameters_counts(root):
    cases = RESULTS.format("").replace('"Name"', '"Name/0"').replace('"Suite"', '"Many/Suite"')
    failed = RESULTS.format("<failure/>").replace('"Name"', '"Name/1"').replace(
        '"Suite"', '"Many/Suite"')
    (root / "results/a.xml").write_text(cases, encoding="utf-8")
    (root / "results/b.xml").write_text(failed, encoding="utf-8")
    main([f"--results={root / 'results'}"], root)
    assert "| Suite Name | failed |" in page(root)


def test_the_check_does_not_look_at_results_and_changes_nothing(root):
    (root / "results/unit.xml").write_text(RESULTS.format(""), encoding="utf-8")
    main([f"--results={root / 'results'}"], root)
    before = page(root)
    assert main(["--check"], root) == 0
    assert page(root) == before


def test_the_check_fails_when_a_test_came_or_went(root):
    main([], root)
    (root / "tests/unit/a_test.cpp").write_text(TEST.replace("T01", "T02"), encoding="utf-8")
    assert main(["--check"], root) == 1


def test_an_id_that_is_not_in_the_list_is_a_fault(root, capsys):
    (root / "tests/unit/a_test.cpp").write_text(TEST.replace("T01", "T99"), encoding="utf-8")
    assert main([], root) == 1
    assert "Suite Name: T99 is not in tests/conformance/statements.yaml" in capsys.readouterr().err


def test_ids_stand_directly_above_a_test_or_within_it():
    text = ("// T01\n// and T02\nTEST_F(A, B) {\n    run();  // TA1\n}\n\n"
            "// T03 of a helper\nvoid help() {\n}\n\n// T04, with a gap\n\nTEST(C, D) {\n}\n")
    assert ids(text) == {("A", "B"): ["T01", "T02", "TA1"]}


def test_python_tests_have_their_ids_above_the_decorators():
    text = "# T01\n@mark(\n    1)\ndef test_a(x,\n           y):\n    pass  # T02\n\n\ndef test_b():\n    pass\n"
    assert ids(text, ".py") == {("tests.unit.a", "test_a"): ["T01", "T02"]}


def test_timers_and_versions_are_no_ids():
    assert ids("// T1, T4, HTTP11, RT01 and T1000\nTEST(A, B) {\n}\n") == {}
