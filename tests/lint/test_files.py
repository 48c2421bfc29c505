"""Form: the layout that clang-format decides, the length of files, names that do not belong here."""

import subprocess

from house import LONGEST_FILE, ROOT, sources, tracked_files


def test_clang_format_has_nothing_to_change():
    paths = [str(path) for path in sources()]
    result = subprocess.run(["clang-format", "--dry-run", "--Werror", *paths], cwd=ROOT,
                            capture_output=True, text=True, check=False)
    wrong = sorted({line.split(":", 1)[0] for line in result.stderr.splitlines()
                    if "[-Wclang-format-violations]" in line})
    fix = f"to fix: clang-format -i {' '.join(wrong)}"
    assert result.returncode == 0, f"{fix}\n{result.stderr[:2000]}"


def test_no_file_is_too_long():
    long = {}
    for path in tracked_files():
        try:
            length = len(path.read_text(encoding="utf-8").splitlines())
        except UnicodeDecodeError:
            continue
        if length > LONGEST_FILE:
            long[str(path.relative_to(ROOT))] = length
    assert not long


def test_scripts_parse():
    for path in tracked_files():
        if path.suffix == ".sh" or path.read_bytes()[:10].startswith((b"#!/bin/sh", b"#!/bin/ba")):
            shell = "bash" if path.read_bytes().startswith(b"#!/bin/bash") else "sh"
            result = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True,
                                    check=False)
            assert result.returncode == 0, result.stderr
