"""A virtual machine with the image: QEMU inside of the lab's namespace, its console, its monitor."""

import contextlib
import json
import shutil
import socket
from pathlib import Path

from lab.processes import Server, run_tool
from lab.waiting import wait_until

UEFI = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
UEFI_SETTINGS = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
DISK_SIZE = 1024  # MiB: larger than the image, as disks are
MEMORY = 768  # MiB: what docs/appliance.md promises to be enough
FIRST_NIC = 0x10  # slot on the PCI bus
# A plain machine, and one with what hardware has: a SATA disk and an IOMMU.
HARDWARE = {"bios": ["-device", "virtio-blk-pci,drive=disk,bootindex=0"],
            "uefi": ["-device", "intel-iommu,intremap=on,caching-mode=on,device-iotlb=on",
                     "-device", "ide-hd,drive=disk,bus=ide.0,bootindex=0"]}
NIC = {"bios": "disable-legacy=on", "uefi": "disable-legacy=on,iommu_platform=on,ats=on"}
PORT_DRIVER = {"bios": "uio_pci_generic", "uefi": "vfio-pci"}


def nic_address(number):
    """On PCI, of the NIC counted from 0."""
    return f"0000:00:{FIRST_NIC + number:02x}.0"


def drain(console):
    """Takes what is there to be read."""
    with contextlib.suppress(BlockingIOError):
        console.recv(65536, socket.MSG_DONTWAIT)


class Machine:
    """`taps`: interfaces in `namespace`, a NIC each, at nic_address(0) and following.
    `accelerator`: QEMU's, "kvm" or one that emulates; `given`: further words for QEMU."""

    def __init__(self, image, folder, *, firmware, accelerator, namespace=None, taps=(), processors=2, given=()):
        self.namespace = namespace
        self.image = Path(image).absolute()
        self.folder = Path(folder)
        self.firmware = firmware
        self.taps = taps
        self.accelerator = accelerator
        self.processors = processors
        self.given = given
        self.console_log = self.folder / "console.log"
        self.server = None
        self.read_to = 0  # of the console

    def start(self):
        run_tool(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", self.image,
                  self.folder / "disk.qcow2", f"{DISK_SIZE}M"])
        self.console_log.touch()
        words = self._command()
        self.server = Server("qemu", self.namespace.command(*words) if self.namespace else words,
                             self.folder / "qemu.log")
        wait_until(self._is_up, 20, lambda: f"QEMU; it says {self.server.last_lines()}")

    def stop(self):
        if self.server is not None:
            self.server.end()

    def cut_power(self):
        """Off and on again, without a word to what runs."""
        self.ask("system_reset")

    def set_link(self, number, is_up):
        """Of the NIC, counted from 0."""
        self.ask("set_link", name=f"nic{number}", up=is_up)

    def ask(self, command, **arguments):
        """One request to QEMU's monitor (QMP)."""
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.settimeout(20)
            monitor.connect(str(self.folder / "monitor"))
            with monitor.makefile("rwb", buffering=0) as lines:
                lines.readline()
                for request in ({"execute": "qmp_capabilities"},
                                {"execute": command, "arguments": arguments}):
                    lines.write(json.dumps(request).encode() + b"\n")
                    answer = json.loads(lines.readline())
                    while "event" in answer:
                        answer = json.loads(lines.readline())
                    assert "error" not in answer, answer

    def console(self):
        """All that it said."""
        return self.console_log.read_text(encoding="utf-8", errors="replace")

    def last_words(self):
        return f"the console ended with\n{self.console()[-3000:]}"

    def check_alive(self):
        """AssertionError if QEMU is gone."""
        assert self.server.exit_code is None, f"QEMU ended: {self.server.last_lines()}"

    def wait_console(self, text, timeout, meanwhile=lambda: None, interval=0.05):
        """Until the console says so, after what was waited for before."""
        def said():
            meanwhile()
            self.check_alive()
            at = self.console().find(text, self.read_to)
            if at < 0:
                return False
            self.read_to = at + len(text)
            return True

        wait_until(said, timeout, lambda: f"the console says {text!r}; {self.last_words()}", interval)

    def type(self, line, answer, timeout):
        """At the console, until it answers so: QEMU forgets what the machine has not read yet when the
        connection goes, and stops the machine when nobody reads what it says."""
        with self._console() as console:
            console.sendall(line.encode() + b"\r")
            self.wait_console(answer, timeout, lambda: drain(console))

    def press(self, key, answer, timeout):
        """At the console, again and again until it answers so: a menu is there for a second."""
        with self._console() as console:
            def press():
                drain(console)
                console.sendall(key.encode())

            self.wait_console(answer, timeout, press, interval=0.2)

    @contextlib.contextmanager
    def _console(self):
        with socket.socket(socket.AF_UNIX) as console:
            console.connect(str(self.folder / "console"))
            yield console

    def _is_up(self):
        self.check_alive()
        return (self.folder / "monitor").exists() and (self.folder / "console").exists()

    def _command(self):
        words = ["qemu-system-x86_64", "-accel", self.accelerator, "-machine", "q35", "-cpu", "max",
                 "-m", MEMORY, "-smp", self.processors, "-nodefaults", "-vga", "std", "-display", "none",
                 "-device", "i6300esb", "-action", "watchdog=reset", "-object",
                 "rng-random,id=random,filename=/dev/urandom", "-device",
                 "virtio-rng-pci,rng=random", "-chardev",
                 f"socket,id=console,path={self.folder}/console,server=on,wait=off,"
                 f"logfile={self.console_log},logappend=on", "-serial", "chardev:console",
                 "-qmp", f"unix:{self.folder}/monitor,server=on,wait=off",
                 "-drive", f"id=disk,if=none,format=qcow2,file={self.folder}/disk.qcow2,cache=unsafe",
                 *HARDWARE[self.firmware]]
        if self.firmware == "uefi":
            settings = self.folder / "uefi-settings"
            shutil.copy(UEFI_SETTINGS, settings)
            words += ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={UEFI}",
                      "-drive", f"if=pflash,unit=1,format=raw,file={settings}"]
        for number, tap in enumerate(self.taps):
            words += ["-netdev", f"tap,id=net{number},ifname={tap},script=no,downscript=no",
                      "-device", f"virtio-net-pci,id=nic{number},netdev=net{number},addr={FIRST_NIC + number:#x},"
                                 f"mac=52:54:00:54:4b:{number:02x},romfile=,{NIC[self.firmware]}"]
        return [*words, *self.given]
