"""Waiting on a condition with a deadline: the lab and its tests never just sleep."""

import time

from .errors import LabError


def wait_until(condition, timeout, what, interval=0.05):
    """Calls `condition` until it is true and returns its value; LabError after `timeout` seconds.

    `what` completes the sentence "... within N s" and may be a function, called at the end.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise LabError(f"{what() if callable(what) else what}: not within {timeout:g} s")
        time.sleep(interval)
