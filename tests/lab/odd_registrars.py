"""Many accounts in one lab, each with registrars of its own that SIPp plays: what is odd about one
shows in its row alone."""

from dataclasses import dataclass, field

from expected import general, proxy_and_registration
from sipp_registrar import SippRegistrar

DOMAIN = "odd.example"


@dataclass(frozen=True)
class Registrar:
    """One SIPp: a scenario of sipp/ and what fills it. Without a scenario there is no SIPp: the test
    sees to what is at the address."""

    address: str
    scenario: str = "answer"
    status: str = "200 OK"
    keys: dict = field(default_factory=dict)
    transport: str = "udp"


@dataclass(frozen=True)
class Entity:
    """An account; `servers` are its proxy set's, the first is asked first, `strangers` nobody's."""

    servers: tuple
    strangers: tuple = ()
    account: dict = field(default_factory=dict)

    @property
    def registrars(self):
        return self.servers + self.strangers


def accounts_for(entities, **page):
    """A change of the configuration: an account, IP group and proxy set for each name."""
    def change(document):
        core = document["signaling_and_media"]
        core.pop("gateway", None)
        core["proxy_sets"], core["ip_groups"], core["accounts"] = [], [], []
        for name, entity in entities.items():
            addresses = [{"address": registrar.address, "transport": registrar.transport,
                          "priority": at}
                         for at, registrar in enumerate(entity.servers)]
            core["proxy_sets"].append({"name": name, "sip_interface": "SIPInterface_0",
                                       "proxy_addresses": addresses})
            core["ip_groups"].append({"name": name, "type": "server", "proxy_set": name,
                                      "sip_group_name": DOMAIN})
            core["accounts"].append({"name": name, "serving_ip_group": name, "user_name": "odd",
                                     "password": "a secret of the lab", "host_name": DOMAIN,
                                     "contact_user": f"user-{name}", "register": "regular",
                                     **entity.account})
        proxy_and_registration(document).update(
            {"enable_registration": False, "use_default_proxy": False, "registration_time": 120,
             "registration_retry_time": 10, "refresh_jitter": 0, **page})
        general(document).update(t1=100, t2=400)  # 6.4 s to the end of a transaction
    return change


class OddLab:
    """A lab with such registrars. Use it as a context."""

    def __init__(self, lab, folder):
        self.lab = lab
        self._folder = folder
        self._registrars = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Killed: un-registering is another test's matter, and would wait for the silent ones.
        if self.lab.appliance.server is not None:
            self.lab.appliance.server.end(0)
        for registrar in self._registrars.values():
            registrar.stop()

    def start_registrars(self, entities):
        for entity in entities.values():
            for made in entity.registrars:
                if made.scenario and made.address not in self._registrars:
                    self._registrars[made.address] = SippRegistrar(
                        self.lab.instance.lab, made.address, made.scenario, self._folder,
                        tcp=made.transport == "tcp", status=made.status, **made.keys)

    def row(self, name):
        """Its row of `show registration`; None while there is none."""
        rows = self.lab.appliance.registrations() or []
        return next((row for row in rows if row["name"] == name), None)

    def received(self, registrar, name):
        """The REGISTERs of that account that came to a Registrar."""
        return [message for message in self._registrars[registrar.address].received()
                if f"<sip:user-{name}@" in message.header("to")]
