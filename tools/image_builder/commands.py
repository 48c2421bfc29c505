"""Runs the tools that make the image, the same way each time: in UTC, in one locale, at the image's
date."""

import os
import subprocess


class ImageError(Exception):
    """It cannot be made or tried; the text is for people."""


class NotHere(ImageError):
    """Nothing is wrong with what is made: this machine lacks what it takes."""


def run(command, *, epoch=0, given=None, cwd=None):
    """What it printed; ImageError with its words if it fails. `epoch`: the date of all it makes."""
    environment = {"PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin", "LC_ALL": "C.UTF-8",
                   "TZ": "UTC", "SOURCE_DATE_EPOCH": str(epoch), "E2FSPROGS_FAKE_TIME": str(epoch),
                   "HOME": os.environ.get("HOME", "/")}
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, input=given, capture_output=True, env=environment, cwd=cwd,
                              check=False)
    except FileNotFoundError as missing:
        raise ImageError(f"{words[0]}: not installed") from missing
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise ImageError(f"{' '.join(words)}: exit code {done.returncode}: {said[-2000:]}")
    return done.stdout.decode(errors="replace")
