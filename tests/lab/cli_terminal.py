"""`trunkline cli` at a terminal of its own, played by a test: keys go in, what is seen comes out."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

from lab.lab import PROGRAM

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class CliTerminal:
    """Use as a context: it ends the program. `seen` is all that came."""

    def __init__(self, lab, height=40, width=120, command=None, environment=None):
        words = command or [str(PROGRAM), "cli", "--socket", str(lab.instance.socket)]
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(words[0], words, {**os.environ, "TERM": "vt100", **(environment or {})})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.seen = ""
        self.exit_code = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hang_up()
        self.wait_end()

    def hang_up(self):
        """As a lost line does: the terminal is gone."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def wait_end(self, timeout=15):
        """The exit code; negative: the signal that ended it."""
        deadline = time.monotonic() + timeout
        while self.exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline:
                os.kill(self.pid, 9)
                raise AssertionError(f"the program did not end; seen:\n{self.seen}")
            else:
                time.sleep(0.02)
        return self.exit_code

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def expect(self, pattern, timeout=15):
        """What came up to and with the first match, which the next call begins behind. Escape
        sequences are taken out."""
        deadline = time.monotonic() + timeout
        while True:
            plain = ESCAPE.sub("", self.seen)
            found = re.search(pattern, plain)
            if found:
                self.seen = plain[found.end():]
                return plain[:found.end()]
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.fd], [], [], max(0, left))
            assert ready, f"no {pattern!r} in:\n{plain}"
            try:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")
            except OSError:
                raise AssertionError(f"it ended without {pattern!r}:\n{plain}") from None

    def type(self, line, prompt=r"[>#] $"):
        """A line and Enter; what the command wrote, without its own line and the prompt."""
        self.press(line + "\r")
        text = self.expect(prompt).replace("\r", "")
        return text.split("\n", 1)[1].rpartition("\n")[0] if "\n" in text else text

    def enable(self):
        self.expect(r"> $")
        self.press("enable\r")
        self.expect("Password: $")
        self.press("any\r")
        self.expect(r"# $")
