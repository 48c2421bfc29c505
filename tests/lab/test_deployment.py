"""Ini files with the shape of whole deployments, one of each dialect, boot as they stand and register.

The files are those that the unit tests read. Only what ties them to a place is replaced: addresses,
interfaces, and where one instance of many keeps its things.
"""

import os

import pytest

from lab import configuration
from lab.instance import Instance
from lab.kamailio import RegistrarSettings
from lab.lab import NAME_SERVER, REGISTRAR, ROOT, Lab
from lab.namespaces import add_wire

SAMPLES = ROOT / "tests" / "unit" / "mgmt" / "samples"
LAN_ROUTER = "203.0.113.1"
# What an administrator gives who runs a device's file on a machine of his own.
PORTS = ("--port", "GE_1=sbc1", "--port", "GE_2=sbc0")
# The WAN of the files is the wire with the registrar, their LAN a second wire.
PLACES = {
    "198.51.100.10,": "192.0.2.10,",
    "198.51.100.1,": f"{REGISTRAR},",
    "198.51.100.53": NAME_SERVER,
    "198.51.100.54": REGISTRAR,
    "198.51.100.20": REGISTRAR,
    "192.0.2.0, 24": "198.51.100.0, 24",
    '"vlan 1", 192.0.2.0': '"vlan 1", 198.51.100.0',
    "{file: secrets/": f"{{file: {ROOT}/conf/secrets/",
}
NAMES = {f"{host}.itsp.example": [REGISTRAR] for host in ("sip1", "sip2", "sip")}
RECORDS = ["--srv-host=_sip._tcp.sip.itsp.example,sip1.itsp.example,5060,1,10"]


def placed(name):
    text = (SAMPLES / name).read_bytes().decode()
    for there, here in PLACES.items():
        text = text.replace(there, here)
    return text


class Deployment:
    """A lab with two wires around one of the files."""

    def __init__(self, folder, name):
        given = folder / name
        given.write_bytes(placed(name).encode())
        self.lab = Lab(Instance(f"tl{os.getpid()}-{given.stem}", logs=folder / "logs"), config=given,
                       names=NAMES, records=RECORDS, registrar_settings=RegistrarSettings(tcp=True))

    def __enter__(self):
        self.lab.up()
        instance = self.lab.instance
        add_wire(instance.lab, "lan0", instance.port, "sbc1", [f"{LAN_ROUTER}/24"])
        # The lab runs a copy that it wrote; here the file boots as it stands.
        own = configuration.for_instance({}, instance.folder, instance.appliance.name,
                                         instance.socket)
        place = own["administration"]
        self.lab.config.write_bytes(self.lab.given_config.read_bytes() + "\r\n".join([
            "", "[SYSTEM Params]",
            f"IpNetworkNetworkNamespace = '{own['ip_network']['network_namespace']}'",
            f"AdministrationLocalSocket = '{place['local_socket']}'",
            f"AdministrationRegistrationJournal = '{place['registration_journal']}'",
            f"AdministrationSealingKey = '{place['sealing_key']}'", ""]).encode())
        self.lab.appliance.options = PORTS
        self.lab.start_appliance()
        return self.lab

    def __exit__(self, *_):
        self.lab.close()


@pytest.mark.parametrize("name, registered", [
    ("version_7_0.ini", {"gateway@gw.example", "3001@itsp.example"}),
    ("version_7_4.ini", {"3001@itsp.example", "3002@itsp.example"}),
])
def test_a_deployments_ini_file_boots_and_registers(tmp_path, name, registered):
    with Deployment(tmp_path, name) as lab:
        lab.wait_registered()
        assert set(lab.kamailio.bindings()) == registered
