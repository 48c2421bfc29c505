"""tools/test counts right: what fails, crashes, hangs or does not run is never a pass."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from harness.arguments import parse, steps_of
from harness.programs import TestProgram as Program
from harness.programs import run_program
from harness.results import Results, from_junit
from harness.test import STEPS, StepFailed, is_for_thread_sanitizer, main, run_image

GTEST = """<?xml version="1.0"?>
<testsuites><testsuite name="A">
<testcase name="good" status="run" classname="A"/>
<testcase name="bad" status="run" classname="A"><failure message="no">one
two
three
</failure></testcase>
<testcase name="skipped" status="run" classname="A"><skipped message="no root"/></testcase>
<testcase name="off" status="notrun" classname="A"/>
</testsuite></testsuites>
"""
PASSING = re.sub("<failure.*</failure>", "", GTEST, flags=re.DOTALL)


def program(*command, timeout=30):
    return Program({"name": "program", "cmd": list(command), "env": {}, "workdir": None,
                    "timeout": timeout, "is_parallel": True}, None)


def run(one, folder):
    return run_program(one, folder, (), {}, 1)


def writing(xml, exit_code):
    """A program that writes `xml` where GoogleTest would and ends with `exit_code`."""
    code = ("import os, sys\n"
            f"open(os.environ['GTEST_OUTPUT'].removeprefix('xml:'), 'w').write({xml!r})\n"
            f"sys.exit({exit_code})")
    return program(sys.executable, "-c", code)


def counts(results):
    return results.passed, results.failed, results.skipped


def test_a_program_is_built_with_what_it_is_given():
    entry = {"name": "a", "cmd": ["/usr/bin/python3", "/b/../check.py", "tests/print", "conf.yaml"],
             "env": {}, "workdir": None, "timeout": 30, "is_parallel": True}
    made = {Path("/b/tests/print"), Path("/b/tests/other")}
    assert Program(entry, Path("/b"), made).targets == ["tests/print"]


def test_cases_of_junit_are_counted_by_kind(tmp_path):
    path = tmp_path / "results.xml"
    path.write_text(GTEST, encoding="utf-8")
    assert counts(from_junit(path)) == (1, 1, 2)
    assert from_junit(path).failures == ["A.bad"]


def test_a_failure_tells_the_end_of_its_reason(tmp_path):
    path = tmp_path / "results.xml"
    path.write_text(GTEST, encoding="utf-8")
    total = Results()
    total.add(from_junit(path))
    total.fail("step: does not build")
    assert list(total.told_failures(lines=2)) == [
        "FAILED A.bad\n    two\n    three", "FAILED step: does not build"]


@pytest.mark.parametrize("text", ["", "<testsuites><testsuite>"])
def test_an_unfinished_file_is_no_result(tmp_path, text):
    path = tmp_path / "results.xml"
    path.write_text(text, encoding="utf-8")
    assert from_junit(path) is None


def test_a_googletest_program_counts_with_its_cases(tmp_path):
    assert counts(run(writing(PASSING, 0), tmp_path)) == (2, 0, 2)


def test_a_program_that_fails_although_its_cases_pass_is_a_failure(tmp_path):
    assert counts(run(writing(PASSING, 1), tmp_path)) == (2, 1, 2)


def test_a_crash_without_a_report_is_a_failure(tmp_path):
    crash = program(sys.executable, "-c", "import os; os.abort()")
    assert counts(run(crash, tmp_path)) == (0, 1, 0)


def test_an_old_report_does_not_count_for_a_new_run(tmp_path):
    run(writing(PASSING, 0), tmp_path)
    assert counts(run(program(sys.executable, "-c", "raise SystemExit(1)"), tmp_path)) == (0, 1, 0)


def test_a_program_that_does_not_end_is_a_failure(tmp_path):
    hangs = program(sys.executable, "-c", "import time; time.sleep(60)", timeout=0.2)
    assert counts(run(hangs, tmp_path)) == (0, 1, 0)


def test_a_program_that_cannot_run_here_is_skipped(tmp_path):
    assert counts(run(program(sys.executable, "-c", "raise SystemExit(77)"), tmp_path)) == (0, 0, 1)


def test_the_sanitizers_run_when_asked_for():
    usual = ["lint", "unit", "instructions", "fuzz", "lab", "image"]
    assert steps_of(parse([])) == usual
    assert steps_of(parse(["--sanitizers"])) == [*usual, "address", "thread"]
    assert steps_of(parse(["--only", "lab", "--only", "lint"])) == ["lint", "lab"]
    assert set(steps_of(parse(["--sanitizers"]))) == set(STEPS)


@pytest.mark.parametrize("codes, expected", [((0, 0), (2, 0, 0)), ((0, 1), (1, 1, 0)), ((1,), (0, 1, 0)),
                                             ((77,), (0, 0, 2)), ((0, 77), (1, 0, 1))])
def test_an_image_that_cannot_be_made_here_is_skipped_and_not_passed(monkeypatch, codes, expected):
    left = list(codes)
    monkeypatch.setattr("harness.test.subprocess.run", lambda *_, **__: SimpleNamespace(returncode=left.pop(0)))
    assert counts(run_image([["build"], ["test"]])) == expected
    assert not left, "what follows a part that did not succeed is left out"


def test_the_thread_sanitizer_takes_what_has_threads():
    names = ["unit-sipstack", "unit-sipstack-runtime", "unit-mgmt", "unit-rest", "sim", "sim-traces",
             "soak-1", "unit-board-interrupt-gate", "unit-board-port"]
    assert list(filter(is_for_thread_sanitizer, names)) == names[:-1]


@pytest.mark.parametrize("passed, failed, code", [(1, 0, 0), (1, 1, 1), (0, 0, 1)])
def test_the_exit_code_and_the_last_line(monkeypatch, capsys, passed, failed, code):
    monkeypatch.setitem(STEPS, "lint", lambda _: Results(passed, failed, 3))
    assert main(["--only", "lint"]) == code
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"{passed} passed, {failed} failed, 3 skipped"


def test_a_step_that_cannot_run_is_a_failure(monkeypatch, capsys):
    def fails(_):
        raise StepFailed("does not build")

    monkeypatch.setitem(STEPS, "lint", fails)
    assert main(["--only", "lint"]) == 1
    assert "0 passed, 1 failed, 0 skipped" in capsys.readouterr().out


def test_wrong_usage_ends_with_2():
    with pytest.raises(SystemExit) as ended:
        parse(["--bogus"])
    assert ended.value.code == 2
