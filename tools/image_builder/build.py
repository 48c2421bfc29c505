"""tools/image build: from Debian's packages and the built program to the disk and the firmware file."""

import hashlib
import re
import tempfile
from pathlib import Path

from . import debian, disk, firmware, initramfs, kernel, slot
from .commands import run
from .root_files import RootArchive

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PROGRAM = "usr/bin/trunkline"
# Debian's own services that its packages leave to be enabled.
ENABLED = {"nftables.service": "sysinit.target", "systemd-networkd.service": "multi-user.target"}


def build(options, log):
    """Returns the paths of what was made."""
    output = Path(options.output)
    output.mkdir(parents=True, exist_ok=True)
    epoch = date_of_the_source() if options.epoch is None else options.epoch
    version = options.version or version_of(options.program)
    key = firmware.signing_key(options.key, output)
    archive = debian.fetch(options.program, output, log)
    with tempfile.TemporaryDirectory(dir=output, prefix="work-") as work:
        work = Path(work)
        made = make_slot(archive, options.program, key, work, epoch, log)
        return write_results(made, version, key, epoch, output, work, log)


def make_slot(archive, program, key, work, epoch, log):
    log("choosing the kernel's modules")
    core = kernel.unpack(archive, work / "kernel")
    root = RootArchive(epoch)
    root.take_debian(archive)
    add_trunkline(root, program, key, work)
    root.add_tree(core.tree(kernel.AT_WORK, work / "modules", epoch), "usr/")
    log("packing the initramfs")
    initrd = work / "initrd"
    early = core.tree(kernel.TO_FIND_THE_DISK, work / "early", epoch)
    programs = {name: root.content(path) for name, path in initramfs.PROGRAMS.items()}
    initramfs.make(programs, early, initrd, epoch)
    log("packing the read-only root")
    plain = work / "root.tar"
    root.write(plain)
    return slot.make(core.image, initrd, plain, work, epoch)


def add_trunkline(root, program, key, work):
    """The program, the files of the folder `root`, and the services' places in the boot."""
    stripped = work / "trunkline"
    run(["strip", "-o", stripped, program])
    root.add_file(PROGRAM, stripped.read_bytes(), 0o755)
    root.add_link("usr/bin/trunkline-cli", "trunkline")
    root.add_tree(ROOT / "mgmt" / "web" / "page", "usr/share/trunkline/web/")
    root.add_file("usr/share/trunkline/firmware.pem", firmware.public_key(key))
    root.add_tree(HERE / "root")
    for unit in sorted((HERE / "root/etc/systemd/system").glob("*.*")):
        for target in re.findall(r"^WantedBy=(\S+)$", unit.read_text(encoding="utf-8"), re.MULTILINE):
            root.add_link(f"etc/systemd/system/{target}.wants/{unit.name}", f"../{unit.name}")
    for unit, target in ENABLED.items():
        root.add_link(f"etc/systemd/system/{target}.wants/{unit}", f"/lib/systemd/system/{unit}")
    for name in ("data", "boot/efi", "var/lib/trunkline", "var/log/journal", "dev", "proc", "sys", "run"):
        root.add_folder(name)
    root.add_file("etc/machine-id", b"uninitialized\n")
    root.append_lines("etc/passwd", "Admin:x:1000:1000:Trunkline:/run:/usr/bin/trunkline-cli")
    root.append_lines("etc/group", "Admin:x:1000:")
    root.append_lines("etc/shadow", "Admin:*:19000::::::")
    root.append_lines("etc/shells", "/usr/bin/trunkline-cli")


def write_results(made, version, key, epoch, output, work, log):
    log("assembling the disk")
    raw, qcow2 = output / "trunkline.raw", output / "trunkline.qcow2"
    package = output / f"trunkline-{version}.firmware"
    disk.make(made, version, work, raw, epoch)
    run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-c", raw, qcow2])
    firmware.write(made, version, key, package)
    for path in (raw, qcow2, package):
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        log(f"{path}: {path.stat().st_blocks * 512 >> 20} MiB on this disk, SHA-256 {digest}")
    return raw, qcow2, package


def date_of_the_source():
    """Of the last commit, in seconds."""
    shown = run(["git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "log", "-1", "--format=%ct"])
    return int(shown)


def version_of(program):
    """"0.1.0", as the program says it."""
    return run([program, "--version"]).split()[-1]
