"""Whether this machine's processors can run the tests' virtual machine (KVM), and not only say so: some
refuse a setting that QEMU makes, on others the guest hangs or crawls."""

import os

from lab.errors import LabError

from .machine import Machine

DEVICE = "/dev/kvm"
START = 60  # s; the emulation needs no more on a quiet machine
STAGE = "starting with the factory's"  # the kernel is up and programs run


def why_not(image, folder, *, accelerator="kvm", limit=START):
    """None where the image starts by it within `limit` seconds, else what came instead."""
    if accelerator == "kvm" and not os.access(DEVICE, os.R_OK | os.W_OK):
        return f"{DEVICE} cannot be opened"
    machine = Machine(image, folder, firmware="bios", accelerator=accelerator)
    try:
        machine.start()
        machine.wait_console(STAGE, limit)
    except (AssertionError, LabError) as failure:
        return str(failure)
    finally:
        machine.stop()
    return None
