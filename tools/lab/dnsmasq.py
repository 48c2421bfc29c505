"""dnsmasq as the lab's name server: the registrar's name and what a test adds, no upstream; DHCP where one asks
for it."""

import signal
from dataclasses import dataclass

from .errors import LabError
from .processes import Server
from .waiting import wait_until


@dataclass
class Dnsmasq:
    """`names`: host name -> list of its addresses. `records`: further ones as dnsmasq's options, such
    as --srv-host=_sip._udp.lab.example,host.lab.example,5060,1,10 or --naptr-record=..."""

    namespace: object
    names: dict
    log: object
    records: tuple = ()
    server: Server = None

    def start(self):
        records = [f"--host-record={name},{','.join(addresses)}"
                   for name, addresses in self.names.items()]
        command = ["dnsmasq", "--conf-file=/dev/null", "--keep-in-foreground", "--user=root",
                   "--pid-file=", "--log-facility=-", "--log-queries", "--no-resolv", "--no-hosts",
                   "--no-poll", "--local=//", "--interface=lab0", "--bind-interfaces", "--no-ping",
                   "--local-ttl=60", *records, *self.records]
        self.server = Server("dnsmasq", self.namespace.command(*command), self.log)
        wait_until(self._up, 10, self._why_not_up)

    def stop(self):
        if self.server is not None:
            self.server.end()

    def freeze(self):
        """It stays, and answers nothing."""
        self.server.signal_group(signal.SIGSTOP)

    def thaw(self):
        self.server.signal_group(signal.SIGCONT)

    def _up(self):
        if self.server.exit_code is not None:
            raise LabError(self._why_not_up())
        return "started, version" in self.server.output()

    def _why_not_up(self):
        return f"dnsmasq does not come up; its log ends with\n{self.server.last_lines()}"
