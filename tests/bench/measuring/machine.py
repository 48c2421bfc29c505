"""Where and with what it was measured."""

import datetime
import os
import platform
import subprocess
from pathlib import Path


def describe():
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": processor(),
        "CPUs": len(os.sched_getaffinity(0)),
        "memory": f"{memory_gibibytes():.0f} GiB",
        "kernel": platform.release(),
        "trunkline": commit(),
        "compiler": first_line("g++", "-dumpfullversion"),
        "dpdk": first_line("pkg-config", "--modversion", "libdpdk"),
        "kamailio": package_version("kamailio"),
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def processor():
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def memory_gibibytes():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def commit():
    """Of the sources beside this file; "+" when they have changed since."""
    root = Path(__file__).resolve().parents[3]
    git = ("git", "-c", f"safe.directory={root}", "-C", str(root))
    name = first_line(*git, "rev-parse", "--short", "HEAD")
    return name + ("+" if first_line(*git, "status", "--porcelain", "-uno") != "-" else "")


def package_version(name):
    return first_line("dpkg-query", "--show", "--showformat=${Version}", name)


def first_line(*command):
    """Of what it prints; "-" where that is nothing or the command is not there."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "-"
    return result.stdout.splitlines()[0].strip() if result.stdout.strip() else "-"
