"""Debian's kernel, and of its modules those that an appliance needs: for the root, and the few that
find the disk."""

import fnmatch
import re
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from .commands import ImageError, run

# Below kernel/. What these need comes along.
TO_FIND_THE_DISK = (
    "drivers/virtio/*", "drivers/block/virtio_blk.ko", "drivers/block/loop.ko", "drivers/nvme/host/nvme.ko",
    "drivers/ata/ahci.ko", "drivers/ata/ata_piix.ko", "drivers/ata/ata_generic.ko", "drivers/scsi/sd_mod.ko",
    "drivers/scsi/sr_mod.ko", "drivers/scsi/virtio_scsi.ko", "drivers/scsi/vmw_pvscsi.ko",
    "drivers/scsi/hv_storvsc.ko", "drivers/scsi/mpt3sas/*", "drivers/scsi/megaraid/megaraid_sas.ko",
    "drivers/message/fusion/mptspi.ko", "drivers/hv/hv_vmbus.ko", "drivers/mmc/host/sdhci-pci.ko",
    "drivers/mmc/core/mmc_block.ko",
    "drivers/usb/host/*-pci.ko", "drivers/usb/host/*hci-hcd.ko", "drivers/usb/storage/usb-storage.ko",
    "drivers/usb/storage/uas.ko", "fs/ext4/*", "fs/squashfs/*", "fs/overlayfs/*",
    "crypto/crc32c_generic.ko", "arch/x86/crypto/crc32c-intel.ko",
)
AT_WORK = TO_FIND_THE_DISK + (
    "drivers/uio/uio.ko", "drivers/uio/uio_pci_generic.ko", "drivers/vfio/*", "drivers/vhost/vhost_net.ko",
    "drivers/net/tun.ko", "drivers/net/virtio_net.ko", "drivers/net/vmxnet3/*", "drivers/net/veth.ko",
    "drivers/net/ethernet/intel/*", "drivers/net/ethernet/amazon/*", "drivers/net/ethernet/realtek/r8169.ko",
    "drivers/net/ethernet/broadcom/tg3.ko", "drivers/net/phy/realtek.ko", "drivers/net/hyperv/*",
    "net/8021q/*", "net/netfilter/nf*", "net/ipv4/netfilter/nf_*", "net/ipv6/netfilter/nf_*",
    "net/packet/*", "drivers/watchdog/iTCO*", "drivers/watchdog/i6300esb.ko", "drivers/watchdog/softdog.ko",
    "drivers/watchdog/sp5100_tco.ko", "drivers/i2c/busses/i2c-i801.ko", "drivers/firmware/qemu_fw_cfg.ko",
    "drivers/firmware/dmi-sysfs.ko", "drivers/char/virtio_console.ko",
    "drivers/char/hw_random/virtio-rng.ko", "drivers/hid/hid-generic.ko", "drivers/hid/usbhid/*",
    "drivers/thermal/*", "drivers/hwmon/coretemp.ko", "drivers/hwmon/k10temp.ko", "drivers/cpufreq/*",
    "fs/fat/*", "fs/isofs/*", "fs/nls/nls_ascii.ko", "fs/nls/nls_cp437.ko", "fs/nls/nls_utf8.ko",
    "fs/nls/nls_iso8859-1.ko", "fs/efivarfs/*", "fs/configfs/*",
)


@dataclass
class Kernel:
    release: str
    image: bytes
    folder: Path  # with lib/modules/RELEASE
    dependencies: dict = field(default_factory=dict)

    def chosen(self, patterns):
        """Paths below lib/modules/RELEASE of the modules that match, and of those that they need."""
        wanted = {path for path in self.dependencies
                  if any(fnmatch.fnmatch(path, f"kernel/{pattern}") for pattern in patterns)}
        return sorted(wanted.union(*(self.dependencies[path] for path in wanted)))

    def tree(self, patterns, into, epoch):
        """A folder with lib/modules/RELEASE of those modules alone and their indexes."""
        modules = Path("lib/modules") / self.release
        for path in self.chosen(patterns):
            copy = into / modules / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((self.folder / modules / path).read_bytes())
        for name in ("modules.builtin", "modules.order", "modules.builtin.modinfo"):
            (into / modules / name).write_bytes((self.folder / modules / name).read_bytes())
        run(["depmod", "-b", into, self.release], epoch=epoch)
        return into


def unpack(archive, folder):
    """The kernel of Debian's archive, its modules unpacked in `folder`."""
    found = {}
    with tarfile.open(archive) as debian:
        for member in debian:
            name = member.name.removeprefix("./")
            if re.fullmatch(r"boot/vmlinuz-(.*)", name):
                found[name.removeprefix("boot/vmlinuz-")] = debian.extractfile(member).read()
            elif member.isreg() and re.match(r"(usr/)?lib/modules/", name):
                path = folder / name.removeprefix("usr/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(debian.extractfile(member).read())
    if len(found) != 1:
        raise ImageError(f"{archive}: one kernel expected, found: {', '.join(found) or 'none'}")
    (release, image), = found.items()
    run(["depmod", "-b", folder, release])
    return Kernel(release, image, folder, read_dependencies(folder / "lib/modules" / release))


def read_dependencies(folder):
    """module -> all that it needs (modules.dep, depmod(8)), soft ones aside."""
    lines = (folder / "modules.dep").read_text(encoding="utf-8").splitlines()
    return {module: needed.split() for module, needed in (line.split(":", 1) for line in lines)}
