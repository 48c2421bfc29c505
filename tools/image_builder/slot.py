"""A slot's file system, which is what a firmware file carries: kernel, initramfs and root together, so
that they always fit. ext2, as GRUB reads it; the root in it is a squashfs."""

import os

from . import layout
from .commands import ImageError, run

# Of the file system's own: inodes, bitmaps.
OVERHEAD = 2 * layout.MIB


def make(kernel, initrd, root_archive, folder, epoch):
    """The file system as a file; `folder` is for it and what comes in between."""
    content = folder / "slot"
    content.mkdir()
    (content / "vmlinuz").write_bytes(kernel)
    (content / "initrd").write_bytes(initrd.read_bytes())
    root = content / "root.squashfs"
    run(["sqfstar", "-quiet", "-no-progress", "-comp", "zstd", "-b", "256K", root], epoch=epoch,
        given=root_archive.read_bytes())
    for path in (*content.iterdir(), content):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (epoch, epoch))
    size = sum(path.stat().st_size for path in content.iterdir()) + OVERHEAD
    mebibytes = -(-size // layout.MIB)
    if mebibytes * layout.MIB > layout.SLOT_A.size * layout.MIB - layout.SLOT_LABEL:
        raise ImageError(f"the firmware takes {mebibytes} MiB, a slot has {layout.SLOT_A.size}")
    made = folder / "slot.ext2"
    run(["mke2fs", "-q", "-t", "ext2", "-d", content, "-L", "trunkline", "-U", layout.SLOT_ID,
         "-E", f"hash_seed={layout.SLOT_ID},root_owner=0:0", "-m", "0", "-N", "16", "-b", "4096",
         made, f"{mebibytes}M"], epoch=epoch)
    # It takes over when each file was changed here, which nothing else can set.
    run(["debugfs", "-w", "-f", "/dev/stdin", made], epoch=epoch, given="".join(
        f"set_inode_field {path.name} ctime @{epoch}\n" for path in content.iterdir()).encode())
    return made
