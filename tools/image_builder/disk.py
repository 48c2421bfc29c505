"""The disk: partitions on a plain file, filled from files."""

import os

from . import grub, layout
from .commands import run


def make(slot, version, folder, path, epoch):
    """Writes the disk image with `slot` (slot.make), of that version, in its first slot to `path`."""
    with open(path, "wb") as disk:
        disk.truncate(layout.DISK_SIZE * layout.MIB)
    run(["sfdisk", "--quiet", path], given=layout.sfdisk_script().encode(), epoch=epoch)
    esp, data = _esp(folder, epoch), _data(folder, epoch)
    with open(path, "r+b") as disk:
        disk.write(grub.boot_sector())
        _put(disk, layout.BIOS, grub.placed_core(grub.core("i386-pc", folder)))
        for partition, file in ((layout.ESP, esp), (layout.SLOT_A, slot), (layout.DATA, data)):
            _put(disk, partition, file.read_bytes())
        put_label(disk, layout.SLOT_A, version)


def put_label(disk, partition, version):
    """At the end of a slot; `trunkline firmware show` tells it, and an installation writes the next."""
    disk.seek((partition.first + partition.size) * layout.MIB - layout.SLOT_LABEL)
    disk.write(f"TRUNKLINE SLOT 1\n{version}\n".encode().ljust(layout.SLOT_LABEL, b"\0"))


def _put(disk, partition, content):
    """What is nothing but zeros stays a hole."""
    block = layout.MIB
    start = partition.first * layout.MIB
    for offset in range(0, len(content), block):
        piece = content[offset:offset + block]
        if piece.strip(b"\0"):
            disk.seek(start + offset)
            disk.write(piece)


def _esp(folder, epoch):
    path = folder / "esp.fat"
    _blank(path, layout.ESP)
    run(["mkfs.vfat", "--invariant", "-F", "32", "-s", "1", "-i", layout.ESP_SERIAL, "-n", "TRUNKBOOT", path],
        epoch=epoch)
    files = {"EFI/BOOT/BOOTX64.EFI": grub.core("x86_64-efi", folder),
             "grub/grub.cfg": grub.configuration().encode(),
             "grub/grubenv": grub.environment(active="a")}
    run(["mmd", "-i", path, "::/EFI", "::/EFI/BOOT", "::/grub"], epoch=epoch)
    for name, content in files.items():
        source = folder / "file"
        source.write_bytes(content)
        os.utime(source, (epoch, epoch))
        run(["mcopy", "-m", "-i", path, source, f"::/{name}"], epoch=epoch)
    return path


def _data(folder, epoch):
    path = folder / "data.ext4"
    _blank(path, layout.DATA)
    # Blocks and inodes as for the disk that it grows to.
    run(["mke2fs", "-q", "-t", "ext4", "-b", "4096", "-i", "16384", "-L", "trunkline-data", "-U", layout.DATA_ID,
         "-E", f"hash_seed={layout.DATA_ID},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0",
         path], epoch=epoch)
    return path


def _blank(path, partition):
    with open(path, "wb") as file:
        file.truncate(partition.size * layout.MIB)
