"""What stands around the machine: a namespace with the far ends of its NICs, the lab's registrar and
name server, the configuration on a labelled volume, and how one signs in.

    192.0.2.1    lab0, a bridge -- lan0 ---- NIC 0: GE_1 \\ group 1RX/1TX,
                                -- lan1 ---- NIC 2: GE_3 /  interface Voice 192.0.2.10
    198.51.100.1 oamp0 --------------------- NIC 1: GE_2, interface Management 198.51.100.10
"""

import json
import socket
import ssl
import subprocess
from pathlib import Path

import paramiko
import yaml

from lab import configuration
from lab.dnsmasq import Dnsmasq
from lab.instance import Instance
from lab.kamailio import Kamailio
from lab.lab import CONFIG, REGISTRAR, REGISTRAR_NAME
from lab.processes import run_tool

from .machine import nic_address

VOICE, MANAGEMENT = "192.0.2.10", "198.51.100.10"
TAPS = ["lan0", "oamp0", "lan1"]
ADDRESSES = {"lab0": REGISTRAR, "oamp0": "198.51.100.1"}
LEASES = "192.0.2.100,192.0.2.199,1h"
USER = "Admin"
ROWS = 7  # that conf/lab.yaml registers
PATIENCE = 120  # s, of one who signs in
SSH_LOST = 255  # exit code of ssh(1)


class Surroundings:
    """Use as a context."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.instance = Instance("trunkline-image", logs=self.folder)
        self.document = configuration.load(CONFIG)
        self.password = configuration.secret(
            self.document["administration"]["web_and_cli"]["local_users"][0]["password"],
            CONFIG.parent)
        self.key = self.folder / "key"
        self.kamailio = self.dnsmasq = None

    def __enter__(self):
        self.instance.lock()
        self.instance.end_recorded(10)
        self.instance.delete_namespaces()
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in (self.kamailio, self.dnsmasq):
            if server is not None:
                server.stop()
        self.instance.remove()

    @property
    def namespace(self):
        return self.instance.lab

    def _start(self):
        self.instance.add_namespaces()

        def ip(*words):
            self.namespace.run("ip", *words)

        ip("link", "add", "lab0", "type", "bridge", "stp_state", "0")
        for tap in TAPS:
            ip("tuntap", "add", tap, "mode", "tap")
            ip("link", "set", tap, "up")
        for tap in ("lan0", "lan1"):
            ip("link", "set", tap, "master", "lab0")
        for interface, address in ADDRESSES.items():
            ip("address", "add", f"{address}/24", "dev", interface)
            ip("link", "set", interface, "up")
        self.dnsmasq = Dnsmasq(self.namespace, {REGISTRAR_NAME: [REGISTRAR]},
                               self.folder / "dnsmasq.log",
                               (f"--dhcp-range={LEASES}", f"--dhcp-leasefile={self.folder}/leases"))
        self.dnsmasq.start()
        users = configuration.digest_users(self.document, CONFIG.parent)
        self.kamailio = Kamailio(self.namespace, [REGISTRAR], users, self.instance.folder,
                                 self.folder / "kamailio.log")
        self.kamailio.start()
        self.instance.record([self.dnsmasq.server.id, self.kamailio.server.id])
        run_tool(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key])

    def appliance_document(self):
        """conf/lab.yaml's appliance, with its ports on PCI and a way in for management."""
        document = configuration.copy.deepcopy(self.document)
        network = document["ip_network"]
        del network["network_namespace"]
        network["physical_ports"] = [{"name": f"GE_{number + 1}",
                                      "device": {"pci": nic_address(number)}}
                                     for number in range(len(TAPS))]
        network["ethernet_groups"][0].update(members=["GE_1", "GE_3"], mode="1rx_1tx")
        network["ethernet_groups"].append({"name": "GROUP_2", "members": ["GE_2"], "mode": "single"})
        network["ethernet_devices"].append({"name": "vlan 2", "underlying": "GROUP_2", "vlan_id": 2,
                                            "tagging": "untagged"})
        network["ip_interfaces"].append({"name": "Management", "application_types": ["oamp"],
                                         "address": f"{MANAGEMENT}/24", "device": "vlan 2"})
        # Long: what is sent after a restart is then sent because of the restart.
        registration = document["signaling_and_media"]["sip_definitions"]["proxy_and_registration"]
        registration["registration_time"] = 3600
        document["administration"]["web_and_cli"]["listen"] = "0.0.0.0:443"
        document["administration"]["registration_journal"] = "/var/lib/trunkline/registrations.journal"
        return document

    def volume(self):
        """A disk labelled TRUNKLINE with the configuration, the secrets that it names and the key of
        an engineer."""
        path = self.folder / "volume.fat"
        config = self.folder / "config.yaml"
        config.write_text(yaml.safe_dump(self.appliance_document(), sort_keys=False), encoding="utf-8")
        with open(path, "wb") as file:
            file.truncate(4 << 20)
        run_tool(["mkfs.vfat", "-n", "TRUNKLINE", path])
        run_tool(["mcopy", "-s", "-i", path, config, CONFIG.parent / "secrets", "::/"])
        run_tool(["mcopy", "-i", path, self.key.with_suffix(".pub"), "::/authorized_keys"])
        return path

    def whole_configuration(self):
        """As YAML, with its secrets in their places."""
        document = self.appliance_document()
        for mapping in configuration.mappings(document):
            if "password" in mapping:
                mapping["password"] = configuration.secret(mapping["password"], CONFIG.parent)
        return yaml.safe_dump(document, sort_keys=False)

    def root(self, *words, given=None):
        """A command on the appliance as root, with the key of the volume; what it said."""
        done = self._ssh(*words, given=given)
        assert done.returncode == 0, f"{words}: {done.returncode}: {done.stderr.decode()}"
        return done.stdout.decode()

    def root_later(self, command):
        """What ends the connection, once this one is gone."""
        self.root(f"(sleep 2; {command}) </dev/null >/dev/null 2>&1 &")

    def root_if_it_answers(self, command):
        """As root(); nothing while there is nobody who could."""
        done = self._ssh(command)
        return done.stdout.decode() if done.returncode == 0 else ""

    def restart(self):
        """Asks the appliance to; the connection may go before the answer has come."""
        done = self._ssh("systemctl --no-block reboot")
        assert done.returncode in (0, SSH_LOST), done.stderr.decode()

    def _ssh(self, *words, given=None):
        command = self.namespace.command(
            "ssh", "-F", "/dev/null", "-i", self.key, "-o", "StrictHostKeyChecking=no", "-o",
            "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "-o",
            "ConnectTimeout=60", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4",
            f"root@{MANAGEMENT}", *words)
        return subprocess.run([str(word) for word in command], input=given, capture_output=True,
                              timeout=300, check=False)

    def rows(self):
        """The registrations as the appliance tells them; nothing while it does not."""
        return json.loads(self.root_if_it_answers("trunkline show registration --json") or "[]")

    def cli(self, command, address=MANAGEMENT, password=None):
        """What the command line says to a user who signs in with his password, that of the
        configuration unless told."""
        connection = self.namespace.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE)
        connection.connect((address, 22))
        client = paramiko.Transport(connection)
        try:
            client.banner_timeout = client.auth_timeout = PATIENCE
            client.connect(username=USER, password=password or self.password)
            session = client.open_session()
            session.settimeout(PATIENCE)
            session.set_combine_stderr(True)
            session.exec_command(command)
            with session.makefile("rb") as output:
                return output.read().decode()
        finally:
            client.close()

    def https_answers(self, address=MANAGEMENT):
        """The management port greets with TLS; an exception if it does not."""
        connection = self.namespace.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE)
        connection.connect((address, 443))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # its own certificate
        with context.wrap_socket(connection):
            pass

    def is_closed(self, address, port):
        """Nothing comes back: neither a connection nor a word that there is none."""
        with self.namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
            client.settimeout(5)
            try:
                client.connect((address, port))
            except TimeoutError:
                return True
            return False

    def options_answer(self):
        """The first line of the answer to an OPTIONS; nothing if none came."""
        with self.namespace.socket() as client:
            client.bind((REGISTRAR, 0))
            client.settimeout(PATIENCE)
            port = client.getsockname()[1]
            text = (f"OPTIONS sip:ping@{VOICE} SIP/2.0\r\n"
                    f"Via: SIP/2.0/UDP {REGISTRAR}:{port};rport;branch=z9hG4bK-image\r\n"
                    f"Max-Forwards: 70\r\nFrom: <sip:image@{REGISTRAR}>;tag=image\r\n"
                    f"To: <sip:ping@{VOICE}>\r\nCall-ID: image-{port}\r\nCSeq: 1 OPTIONS\r\n"
                    "Content-Length: 0\r\n\r\n")
            client.sendto(text.encode(), (VOICE, 5060))
            try:
                return client.recv(4096).decode().split("\r\n")[0]
            except TimeoutError:
                return ""

    def registers_seen(self):
        """REGISTERs that the registrar answered so far; one that came again counts once."""
        return len(self.registers())

    def registers(self):
        """What the registrar says of each of them, in their order."""
        lines = self.kamailio.server.output().splitlines()
        return list(dict.fromkeys(line[line.index("REGISTER "):] for line in lines if "REGISTER " in line))
