"""A machine whose configuration is on a labelled volume, and the life of an appliance: from its first
start through cut links, cut power, hanging programs, other firmware and broken configurations to a factory
reset."""

import re

from lab.waiting import wait_until

from .case import BOOT, SETTLED, Case
from .firmwares import broken_firmware, other_firmware
from .machine import DISK_SIZE, PORT_DRIVER, nic_address
from .surroundings import ROWS, TAPS, USER, VOICE

# REGISTERs of a row around a reboot: one to un-register and one to register, each challenged at most.
LEAST_OF_REBOOT, MOST_OF_REBOOT = 2, 4


class Volume(Case):
    def given(self):
        return ["-drive", f"id=volume,if=none,format=raw,readonly=on,file={self.around.volume()}",
                "-device", "virtio-blk-pci,drive=volume"]

    def begin(self):
        self.say(f"first REGISTER {self.power_on():.1f} s after power ({self.machine.accelerator})")
        for stage in ("starting slot a", "configuration: from the volume TRUNKLINE",
                      "packet memory: ", f"port GE_1: {nic_address(0)} is with {PORT_DRIVER[self.firmware]}",
                      "slot a is good"):
            self.machine.wait_console(stage, BOOT)
        self.say("the console told the stages")
        rows = self.wait_registered()
        held = self.around.kamailio.bindings()
        assert held, "the registrar holds nothing"
        self.say(f"{len(rows)} rows are registered, the registrar holds {len(held)}")

    def boots(self):
        self.answers()
        self.lets_people_in()

    def answers(self):
        counters = self.around.root("trunkline", "show", "counters")
        assert counters.count("net_virtio") == len(TAPS), counters
        self.answers_options()
        self.say(f"all ports are net_virtio on {PORT_DRIVER[self.firmware]}; OPTIONS is answered")
        size = int(self.around.root("df", "--output=size", "-BM", "/data").split()[-1].rstrip("M"))
        assert size > DISK_SIZE / 2, f"/data has {size} MiB of a disk of {DISK_SIZE}"
        self.say(f"data have {size} MiB of the disk's {DISK_SIZE}")
        self.say("memory: " + " ".join(self.around.root("free", "-m").split("\n")[1].split()))

    def lets_people_in(self):
        listed = self.around.cli("show voip register account sbc")
        assert "Registered" in listed, listed
        self.machine.type("", "login: ", SETTLED)
        self.machine.type(USER, "assword: ", SETTLED)
        # What was typed before login(1) put the echo off is thrown away.
        wait_until(lambda: "-echo " in self.around.root("stty", "-F", "/dev/ttyS0", "-a"), SETTLED,
                   "login waits for a password", 0.5)
        self.machine.type(self.around.password, "sbc1> ", SETTLED)
        self.machine.type("exit", "login: ", SETTLED)
        assert "policy drop" in self.around.root("nft", "list", "chain", "inet", "trunkline", "input")
        self.around.https_answers()
        assert self.around.is_closed(VOICE, 22), f"{VOICE} does not carry OAMP"
        listening = self.around.root("ss", "-Hlntu")
        self.say("SSH and console lead to the command line; listening: "
                 + ", ".join(sorted({line.split()[4] for line in listening.splitlines()})))

    def fails_over(self):
        before = self.around.registers_seen()
        self.machine.set_link(0, False)
        wait_until(lambda: self.group_member("GE_3") == "up, active", SETTLED, self.group, 0.5)
        assert self.group_member("GE_1") == "down, standby", self.group()
        self.around.root("trunkline", "register", "all")
        wait_until(lambda: self.around.registers_seen() >= before + ROWS, SETTLED,
                   lambda: f"{ROWS} REGISTERs over the other port")
        self.wait_registered()
        self.answers_options()
        self.machine.set_link(0, True)
        wait_until(lambda: self.group_member("GE_1") == "up, standby", SETTLED, self.group, 0.5)
        assert self.group_member("GE_3") == "up, active", self.group()
        self.say("the link of the active port was cut, the other one took over and keeps the traffic")

    def group(self):
        return self.around.cli("show network ether-group")

    def group_member(self, port):
        """What the command line says of it: "up, active"."""
        found = re.search(rf"{port} \(([^)]*)\)", self.group())
        return found and found[1]

    def resumes_after_a_power_cut(self):
        self.around.root("sync")
        before = self.around.registers_seen()
        self.machine.cut_power()
        self.machine.wait_console("the one that was saved on this box", BOOT)
        self.machine.wait_console("is good", BOOT)
        self.wait_registered()
        sent = self.around.registers_seen() - before
        assert sent == 0, f"{sent} REGISTERs after a power cut, with an hour to go"
        self.say("after a power cut all stand as before, nothing was sent")

    def resumes_after_a_reboot(self):
        """It un-registers as it goes, and registers as it comes."""
        before = self.around.registers_seen()
        self.around.restart()
        self.machine.wait_console("the one that was saved on this box", BOOT)
        self.machine.wait_console("is good", BOOT)
        self.wait_registered()
        self.wait_bindings()
        sent = self.around.registers()[before:]
        told = "\n".join([f"{len(sent)} REGISTERs for {ROWS} rows:", *sent])
        assert LEAST_OF_REBOOT * ROWS <= len(sent) <= MOST_OF_REBOOT * ROWS, told
        self.say(f"a reboot took {len(sent)} REGISTERs for {ROWS} rows, and all stand again")

    def mends_damaged_data(self):
        """Its first block has what describes the file system."""
        self.around.root("sync; dd if=/dev/zero of=/dev/disk/by-partlabel/trunkline-data bs=4096 count=1 "
                         "conv=notrunc oflag=direct")
        self.machine.cut_power()
        self.machine.wait_console("the data partition is mended", BOOT)
        self.machine.wait_console("the one that was saved on this box", BOOT)
        self.machine.wait_console("is good", BOOT)
        self.wait_registered()
        self.say("a damaged data partition was mended, with the configuration on it")

    def starts_a_stuck_program_anew(self):
        before = self.around.registers_seen()
        # Management is behind a port, too: it takes the connection with it.
        self.around.root_later("systemctl kill --kill-who=main --signal=STOP trunkline")
        wait_until(lambda: self.restarts() == "1", BOOT,
                   "the watchdog of the service", 2)
        self.wait_registered()
        sent = self.around.registers_seen() - before
        assert sent == 0, f"{sent} REGISTERs, with an hour to go"
        self.say("a program that hung was ended and started by the service's watchdog, and all stand as before")

    def restarts(self):
        """Of the service, as systemd counts them; nothing while nobody answers."""
        return self.around.root_if_it_answers("systemctl show -P NRestarts trunkline").strip()

    def resets_a_hung_machine(self):
        """A kernel that neither runs nor starts anew by itself. The last step: what the loader copies
        after such a reset goes at 1.5 kB a second in QEMU's emulation."""
        self.around.root("sync; echo 0 >/proc/sys/kernel/panic")
        self.around.root_later("echo c >/proc/sysrq-trigger")
        self.machine.wait_console("end Kernel panic", SETTLED)
        self.machine.wait_console("GNU GRUB", BOOT)
        self.say("a machine that hung was reset by its hardware's watchdog")

    def changes_firmware(self):
        self.takes_another_firmware()
        self.goes_back_from_a_broken_one()

    def takes_another_firmware(self):
        given = other_firmware(self.output, self.key, self.around.folder).read_bytes()
        said = self.around.root("trunkline", "firmware", "install", "-", given=given)
        assert "is installed" in said, said
        self.around.restart()
        self.machine.wait_console("starting slot b", BOOT)
        self.machine.wait_console("slot b is good", BOOT)
        self.wait_registered()
        shown = self.around.root("trunkline", "firmware", "show").splitlines()
        assert shown[0] == "running slot b, next start slot b", shown
        assert shown[1].startswith("slot a: firmware ") and shown[2:] == ["slot b: firmware other"], shown
        self.say("another firmware was installed, tried and kept")

    def goes_back_from_a_broken_one(self):
        given = broken_firmware(self.output, self.key, self.around.folder).read_bytes()
        self.around.root("trunkline", "firmware", "install", "-", given=given)
        self.around.restart()
        self.machine.wait_console("starting slot a", BOOT)
        self.machine.wait_console("the root of slot a is damaged", BOOT)
        self.machine.wait_console("starting slot b", BOOT)
        self.wait_registered()
        self.say("a firmware that does not start was left for the one before")

    def survives_a_wrong_configuration(self):
        self.around.root("echo 'nonsense: true' >>/data/config/startup.yaml; sync")
        self.around.restart()
        self.machine.wait_console("the configuration is wrong and is not used", BOOT)
        self.machine.wait_console("starting with the last configuration that worked", BOOT)
        self.wait_registered()
        self.say("a broken configuration gave way to the last good one")

    def survives_a_configuration_that_does_not_start(self):
        """Nothing is wrong with it but that this box has no such device."""
        nowhere = nic_address(len(TAPS))
        self.around.root(f"sed -i s/{nic_address(1)}/{nowhere}/ /data/config/startup.yaml; sync")
        self.around.root("trunkline", "check", "/data/config/startup.yaml")
        self.around.restart()
        self.machine.wait_console(nowhere, 2 * BOOT)
        self.machine.wait_console("the configuration cannot be started and gives way", SETTLED)
        self.machine.wait_console("the one that was saved on this box", BOOT)
        self.machine.wait_console("is good", BOOT)
        self.wait_registered()
        refused = self.around.root("cat /data/config/startup.yaml.refused-?")
        assert nowhere in refused, refused
        wait_until(self.tells_of_a_refusal, SETTLED, "the alarm of the refused configuration", 1)
        self.around.root("trunkline cli -c write")
        wait_until(lambda: not self.tells_of_a_refusal(), SETTLED, "the end of the alarm", 1)
        self.say("a configuration that could not be started gave way to the last good one, and an alarm "
                 "told so until one was saved")

    def tells_of_a_refusal(self):
        return "Board Config Error: /data/config/startup.yaml.refused-" in self.around.cli("show system alarms")

    def forgets_all_when_asked(self):
        self.around.root("touch /data/log/mark /data/config/mark")
        said = self.around.root("trunkline", "firmware", "factory-reset")
        assert "the next start forgets" in said, said
        self.around.restart()
        self.machine.wait_console("factory reset: forgetting", BOOT)
        self.machine.wait_console("configuration: from the volume TRUNKLINE", BOOT)
        self.machine.wait_console("is good", BOOT)
        self.wait_registered()
        kept = self.around.root("find /data -name mark -o -name factory-reset -o -name '*.refused'")
        assert kept == "", kept
        self.say("a factory reset forgot configuration, keys and logs, and looked for a configuration again")

    def wait_registered(self):
        def all_registered():
            self.machine.check_alive()
            rows = self.around.rows()
            return len(rows) == ROWS and all(row["registered"] for row in rows) and rows

        return wait_until(all_registered, SETTLED, lambda: f"all registered: {self.around.rows()}", 1)

    steps = {"boot": boots,
             "fail-over": fails_over,
             "power-cut": resumes_after_a_power_cut,
             "reboot": resumes_after_a_reboot,
             "damaged-data": mends_damaged_data,
             "stuck-program": starts_a_stuck_program_anew,
             "firmware": changes_firmware,
             "wrong-configuration": survives_a_wrong_configuration,
             "failing-configuration": survives_a_configuration_that_does_not_start,
             "factory-reset": forgets_all_when_asked,
             "hung-machine": resets_a_hung_machine}
