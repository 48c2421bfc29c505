"""Processes: run a tool to its end, start a server that writes to a log, end it again.

A server is known by its pid and its start time together, so that a record that outlived its process
never ends somebody else's.
"""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError


def run_tool(command, *, timeout=30):
    """Runs a short command and returns its standard output; LabError with its words if it fails.

    It gets a session of its own: Ctrl-C on the terminal is for tools/run alone, which ends things in
    the right order.
    """
    words = [str(word) for word in command]
    try:
        result = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=timeout, start_new_session=True, check=False)
    except FileNotFoundError as missing:
        raise LabError(f"{words[0]}: not installed (tools/run installs what it needs)") from missing
    except subprocess.TimeoutExpired as late:
        raise LabError(f"no end within {timeout} s: {' '.join(words)}") from late
    if result.returncode != 0:
        said = (result.stderr.strip() or result.stdout.strip()).replace("\n", "; ")
        raise LabError(f"{' '.join(words)}: exit code {result.returncode}: {said}")
    return result.stdout


def start_time(pid):
    """The kernel's start time of a running process, in clock ticks since boot; None if it is gone
    or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text[text.rindex(")") + 2:].split()
    return None if fields[0] in "ZX" else int(fields[19])


@dataclass(frozen=True)
class ProcessId:
    """A process that this lab started. Plain data: it is kept in the lab's state file."""

    name: str
    pid: int
    started: int

    @staticmethod
    def of_this_process():
        return ProcessId("owner", os.getpid(), start_time(os.getpid()))

    def alive(self):
        return start_time(self.pid) == self.started

    def signal(self, number):
        if self.alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass

    def wait_gone(self, timeout):
        """True when the process has ended within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def end(self, grace=10):
        """SIGTERM, and SIGKILL after `grace` seconds. True if it went by itself."""
        self.signal(signal.SIGTERM)
        if self.wait_gone(grace):
            return True
        if self.alive():
            signal_group(self.pid, signal.SIGKILL)
            self.wait_gone(5)
        return False


def signal_group(pid, number):
    """For a server and its children: every server is started as the head of a group."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass


class Server:
    """A process that stays; its output goes to `log`."""

    def __init__(self, name, command, log, *, env=None):
        self.name = name
        self.log = Path(log)
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        words = [str(word) for word in command]
        with open(self.log, "ab") as out:
            try:
                self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out,
                                                 stderr=out, env=env, start_new_session=True)
            except FileNotFoundError as missing:
                raise LabError(f"{words[0]}: not found") from missing
        started = start_time(self._process.pid)
        self.id = ProcessId(name, self._process.pid, -1 if started is None else started)

    @property
    def pid(self):
        return self._process.pid

    @property
    def exit_code(self):
        """None while it runs; negative: the signal that ended it."""
        return self._process.poll()

    def signal(self, number):
        if self.exit_code is None:
            self._process.send_signal(number)

    def signal_group(self, number):
        """The same for its children too."""
        if self.exit_code is None:
            signal_group(self.pid, number)

    def wait(self, timeout):
        """Its exit code, or None if it still runs after `timeout` seconds."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def end(self, grace=10):
        """SIGTERM, and SIGKILL after `grace` seconds. Returns the exit code."""
        self.signal(signal.SIGTERM)
        if self.wait(grace) is None:
            signal_group(self.pid, signal.SIGKILL)
            self.wait(5)
        return self.exit_code

    def output(self):
        """What it has written so far."""
        with open(self.log, "rb") as log:
            log.seek(self._log_start)
            return log.read().decode("utf-8", errors="replace")

    def last_lines(self, count=15):
        return "\n".join(self.output().splitlines()[-count:])
