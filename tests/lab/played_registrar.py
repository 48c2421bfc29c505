"""A registrar of a few lines over UDP, TCP and TLS, for what neither Kamailio nor SIPp is asked: it grants
every REGISTER and SUBSCRIBE, answers STUN or not, and leaves keep-alives over streams unanswered."""

import ipaddress
import os
import selectors
import socket
import ssl
import struct
import threading

from sip_client import Message

STUN_COOKIE = 0x2112A442
BINDING_REQUEST, BINDING_SUCCESS, XOR_MAPPED_ADDRESS = 0x0001, 0x0101, 0x0020
PING = b"\r\n\r\n"
TAG = "played"  # of every To that it answers


class PlayedRegistrar:
    """`rows`: further header lines of each 200 to a REGISTER. `challenge`: the value of WWW-Authenticate;
    any credentials will do then. `tls`: an ssl.SSLContext, for the port behind `port`. Use it as a
    context; what it received is in its lists."""

    def __init__(self, namespace, address, *, port=5060, tcp=True, tls=None, rows=(), challenge=None):
        self.requests = []  # (transport, Message)
        self.pings = 0
        self.stun_requests = 0
        self.accepted = 0
        self.tls_failures = []
        self._rows, self._challenge = rows, challenge
        self._selector = selectors.DefaultSelector()
        self._stop_read, self._stop_write = os.pipe()
        self._selector.register(self._stop_read, selectors.EVENT_READ, None)
        self._received = {}  # of each connection, what is no whole message yet
        udp = namespace.socket()
        udp.bind((address, port))
        self._selector.register(udp, selectors.EVENT_READ, self._take_datagram)
        for wanted, number, context in ((tcp, port, None), (tls, port + 1, tls)):
            if wanted:
                self._listen(namespace, address, number, context)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.write(self._stop_write, b"!")
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            if not isinstance(key.fileobj, int):
                key.fileobj.close()
        self._selector.close()
        os.close(self._stop_read)
        os.close(self._stop_write)

    def registers(self, transport=None):
        return [message for way, message in list(self.requests)
                if message.start_line.startswith("REGISTER ") and transport in (None, way)]

    def subscribe(self):
        """The last one; None while there is none."""
        return next((message for _, message in reversed(list(self.requests))
                     if message.start_line.startswith("SUBSCRIBE ")), None)

    def _listen(self, namespace, address, port, context):
        listener = namespace.socket(kind=socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen()
        self._selector.register(listener, selectors.EVENT_READ,
                                lambda made: self._accept(made, context))

    def _serve(self):
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                key.data(key.fileobj)

    def _take_datagram(self, udp):
        data, sender = udp.recvfrom(65535)
        if is_stun_request(data):
            self.stun_requests += 1
            udp.sendto(stun_success(data, sender), sender)
            return
        for answer in self._answers("UDP", Message(data)):
            udp.sendto(answer, sender)

    def _accept(self, listener, context):
        connection, _ = listener.accept()
        connection.settimeout(5)
        if context:
            try:
                connection = context.wrap_socket(connection, server_side=True)
            except OSError as error:
                self.tls_failures.append(str(error))
                connection.close()
                return
        self.accepted += 1
        self._received[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ, self._take_bytes)

    def _take_bytes(self, connection):
        try:
            part = connection.recv(65536)
        except OSError:
            part = b""
        if not part:
            self._selector.unregister(connection)
            del self._received[connection]
            connection.close()
            return
        data = self._received[connection] + part
        while True:
            if data.startswith(PING):
                self.pings += 1
                data = data[len(PING):]
                continue
            head, end, rest = data.partition(b"\r\n\r\n")
            if not end or data.startswith(b"\r\n"):
                break
            length = int(Message(head).header("content-length"))
            if len(rest) < length:
                break
            message, data = Message(head + end + rest[:length]), rest[length:]
            way = "TLS" if isinstance(connection, ssl.SSLSocket) else "TCP"
            for answer in self._answers(way, message):
                connection.sendall(answer)
        self._received[connection] = data

    def _answers(self, transport, message):
        if message.status is not None:
            return
        self.requests.append((transport, message))
        if self._challenge and message.header("authorization") is None:
            yield self._answer(message, "401 Unauthorized",
                               [f"WWW-Authenticate: {self._challenge}"])
            return
        rows = [f"Expires: {message.header('expires') or 60}"]
        if message.start_line.startswith("REGISTER "):
            rows += [f"Contact: {message.header('contact')}", *self._rows]
        yield self._answer(message, "200 OK", rows)

    def _answer(self, request, status, rows):
        lines = [f"SIP/2.0 {status}", *(f"Via: {value}" for name, value in request.headers
                                        if name == "via"),
                 f"From: {request.header('from')}", f"To: {request.header('to')};tag={TAG}",
                 f"Call-ID: {request.header('call-id')}", f"CSeq: {request.header('cseq')}", *rows,
                 "Content-Length: 0", "", ""]
        return "\r\n".join(lines).encode()


def is_stun_request(data):
    return (len(data) >= 20 and struct.unpack("!H", data[:2])[0] == BINDING_REQUEST
            and struct.unpack("!I", data[4:8])[0] == STUN_COOKIE)


def stun_success(request, sender):
    """RFC 5389 15.2: the address that the request came from."""
    address = int(ipaddress.IPv4Address(sender[0])) ^ STUN_COOKIE
    value = struct.pack("!BBHI", 0, 1, sender[1] ^ STUN_COOKIE >> 16, address)
    attribute = struct.pack("!HH", XOR_MAPPED_ADDRESS, len(value)) + value
    return struct.pack("!HH", BINDING_SUCCESS, len(attribute)) + request[4:20] + attribute
