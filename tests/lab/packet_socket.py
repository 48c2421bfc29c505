"""Whole frames from and to an interface, 802.1Q tags included: the kernel takes a tag off before a packet
socket gets the frame, and tells it beside (packet(7), PACKET_AUXDATA)."""

import socket
import struct

ETH_P_ALL = 0x0003
SO_RCVBUFFORCE = 33
SOL_PACKET, PACKET_AUXDATA = 263, 8
# struct tpacket_auxdata: status, len, snaplen, mac, net, vlan_tci, vlan_tpid
AUXDATA = struct.Struct("=IIIHHHH")
TP_STATUS_VLAN_VALID = 1 << 4
PACKET_OUTGOING = 4
LONGEST = 65535


def open_socket(namespace, interface):
    made = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    made.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    made.bind((interface, ETH_P_ALL))
    return made


def receive(packet_socket):
    """The next frame with its tag in place, and whether it leaves the interface."""
    frame, ancillary, _, address = packet_socket.recvmsg(LONGEST, socket.CMSG_SPACE(AUXDATA.size))
    for level, kind, data in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, *_, tci, _ = AUXDATA.unpack(data[:AUXDATA.size])
            if status & TP_STATUS_VLAN_VALID:
                frame = with_tag(frame, tci)
    return frame, address[2] == PACKET_OUTGOING


def with_tag(frame, vlan):
    return frame[:12] + struct.pack("!HH", 0x8100, vlan) + frame[12:]


def take_tag(frame):
    """The VLAN (None: untagged) and the frame without its tag."""
    if frame[12:14] != b"\x81\x00":
        return None, frame
    return struct.unpack("!H", frame[14:16])[0] & 0xFFF, frame[:12] + frame[16:]
