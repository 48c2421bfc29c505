"""Firmware files for the test, signed with the key of the image (a file, or None for that of its folder):
the same under another version, and one whose root is damaged."""

from pathlib import Path

from .. import firmware
from ..commands import ImageError, run


def content_of(output):
    """The slot's file system in the firmware file that was built."""
    found = sorted(Path(output).glob("trunkline-*.firmware"))
    if not found:
        raise ImageError(f"{output}: no firmware file; tools/image build makes it")
    return found[-1].read_bytes().split(b"\n", 3)[3]


def other_firmware(output, key, folder):
    return signed(content_of(output), "other", firmware.signing_key(key, output), folder)


def broken_firmware(output, key, folder):
    """It boots, and finds no root."""
    slot = folder / "broken.ext2"
    slot.write_bytes(content_of(output))
    nothing = folder / "nothing"
    nothing.write_bytes(b"no squashfs")
    run(["debugfs", "-w", "-f", "/dev/stdin", slot],
        given=f"rm root.squashfs\nwrite {nothing} root.squashfs\n".encode())
    return signed(slot.read_bytes(), "broken", firmware.signing_key(key, output), folder)


def signed(content, version, key, folder):
    slot = folder / f"{version}.slot"
    slot.write_bytes(content)
    path = folder / f"{version}.firmware"
    firmware.write(slot, version, key, path)
    return path
