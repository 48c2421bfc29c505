"""The scripts that choose a box's configuration (image_builder/root/usr/lib/trunkline), with the machine's
paths moved into a folder and its programs played."""

import os
import re
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "tools/image_builder/root/usr/lib/trunkline"
MOVED = re.compile(r"/(data|usr/lib/trunkline|usr/share/trunkline|run/|sys/firmware|dev/disk|proc/sys"
                   r"|etc/passwd|etc/shadow)")
# A configuration is wrong when it says so. `played` holds what the machine is asked and what it did.
PROGRAMS = {
    "trunkline": """
        case "$1 $2" in
        "check --diff") cmp -s "$3" "$played/running" || echo "a difference" ;;
        "check "*) ! grep -q WRONG "$2" || { echo "$2:3: this is wrong" >&2; exit 1; } ;;
        "firmware on-trial") [ -e "$played/on-trial" ] ;;
        "firmware commit") [ ! -e "$played/bad" ] ;;
        "board memory") echo 256 ;;
        "sign-in names") echo carol; echo "user 'a b' signs in on the page alone" >&2 ;;
        "sign-in closed") echo 192.0.2.10; echo 2001:db8::10 ;;
        "cli -c") cat "$played/status" ;;
        esac""",
    "mount": 'for last; do :; done; rmdir "$last"; cp -R "$played/stick" "$last"',
    "umount": 'rm -r "$1"; mkdir "$1"',
    "mountpoint": '[ -n "$(ls -A "$2")" ]',
    "journalctl": "echo 'trunkline: cannot open GE_1'",
    "systemctl": 'echo "systemctl $*" >>"$played/did"',
    "nft": 'echo "nft $*" >>"$played/did"',
    "modprobe": "",
    "sleep": "",
}


class Box:
    def __init__(self, folder):
        self.folder = folder
        self.played = folder / "played"
        self.config = folder / "data/config"
        for name in ("data/config", "data/ssh", "usr/lib/trunkline", "usr/share/trunkline", "run", "etc",
                     "proc/sys/vm", "bin", "dev/disk/by-label", "played"):
            (folder / name).mkdir(parents=True)
        for name in ("etc/passwd", "etc/shadow"):
            (folder / name).touch()
        (folder / "usr/share/trunkline/factory.yaml").write_text("factory\n", encoding="utf-8")
        for script in SCRIPTS.iterdir():
            text = MOVED.sub(lambda found: f"{folder}{found[0]}", script.read_text(encoding="utf-8"))
            made = folder / "usr/lib/trunkline" / script.name
            made.write_text(text, encoding="utf-8")
            made.chmod(0o755)
        for name, text in PROGRAMS.items():
            made = folder / "bin" / name
            made.write_text(f'#!/bin/sh\nplayed="{self.played}"\n{text}\n', encoding="utf-8")
            made.chmod(0o755)

    def run(self, script):
        """What it said; all that the start of a machine forgets is gone before."""
        (self.played / "did").write_text("", encoding="utf-8")
        done = subprocess.run([self.folder / "usr/lib/trunkline" / script], capture_output=True, text=True,
                              env={"PATH": f"{self.folder}/bin:{os.environ['PATH']}"}, check=False,
                              timeout=60)
        return done.stdout + done.stderr

    def did(self):
        return (self.played / "did").read_text(encoding="utf-8")

    def write(self, name, text):
        (self.config / name).write_text(text, encoding="utf-8")

    def read(self, name):
        return (self.config / name).read_text(encoding="utf-8")

    def names(self):
        return sorted(path.name for path in self.config.iterdir())

    def insert_stick(self, **files):
        (self.folder / "dev/disk/by-label/TRUNKLINE").touch()
        for name, content in files.items():
            path = self.played / "stick" / name.replace("__", "/").replace("_yaml", ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path)


def test_what_was_saved_comes_before_a_volume(box):
    box.write("startup.yaml", "saved\n")
    box.insert_stick(config_yaml="stick\n")
    assert "the one that was saved on this box" in box.run("configure")
    assert box.read("startup.yaml") == "saved\n"


def test_the_factorys_configuration_is_started_with_but_never_in_the_way_of_another(box):
    assert "none found, starting with the factory's" in box.run("configure")
    assert box.read("startup.yaml") == "factory\n"
    box.run("keep")
    box.insert_stick(config_yaml="stick\n", secrets__carol="secret")
    assert "from the volume TRUNKLINE" in box.run("configure")
    assert box.read("startup.yaml") == "stick\n"
    assert box.read("secrets/carol") == "secret"
    assert (box.config / "startup.yaml").stat().st_mode & 0o777 == 0o600


def test_a_corrected_stick_mends_what_a_wrong_one_began(box):
    box.insert_stick(config_yaml="WRONG\n")
    assert "this is wrong" in box.run("configure")
    assert box.read("startup.yaml") == "factory\n"
    box.insert_stick(config_yaml="right\n")
    box.run("configure")
    assert box.read("startup.yaml") == "right\n"


def test_a_volume_brings_small_files_alone_and_few_of_them(box):
    box.insert_stick(config_yaml="stick\n", firmware="x" * 2_000_000, startup_yaml="not this one")
    box.run("configure")
    assert box.read("startup.yaml") == "stick\n"
    assert "firmware" not in box.names()
    (box.config / "startup.yaml").unlink()
    box.insert_stick(**{f"photo{number}": "x" * 1_000_000 for number in range(20)})
    said = box.run("configure")
    assert "KiB of other files beside it" in said and "starting with the factory's" in said
    assert not [name for name in box.names() if name.startswith("photo")]


def test_a_wrong_configuration_is_set_aside_with_its_reason(box):
    box.write("last-good.yaml", "good\n")
    for number in (1, 2):
        box.write("startup.yaml", f"WRONG {number}\n")
        assert "starting with the last configuration that worked" in box.run("configure")
        assert box.read("startup.yaml") == "good\n"
        assert box.read(f"startup.yaml.refused-{number}") == f"WRONG {number}\n"
    reason = box.read("startup.yaml.refused")
    assert "startup.yaml.refused-2 is not used: " in reason and ":3: this is wrong" in reason


def test_a_firmware_on_trial_that_refuses_the_configuration_changes_nothing(box):
    box.write("startup.yaml", "WRONG for this one\n")
    box.write("last-good.yaml", "good\n")
    (box.played / "on-trial").touch()
    said = box.run("configure")
    assert "going back to the one before" in said and "this is wrong" in said
    assert box.did() == "systemctl reboot\n"
    assert box.names() == ["last-good.yaml", "startup.yaml"]
    assert box.read("startup.yaml") == "WRONG for this one\n"


def test_the_last_good_one_stands_in_for_one_that_is_gone(box):
    box.write("last-good.yaml", "good\n")
    box.insert_stick(config_yaml="stick\n")
    assert "the last one that worked" in box.run("configure")
    assert box.read("startup.yaml") == "good\n"


def test_keys_come_with_each_start(box):
    box.write("startup.yaml", "saved\n")
    box.insert_stick(authorized_keys="ssh-ed25519 AAAA engineer")
    assert "root's keys: from" in box.run("configure")
    keys = box.folder / "data/ssh/authorized_keys"
    assert keys.read_text(encoding="utf-8") == "ssh-ed25519 AAAA engineer"
    assert keys.stat().st_mode & 0o777 == 0o600


def test_users_and_closed_addresses_are_known_to_the_machine(box):
    box.write("startup.yaml", "saved\n")
    said = box.run("configure")
    assert "user 'a b' signs in on the page alone" in said
    assert "carol:x:1001:" in (box.folder / "etc/passwd").read_text(encoding="utf-8")
    assert "nft add element inet trunkline closed4 { 192.0.2.10 }" in box.did()
    assert "nft add element inet trunkline closed6 { 2001:db8::10 }" in box.did()


def test_what_ran_when_it_was_found_good_is_kept(box):
    box.write("startup.yaml", "runs\n")
    box.run("keep")
    assert box.read("last-good.yaml") == "runs\n"


def test_a_firmware_that_is_not_found_good_goes_and_keeps_nothing(box):
    box.write("startup.yaml", "runs\n")
    for name in ("bad", "on-trial"):
        (box.played / name).touch()
    assert "going back to the one before" in box.run("keep")
    assert box.did() == "systemctl reboot\n"
    assert box.names() == ["startup.yaml"]


@pytest.mark.parametrize("running, reset, good, is_answered",
                         (("saved\n", "no", "saved\n", True), ("saved\n", "yes", "before\n", True),
                          ("other\n", "no", "before\n", False)))
def test_what_is_saved_is_kept_if_all_of_it_runs(box, running, reset, good, is_answered):
    (box.played / "running").write_text(running, encoding="utf-8")
    box.write("startup.yaml", "saved\n")
    box.write("last-good.yaml", "before\n")
    box.write("startup.yaml.refused", "a reason\n")
    (box.played / "status").write_text(f"Save needed: no\nReset needed: {reset}\n", encoding="utf-8")
    box.run("keep-saved")
    assert box.read("last-good.yaml") == good
    assert ("startup.yaml.refused" not in box.names()) == is_answered


def test_a_configuration_that_does_not_start_gives_way(box):
    box.write("startup.yaml", "does not start\n")
    box.write("last-good.yaml", "good\n")
    said = box.run("fall-back")
    assert "trunkline: cannot open GE_1" in said and "gives way to the last one that worked" in said
    assert box.did() == "systemctl stop trunkline-saved.path\nsystemctl reboot\n"
    assert box.read("startup.yaml") == "good\n"
    assert box.read("startup.yaml.refused-1") == "does not start\n"
    assert "cannot open GE_1" in box.read("startup.yaml.refused")


def test_a_firmware_on_trial_that_does_not_start_changes_nothing(box):
    box.write("startup.yaml", "saved\n")
    box.write("last-good.yaml", "good\n")
    (box.played / "on-trial").touch()
    box.run("fall-back")
    assert box.did() == "systemctl reboot\n"
    assert box.names() == ["last-good.yaml", "startup.yaml"]


def test_without_anything_to_go_back_to_it_is_tried_again(box):
    box.write("startup.yaml", "good\n")
    box.write("last-good.yaml", "good\n")
    assert "trying again in a minute" in box.run("fall-back")
    assert "start --no-block trunkline.service" in box.did()
