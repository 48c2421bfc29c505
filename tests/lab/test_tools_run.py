"""tools/run itself: what it prints, how it ends, that nothing stays behind."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import lab_document
from expected import AORS

from lab import configuration
from lab.instance import FOLDER, Instance
from lab.lab import ROOT
from lab.processes import start_time
from lab.waiting import wait_until

NUMBERS = itertools.count(1)


def free_huge_pages():
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("HugePages_Free"):
            return int(line.split()[1])
    return 0


class ToolsRun:
    """tools/run under a name of its own, after its installing and building part."""

    def __init__(self, logs):
        self.name = f"tlrun{os.getpid()}-{next(NUMBERS)}"
        self.instance = Instance(self.name)
        self._logs = logs
        self._processes = []

    def start(self, *words):
        command = [sys.executable, "-m", "lab.run", "--name", self.name, *words]
        env = {**os.environ, "PYTHONPATH": str(ROOT / "tools"), "PYTHONDONTWRITEBYTECODE": "1",
               "PYTHONUNBUFFERED": "1"}
        log = self._logs / f"run{len(self._processes)}.txt"
        with open(log, "wb") as out:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=out, text=True, env=env)
        process.log = log
        self._processes.append(process)
        return process

    def run(self, *words):
        """Exit code, standard output, standard error."""
        process = self.start(*words)
        out, _ = process.communicate(timeout=120)
        return process.returncode, out, process.log.read_text(encoding="utf-8")

    def left(self):
        """What is still there of it."""
        things = [namespace.name for namespace in self.instance.namespaces if namespace.exists()]
        if (FOLDER / self.name).exists():
            things.append(str(FOLDER / self.name))
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().split(b"\0")
            except OSError:
                continue
            # The registrar and the appliance have the folder on their command lines.
            if any(f"/{self.name}/".encode() in word for word in words):
                things.append(b" ".join(words).decode())
        return things

    def close(self):
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.run("--stop")
        shutil.rmtree(self.instance.logs, ignore_errors=True)


@pytest.fixture
def tools_run(tmp_path):
    made = ToolsRun(tmp_path)
    try:
        yield made
    finally:
        made.close()


def read_until(process, word):
    """Reads its standard output up to a line with `word`."""
    for line in process.stdout:
        if word in line:
            return
    raise AssertionError(f"it ended without '{word}': {process.log.read_text(encoding='utf-8')}")


def test_once_ends_with_0_and_a_line_a_row(tools_run):
    pages = free_huge_pages()
    code, out, errors = tools_run.run("--once")
    assert code == 0, out + errors
    for aor in AORS:
        assert any(aor in line and "REGISTERED" in line for line in out.splitlines())
    assert "\x1b" not in out
    assert tools_run.left() == []
    assert free_huge_pages() == pages


def test_once_json_prints_rows_and_nothing_else(tools_run):
    code, out, errors = tools_run.run("--once", "--json")
    assert code == 0, errors
    assert {row["aor"] for row in json.loads(out)} == {f"sip:{aor}" for aor in AORS}


def test_once_ends_with_1_and_the_reasons_when_time_is_up(tools_run, tmp_path):
    def change(document):
        document["signaling_and_media"]["proxy_sets"][0]["proxy_addresses"] = [
            {"address": "192.0.2.99", "transport": "udp"}]

    config = tmp_path / "away.yaml"
    configuration.write(lab_document(change), config)
    code, out, _ = tools_run.run("--once", "--timeout", "3", "--config", str(config))
    assert code == 1
    assert "not registered within 3 s" in out
    for aor in AORS:
        assert aor in out.partition("not registered within")[2]
    assert tools_run.left() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stays_until_a_signal_and_removes_everything(tools_run, number):
    process = tools_run.start()
    read_until(process, "Ctrl-C")
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert tools_run.left() == []


def test_a_signal_while_it_starts_removes_everything(tools_run):
    process = tools_run.start()
    wait_until(tools_run.instance.lab.exists, 20, "a namespace")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode in (0, 1)
    assert tools_run.left() == []


def test_what_a_crash_left_is_ended_by_the_next_start(tools_run):
    process = tools_run.start()
    read_until(process, "all 7 are registered")
    process.kill()
    process.wait()
    assert tools_run.left() != []
    code, out, errors = tools_run.run("--once")
    assert code == 0, out + errors
    assert tools_run.left() == []


def test_what_a_crash_left_is_ended_by_stop(tools_run):
    process = tools_run.start()
    read_until(process, "all 7 are registered")
    process.kill()
    process.wait()
    code, _, _ = tools_run.run("--stop")
    assert code == 0
    assert tools_run.left() == []


def test_a_second_one_says_that_one_runs(tools_run):
    process = tools_run.start()
    read_until(process, "all 7 are registered")
    code, _, errors = tools_run.run("--once")
    assert code == 1
    assert "runs already" in errors
    code, _, _ = tools_run.run("--stop")
    assert code == 0
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert tools_run.left() == []


def test_detach_says_where_things_are_and_stop_ends_them(tools_run):
    code, out, errors = tools_run.run("--detach")
    assert code == 0, errors
    facts = json.loads(out)
    assert len(out.splitlines()) == 1
    for path in ("config", "local_socket", "logs"):
        assert Path(facts[path]).exists()
    for pid in facts["pids"].values():
        assert start_time(pid) is not None
    for namespace in facts["namespaces"].values():
        assert Path("/run/netns", namespace).exists()
    code, _, errors = tools_run.run("--once")
    assert code == 1
    assert "--stop" in errors
    code, _, _ = tools_run.run("--stop")
    assert code == 0
    assert tools_run.left() == []
    assert [pid for pid in facts["pids"].values() if start_time(pid) is not None] == []


def test_stop_with_nothing_there_is_no_failure(tools_run):
    code, out, _ = tools_run.run("--stop")
    assert code == 0
    assert "no lab runs here" in out


def test_an_appliance_that_dies_while_it_starts_is_told_with_its_words(tools_run, tmp_path):
    def change(document):
        document["ip_network"]["physical_ports"][0]["device"]["interface"] = "sbc9"

    config = tmp_path / "dies.yaml"
    configuration.write(lab_document(change), config)
    code, _, errors = tools_run.run("--once", "--config", str(config))
    assert code == 1
    assert "the appliance ended" in errors and "sbc9" in errors
    assert tools_run.left() == []


def test_a_faulty_configuration_is_told_before_anything_starts(tools_run, tmp_path):
    config = tmp_path / "faulty.yaml"
    config.write_text("appliance: {hostnam: x}\n", encoding="utf-8")
    code, _, errors = tools_run.run("--once", "--config", str(config))
    assert code == 1
    assert f"{config}:1:13" in errors
    assert tools_run.left() == []


@pytest.mark.parametrize("words", [["--bogus"], ["--once", "--stop"], ["--timeout", "soon"],
                                   ["--name", "../x"], ["extra"]], ids=" ".join)
def test_wrong_usage_ends_with_2(tools_run, words):
    code, _, errors = tools_run.run(*words)
    assert code == 2
    assert "usage:" in errors
