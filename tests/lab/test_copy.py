"""`copy`: files that come from a web server and go there, with the real curl. The server and the command
line are in the namespace of the appliance's port; neither leaves it."""

import base64
import json
import os
import socket
import ssl
import subprocess

import pytest
from cli_terminal import CliTerminal
from file_host import ADDRESS, FileHost
from openssl import openssl

from lab.lab import PROGRAM
from lab.waiting import wait_until


@pytest.fixture(name="lab")
def fixture_lab(registered_lab):
    return registered_lab


@pytest.fixture(name="host")
def fixture_host(lab):
    with FileHost(lab.instance.port) as host:
        yield host


def command(lab, *words):
    return lab.instance.port.command(PROGRAM, "cli", "--socket", lab.instance.socket, *words)


def run(lab, *lines, code=0, environment=None):
    words = [word for line in lines for word in ("-c", line)]
    result = subprocess.run(command(lab, *words), capture_output=True, text=True, timeout=120,
                            check=False, env={**os.environ, **(environment or {})})
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout if code == 0 else result.stderr


def revision(lab):
    return json.loads(run(lab, "show configuration status --json"))["revision"]


def test_an_ini_file_goes_to_a_server_and_comes_back(lab, host):
    before = run(lab, "show running-config")
    url = f"{host.url}/sbc1.ini"
    assert "bytes were copied to " + url in run(lab, f"copy ini-file to {url}")
    assert b"\r\n[ Account ]\r\n" in host.files["/sbc1.ini"]
    assert b"$sealed$" in host.files["/sbc1.ini"] or b".secret" in host.files["/sbc1.ini"]
    registered = {row["name"]: row["cseq"] for row in lab.appliance.registrations()}
    assert "The ini-file was loaded and saved" in run(lab, f"copy ini-file from {url}")
    assert run(lab, "show running-config") == before
    assert {row["name"]: row["cseq"] for row in lab.appliance.registrations()} == registered


def test_a_script_of_many_lines_is_one_change(lab, host):
    host.files["/script.txt"] = (b"configure voip\n sip-definition account 0\n  contact-user \"190\"\n  exit\n"
                                 b" sip-definition account 1\n  contact-user \"290\"\n  exit\nexit\n"
                                 b"show configuration status\n")
    before = revision(lab)
    said = run(lab, f"copy cli-script from {host.url}/elsewhere//script.txt")
    assert "Revision: " in said
    assert "The cli-script was loaded; 'write' keeps it" in said
    assert revision(lab) == before + 1
    assert json.loads(run(lab, "show configuration status --json"))["save_needed"]
    assert run(lab, f"copy startup-script to {host.url}/saved.txt")
    assert b'contact-user "190"' not in host.files["/saved.txt"]
    assert run(lab, f"copy startup-script from {host.url}/saved.txt")
    assert 'contact-user "190"' not in run(lab, "show running-config")


def test_what_is_wrong_is_told_with_its_line_and_nothing_is_applied(lab, host):
    run(lab, f"copy ini-file to {host.url}/sbc1.ini")
    good = host.files["/sbc1.ini"]
    host.files["/wrong.ini"] = good.replace(b"RegistrationTime = 120", b"RegistrationTime = 1")
    line = good[:good.index(b"RegistrationTime = 120")].count(b"\n") + 1
    host.files["/cut.ini"] = good[:good.index(b"[ \\Account ]")]
    host.files["/none.ini"] = b""
    host.files["/script.txt"] = (b"configure voip\n sip-definition account 0\n  contact-user \"190\"\n  exit\n"
                                 b" sip-definition account 1\n  register sometimes\n")
    before = revision(lab)
    for what, expected in (
            ("ini-file from {}/wrong.ini", f"{host.url}/wrong.ini:{line}:20: "),
            ("incremental-ini-file from {}/wrong.ini", "allowed: 10..2000000 s"),
            ("ini-file from {}/cut.ini", "cut.ini:"),
            ("ini-file from {}/none.ini", "the file is empty"),
            ("cli-script from {}/script.txt", f"{host.url}/script.txt:6: the cli-script failed"),
            ("startup-script from {}/script.txt",
             f"{host.url}/script.txt:6:3: account-1: register: found 'sometimes'")):
        assert expected in run(lab, "copy " + what.format(host.url), code=1), what
    assert revision(lab) == before
    assert 'contact-user "190"' not in run(lab, "show running-config")


def test_what_does_not_come_says_why(lab, host):
    before = revision(lab)
    with lab.instance.port.socket(kind=socket.SOCK_STREAM) as nobody:
        nobody.bind((ADDRESS, 0))
        closed = f"http://{ADDRESS}:{nobody.getsockname()[1]}/x.ini"
        assert "connect" in run(lab, f"copy ini-file from {closed}", code=1)
        assert "connect" in run(lab, f"copy ini-file to {closed}", code=1)
    assert "404" in run(lab, f"copy ini-file from {host.url}/none.ini", code=1)
    assert "more than 12582912 bytes" in run(lab, f"copy ini-file from {host.url}/endless", code=1)
    assert "redirects" in run(
        lab, f"copy ini-file from {host.url}{'/elsewhere/' * 9}{host.url}/x.ini", code=1)
    # What the server sends one to has to be the web, too.
    assert "protocol" in run(
        lab, f"copy ini-file from {host.url}/elsewhere/file:///etc/hostname", code=1).lower()
    for url in ("file:///etc/hostname", "gopher://127.0.0.1/x", "127.0.0.1/x"):
        assert "allowed: http, https" in run(lab, f"copy ini-file from {url}", code=1)
    assert revision(lab) == before


def test_passwords_of_urls_reach_the_server_alone(lab, host):
    url = host.url.replace("//", "//anna:s3cret@") + "/none.ini"
    assert "s3cret" not in run(lab, f"copy ini-file from {url}", code=1)
    sent = dict(host.requests[-1][2])["Authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")) == b"anna:s3cret"


def test_a_server_that_proves_nothing_gets_and_gives_nothing(lab, tmp_path):
    key, certificate = tmp_path / "host.key", tmp_path / "host.pem"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
            "-days", "2", "-subj", "/CN=files", "-addext", f"subjectAltName=IP:{ADDRESS}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    trusted = {"CURL_CA_BUNDLE": str(certificate)}
    with FileHost(lab.instance.port, tls=context) as host, FileHost(lab.instance.port) as plain:
        url = f"{host.url}/sbc1.ini"
        assert "certificate" in run(lab, f"copy ini-file to {url}", code=1)
        assert not host.files
        run(lab, f"copy ini-file to {url}", environment=trusted)
        assert host.files
        assert "certificate" in run(lab, f"copy ini-file from {url}", code=1)
        run(lab, f"copy ini-file from {url}", environment=trusted)
        plain.files = host.files
        # From https there is no way down to http.
        run(lab, f"copy ini-file from {host.url}/elsewhere/{plain.url}/sbc1.ini", code=1,
            environment=trusted)
        assert not plain.requests


def test_ctrl_c_ends_a_copy_and_not_the_session(lab, host):
    with CliTerminal(lab, command=[str(word) for word in command(lab)]) as terminal:
        terminal.enable()
        terminal.press(f"copy ini-file from {host.url}/silent\r")
        terminal.expect("silent")
        wait_until(lambda: host.requests, 30, lambda: terminal.seen)
        terminal.press("\x03")
        terminal.expect(r"sbc1\*?# $")
        assert "Up" in terminal.type("show system uptime")


def test_a_script_over_a_file_copies_nothing(lab, host):
    host.files["/script.txt"] = f"copy ini-file to {host.url}/stolen.ini\n".encode()
    assert ":1: the cli-script failed" in run(lab, f"copy cli-script from {host.url}/script.txt", code=1)
    assert "/stolen.ini" not in host.files
