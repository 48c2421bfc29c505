"""The disk: its partitions, and the identifiers that are the same in every image.

    bios     GRUB's core image, where a BIOS reads it
    esp      GRUB for UEFI, the one grub.cfg, and grubenv, which says the slot to boot
    slot a   } a firmware each: vmlinuz, initrd and the read-only root
    slot b   }
    data     configuration, keys, journal and logs; no firmware touches it
"""

from dataclasses import dataclass

MIB = 1024 * 1024
SECTOR = 512
DISK_ID = "7B1E5F10-54A1-4C0E-9D5B-7472756E6B00"
ESP_SERIAL = "7472756E"  # the FAT's volume number: GRUB finds its folder by it
SLOT_ID = "7b1e5f10-54a1-4c0e-9d5b-7472756e6b0a"
DATA_ID = "7b1e5f10-54a1-4c0e-9d5b-7472756e6b0d"
LINUX = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"


@dataclass(frozen=True)
class Partition:
    number: int
    label: str  # the appliance finds its partitions by these (GPT names)
    first: int  # MiB
    size: int   # MiB
    kind: str   # GPT type

    @property
    def sectors(self):
        return self.size * MIB // SECTOR

    @property
    def first_sector(self):
        return self.first * MIB // SECTOR

    @property
    def identifier(self):
        return f"{DISK_ID[:-2]}{self.number:02X}"


BIOS = Partition(1, "trunkline-bios", 1, 1, "21686148-6449-6E6F-744E-656564454649")
ESP = Partition(2, "trunkline-esp", 2, 40, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B")
SLOT_A = Partition(3, "trunkline-a", 42, 192, LINUX)
SLOT_B = Partition(4, "trunkline-b", 234, 192, LINUX)
DATA = Partition(5, "trunkline-data", 426, 128, LINUX)
PARTITIONS = (BIOS, ESP, SLOT_A, SLOT_B, DATA)
SLOT_LABEL = 4096  # bytes at a slot's end that say the version in it: mgmt/firmware/slot_label.h
DISK_SIZE = 555  # MiB, with room for the second table at the end


def sfdisk_script():
    """What sfdisk(8) is told."""
    lines = ["label: gpt", f"label-id: {DISK_ID}", "unit: sectors", "first-lba: 34"]
    lines += [f"{p.number} : start={p.first_sector}, size={p.sectors}, type={p.kind}, "
              f"uuid={p.identifier}, name=\"{p.label}\"" for p in PARTITIONS]
    return "\n".join(lines) + "\n"
