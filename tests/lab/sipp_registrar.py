"""SIPp as a registrar with odd answers: a scenario of sipp/, and what it received, with the times."""

import datetime
import re
from pathlib import Path

from sip_client import Message

from lab.errors import LabError
from lab.lab import LAB_INTERFACE
from lab.processes import Server
from lab.waiting import wait_until

SCENARIOS = Path(__file__).resolve().parent / "sipp"
DEFAULT_KEYS = {"extra": "Server: sipp", "parameters": ";expires=3600"}
# Each message of SIPp's message log: a rule with the time, a line with the direction, the message.
ENTRY = re.compile(rb"^-{40,} (\d{4}-\d\d-\d\d)[ \t]+(\d\d:\d\d:\d\d\.\d+)[^\n]*\n", re.MULTILINE)


class Received(Message):
    """A message that came, and the time at which it did, in seconds."""

    def __init__(self, data, at):
        super().__init__(data)
        self.at = at


class SippRegistrar:
    """`status` (code and phrase) and `keys` fill the scenario's words in square brackets; see its file."""

    def __init__(self, namespace, address, scenario, folder, *, tcp=False,
                 status="200 OK", **keys):
        if address not in namespace.run("ip", "-o", "address"):
            namespace.run("ip", "address", "add", f"{address}/32", "dev", LAB_INTERFACE)
        name = address.replace(".", "-")
        self._messages = folder / f"{scenario}-{name}-messages.log"
        # SIPp takes no keyword for a status.
        text = (SCENARIOS / f"{scenario}.xml").read_text(encoding="utf-8")
        written = folder / f"{scenario}-{name}.xml"
        written.write_text(text.replace("[status]", status), encoding="utf-8")
        command = ["sipp", "-sf", written, "-i", address, "-p", "5060",
                   "-t", "t1" if tcp else "u1", "-nostdin", "-deadcall_wait", "0", "-trace_msg",
                   "-message_file", self._messages, "-message_overwrite", "false"]
        for key, value in {**DEFAULT_KEYS, **keys}.items():
            command += ["-key", key, value]
        self.server = Server("sipp", namespace.command(*command), folder / f"{scenario}-{name}.log")
        self._namespace, self._address, self._tcp = namespace, address, tcp
        wait_until(self._listens, 10, lambda: f"SIPp does not come up:\n{self.server.last_lines()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.server.end()

    def received(self, method="REGISTER"):
        """The requests of that method so far, retransmissions left out."""
        data = self._messages.read_bytes() if self._messages.exists() else b""
        found, branches = [], set()
        parts = ENTRY.split(data)
        for day, time, entry in zip(parts[1::3], parts[2::3], parts[3::3]):
            head, _, text = entry.partition(b"\n\n")
            if b"message received" not in head or not text.startswith(method.encode() + b" "):
                continue
            at = datetime.datetime.fromisoformat(f"{day.decode()} {time.decode()}").timestamp()
            message = Received(text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), at)
            if message.header("via") not in branches:
                branches.add(message.header("via"))
                found.append(message)
        return found

    def wait_received(self, count, timeout=15):
        """The REGISTERs, once there are so many."""
        return wait_until(lambda: len(self.received()) >= count and self.received(), timeout,
                          lambda: f"{count} REGISTERs, of which {len(self.received())} came")

    def _listens(self):
        if self.server.exit_code is not None:
            raise LabError(f"SIPp ended:\n{self.server.last_lines()}")
        kind = "-ltnH" if self._tcp else "-lunH"
        return f"{self._address}:5060" in self._namespace.run("ss", kind)
