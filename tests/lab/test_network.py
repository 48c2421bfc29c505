"""The wire belongs to DPDK, the rest of the network to the kernel twin."""

import socket
import threading

from expected import AORS, APPLIANCE, APPLIANCE_6, REGISTRAR, proxy_and_registration
from sip_client import SipClient, request

from lab.lab import LAB_INTERFACE, REGISTRAR_6
from lab.waiting import wait_until

SIP_PORT = 5060


def node_objects(counters):
    return {node["name"]: node["objects"] for node in counters["nodes"]}


def kernel_udp_ports(namespace):
    """Ports of the UDP sockets that the kernel has inside."""
    ports = set()
    for table in ("udp", "udp6"):
        for line in namespace.run("cat", f"/proc/self/net/{table}").splitlines()[1:]:
            ports.add(int(line.split()[1].rpartition(":")[2], 16))
    return ports


def test_every_message_went_through_the_graph(registered_lab):
    """Two REGISTERs and two answers a row at least, counted by the nodes on their way."""
    counters = registered_lab.appliance.counters()
    sent = sum(row["attempts"] for row in registered_lab.appliance.registrations())
    assert sent >= 2 * len(AORS)
    nodes = node_objects(counters)
    for part in ("rx", "ip4", "udp", "tx"):
        moved = [count for name, count in nodes.items() if part in name]
        assert moved, f"no node of the graph has '{part}' in its name: {sorted(nodes)}"
        assert max(moved) >= sent, f"{part}: {moved}"
    assert sum(shard["received"] for shard in counters["shards"]) >= sent


def test_the_node_counters_rise_with_the_traffic(registered_lab):
    before = node_objects(registered_lab.appliance.counters())
    with SipClient(registered_lab.instance.lab, REGISTRAR) as client:
        for _ in range(50):
            ask = request("OPTIONS", f"sip:{APPLIANCE}", sender=client.sender)
            assert client.ask(ask, APPLIANCE).status == 200
    after = node_objects(registered_lab.appliance.counters())
    risen = {name: after[name] - before.get(name, 0) for name in after}
    for part in ("rx", "udp", "tx"):
        assert max(rise for name, rise in risen.items() if part in name) >= 50, risen


def test_no_kernel_socket_is_open_on_the_sip_port(registered_lab):
    instance = registered_lab.instance
    assert SIP_PORT in kernel_udp_ports(instance.lab), "this test sees no sockets at all"
    assert SIP_PORT not in kernel_udp_ports(instance.port)
    assert SIP_PORT not in kernel_udp_ports(instance.appliance)


def test_ping_is_answered_once(registered_lab):
    said = registered_lab.instance.lab.run("ping", "-c", "3", "-i", "0.2", "-W", "2", APPLIANCE)
    assert "3 received" in said
    assert "DUP" not in said


def test_a_port_without_a_listener_is_refused_by_the_kernel(registered_lab):
    with SipClient(registered_lab.instance.lab, REGISTRAR) as client:
        client.socket.connect((APPLIANCE, 5070))
        client.socket.send(b"is anybody there?")
        try:
            client.socket.recv(100)
            refused = False
        except ConnectionRefusedError:
            refused = True
    assert refused


def test_tcp_through_the_kernel_twin_carries_more_than_a_segment(registered_lab):
    """Ping passes with half of the offloads wrong; 300 kB of TCP each way do not."""
    instance = registered_lab.instance
    data = bytes(range(256)) * 1200
    with instance.appliance.socket(kind=socket.SOCK_STREAM) as server:
        server.bind((APPLIANCE, 7000))
        server.listen()
        server.settimeout(20)
        echo = threading.Thread(target=echo_once, args=(server,))
        echo.start()
        try:
            with instance.lab.socket(kind=socket.SOCK_STREAM) as client:
                client.settimeout(20)
                client.connect((APPLIANCE, 7000))
                sender = threading.Thread(target=client.sendall, args=(data,))
                sender.start()
                received = bytearray()
                while len(received) < len(data):
                    part = client.recv(65536)
                    assert part, "the connection ended early"
                    received += part
                sender.join()
        finally:
            echo.join()
    assert bytes(received) == data


def echo_once(server):
    connection, _ = server.accept()
    with connection:
        connection.settimeout(20)
        while True:
            part = connection.recv(65536)
            if not part:
                return
            connection.sendall(part)


def test_a_registrar_with_a_new_hardware_address_is_found(make_lab):
    def change(document):
        proxy_and_registration(document)["registration_time"] = 10

    lab = make_lab(change)
    lab.wait_registered()
    namespace = lab.instance.lab
    namespace.set_for_interface("arp_notify", LAB_INTERFACE, 1, family="ipv4")
    namespace.run("ip", "link", "set", LAB_INTERFACE, "address", "02:00:00:00:00:77")
    attempts = {row["aor"]: row["attempts"] for row in lab.appliance.registrations()}

    def refreshed():
        rows = lab.appliance.registrations() or []
        return rows and all(row["attempts"] > attempts[row["aor"]] and row["state"] == "REGISTERED"
                            for row in rows)

    wait_until(refreshed, 90, "a refresh of every row")


def test_a_registrar_over_ipv6_registers_all(make_lab):
    def change(document):
        interface = document["ip_network"]["ip_interfaces"][0]
        interface.update(address=f"{APPLIANCE_6}/64", gateway=REGISTRAR_6, primary_dns=REGISTRAR_6)

    lab = make_lab(change)
    for row in lab.wait_registered():
        assert row["answered_by"] == f"[{REGISTRAR_6}]:5060"
    bindings = lab.kamailio.bindings()
    assert set(bindings) == AORS
    for contacts in bindings.values():
        assert f"@[{APPLIANCE_6}]" in contacts[0]
    with SipClient(lab.instance.lab, REGISTRAR_6) as client:
        ask = request("OPTIONS", f"sip:[{APPLIANCE_6}]", sender=client.sender)
        assert client.ask(ask, APPLIANCE_6).status == 200
    assert "2 received" in lab.instance.lab.run("ping", "-c", "2", "-i", "0.2", "-W", "3",
                                                APPLIANCE_6)
    assert lab.appliance.stop() == 0
    assert lab.kamailio.bindings() == {}


def test_the_kernel_twin_keeps_the_ports_mac(registered_lab):
    """systemd-udevd gives new interfaces a MAC of its own where nobody tells it not to."""
    instance = registered_lab.instance
    own = registered_lab.appliance.counters()["ports"][0]["mac"]
    instance.appliance.run("ip", "link", "set", "voice", "address", "02:00:00:00:00:77")

    def put_back():
        return own in instance.appliance.run("ip", "link", "show", "voice")

    wait_until(put_back, 20, "the twin's own MAC")
    assert "somebody gave voice the MAC 02:00:00:00:00:77" in registered_lab.appliance.server.output()
    test_ping_is_answered_once(registered_lab)
    test_tcp_through_the_kernel_twin_carries_more_than_a_segment(registered_lab)
