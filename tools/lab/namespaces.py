"""Named network namespaces (ip-netns(8)) and the wire between two of them.

Commands enter with nsenter(1) and not with `ip netns exec` or `ip -n`: those remount /sys, which
fails in a chroot whose root is no mount point.
"""

import ctypes
import os
import socket
import threading
from pathlib import Path

from .errors import LabError
from .processes import run_tool

FOLDER = Path("/run/netns")
CLONE_NEWNET = 0x40000000  # sched.h
LIBC = ctypes.CDLL(None, use_errno=True)


class Namespace:
    def __init__(self, name):
        self.name = name

    @property
    def path(self):
        return FOLDER / self.name

    def exists(self):
        return self.path.exists()

    def add(self):
        run_tool(["ip", "netns", "add", self.name])
        self.run("ip", "link", "set", "lo", "up")

    def delete(self):
        """Takes its interfaces with it. Nothing to do if it is not there."""
        if self.exists():
            run_tool(["ip", "netns", "delete", self.name])

    def command(self, *words):
        """The command that runs `words` inside."""
        return ["nsenter", f"--net={self.path}", "--", *words]

    def run(self, *words, timeout=30):
        """Runs a tool inside to its end and returns what it printed."""
        return run_tool(self.command(*words), timeout=timeout)

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_DGRAM, protocol=0):
        """A socket that lives inside, for this process. A socket keeps the namespace that it was
        made in, and setns(2) moves one thread alone: a short-lived one makes it."""
        made = []

        def make():
            try:
                with open(self.path, "rb") as namespace:
                    if LIBC.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                        error = ctypes.get_errno()
                        raise OSError(error, os.strerror(error))
                made.append(socket.socket(family, kind, protocol))
            except OSError as error:
                made.append(error)

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        if isinstance(made[0], OSError):
            raise LabError(f"no socket inside {self.name}: {made[0]}") from made[0]
        return made[0]

    def set_for_interface(self, key, interface, value, family="ipv6"):
        """A sysctl of an interface inside."""
        self.run("sh", "-c", f"echo {value} > /proc/sys/net/{family}/conf/{interface}/{key}")


def folder_is_mounted():
    """ip-netns(8) mounts its folder on itself with the first namespace ever, and leaves that."""
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    return any(line.split()[4] == str(FOLDER) for line in mounts)


def unmount_folder():
    """Undoes that, as far as nobody has a namespace in it: the mount would keep a chroot from being
    removed."""
    try:
        run_tool(["umount", FOLDER])
    except LabError:
        pass  # in use


def add_wire(lab, lab_interface, port, port_interface, addresses):
    """A veth pair: `lab_interface` with `addresses` inside `lab`, `port_interface`, silent, inside
    `port`.

    The order and the switches make frames look to the appliance as they look on a cable:
    - `tx off`: the sender completes its checksums and cuts to the MTU by itself;
    - the port's side has no IPv6 before it comes up, else the kernel's own solicitations would
      come in as received frames; and no GRO, else it would glue segments above the MTU together.
    """
    lab.run("ip", "link", "add", lab_interface, "type", "veth",
            "peer", "name", port_interface, "netns", port.name)
    lab.run("ethtool", "-K", lab_interface, "tx", "off")
    port.set_for_interface("disable_ipv6", port_interface, 1)
    port.run("ethtool", "-K", port_interface, "gro", "off")
    # An address on a cable of two needs no duplicate detection, which would take two seconds.
    lab.set_for_interface("accept_dad", lab_interface, 0)
    for address in addresses:
        lab.run("ip", "address", "add", address, "dev", lab_interface)
    port.run("ip", "link", "set", port_interface, "up")
    lab.run("ip", "link", "set", lab_interface, "up")
