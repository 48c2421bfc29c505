"""Debian's snmpd as the appliance's master agent, and snmptrapd that hears its traps."""

import os
import re

from lab.processes import Server, run_tool
from lab.waiting import wait_until

ADDRESS, TRAPS = "127.0.0.1:1161", "127.0.0.1:1162"
TRAP_FIELDS = "1.3.6.1.4.1.5003.9.10.1.21.1"
TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"  # of SNMPv2-MIB, which says what trap it is


class SnmpAgent:
    """A context, in the namespace of the lab's management. `socket` is where subagents come to."""

    def __init__(self, lab):
        self.namespace = lab.instance.port
        self.folder = lab.instance.folder / "snmp"
        self.folder.mkdir(exist_ok=True)
        self.socket = self.folder / "agentx.sock"
        self.environment = {**os.environ, "SNMP_PERSISTENT_DIR": str(self.folder), "MIBS": ""}
        self.master = self.traps = None

    def __enter__(self):
        self.traps = self._server(
            "snmptrapd", "disableAuthorization yes\n", "-On", f"udp:{TRAPS}")
        wait_until(lambda: "NET-SNMP version" in self.traps.output(), 20, self.traps.last_lines)
        return self

    def __exit__(self, *_):
        for server in (self.master, self.traps):
            if server is not None:
                server.end()

    def serve(self, lab):
        """Gives a lab's configuration, which has "/nowhere/agentx" so far, the master's socket."""
        text = lab.config.read_text(encoding="utf-8")
        lab.config.write_text(text.replace("/nowhere/agentx", str(self.socket)), encoding="utf-8")

    @staticmethod
    def trap_field(number):
        """The object identifier of a varbind of the family's traps."""
        return f"{TRAP_FIELDS}.{number}.0"

    def start_master(self):
        self.master = self._server(
            "snmpd", f"master agentx\nagentXSocket {self.socket}\nrocommunity public 127.0.0.1\n"
            f"trap2sink {TRAPS} public\n", f"udp:{ADDRESS}")
        wait_until(lambda: "NET-SNMP version" in self.master.output(), 20, self.master.last_lines)

    def walk(self, oid):
        """What is there below it: its object identifier -> its value as snmpbulkwalk writes it."""
        text = run_tool(self.namespace.command(
            "env", "MIBS=", f"SNMP_PERSISTENT_DIR={self.folder}", "snmpbulkwalk", "-v2c", "-c",
            "public", "-On", "-t", "5", ADDRESS, oid)).rstrip()
        found = re.findall(r"^\.([\d.]+) = (.*(?:\n(?!\.).*)*)$", text, re.MULTILINE)
        return {name: value for name, value in found if "No Such" not in value}

    def heard(self):
        """The traps that came: object identifier -> value, each."""
        lines = [line for line in self.traps.output().splitlines() if f".{TRAP_OID} = " in line]
        return [dict(re.findall(r"\.([\d.]+) = (.*?)(?=\t|$)", line)) for line in lines]

    def wait_for_trap(self, number):
        """The last one with that number."""
        wanted = f"OID: .1.3.6.1.4.1.5003.9.10.1.21.2.0.{number}"

        def found():
            traps = [trap for trap in self.heard()
                     if trap.get(TRAP_OID) == wanted]
            return traps and traps[-1]

        return wait_until(found, 30, lambda: f"trap {number}; there are {self.heard()}")

    def _server(self, name, configuration, *words):
        file = self.folder / f"{name}.conf"
        file.write_text(configuration)
        command = self.namespace.command(name, "-f", "-Lo", "-C", "-c", file, "-p",
                                         self.folder / f"{name}.pid", *words)
        return Server(name, command, self.folder / f"{name}.log", env=self.environment)
