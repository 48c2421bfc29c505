"""Ctrl-C, SIGTERM and SIGHUP as something to wait for and to ask about, never an exception in the
middle of making or removing things."""

import os
import select
import signal

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequest:
    def __init__(self):
        self.requested = False
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        for number in ENDING:
            signal.signal(number, self._on_signal)

    def wait(self, seconds):
        """True as soon as a stop is asked for, False after `seconds`."""
        select.select([self._read], [], [], seconds)
        return self.requested

    def _on_signal(self, *_):
        self.requested = True
        try:
            os.write(self._write, b"!")
        except BlockingIOError:
            pass  # enough are in the pipe
