"""tests/bench/instructions: an operation that costs more than it did is told, with what to do."""

import json
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
from harness.results import from_junit

BENCH = Path(__file__).resolve().parents[1] / "bench"
sys.path.append(str(BENCH))

from measuring.instructions import CannotCount, judge, parse_dump

BASELINE = {"parse": 10000, "write": 5000}


@pytest.fixture(name="guard")
def fixture_guard(tmp_path, monkeypatch):
    """The program with a baseline of its own and a counter that it is told."""
    loader = SourceFileLoader("bench_instructions", str(BENCH / "instructions"))
    module = module_from_spec(spec_from_loader("bench_instructions", loader))
    loader.exec_module(module)
    baseline = tmp_path / "instructions.json"
    baseline.write_text(json.dumps(BASELINE), encoding="utf-8")
    monkeypatch.setattr(module, "BASELINE", baseline)
    module.counts = lambda counted: monkeypatch.setattr(module, "count", lambda _: counted)
    return module


def test_six_percent_more_fail_and_the_message_says_how_to_update(guard, capsys, tmp_path):
    guard.counts({"parse": 10600, "write": 5000})
    xml = tmp_path / "instructions.xml"
    assert guard.main([f"--junit={xml}"]) == 1
    assert ("parse: 10600 instructions, +6.0% over the 10000 that it took; if that is meant to be: "
            "tests/bench/instructions --update") in capsys.readouterr().out
    assert from_junit(xml).failures == ["instructions.parse"]
    assert from_junit(xml).passed == 1


@pytest.mark.parametrize("parse", [10500, 10000, 4000])
def test_up_to_five_percent_more_and_anything_less_pass(guard, parse):
    guard.counts({"parse": parse, "write": 5000})
    assert guard.main([]) == 0


def test_an_update_is_the_new_baseline(guard):
    guard.counts({"parse": 20000, "write": 5000})
    assert guard.main(["--update"]) == 0
    assert guard.main([]) == 0
    guard.counts({"parse": 21200, "write": 5000})
    assert guard.main([]) == 1


def test_an_operation_that_is_new_or_gone_fails():
    verdicts = judge(BASELINE, {"parse": 10000, "scan": 1})
    assert verdicts["parse"] is None
    assert "nothing to compare with" in verdicts["scan"]
    assert "not counted any more" in verdicts["write"]


def test_a_program_that_cannot_be_counted_fails(guard, monkeypatch, capsys):
    def fails(_):
        raise CannotCount("exit code 1 of it")

    monkeypatch.setattr(guard, "count", fails)
    assert guard.main([]) == 1
    assert "exit code 1 of it" in capsys.readouterr().err


def test_a_dump_is_read_and_an_empty_one_is_none():
    dump = "version: 1\ndesc: Trigger: Client Request: parse_ok\nsummary: 12\ntotals: 12\n"
    assert parse_dump(dump) == ("parse_ok", 12)
    for broken in ("", dump.replace("12", "0"), dump.replace("Client Request: parse_ok", "end")):
        with pytest.raises(CannotCount):
            parse_dump(broken)


def test_every_operation_of_the_program_has_a_baseline():
    source = (BENCH / "operations.cpp").read_text(encoding="utf-8")
    baseline = json.loads((BENCH / "instructions.json").read_text(encoding="utf-8"))
    names = [line.split('"')[1] for line in source.splitlines() if "Operation{\"" in line]
    assert names and sorted(names) == sorted(baseline)
