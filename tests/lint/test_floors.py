"""The floors of the house: an include never points up, and signaling stays pure."""

import re

import pytest
from house import FLOORS, ROOT, sources

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)

# Files of sipstack that may know threads, clocks, sockets and the dataplane's rings; and the one that
# knows the disk.
IMPURE = ("sipstack/shard_thread", "sipstack/transport/")
DISK = ("sipstack/registration/journal_file",)
FORBIDDEN_INCLUDES = re.compile(
    r"rte_|sys/(socket|epoll|eventfd|timerfd|random|time)\.h|netinet/|arpa/|unistd\.h|poll\.h|ctime"
    r"|time\.h")
FORBIDDEN_WORDS = re.compile(
    r"\b(\w+_clock::now|clock_gettime|gettimeofday|mt19937\w*|getrandom|rand|srand|drand48"
    r"|RAND_bytes|getpid)\s*\(|::random\s*\(|random_device"
    r"|\btime\s*\(\s*(nullptr|NULL|0)\s*\)")


def includes(path):
    return [name for _, name in INCLUDE.findall(path.read_text(encoding="utf-8"))]


def floor(name):
    """The number of the floor that a path stands on; None for what is no part."""
    part = name.split("/", 1)[0]
    return FLOORS.index(part) if part in FLOORS and "/" in name else None


def without_comments_and_strings(text):
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(\\.|[^"\\\n])*"', " ", text, flags=re.DOTALL)


@pytest.mark.parametrize("part", FLOORS)
def test_no_include_points_up(part):
    wrong = []
    for path in sources(part):
        for name in includes(path):
            above = floor(name)
            if above is not None and above > FLOORS.index(part):
                wrong.append(f"{path.relative_to(ROOT)} includes {name}")
    assert not wrong


def test_sipstack_reads_no_clock_no_random_device_and_no_socket():
    wrong = []
    for path in sources("sipstack"):
        name = str(path.relative_to(ROOT))
        if name.startswith(IMPURE):
            continue
        if not name.startswith(DISK):
            wrong += [f"{name} includes {header}" for header in includes(path)
                      if FORBIDDEN_INCLUDES.match(header)]
        text = without_comments_and_strings(path.read_text(encoding="utf-8"))
        wrong += [f"{name} uses {match.group(0)}" for match in FORBIDDEN_WORDS.finditer(text)]
    assert not wrong


@pytest.mark.parametrize("part", FLOORS)
def test_every_header_has_a_first_comment_and_pragma_once(part):
    wrong = []
    for path in sources(part):
        if path.suffix == ".h":
            text = path.read_text(encoding="utf-8")
            # GCC warns of the pragma in a header that is compiled by itself.
            guard = "#ifndef TRUNKLINE_" if path.parent.name == "pch" else "#pragma once"
            if not text.startswith("//") or guard not in text:
                wrong.append(str(path.relative_to(ROOT)))
    assert not wrong
