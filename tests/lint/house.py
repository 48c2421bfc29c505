"""What stands where: the parts from the ground up and the files of the project."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("board", "dataplane", "sipstack", "mgmt")
LONGEST_FILE = 700


def tracked_files():
    """The files that git knows; all files, where there is no git folder."""
    # The tests may run as another user than the owner of the clone.
    git = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT)]
    listed = subprocess.run([*git, "ls-files"], capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        paths = [ROOT / line for line in listed.stdout.splitlines()]
    else:
        paths = [path for path in ROOT.rglob("*") if not path.relative_to(ROOT).parts[0].startswith(
            ("build", ".git"))]
    return [path for path in paths if path.is_file()]


def sources(folder=""):
    """C++ sources and headers below a folder."""
    return [path for path in tracked_files()
            if path.suffix in (".h", ".cpp") and path.is_relative_to(ROOT / folder)]
