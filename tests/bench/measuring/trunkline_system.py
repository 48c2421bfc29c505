"""Trunkline as the system under test: one core, its real configuration file, a port that is told."""

import json
import signal
import socket
from contextlib import contextmanager

from lab.appliance import Appliance
from lab.errors import LabError
from lab.waiting import wait_until

from .bench import BUILD, PORT_INTERFACE, on_cpu

PROGRAM = BUILD / "trunkline"
ADDRESS = "192.0.2.10"
PEER = "192.0.2.1"
PEER_MAC = "02:00:00:00:00:01"
# Of a memif; it depends on the port's name, GE_1.
MEMIF_MAC = "02:7d:52:f3:bb:19"
DOMAIN = "lab.example"
PASSWORD = "of-the-bench"
VETH = {"vdev": "af_packet", "interface": PORT_INTERFACE}


def memif(socket, role):
    return {"vdev": "memif", "socket": str(socket), "role": role}


def document(bench, device, **core):
    """A configuration for one wire. With a memif there is no kernel to answer for the peer."""
    kernel = device["vdev"] == "af_packet"
    network = {"network_namespace": bench.instance.appliance.name} if kernel else {
        "kernel_twin": "none",
        "static_neighbours": [{"device": "vlan 1", "address": PEER, "mac": PEER_MAC}]}
    return {
        "appliance": {"model": "mediant-ve", "hostname": "bench", "shards": 1},
        "ip_network": {
            **network,
            "physical_ports": [{"name": "GE_1", "device": device}],
            "ethernet_groups": [{"name": "GROUP_1", "members": ["GE_1"], "mode": "single"}],
            "ethernet_devices": [{"name": "vlan 1", "underlying": "GROUP_1", "vlan_id": 1,
                                  "tagging": "untagged"}],
            "ip_interfaces": [{"name": "Voice", "application_types": ["media", "control"],
                               "address": f"{ADDRESS}/24", "device": "vlan 1"}]},
        "signaling_and_media": {
            "sip_interfaces": [{"name": "SIPInterface_0", "network_interface": "Voice",
                                "udp_port": 5060}], **core},
        "administration": {"local_socket": str(bench.instance.socket), "log_level": "error",
                           "registration_journal": ""},
    }


def asked(bench, request):
    """The answer to an operator's request, who has to be patient with many rows."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(300)
        connection.connect(str(bench.instance.socket))
        connection.sendall(json.dumps(request).encode() + b"\n")
        with connection.makefile("rb") as answer:
            reply = json.loads(answer.readline())
    if not reply.get("ok"):
        raise LabError(f"{request}: {reply}")
    return reply


def register_all(bench):
    """Without the program of the command line, which takes longer to start than some rounds take."""
    asked(bench, {"command": "register", "target": "all"})


def write_config(bench, content):
    """The file that `trunkline run` gets: JSON, which is YAML too and soon written."""
    config = bench.folder / "bench.yaml"
    config.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
    config.chmod(0o600)
    return config


@contextmanager
def trunkline(bench, content, after=None, cpus=None):
    """The appliance on its core, ready; gives its server. It is started when the file `after` is
    there: the socket of a memif whose server is the generator. `cpus`: a list for taskset(1)
    instead of the system's core."""
    if after is not None:
        wait_until(after.exists, 30, f"{after} from the generator")
    config = write_config(bench, content)
    namespace = bench.instance.port
    command = namespace.command(*on_cpu(cpus or bench.system_cpu, [PROGRAM, "run", config]))
    with bench.serving("trunkline", command) as server:
        appliance = Appliance(PROGRAM, config, bench.instance.socket, namespace, server.log, server)

        def ready():
            appliance.check_alive()
            return appliance.ask("show counters")

        wait_until(ready, 60, "the appliance answers")
        yield server
        if server.exit_code is not None:
            raise LabError(f"the appliance ended while it was measured:\n{server.last_lines()}")
        # Without un-registering thousands of accounts, which nobody measures.
        server.signal(signal.SIGKILL)
