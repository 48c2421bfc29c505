"""The ways of a configuration into the machine beside a volume: a hypervisor's settings, a system
credential, an ISO as clouds have it."""

import base64
import re
import shutil

from lab.processes import run_tool

from .case import BOOT, Case


class GivenCase(Case):
    source = ""  # as the console has it

    def registers(self):
        self.machine.wait_console(f"configuration: {self.source}", BOOT)
        self.machine.wait_console("is good", BOOT)
        self.wait_bindings()
        self.answers_options()
        listed = self.around.cli("show voip register account sbc")
        assert "Registered" in listed, listed
        self.say(f"registered by a configuration {self.source}")

    def begin(self):
        self.power_on()

    def configuration(self):
        """A file that has all in it."""
        path = self.around.folder / "whole.yaml"
        path.write_text(self.around.whole_configuration(), encoding="utf-8")
        return path


class FwCfg(GivenCase):
    """On a machine with one processor, which does all."""

    source = "from the virtual machine's settings (fw_cfg)"
    processors = 1

    def given(self):
        return ["-fw_cfg", f"name=opt/trunkline/config.yaml,file={self.configuration()}"]

    steps = {"fw-cfg": GivenCase.registers}


class Credential(GivenCase):
    source = "from a system credential"

    def given(self):
        content = base64.b64encode(self.configuration().read_bytes()).decode()
        return ["-smbios", f"type=11,value=io.systemd.credential.binary:trunkline.config={content}"]

    steps = {"credential": GivenCase.registers}


class Iso(GivenCase):
    """On a machine with four processors, which are divided."""

    source = "from the volume cidata"
    processors = 4

    def given(self):
        folder = self.around.folder / "cidata"
        folder.mkdir()
        self.configuration().rename(folder / "config.yaml")
        shutil.copy(self.around.key.with_suffix(".pub"), folder / "authorized_keys")
        for name in ("meta-data", "user-data"):
            (folder / name).touch()
        iso = self.around.folder / "cidata.iso"
        run_tool(["genisoimage", "-quiet", "-V", "cidata", "-J", "-R", "-o", iso, folder])
        return ["-drive", f"id=iso,if=none,format=raw,media=cdrom,readonly=on,file={iso}",
                "-device", "ide-cd,drive=iso,bus=ide.1"]

    def divides_the_processors(self):
        self.registers()
        root = self.around.root
        assert root("cat /sys/fs/cgroup/system.slice/cpuset.cpus.effective") == "0\n"
        threads = root("cd /proc/$(systemctl show -P MainPID trunkline)/task; "
                       "grep -H Cpus_allowed_list */status; grep -H . */comm")
        # DPDK keeps a thread of its own on one of them.
        allowed = set(re.findall(r"Cpus_allowed_list:\s*(\S+)", threads))
        assert "1-3" in allowed and allowed <= {"1-3", "1", "2", "3"}, threads
        names = sorted(set(re.findall(r"comm:(\S+)", threads)))
        assert {"worker", "shard-0"} <= set(names), threads
        self.say(f"of four processors the first is the system's, the others have {', '.join(names)}")

    steps = {"iso": divides_the_processors}
