"""A machine from a fresh disk that is given its configuration in one way, and what is seen of it step
after step. What a case is comes from its class: `given`, `begin` and `steps`."""

import time

from lab.lab import REGISTRAR_NAME
from lab.waiting import wait_until

from .machine import Machine
from .surroundings import ROWS, TAPS

# Of an emulated machine, beside others that are busy: what takes half a minute may take five.
BOOT = 900
SETTLED = 300


class Case:
    steps = {}  # name on the command line -> method, in their order
    processors = 2

    def __init__(self, around, output, key, firmware, accelerator, say):
        self.around = around
        self.output = output
        self.key = key  # that signs firmware for the image; None: that of its folder
        self.firmware = firmware
        self._say = say
        self.machine = Machine(output / "trunkline.raw", around.folder, firmware=firmware,
                               accelerator=accelerator, namespace=around.namespace, taps=list(TAPS),
                               processors=self.processors, given=self.given())

    def given(self):
        """QEMU's words for where the configuration comes from."""
        return []

    def begin(self):
        """What comes before each step of this case."""

    def run(self, chosen):
        """The steps of those names; the first thing that is not as it has to be raises."""
        names = [name for name in self.steps if name in chosen]
        try:
            self.begin()
            for name in names:
                self.steps[name](self)
        finally:
            self.machine.stop()
            log = self.output / f"console-{self.firmware}-{names[0]}.log"
            log.write_text(self.machine.console(), encoding="utf-8")

    def say(self, text):
        self._say(f"{self.firmware}: {text}")

    def power_on(self):
        """Until the first REGISTER."""
        started = time.monotonic()
        self.machine.start()
        wait_until(lambda: self.around.registers_seen() > 0 or self.machine.check_alive(), BOOT,
                   lambda: f"a REGISTER to {REGISTRAR_NAME}; {self.machine.last_words()}")
        return time.monotonic() - started

    def wait_bindings(self):
        """Until the registrar holds all that the configuration registers."""
        wait_until(lambda: len(self.around.kamailio.bindings()) == ROWS or self.machine.check_alive(),
                   SETTLED, lambda: f"{ROWS} bindings: {self.around.kamailio.bindings()}", 1)

    def answers_options(self):
        answer = self.around.options_answer()
        assert answer == "SIP/2.0 200 OK", answer
