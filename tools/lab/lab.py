"""The whole lab, up and down: namespaces, wire, name server, registrar, appliance.

    192.0.2.1 lab0 [NAME-lab: kamailio, dnsmasq] ---- sbc0 [NAME-port: trunkline]
                                                     kernel twins in [NAME-appliance]
"""

import shutil
from pathlib import Path

from . import configuration
from .appliance import STOP_GRACE, Appliance, check_config
from .dnsmasq import Dnsmasq
from .errors import LabError
from .instance import Instance, InUse
from .kamailio import Kamailio, RegistrarSettings
from .namespaces import add_wire
from .waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build" / "trunkline"
CONFIG = ROOT / "conf" / "lab.yaml"

LAB_INTERFACE = "lab0"
PORT_INTERFACE = "sbc0"
REGISTRAR_NAME = "registrar.lab.example"
REGISTRAR = "192.0.2.1"
REGISTRAR_6 = "2001:db8:2::1"
# The appliance may ask either address for names.
NAME_SERVER = "192.0.2.53"


class Lab:
    """One instance. Use it as a context, or call close() always: it undoes what up() did."""

    def __init__(self, instance=None, *, config=CONFIG, program=PROGRAM, registrar_settings=None,
                 names=None, records=()):
        """`names` (host name -> addresses) and `records` (see Dnsmasq): what the name server knows
        beside the registrar."""
        self.instance = instance or Instance()
        self.given_config = Path(config).absolute()
        self.program = Path(program)
        self.registrar_settings = registrar_settings or RegistrarSettings()
        self.names = names or {}
        self.records = records
        self.config = None
        self.management_port = ""
        self.kamailio = None
        self.more_registrars = []
        self.dnsmasq = None
        self.appliance = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def up(self):
        """Everything but the appliance's process. Ends first what an earlier run left behind."""
        if not self.given_config.is_file():
            raise LabError(f"{self.given_config}: no such file")
        if self.program.exists():
            complaint = check_config(self.program, self.given_config)
            if complaint:
                raise LabError(complaint)
        document = configuration.load(self.given_config, self.program)
        self.instance.lock()
        self._clear_old()
        self._prepare_folders()
        self._start_network()
        self._start_servers(document)
        self._prepare_appliance(document)

    def start_appliance(self):
        self.appliance.start()
        self._record()

    def add_registrar(self, address, settings=None):
        """A second Kamailio with the users of the first, at an address of its own on the wire."""
        number = len(self.more_registrars) + 2
        self.instance.lab.run("ip", "address", "add", f"{address}/24", "dev", LAB_INTERFACE)
        folder = self.instance.folder / f"registrar{number}"
        folder.mkdir()
        registrar = Kamailio(self.instance.lab, [address], self.kamailio.users, folder,
                             self.instance.logs / f"kamailio{number}.log",
                             settings or self.registrar_settings)
        self.more_registrars.append(registrar)
        registrar.start()
        self._record()
        return registrar

    def wait_registered(self, timeout=30):
        """Rows, once every one is registered; LabError with those that are not."""
        rows = []

        def all_registered():
            self.appliance.check_alive()
            rows[:] = self.appliance.registrations() or []
            return rows and all(row["registered"] for row in rows)

        def which():
            missing = [f"{row['name']} is {row['state']} ({row['reason']})" for row in rows
                       if not row["registered"]]
            return "all registered; " + ("; ".join(missing) or "the appliance does not answer")

        wait_until(all_registered, timeout, which)
        return rows

    def wait_state(self, name, state, timeout=20):
        """The row of that name, once it is in that state."""
        rows = []

        def found():
            self.appliance.check_alive()
            rows[:] = [row for row in self.appliance.registrations() or [] if row["name"] == name]
            return rows and rows[0]["state"] == state and rows[0]

        return wait_until(found, timeout, lambda: f"{name} {state}, but it is {rows}")

    def close(self):
        """Ends the appliance (which un-registers), then all else, and removes everything. A failure
        in one step does not keep the others from being done; the first is raised at the end."""
        if not self.instance.locked:
            return
        failure = None
        steps = [part.stop for part in (self.appliance, self.kamailio, *self.more_registrars,
                                           self.dnsmasq) if part]
        for step in [*steps, self.instance.remove]:
            try:
                step()
            except (LabError, OSError) as error:
                failure = failure or error
        if failure:
            raise LabError(str(failure))

    def leave_running(self):
        """For --detach: the record is all that knows of it from now on."""
        self._record(detached=True)
        self.instance.release()

    def facts(self):
        """Where things are, for people and scripts."""
        return {
            "name": self.instance.name,
            "config": str(self.config),
            "local_socket": str(self.appliance.socket),
            "management_port": self.management_port,
            "namespaces": {"lab": self.instance.lab.name, "port": self.instance.port.name,
                           "appliance": self.instance.appliance.name},
            "registrar": f"{REGISTRAR}:5060",
            "registrar_control": str(self.kamailio.control),
            "logs": str(self.instance.logs),
            "pids": {server.name: server.pid for server in self._servers()},
        }

    def _servers(self):
        return [part.server for part in (self.dnsmasq, self.kamailio, *self.more_registrars,
                                        self.appliance)
                if part is not None and part.server is not None]

    def _record(self, detached=False):
        self.instance.record([server.id for server in self._servers()], detached=detached)

    def _clear_old(self):
        if self.instance.runs_detached():
            self.instance.release()
            raise InUse(f"the lab '{self.instance.name}' runs already, detached; "
                        "tools/run --stop ends it")
        if self.instance.leftovers():
            self.instance.end_recorded(STOP_GRACE)
            self.instance.delete_namespaces()

    def _prepare_folders(self):
        shutil.rmtree(self.instance.logs, ignore_errors=True)
        self.instance.logs.mkdir(parents=True)

    def _start_network(self):
        self.instance.add_namespaces()
        add_wire(self.instance.lab, LAB_INTERFACE, self.instance.port, PORT_INTERFACE,
                 [f"{REGISTRAR}/24", f"{NAME_SERVER}/24", f"{REGISTRAR_6}/64"])

    def _start_servers(self, document):
        logs = self.instance.logs
        names = {REGISTRAR_NAME: [REGISTRAR, REGISTRAR_6], **self.names}
        self.dnsmasq = Dnsmasq(self.instance.lab, names, logs / "dnsmasq.log", self.records)
        self.dnsmasq.start()
        self._record()
        users = configuration.digest_users(document, self.given_config.parent)
        self.kamailio = Kamailio(self.instance.lab, [REGISTRAR, f"[{REGISTRAR_6}]"], users,
                                 self.instance.folder, logs / "kamailio.log",
                                 self.registrar_settings)
        self.kamailio.start()
        self._record()

    def _prepare_appliance(self, document):
        """It runs a copy, so that what an operator saves in a lab leaves the given file alone."""
        made = configuration.for_instance(document, self.given_config.parent,
                                          self.instance.appliance.name, self.instance.socket,
                                          self.instance.folder)
        self.management_port = configuration.management_port(made)
        self.config = self.instance.folder / self.given_config.name
        configuration.write(made, self.config, self.program)
        self.appliance = Appliance(self.program, self.config, self.instance.socket,
                                   self.instance.port, self.instance.logs / "trunkline.log")
