"""A SIP user agent of a few lines over UDP or TCP, for the tests to speak with the registrar and with
the appliance. What it sends is text; what it receives it parses just enough to be compared."""

import hashlib
import itertools
import os
import re
import socket

COUNTER = itertools.count(1)


class Message:
    """A SIP message as it came."""

    def __init__(self, data):
        self.data = data
        head, _, self.body = data.partition(b"\r\n\r\n")
        self.start_line, *lines = head.decode("utf-8", errors="replace").split("\r\n")
        self.headers = [(name.strip().lower(), value.strip())
                        for name, _, value in (line.partition(":") for line in lines)]

    @property
    def status(self):
        """The status code; None for a request."""
        words = self.start_line.split(" ", 2)
        return int(words[1]) if words[0] == "SIP/2.0" else None

    def header(self, name):
        """The first header of that name, or None."""
        return next((value for key, value in self.headers if key == name.lower()), None)


def request(method, uri, *, sender, extra=(), body=b"", branch=None, call_id=None, cseq=1,
            from_uri="sip:tester@lab.example", to_uri=None, transport="UDP"):
    """A request as bytes. `sender`: what stands in the Via, host:port."""
    number = next(COUNTER)
    branch = branch or f"z9hG4bK-test-{os.getpid()}-{number}"
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/{transport} {sender};rport;branch={branch}",
        "Max-Forwards: 70",
        f"From: <{from_uri}>;tag=test{number}",
        f"To: <{to_uri or uri}>",
        f"Call-ID: {call_id or f'test-{os.getpid()}-{number}'}",
        f"CSeq: {cseq} {method}",
        *extra,
        f"Content-Length: {len(body)}",
        "", "",
    ]
    return "\r\n".join(lines).encode() + body


class SipClient:
    """A UDP socket inside a namespace."""

    def __init__(self, namespace, address, port=0):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = namespace.socket(family)
        self.socket.bind((address, port))
        self.socket.settimeout(3)
        host, self.port = self.socket.getsockname()[:2]
        self.sender = f"[{host}]:{self.port}" if family == socket.AF_INET6 else f"{host}:{self.port}"

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data, address, port=5060):
        self.socket.sendto(data, (address, port))

    def receive(self):
        """The next message; TimeoutError after the socket's timeout."""
        data, _ = self.socket.recvfrom(65535)
        return Message(data)

    def ask(self, data, address, port=5060, tries=3):
        """Sends a request until a final answer with its branch comes; TimeoutError if none does."""
        branch = Message(data).header("via").partition("branch=")[2]
        for attempt in range(tries):
            self.send(data, address, port)
            try:
                while True:
                    answer = self.receive()
                    if (answer.status or 0) >= 200 and branch in (answer.header("via") or ""):
                        return answer
            except TimeoutError:
                if attempt == tries - 1:
                    raise
        raise TimeoutError

    def register(self, registrar, user, password, aor, contact, expires=60):
        """REGISTER, and once more with the digest that the registrar asks for."""
        head = {"sender": self.sender, "from_uri": aor, "to_uri": aor}
        lines = [f"Contact: <{contact}>", f"Expires: {expires}"]
        uri = f"sip:{registrar}"
        answer = self.ask(request("REGISTER", uri, extra=lines, **head), registrar)
        if answer.status != 401:
            return answer
        challenge = dict(re.findall(r'(\w+)="?([^",]*)"?', answer.header("www-authenticate")))
        credentials = authorization(challenge, user, password, "REGISTER", uri)
        return self.ask(request("REGISTER", uri, extra=[*lines, credentials], cseq=2, **head),
                        registrar)


class SipStream:
    """A TCP connection from inside a namespace."""

    def __init__(self, namespace, address, port=5060):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = namespace.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect((address, port))
        host, own_port = self.socket.getsockname()[:2]
        self.sender = f"[{host}]:{own_port}" if family == socket.AF_INET6 else f"{host}:{own_port}"
        self._received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        """The next message; TimeoutError after the socket's timeout."""
        head = self._take_until(b"\r\n\r\n")
        length = int(Message(head).header("content-length"))
        return Message(head + self.receive_bytes(length))

    def receive_bytes(self, count):
        """So many bytes as they come."""
        while len(self._received) < count:
            self._read()
        data, self._received = self._received[:count], self._received[count:]
        return data

    def _take_until(self, end):
        while end not in self._received:
            self._read()
        return self.receive_bytes(self._received.index(end) + len(end))

    def _read(self):
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the connection was closed")
        self._received += part


def digest_response(challenge, user, password, method, uri, nc, cnonce):
    """RFC 2617 3.2.2.1 with qop auth."""
    def md5(*words):
        return hashlib.md5(":".join(words).encode()).hexdigest()
    return md5(md5(user, challenge["realm"], password), challenge["nonce"], nc, cnonce, "auth",
               md5(method, uri))


def authorization(challenge, user, password, method, uri):
    response = digest_response(challenge, user, password, method, uri, "00000001", "c0ffee")
    return (f'Authorization: Digest username="{user}", realm="{challenge["realm"]}", '
            f'nonce="{challenge["nonce"]}", uri="{uri}", response="{response}", algorithm=MD5, '
            f'qop=auth, nc=00000001, cnonce="c0ffee"')
