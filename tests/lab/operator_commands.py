"""The commands of an operator, given to a lab's appliance."""

import subprocess

from lab.lab import PROGRAM


def act(lab, *words):
    """`trunkline` with these words; its exit code and what it said."""
    return subprocess.run([PROGRAM, *words, "--socket", lab.instance.socket], capture_output=True,
                          text=True, timeout=30, check=False)


def show(lab, *words):
    """What `trunkline show` prints."""
    result = act(lab, "show", *words)
    assert result.returncode == 0, result.stderr
    return result.stdout
