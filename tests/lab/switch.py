"""What stands between the lab and the ports of the appliance where there are several, or VLANs.

    lab0 [NAME-lab] ---- up0 [NAME-switch] port1 ---- sbc0 [NAME-port]
                                           port2 ---- sbc1
"""

import select
import threading

import packet_socket

from lab.lab import PORT_INTERFACE
from lab.namespaces import Namespace, add_wire

UPLINK = "up0"
PORTS = {"port1": PORT_INTERFACE, "port2": "sbc1"}


class Switch:
    """Takes the lab's wire for its uplink. Made when the lab is up and its appliance is not."""

    def __init__(self, lab, *, bridge=True):
        self._port = lab.instance.port
        self.namespace = Namespace(f"{lab.instance.name}-switch")
        self.namespace.add()
        self.namespace.run("sh", "-c",
                           "for way in all default; do echo 1 > "
                           "/proc/sys/net/ipv6/conf/$way/disable_ipv6; done")
        self._port.run("ip", "link", "set", PORT_INTERFACE, "netns", self.namespace.name, "name", UPLINK)
        self._up(UPLINK)
        for port, far in PORTS.items():
            add_wire(self.namespace, port, self._port, far, [])
        if bridge:
            self._bridge()

    def _up(self, interface):
        self.namespace.run("ip", "link", "set", interface, "up")

    def _bridge(self):
        self.namespace.run("ip", "link", "add", "switch", "type", "bridge", "stp_state", "0",
                           "forward_delay", "0")
        for interface in (UPLINK, *PORTS):
            self.namespace.run("ip", "link", "set", interface, "master", "switch")
        self._up("switch")

    def cut(self, port):
        """The appliance sees its link go."""
        self.namespace.run("ip", "link", "set", port, "down")

    def plug_in(self, port):
        self._up(port)

    def delete(self):
        self.namespace.delete()


class VlanSwitch:
    """Joins interfaces of the switch's namespace as an 802.1Q switch does: what comes by `trunk` with
    the tag of a VLAN leaves untagged by that VLAN's interface of `access`, and the other way round.
    VLAN None is that of untagged frames."""

    def __init__(self, namespace, trunk, access):
        self._trunk = packet_socket.open_socket(namespace, trunk)
        self._access = {vlan: packet_socket.open_socket(namespace, interface)
                        for vlan, interface in access.items()}
        self._stopping = threading.Event()
        self.vlans_seen = set()  # of frames that came by the trunk
        self._thread = threading.Thread(target=self._forward)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join()
        for one in (self._trunk, *self._access.values()):
            one.close()

    def send(self, frame):
        """Out by the trunk, as it is."""
        self._trunk.send(frame)

    def _forward(self):
        vlans = {one: vlan for vlan, one in self._access.items()}
        while not self._stopping.is_set():
            for ready in select.select([self._trunk, *vlans], [], [], 0.1)[0]:
                frame, leaves = packet_socket.receive(ready)
                if leaves:
                    continue
                if ready is self._trunk:
                    self._from_trunk(frame)
                else:
                    vlan = vlans[ready]
                    self.send(frame if vlan is None else packet_socket.with_tag(frame, vlan))

    def _from_trunk(self, frame):
        vlan, plain = packet_socket.take_tag(frame)
        self.vlans_seen.add(vlan)
        if vlan in self._access:
            self._access[vlan].send(plain)
