"""tools/image test: the cases that have the steps asked for, by each firmware. What is not as it has to
be ends its case."""

import os
import subprocess
import tempfile
from pathlib import Path

import paramiko
from lab.errors import LabError

from ..arguments import EMULATION, KVM, STEPS
from ..firmware import check_key
from . import kvm
from .factory_case import Factory
from .given_case import Credential, FwCfg, Iso
from .surroundings import Surroundings
from .volume_case import Volume

# What a machine that is not as it has to be leads to.
FAILURES = (AssertionError, LabError, OSError, subprocess.SubprocessError, paramiko.SSHException)
CASES = (Volume, FwCfg, Credential, Iso, Factory)


def test(options, say):
    if os.geteuid() != 0:
        say("tools/image test: network namespaces need root")
        return 1
    chosen = options.step or STEPS
    output = Path(options.output)
    if options.key:
        check_key(Path(options.key))
    accelerator = options.accelerator or fitting_accelerator(output, say)
    say(f"processors: {accelerator}")
    failed = False
    for firmware in options.firmware or ("bios", "uefi"):
        for case in CASES:
            if not case.steps.keys() & set(chosen):
                continue
            try:
                with (tempfile.TemporaryDirectory(prefix="trunkline-image-") as folder,
                      Surroundings(folder) as around):
                    case(around, output, options.key, firmware, accelerator, say).run(chosen)
            except FAILURES as failure:
                say(f"{firmware}: FAILED: {str(failure) or repr(failure)}")
                failed = True
    return 1 if failed else 0


def fitting_accelerator(output, say):
    """KVM where the image starts by it, else an emulation."""
    with tempfile.TemporaryDirectory(prefix="trunkline-image-") as folder:
        reason = kvm.why_not(output / "trunkline.raw", folder)
    if reason is None:
        return KVM
    say(f"not by KVM: {reason}")
    return EMULATION
