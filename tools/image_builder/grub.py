"""GRUB for both firmwares, made from Debian's modules: one core image each, which look for the ESP and
go on with the one grub.cfg there."""

import struct
from pathlib import Path

from . import layout
from .commands import run

HERE = Path(__file__).resolve().parent / "grub"
MODULES = ("part_gpt", "fat", "ext2", "search_fs_uuid", "configfile", "normal", "linux", "loadenv",
           "serial", "terminal", "test", "echo", "regexp", "reboot", "halt", "ls", "cat", "minicmd")
ENVIRONMENT_SIZE = 1024

# On QEMU and on servers the serial line is the console; a screen shows the same.
COMMAND_LINE = ("console=tty0 console=ttyS0,115200 panic=10 quiet net.ifnames=1 "
                "systemd.show_status=yes")

# boot/i386/pc/boot.S and diskboot.S of GRUB 2.06: where they want to be told what follows them.
BOOT_KERNEL_SECTOR = 0x5C
BOOT_DRIVE_CHECK = 0x66
CORE_BLOCK_LIST = 0x1F4
CORE_SEGMENT = 0x820
PARTITION_TABLE_OF_MBR = 440


def core(target, folder):
    """The core image of "x86_64-efi" or "i386-pc"."""
    early = folder / "early.cfg"
    serial = f"{layout.ESP_SERIAL[:4]}-{layout.ESP_SERIAL[4:]}"
    early.write_text((HERE / "early.cfg").read_text(encoding="utf-8").replace("@ESP@", serial),
                     encoding="utf-8")
    more = ("biosdisk",) if target == "i386-pc" else ()
    made = folder / f"core-{target}"
    run(["grub-mkimage", "-O", target, "-p", "/grub", "-c", early, "-o", made, *MODULES, *more])
    return made.read_bytes()


def boot_sector(modules=Path("/usr/lib/grub/i386-pc")):
    """The first 440 bytes of the disk: load the core from the BIOS partition."""
    sector = bytearray((modules / "boot.img").read_bytes())
    struct.pack_into("<Q", sector, BOOT_KERNEL_SECTOR, layout.BIOS.first_sector)
    # A disk, not a floppy: the drive that the BIOS tells is believed where it can be one.
    sector[BOOT_DRIVE_CHECK:BOOT_DRIVE_CHECK + 2] = b"\x90\x90"
    return bytes(sector[:PARTITION_TABLE_OF_MBR])


def placed_core(image):
    """The core image, told where on the disk the rest of it is."""
    padded = bytearray(image + b"\0" * (-len(image) % layout.SECTOR))
    struct.pack_into("<QHH", padded, CORE_BLOCK_LIST, layout.BIOS.first_sector + 1,
                     len(padded) // layout.SECTOR - 1, CORE_SEGMENT)
    return bytes(padded)


def configuration():
    text = (HERE / "grub.cfg").read_text(encoding="utf-8")
    for word, value in (("@COMMAND_LINE@", COMMAND_LINE), ("@SLOT_A@", layout.SLOT_A.number),
                        ("@SLOT_B@", layout.SLOT_B.number)):
        text = text.replace(word, str(value))
    return text


def environment(**variables):
    """grubenv: GRUB and the appliance write it in place, so it has its size from the start."""
    text = b"# GRUB Environment Block\n"
    text += b"".join(f"{name}={value}\n".encode() for name, value in variables.items())
    return text + b"#" * (ENVIRONMENT_SIZE - len(text))
