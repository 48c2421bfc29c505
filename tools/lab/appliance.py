"""The appliance's process, and its answers to `trunkline show`."""

import json
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError
from .processes import Server, run_tool

# It un-registers first, for a minute at the longest.
STOP_GRACE = 70


@dataclass
class Appliance:
    """`namespace`: where its ports are; its kernel twins' namespace stands in `config`."""

    program: Path
    config: Path
    socket: Path
    namespace: object
    log: Path
    server: Server = None
    options: tuple = ()

    def start(self):
        command = self.namespace.command(self.program, "run", *self.options, self.config)
        self.server = Server("trunkline", command, self.log)

    def stop(self, grace=STOP_GRACE):
        """Un-registers and ends it. Returns its exit code; LabError if it had to be killed."""
        if self.server is None:
            return None
        killed = self.server.exit_code is None
        code = self.server.end(grace)
        if killed and code == -signal.SIGKILL:
            raise LabError(f"the appliance did not end within {grace} s and was killed; its log "
                           f"ends with\n{self.server.last_lines()}")
        return code

    def check_alive(self):
        """LabError with the last lines of its log if it has ended."""
        code = self.server.exit_code
        if code is None:
            return
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        raise LabError(f"the appliance ended ({how}); its log ends with\n"
                       f"{self.server.last_lines()}")

    def registrations(self):
        """Its rows, or None while it does not answer yet."""
        answer = self.ask("show registration")
        return None if answer is None else answer["registrations"]

    def counters(self):
        return self.ask("show counters")

    def ask(self, command, **fields):
        """One request on its local socket; None while it does not answer."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                connection.connect(str(self.socket))
                connection.sendall(json.dumps({"command": command, **fields}).encode() + b"\n")
                with connection.makefile("rb") as answer:
                    reply = json.loads(answer.readline())
        except (OSError, ValueError):
            return None
        return reply if reply.get("ok") else None


def check_config(program, config):
    """The appliance's own judgement of a configuration file: what it says, or None if all is well."""
    try:
        run_tool([program, "check", config])
    except LabError as error:
        return str(error)
    return None
