"""What a syslog server hears of the appliance."""

import re
import socket
import ssl

import pytest
from openssl import openssl
from operator_commands import act
from rest_client import ADDRESS, RestClient, password_of, wait_ready, with_rest
from rest_client import PORT as HTTPS

from lab.waiting import wait_until

# As readers of the appliance family's lines take them apart.
LINE = re.compile(
    r"<(?P<priority>\d+)>\[S=(?P<sequence>\d+)\] "
    r"\[(?P<kind>[SB]ID)=(?P<mac>[0-9a-f]{6}):(?P<starts>\d+)(?::(?P<session>\d+))?\]  "
    r"(?:\(N (?P<number>\d+)\) |(?=RAISE-ALARM:|CLEAR-ALARM:))"
    r"(?P<text>[^\n]*) \[Time:(?P<time>\d\d-\d\d@\d\d:\d\d:\d\d\.\d{3})\](?:\n(?P<body>.*))?$", re.DOTALL)
SIP = re.compile(
    r"---- (?P<way>Incoming|Outgoing) SIP Message (?:from|to) (?P<peer>\S+) (?:from|to) "
    r"SIPInterface #(?P<interface>\d+) \((?P<name>.*)\) (?P<transport>UDP|TCP|TLS) TO\(#\d+\) ----")
ALARM = re.compile(
    r"(?P<what>RAISE|CLEAR)-ALARM:(?P<name>\w+); Textual Description: (?P<description>[^;]*); "
    r"Severity:(?P<severity>\w+); Source:(?P<source>[^;]+); Unique ID:(?P<id>\d+); "
    r"Additional Info1:(?P<info>[^;]*);")
LOGIN = re.compile(
    r"Activity Log: (?P<interface>WEB|REST): (?P<what>Successful login|Failed login|Logout) at "
    r"(?P<where>[\d.]+:\d+)\. User: (?P<user>\w+)\. Session: (?P<way>Web|REST) \((?P<peer>[\d.]+)\)")
PORT = 5514


def syslog_settings(**settings):
    def change(document):
        document.setdefault("troubleshoot", {})["syslog"] = {
            "enable_syslog": True, "syslog_server_ip": ADDRESS, "syslog_server_port": PORT,
            **settings}
    return change


class UdpServer:
    """In the namespace that the appliance was started in, which is its management's."""

    def __init__(self, namespace):
        self.socket = namespace.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ADDRESS, PORT))
        self.lines = []

    def read(self):
        """Reads what has come and gives all that ever came, taken apart."""
        self.socket.setblocking(False)
        while True:
            try:
                self.lines.append(self.socket.recv(65536).decode())
            except BlockingIOError:
                return parsed(self.lines)

    def wait_for(self, words, timeout=30):
        wait_until(lambda: any(words in line["text"] for line in self.read()), timeout,
                   lambda: f"a line with '{words}'; there are: " + "\n".join(self.lines))
        return next(line for line in self.read() if words in line["text"])


def parsed(lines):
    found = [LINE.match(line) for line in lines]
    assert all(found), [line for line, match in zip(lines, found) if not match]
    return [match.groupdict(default="") for match in found]


class StreamServer:
    """Takes messages with their lengths before them (RFC 6587), over TCP or TLS."""

    def __init__(self, namespace, context=None):
        self.listener = namespace.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((ADDRESS, PORT))
        self.listener.settimeout(60)
        self.context = context
        self.connection = None
        self.lines = []

    def accept(self):
        plain, _ = self.listener.accept()
        plain.settimeout(60)
        self.connection = (self.context.wrap_socket(plain, server_side=True) if self.context
                           else plain)

    def hang_up(self):
        self.connection.close()

    def _read(self, size):
        taken = b""
        while len(taken) < size:
            more = self.connection.recv(size - len(taken))
            assert more, "the appliance ended the connection"
            taken += more
        return taken

    def read_until(self, words, times=1):
        """Messages until so many have these words, taken apart."""
        while sum(words in line for line in self.lines) < times:
            length = b""
            while not length.endswith(b" "):
                length += self._read(1)
            self.lines.append(self._read(int(length)).decode())
        return parsed(self.lines)


def heard_lab(make_lab, server_kind, *words, **settings):
    """A lab that tells `server_kind` what it does from the beginning on, and that server."""
    lab = make_lab(syslog_settings(**settings), start=False)
    server = server_kind(lab.instance.port, *words)
    lab.start_appliance()
    return lab, server


def without_gap(lines):
    numbers = [int(line["sequence"]) for line in lines]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_lines_are_those_of_the_family_and_have_no_gap(make_lab):
    lab, server = heard_lab(make_lab, UdpServer)
    lab.wait_registered()
    assert server.wait_for("registration  first one stands")["priority"] == "133"
    assert act(lab, "unregister", "office").returncode == 0
    lines = server.read()
    assert without_gap(lines)
    assert all(line["kind"] == "BID" for line in lines)
    link = lab.instance.port.run("ip", "-o", "link", "show", "sbc0")
    assert lines[-1]["mac"] == re.search("link/ether (\\S+)", link)[1].replace(":", "")[6:]
    starts = int(lines[-1]["starts"])
    lab.appliance.stop()
    server.lines.clear()
    lab.appliance.start()
    lab.wait_registered()
    assert int(server.wait_for("registration  first one stands")["starts"]) == starts + 1


def test_alarms_and_what_operators_do_are_told(make_lab):
    lab, server = heard_lab(make_lab, UdpServer, log_severity_level="notice")
    lab.wait_registered()
    done = act(lab, "cli", "-c", "configure voip", "-c", "sip-definition account 0",
               "-c", "contact-user 7777", "-c", "activate")
    assert done.returncode == 0, done.stderr
    assert server.wait_for("Activity Log: ")["priority"] == "133"
    lab.instance.port.run("ip", "link", "set", "sbc0", "down")
    line = server.wait_for("RAISE-ALARM:acBoardEthernetLinkAlarm")
    assert (line["priority"], line["number"]) == ("133", "")
    raised = ALARM.match(line["text"])
    assert raised["severity"] == "minor"
    assert raised["source"] == "Board#1/EthernetLink#0"
    assert server.wait_for("RAISE-ALARM:acEthernetGroupAlarm")["priority"] == "132"
    lab.instance.port.run("ip", "link", "set", "sbc0", "up")
    line = server.wait_for("CLEAR-ALARM:acBoardEthernetLinkAlarm")
    assert line["priority"] == "133"
    cleared = ALARM.match(line["text"])
    assert cleared["severity"] == "cleared"
    assert without_gap(server.read())


def test_who_signs_in_and_acts_is_told(make_lab):
    def change(document):
        with_rest(document)
        syslog_settings()(document)

    lab = make_lab(change, start=False)
    server = UdpServer(lab.instance.port)
    lab.start_appliance()
    wait_ready(lab)
    lab.wait_registered()
    with RestClient(lab, "operator") as client:
        opened = client.ask("POST", "/session", {
            "user": "operator", "password": password_of("operator")}, checks=False)
        assert opened.status == 200, opened
        told(server, "WEB", "Successful login", "operator")
        assert client.ask("POST", "/session", {"user": "operator", "password": "guess"},
                          checks=False).status == 401
        assert told(server, "WEB", "Failed login", "operator")["priority"] == "132"
        client.ask("DELETE", "/session", checks=False, headers={
            "Cookie": opened.headers["Set-Cookie"].split(";")[0],
            "X-CSRF-Token": opened.json["csrfToken"]})
        told(server, "WEB", "Logout", "operator")
        assert client.ask("POST", "actions/unregister", {"target": "office"}).status == 200
        server.wait_for("Activity Log: operator (REST 127.0.0.1): un-registers office (1 registration)")
        assert client.ask("POST", "actions/register", {"target": "all"}).status == 200
        server.wait_for("Activity Log: operator (REST 127.0.0.1): registers all (7 registrations)")
    with RestClient(lab, "watcher") as client:
        assert client.get("status").status == 200
    told(server, "REST", "Successful login", "watcher")
    with RestClient(lab, "watcher", "guess") as client:
        assert client.ask("GET", "status", checks=False).status == 401
    told(server, "REST", "Failed login", "watcher")
    assert act(lab, "unregister", "branch").returncode == 0
    server.wait_for("Activity Log: root (CLI): un-registers branch (1 registration)")


def told(server, interface, what, user):
    """The line of the activity log about a sign-in, which has all that its readers look for."""
    line = server.wait_for(f"Activity Log: {interface}: {what} at {ADDRESS}:{HTTPS}. User: {user}. ")
    match = LOGIN.fullmatch(line["text"])
    assert match and match["peer"] == ADDRESS, line
    return line


def test_sip_messages_are_told_while_the_debug_level_asks_for_them(make_lab):
    lab, server = heard_lab(make_lab, UdpServer)
    lab.wait_registered()
    assert not any(line["body"] for line in server.read())
    debug(lab, "debug sip 5")
    server.lines.clear()
    assert act(lab, "register", "office").returncode == 0
    wait_until(lambda: any("200 OK" in line["body"] for line in sip_messages(server)), 30,
               lambda: server.lines)
    messages = sip_messages(server)
    registers = [line for line in messages if line["body"].startswith("REGISTER sip:")]
    answers = [line for line in messages if line["body"].startswith("SIP/2.0 200 ")]
    title = SIP.match(registers[0]["text"])
    assert (title["way"], title["transport"], title["name"]) == ("Outgoing", "UDP", "SIPInterface_0")
    assert SIP.match(answers[0]["text"])["way"] == "Incoming"
    assert answers[0]["session"] in {line["session"] for line in registers}
    assert without_gap(server.read())
    debug(lab, "no debug sip")
    wait_until(lambda: any("Activity Log" in line["text"] for line in server.read()[len(messages):]),
               30, lambda: server.lines)
    server.lines.clear()
    assert act(lab, "unregister", "office").returncode == 0
    server.wait_for("UNREGISTERED")
    assert sip_messages(server) == []


def debug(lab, line):
    done = act(lab, "cli", "-c", line)
    assert done.returncode == 0, done.stderr


def sip_messages(server):
    return [line for line in server.read() if line["kind"] == "SID"]


def test_settings_act_while_the_box_runs(make_lab):
    lab = make_lab(start=False)
    server = UdpServer(lab.instance.port)
    lab.start_appliance()
    lab.wait_registered()
    assert server.read() == []
    document = {}
    syslog_settings()(document)
    changed = edit(lab, "troubleshoot.syslog", document["troubleshoot"]["syslog"])
    assert changed["ok"], changed
    server.wait_for("configuration  applied")
    assert edit(lab, "troubleshoot.syslog", {"enable_syslog": False})["ok"]
    heard = len(server.read())
    assert act(lab, "unregister", "office").returncode == 0
    lab.wait_state("office", "UNREGISTERED")
    assert len(server.read()) == heard


def edit(lab, table, values):
    return lab.appliance.ask("configuration edit",
                             edits=[{"table": table, "rows": [], "set": values}])


def test_less_important_lines_stay_in_the_box(make_lab):
    lab, server = heard_lab(make_lab, UdpServer, log_severity_level="warning")
    lab.wait_registered()
    lab.instance.port.run("ip", "link", "set", "sbc0", "down")
    server.wait_for("RAISE-ALARM:acEthernetGroupAlarm")
    assert all(int(line["priority"]) % 8 <= 4 for line in server.read())


def test_what_is_told_while_a_server_is_away_is_sent_when_it_is_back(make_lab):
    lab, server = heard_lab(make_lab, StreamServer, syslog_protocol="tcp")
    rows = lab.wait_registered()
    server.listener.listen()
    server.accept()
    server.read_until(": REGISTERED at", len(rows))  # what it has not read is lost with it
    server.hang_up()
    assert act(lab, "cli", "-c", "configure voip", "-c", "sip-definition account 0",
               "-c", "contact-user 7777", "-c", "activate").returncode == 0
    server.accept()
    lines = server.read_until("Activity Log: ")
    assert without_gap(lines)
    assert any("the server takes no messages" in line["text"] for line in lines)


@pytest.mark.parametrize("trusts", [True, False], ids=["its-root", "another-root"])
def test_over_tls_only_a_server_that_is_trusted_hears(make_lab, tmp_path, trusts):
    certificate, key = self_signed(tmp_path)
    (tmp_path / "other").mkdir()
    root = certificate if trusts else self_signed(tmp_path / "other")[0]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def change(document):
        syslog_settings(syslog_protocol="tls", syslog_tls_context="syslog")(document)
        document["ip_network"]["tls_contexts"] = [
            {"name": "default"}, {"name": "syslog", "trusted_roots_file": str(root)}]

    lab = make_lab(change, start=False)
    server = StreamServer(lab.instance.port, context)
    server.listener.listen()
    lab.start_appliance()
    if trusts:
        server.accept()
        assert without_gap(server.read_until("registration  first one stands"))
        return
    with pytest.raises((ssl.SSLError, OSError)):
        server.accept()
        server.connection.recv(1)
    wait_until(lambda: "syslog  the server takes no messages" in lab.appliance.server.output(), 30,
               lab.appliance.server.output)
    assert "certificate" in lab.appliance.server.output()
    lab.wait_registered()


def self_signed(folder):
    """A certificate for the server's address, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
            "-days", "2", "-subj", "/CN=syslog", "-addext", f"subjectAltName=IP:{ADDRESS}")
    return certificate, key
