"""The initramfs: busybox, e2fsck, the modules that find the disk, and the script `initramfs/init`."""

import stat
from pathlib import Path

from .commands import run

HERE = Path(__file__).resolve().parent
APPLETS = ("sh", "basename", "cat", "chmod", "cp", "dirname", "echo", "find", "grep", "head", "mkdir",
           "modprobe", "mount", "reboot", "rm", "sed", "sleep", "sort", "switch_root", "sync", "tr",
           "umount", "xargs")
# What it has beside them, and where the root has it; each needs no other file.
PROGRAMS = {"busybox": "usr/bin/busybox", "e2fsck": "usr/sbin/e2fsck.static"}
FOLDERS = ("bin", "sbin", "changes", "dev", "lower", "proc", "root", "slot", "sys")


class Cpio:
    """An archive as the kernel reads it ("newc", its usr/... documentation). Nobody's and nobody's
    time, so that the same files make the same archive."""

    def __init__(self):
        self._parts = []
        self._count = 0

    def add(self, name, mode, content=b"", device=(0, 0)):
        self._count += 1
        fields = (self._count, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(name) + 1, 0)
        header = b"070701" + b"".join(b"%08X" % value for value in fields) + name.encode() + b"\0"
        self._parts += [_padded(header), _padded(content)]

    def bytes(self):
        self.add("TRAILER!!!", 0)
        return b"".join(self._parts)


def _padded(data):
    return data + b"\0" * (-len(data) % 4)


def make(programs, modules, path, epoch):
    """`programs`: the contents of PROGRAMS; `modules`: a folder with lib/modules. The archive, compressed,
    is written to `path`."""
    archive = Cpio()
    for name in FOLDERS:
        archive.add(name, stat.S_IFDIR | 0o755)
    archive.add("dev/console", stat.S_IFCHR | 0o600, device=(5, 1))
    for name, content in programs.items():
        archive.add(f"bin/{name}", stat.S_IFREG | 0o755, content)
    for applet in APPLETS:
        archive.add(f"bin/{applet}", stat.S_IFLNK | 0o777, b"busybox")
    # The kernel asks by that name for the modules that others turn out to need.
    archive.add("sbin/modprobe", stat.S_IFLNK | 0o777, b"../bin/busybox")
    archive.add("init", stat.S_IFREG | 0o755, (HERE / "initramfs" / "init").read_bytes())
    for file in sorted(modules.rglob("*")):
        name = str(file.relative_to(modules))
        if file.is_dir():
            archive.add(name, stat.S_IFDIR | 0o755)
        else:
            archive.add(name, stat.S_IFREG | 0o644, file.read_bytes())
    plain = path.with_suffix(".cpio")
    plain.write_bytes(archive.bytes())
    run(["zstd", "-q", "-19", "-T1", "-f", "--rm", plain, "-o", path], epoch=epoch)
