"""Whether the machine's processors can run a virtual machine's (KVM), and not only say so."""

import os
import subprocess
import time

DEVICE = "/dev/kvm"
PORT = 0xF4  # of QEMU's debug exit
VALUE = 0x10
# What QEMU's isa-debug-exit makes of the value.
SAID_SO = VALUE << 1 | 1
# Real mode: mov al, VALUE; out PORT, al; hlt. With what makes it a boot sector.
SECTOR = bytes((0xB0, VALUE, 0xE6, PORT, 0xF4)).ljust(510, b"\0") + b"\x55\xaa"


def works(folder, *, accelerator="kvm", limit=10):
    """A guest of five bytes says so within `limit` seconds. It is not waited for beyond: a process that
    hangs in the kernel cannot be ended."""
    if accelerator == "kvm" and not os.access(DEVICE, os.R_OK | os.W_OK):
        return False
    sector = folder / "sector"
    sector.write_bytes(SECTOR)
    guest = subprocess.Popen(  # not a context manager, which would wait
        ["qemu-system-x86_64", "-accel", accelerator, "-m", "16", "-nodefaults", "-display", "none",
         "-device", f"isa-debug-exit,iobase={PORT:#x},iosize=4",
         "-drive", f"format=raw,file={sector},if=floppy,readonly=on"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + limit
    while guest.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    if guest.poll() is None:
        guest.kill()
    return guest.returncode == SAID_SO
