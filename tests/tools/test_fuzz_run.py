"""tests/fuzz/run tells of what a target found, and how to see it again."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
from harness.results import from_junit

RUN = Path(__file__).resolve().parents[1] / "fuzz" / "run"


@pytest.fixture(name="fuzz")
def fuzz_run(tmp_path, monkeypatch):
    loader = SourceFileLoader("fuzz_run", str(RUN))
    module = module_from_spec(spec_from_loader("fuzz_run", loader))
    loader.exec_module(module)
    monkeypatch.setattr(module, "BUILD", tmp_path)
    monkeypatch.setattr(module, "build", lambda names: True)
    return module


def make_target(fuzz, name, script):
    path = fuzz.BUILD / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def test_a_finding_is_a_failure_with_its_input_and_the_way_to_repeat_it(fuzz, tmp_path, capsys):
    make_target(fuzz, "via", r"printf 'a\001b\nTest unit written to /kept/via-crash-1\n'; exit 77")
    xml = tmp_path / "fuzz.xml"
    assert fuzz.main(["--seconds", "1", f"--junit={xml}", "via"]) == 1
    assert f"to repeat: {tmp_path / 'via'} /kept/via-crash-1" in capsys.readouterr().out
    results = from_junit(xml)
    assert results.failures == ["fuzz.via"]
    assert "a?b\nTest unit written" in results.reasons["fuzz.via"]


def test_nothing_found_is_a_pass(fuzz, tmp_path):
    make_target(fuzz, "via", "exit 0")
    make_target(fuzz, "dns", "exit 0")
    xml = tmp_path / "fuzz.xml"
    assert fuzz.main([f"--junit={xml}", "via", "dns"]) == 0
    assert from_junit(xml).passed == 2


def test_every_target_has_a_corpus(fuzz):
    assert fuzz.targets()
    for name in fuzz.targets():
        assert any((RUN.parent / "corpus" / name).iterdir()), name


def test_wrong_usage_ends_with_2(fuzz):
    with pytest.raises(SystemExit) as ended:
        fuzz.main(["bogus"])
    assert ended.value.code == 2
