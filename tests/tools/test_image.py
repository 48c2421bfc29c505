"""What tools/image is made of, each part alone; the whole is tried by `tools/image test`."""

import hashlib
import json
import re
import shutil
import subprocess
import tarfile

import pytest
from image_builder import debian as debian_part
from image_builder import disk, firmware, grub, initramfs, layout, slot
from image_builder.arguments import parse
from image_builder.build import build
from image_builder.commands import ImageError, NotHere, run
from image_builder.debian import chosen_packages
from image_builder.kernel import Kernel, read_dependencies
from image_builder.root_files import RootArchive, is_left_out
from image_builder.test import firmwares, kvm

EPOCH = 1_700_000_000


def test_partitions_follow_each_other_and_fit_the_disk():
    end = 1
    for partition in layout.PARTITIONS:
        assert partition.first == end
        end += partition.size
    assert end < layout.DISK_SIZE, "the second partition table stands at the end"
    script = layout.sfdisk_script()
    assert script.count("uuid=") == len({p.identifier for p in layout.PARTITIONS}) == 5


def test_a_slot_says_its_version_where_the_appliance_looks_for_it(tmp_path):
    path = tmp_path / "disk"
    with open(path, "w+b") as file:
        disk.put_label(file, layout.SLOT_A, "0.1.0")
    label = path.read_bytes()[-4096:]
    assert label.rstrip(b"\0") == b"TRUNKLINE SLOT 1\n0.1.0\n"
    assert path.stat().st_size == layout.SLOT_B.first * layout.MIB, "the slot's last bytes"


def test_a_root_keeps_what_runs_and_leaves_out_what_does_not():
    for name in ("etc/ssh/ssh_host_ed25519_key", "usr/share/doc/openssl/README", "usr/bin/perl5.36.0",
                 "usr/share/man/man1/ls.1.gz", "var/lib/dpkg/status", "boot/vmlinuz-6.1"):
        assert is_left_out(name), name
    for name in ("usr/share/doc/openssl/copyright", "usr/lib/x86_64-linux-gnu/libperl.so.5.36",
                 "etc/ssh/sshd_config", "usr/bin/bash", "usr/lib/systemd/systemd"):
        assert not is_left_out(name), name


@pytest.fixture
def debian(tmp_path):
    """An archive as mmdebstrap makes it."""
    for name in ("usr/bin/tool", "usr/share/doc/tool/README", "usr/share/doc/tool/copyright",
                 "etc/ssh/ssh_host_rsa_key", "etc/passwd"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    with tarfile.open(tmp_path / "debian.tar", "w") as archive:
        archive.add(tmp_path / "tree", ".")
    return tmp_path / "debian.tar"


def made_root(debian, path):
    root = RootArchive(EPOCH)
    root.take_debian(debian)
    root.add_file("usr/lib/trunkline/script", b"#!/bin/sh\n", 0o755)
    root.add_link("usr/bin/cli", "tool")
    root.append_lines("etc/passwd", ":more")
    root.write(path)
    return path


def test_a_root_has_debians_files_and_ours(debian, tmp_path):
    with tarfile.open(made_root(debian, tmp_path / "root.tar")) as root:
        files = [member.name for member in root if not member.isdir()]
        assert files == ["etc/passwd", "usr/bin/cli", "usr/bin/tool", "usr/lib/trunkline/script",
                         "usr/share/doc/tool/copyright"]
        assert root.extractfile("etc/passwd").read() == b"etc/passwd:more\n"
        assert root.getmember("usr/lib/trunkline").isdir()
        assert root.getmember("usr/lib/trunkline/script").mode == 0o755
        assert max(member.mtime for member in root) <= EPOCH


def test_the_same_files_make_the_same_root(debian, tmp_path):
    first = made_root(debian, tmp_path / "1.tar").read_bytes()
    assert made_root(debian, tmp_path / "2.tar").read_bytes() == first


@pytest.mark.skipif(not shutil.which("sqfstar"), reason="squashfs-tools is not installed")
def test_a_slots_files_have_the_images_date_alone(debian, tmp_path):
    (tmp_path / "initrd").write_bytes(b"initrd")
    made = slot.make(b"kernel", tmp_path / "initrd", made_root(debian, tmp_path / "root.tar"), tmp_path,
                     EPOCH)
    for name in ("vmlinuz", "initrd", "root.squashfs"):
        shown = run(["debugfs", "-R", f"stat {name}", made])
        times = re.findall(r"time: (0x[0-9a-f]+)", shown)
        assert len(times) == 4 and set(times) == {f"{EPOCH:#x}"}, shown


def test_modules_come_with_what_they_need(tmp_path):
    (tmp_path / "modules.dep").write_text(
        "kernel/drivers/uio/uio.ko:\n"
        "kernel/drivers/uio/uio_pci_generic.ko: kernel/drivers/uio/uio.ko\n"
        "kernel/fs/xfs/xfs.ko: kernel/lib/libcrc32c.ko\nkernel/lib/libcrc32c.ko:\n", encoding="utf-8")
    kernel = Kernel("6.1", b"", tmp_path, read_dependencies(tmp_path))
    assert kernel.chosen(("drivers/uio/uio_pci_generic.ko",)) == [
        "kernel/drivers/uio/uio.ko", "kernel/drivers/uio/uio_pci_generic.ko"]
    assert kernel.chosen(("fs/*",)) == ["kernel/fs/xfs/xfs.ko", "kernel/lib/libcrc32c.ko"]


def test_the_initramfs_is_an_archive_that_the_kernel_reads():
    archive = initramfs.Cpio()
    archive.add("bin/sh", 0o100755, b"12345")
    data = archive.bytes()
    assert data[:6] == b"070701" and len(data) % 4 == 0
    assert int(data[54:62], 16) == 5, "its size"
    assert int(data[94:102], 16) == len("bin/sh") + 1
    assert data[110:117] == b"bin/sh\0" and data[120:125] == b"12345"
    assert data[128:134] == b"070701" and b"TRAILER!!!" in data[128:]


@pytest.fixture(name="sector")
def a_disk_that_says_a_stage(tmp_path):
    """A boot sector: what it is given, a byte after another, to the serial port."""
    def made(text):
        code = bytes((0xBE, 0x20, 0x7C,        # mov si, 0x7c20: the text
                      0xBA, 0xF8, 0x03,        # mov dx, 0x3f8: COM1
                      0xFC,                    # cld
                      0xAC, 0x84, 0xC0,        # lodsb; test al, al
                      0x74, 0x03,              # jz to the hlt
                      0xEE, 0xEB, 0xF8,        # out dx, al; back to lodsb
                      0xF4, 0xEB, 0xFD))       # hlt; for ever
        image = tmp_path / "sector.raw"
        image.write_bytes(code.ljust(0x20, b"\0") + text.encode().ljust(510 - 0x20, b"\0") + b"\x55\xaa")
        return image

    return made


needs_qemu = pytest.mark.skipif(not shutil.which("qemu-system-x86_64"), reason="QEMU is not installed")


@needs_qemu
def test_a_start_shows_that_an_accelerator_works(tmp_path, sector):
    assert kvm.why_not(sector(kvm.STAGE), tmp_path, accelerator="tcg") is None


@needs_qemu
def test_a_guest_that_hangs_shows_that_it_does_not(tmp_path, sector):
    assert kvm.STAGE in kvm.why_not(sector("nothing"), tmp_path, accelerator="tcg", limit=1)


@needs_qemu
def test_an_end_of_qemu_shows_that_it_does_not(tmp_path, sector):
    reason = kvm.why_not(sector(kvm.STAGE), tmp_path, accelerator="none")
    assert "QEMU ended" in reason and "none" in reason


def test_a_machine_without_kvm_is_not_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(kvm, "DEVICE", str(tmp_path / "gone"))
    assert kvm.why_not(tmp_path / "no image", tmp_path) == f"{tmp_path}/gone cannot be opened"


def test_grub_is_told_where_its_parts_are(tmp_path):
    (tmp_path / "boot.img").write_bytes(bytes(512))
    sector = grub.boot_sector(tmp_path)
    assert len(sector) == 440, "the partition table follows"
    assert int.from_bytes(sector[0x5C:0x64], "little") == layout.BIOS.first_sector
    core = grub.placed_core(bytes(1000))
    assert len(core) == 1024
    assert int.from_bytes(core[0x1F4:0x1FC], "little") == layout.BIOS.first_sector + 1
    assert int.from_bytes(core[0x1FC:0x1FE], "little") == 1


def test_grubs_configuration_is_whole_and_its_environment_fits_a_block():
    assert "@" not in grub.configuration()
    block = grub.environment(active="a")
    assert len(block) == 1024 and block.startswith(b"# GRUB Environment Block\nactive=a\n###")


def test_a_firmware_file_is_signed_and_says_what_it_holds(tmp_path):
    key = firmware.signing_key(None, tmp_path)
    assert firmware.signing_key(None, tmp_path).read_bytes() == key.read_bytes(), "made once"
    slot, path = tmp_path / "slot", tmp_path / "x.firmware"
    slot.write_bytes(b"content\nof a slot")
    firmware.write(slot, "1.2", key, path)
    magic, manifest, signature, content = path.read_bytes().split(b"\n", 3)
    assert content == slot.read_bytes()
    assert json.loads(manifest) == {"version": "1.2", "size": 17,
                                    "sha256": hashlib.sha256(content).hexdigest()}
    (tmp_path / "signed").write_bytes(magic + b"\n" + manifest + b"\n")
    (tmp_path / "signature").write_bytes(bytes.fromhex(signature.decode()))
    (tmp_path / "public").write_bytes(firmware.public_key(key))
    subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", tmp_path / "public",
                    "-in", tmp_path / "signed", "-sigfile", tmp_path / "signature"], check=True,
                   capture_output=True)
    assert {file.name for file in tmp_path.iterdir()} == {
        "firmware-key.pem", "slot", "x.firmware", "signed", "signature", "public"}, "nothing is left"


def verified(path, public):
    """Whether the firmware file is signed by that key, as the appliance has it."""
    magic, manifest, signature, _ = path.read_bytes().split(b"\n", 3)
    signed, hexadecimal = path.with_suffix(".signed"), path.with_suffix(".hex")
    signed.write_bytes(magic + b"\n" + manifest + b"\n")
    hexadecimal.write_bytes(bytes.fromhex(signature.decode()))
    return subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", public, "-in", signed,
                           "-sigfile", hexadecimal], check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("is_given", [True, False])
def test_a_test_signs_its_firmware_with_the_key_of_the_image(tmp_path, is_given):
    output, work = tmp_path / "image", tmp_path / "work"
    output.mkdir()
    work.mkdir()
    key = tmp_path / "own.pem"
    run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key])
    given = str(key) if is_given else None
    (tmp_path / "slot").write_bytes(b"content")
    firmware.write(tmp_path / "slot", "1", firmware.signing_key(given, output), output / "trunkline-1.firmware")
    made = firmwares.other_firmware(output, given, work)
    public = tmp_path / "public.pem"
    public.write_bytes(firmware.public_key(key if is_given else output / "firmware-key.pem"))
    assert verified(made, public)
    assert (output / "firmware-key.pem").exists() != is_given, "no other key is made beside one that is given"


def test_a_key_that_cannot_sign_ends_a_test_before_a_machine_is_made(tmp_path, monkeypatch):
    pytest.importorskip("paramiko")
    from image_builder.test import run as image_test  # pylint: disable=import-outside-toplevel
    monkeypatch.setattr(image_test.os, "geteuid", lambda: 0)
    options = parse(["test", "--key", str(tmp_path / "none.pem"), "--output", str(tmp_path)])
    with pytest.raises(ImageError, match="none.pem cannot sign firmware; .*; found: no such file"):
        image_test.test(options, None)


UNREADABLE = "openssl pkey .*: exit code 1: "


@pytest.mark.parametrize("made, found", [
    (["genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:1024"], ".*Public-Key: .1024 bit"),
    (["genpkey", "-algorithm", "x25519"], "X25519 Public-Key"),
    (["genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:secret"], UNREADABLE),
    (["genpkey", "-genparam", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], UNREADABLE),
    (None, "no such file")])
def test_what_cannot_sign_firmware_is_refused_before_anything_is_made(tmp_path, made, found):
    key = tmp_path / "key.pem"
    if made:
        run(["openssl", *made, "-out", key])
    with pytest.raises(ImageError, match=f"key.pem cannot sign firmware; allowed: .*; found: {found}"):
        build(parse(["build", "--key", str(key), "--output", str(tmp_path), "--version", "1"]), None)
    assert {file.name for file in tmp_path.iterdir()} <= {"key.pem"}


def test_the_public_half_of_a_key_cannot_sign(tmp_path):
    public = tmp_path / "public.pem"
    public.write_bytes(firmware.public_key(firmware.signing_key(None, tmp_path)))
    with pytest.raises(ImageError, match="public.pem cannot sign firmware"):
        firmware.signing_key(public, tmp_path)


def test_a_signature_that_fails_is_told(tmp_path):
    (tmp_path / "slot").write_bytes(b"content")
    with pytest.raises(ImageError, match="openssl pkeyutl"):
        firmware.write(tmp_path / "slot", "1", tmp_path / "no-key.pem", tmp_path / "x.firmware")


def test_a_tool_that_fails_or_is_missing_is_told():
    with pytest.raises(ImageError, match="exit code 3: no"):
        run(["sh", "-c", "echo no >&2; exit 3"])
    with pytest.raises(ImageError, match="not installed"):
        run(["no-such-tool"])


@pytest.mark.parametrize("said, error", [("E: apt-get update --error-on=any failed", NotHere),
                                         ("E: apt-get --yes install no-such-package failed", ImageError)])
def test_without_a_mirror_this_machine_lacks_something_and_the_image_nothing(monkeypatch, said, error):
    def fails(*_, **__):
        raise ImageError(said)

    monkeypatch.setattr(debian_part, "run", fails)
    with pytest.raises(ImageError) as raised:
        debian_part.bootstrap([])
    assert raised.type is error and said in str(raised.value)


def test_every_package_of_the_image_has_a_reason():
    assert all(why.strip() for why in chosen_packages().values())


def test_the_command_line_of_the_tool():
    assert parse(["build", "--version", "1.0+x"]).version == "1.0+x"
    assert parse(["build", "--epoch", "315532800"]).epoch == 315532800
    assert parse(["test", "--key", "own.pem"]).key == "own.pem"
    assert parse(["build"]).epoch is None, "that of the last commit"
    assert parse(["test", "--firmware", "uefi", "--step", "boot"]).step == ["boot"]
    for wrong in ([], ["build", "--version", "../x"], ["test", "--firmware", "coreboot"],
                  ["test", "--step", "no-such"], ["build", "--epoch", "0"], ["build", "--epoch", "-1"],
                  ["build", "--epoch", "315532799"], ["build", "--epoch", "4294967296"],
                  ["build", "--epoch", "today"]):
        with pytest.raises(SystemExit) as left:
            parse(wrong)
        assert left.value.code == 2
