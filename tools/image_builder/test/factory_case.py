"""A machine that is given nothing: it has to be found by DHCP and the console, and a reset from the
loader's menu makes it as it was."""

import re

from lab.waiting import wait_until

from .case import BOOT, Case

TOLD_PASSWORD = re.compile(r"as 'Admin' with the password '([^']+)'")
TOLD_ADDRESS = re.compile(r"Management: (192\.0\.2\.\d+|198\.51\.100\.\d+)")
RESET_KEY = "r"  # grub.cfg


class Factory(Case):
    def begin(self):
        self.machine.start()

    def starts_with_the_factorys(self):
        address, password = self.found("starting with the factory's")
        self.lets_in(address, password)
        self.around.https_answers(address)
        self.say(f"without a configuration it told its address {address} and a password, and let in with them")
        self.reset_from_the_menu(password)

    def reset_from_the_menu(self, password):
        self.machine.cut_power()
        self.machine.wait_console("starting with the factory's", BOOT)
        self.machine.cut_power()
        self.machine.press(RESET_KEY, "factory reset: forgetting", BOOT)
        address, changed = self.found("starting with the factory's")
        assert changed != password, "the password of before is forgotten"
        self.lets_in(address, changed)
        self.say("a reset from the loader's menu forgot the password and made another one")

    def lets_in(self, address, password):
        version = self.around.cli("show system version", address, password)
        assert "Software Version" in version, version

    def found(self, stage):
        """The address and the password that the console tells after that, once the start is done."""
        self.machine.wait_console(stage, BOOT)
        begin = self.machine.read_to

        def told():
            self.machine.check_alive()
            text = self.machine.console()[begin:]
            address, password = TOLD_ADDRESS.search(text), TOLD_PASSWORD.search(text)
            return address and password and (address[1], password[1])

        found = wait_until(told, BOOT, lambda: f"address and password; {self.machine.last_words()}")
        self.machine.wait_console("is good", BOOT)
        return found

    steps = {"factory": starts_with_the_factorys}
