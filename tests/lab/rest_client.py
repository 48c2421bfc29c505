"""The management port of a lab's appliance, and a client of it: HTTPS inside the namespace that the
appliance was started in."""

import base64
import http.client
import json
import socket
import ssl
from contextlib import contextmanager
from dataclasses import dataclass

from conftest import LabMaker
from openapi import OpenApi

from lab.waiting import wait_until

ADDRESS, PORT = "127.0.0.1", 8443
USERS = {"Admin": "master", "operator": "administrator", "watcher": "monitor"}


def password_of(user):
    return user[::-1] + "-5f3a"


def with_rest(document):
    """Adds the management port and its users to a configuration. Passwords stand there in the clear:
    the appliance takes both."""
    section = document.setdefault("administration", {}).setdefault("web_and_cli", {})
    section["listen"] = f"{ADDRESS}:{PORT}"
    section["local_users"] = [
        {"user_name": user, "password": password_of(user), "user_level": level}
        for user, level in USERS.items()]


def wait_ready(lab, times=1):
    """The port answers once the appliance is up; connections before that wait in its queue."""
    wait_until(lambda: lab.appliance.server.output().count("ready https=") >= times, 30,
               lambda: "the management port: " + lab.appliance.server.output())


@contextmanager
def rest_lab(folder, change=None):
    """A lab with the management port, every row of it registered, for the tests of a module. `change`
    edits its document further."""
    def with_rest_and_change(document):
        with_rest(document)
        if change:
            change(document)

    maker = LabMaker(folder)
    try:
        lab = maker(with_rest_and_change)
        wait_ready(lab)
        lab.wait_registered()
        yield lab
    finally:
        maker.close()


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes
    method: str = "GET"
    path: str = ""

    @property
    def json(self):
        return json.loads(self.body)


def basic(user, password=None):
    pair = f"{user}:{password_of(user) if password is None else password}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def multipart(name, content, filename="upload.txt", boundary="=-=-=trunkline-lab=-=-="):
    """Body and header of a form with one file."""
    head = (f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; '
            f'filename="{filename}"\r\nContent-Type: application/octet-stream\r\n\r\n')
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


class RestClient:
    """One connection at a time, made anew when the appliance ended it."""

    def __init__(self, lab, user="Admin", password=None, address=ADDRESS, port=PORT):
        self.namespace = lab.instance.port
        self.address, self.port = address, port
        self.authorization = basic(user, password) if user else None
        self.connection = None
        self._document = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def checked(self, answer):
        """The answer, held against the served document."""
        if self._document is None:
            self._document = OpenApi(self.ask("GET", "openapi.json", checks=False).json)
        self._document.check(answer)
        return answer

    @property
    def document(self):
        if self._document is None:
            self.get("openapi.json")
        return self._document

    def plain_socket(self):
        """A connected TCP socket, before TLS."""
        plain = self.namespace.socket(socket.AF_INET, socket.SOCK_STREAM)
        plain.settimeout(30)
        plain.connect((self.address, self.port))
        return plain

    def tls_socket(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(self.plain_socket(), server_hostname="localhost")

    def _connect(self):
        connection = http.client.HTTPSConnection(self.address, self.port)
        connection.sock = self.tls_socket()
        return connection

    def ask(self, method, path, body=None, headers=None, *, checks=True):
        """The answer to one request; `path` below /api/v1 unless it is absolute."""
        path = path if path.startswith("/") else f"/api/v1/{path}"
        headers = dict(headers or {})
        if self.authorization:
            headers.setdefault("Authorization", self.authorization)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        for attempt in (1, 2):
            self.connection = self.connection or self._connect()
            try:
                self.connection.request(method, path, body, headers)
                response = self.connection.getresponse()
                answer = Answer(response.status, dict(response.getheaders()), response.read(),
                                method, path)
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # The server may end a connection that was idle; a fresh one has no such excuse.
                self.close()
                if attempt == 2:
                    raise
        if answer.headers.get("Connection", "").lower() == "close":
            self.close()
        return self.checked(answer) if checks and self.authorization else answer

    def get(self, path, headers=None):
        return self.ask("GET", path, headers=headers)

    def upload(self, path, content, name="file"):
        """A file in a form, as this family's clients send it."""
        body, headers = multipart(name, content)
        return self.ask("PUT", path, body, headers)
