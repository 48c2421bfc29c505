"""Crowds, floods and slow clients at the management port: what they hold is bounded, others are
served meanwhile, and the registrations do not notice."""

import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from capture import Capture, decode
from expected import APPLIANCE, proxy_and_registration
from rest_client import ADDRESS, PORT, RestClient, wait_ready, with_rest

from lab.lab import LAB_INTERFACE
from lab.waiting import wait_until

CROWD = 10_000
# Of the server, its listener and threads aside (mgmt/rest/https_server.h).
MOST_CONNECTIONS = 256
MEBIBYTE = 1 << 20

# Opens connections one by one; some say nothing, some the beginning of a handshake. Goes on when the
# server ends one, as an attacker would. Prints how many were opened and waits to be told to end.
CROWD_SCRIPT = """
import socket, sys
sockets = []
for number in range(int(sys.argv[3])):
    connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=30)
    if number % 2:
        try:
            connection.sendall(b"\\x16\\x03\\x01\\x02\\x00\\x01")
        except OSError:
            pass
    sockets.append(connection)
print(len(sockets), flush=True)
sys.stdin.read()
"""


@pytest.fixture(name="lab")
def fixture_lab(make_lab):
    def change(document):
        with_rest(document)
        # The least that lets every binding be refreshed a few times within the test.
        proxy_and_registration(document)["registration_time"] = 10

    lab = make_lab(change)
    wait_ready(lab)
    lab.wait_registered()
    return lab


class Crowd:
    """Many connections that say little, in a process of their own."""

    def __init__(self, lab, count):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = count + 100

        def more_descriptors():
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), max(hard, wanted)))

        self.process = subprocess.Popen(  # pylint: disable=subprocess-popen-preexec-fn
            lab.instance.port.command(sys.executable, "-c", CROWD_SCRIPT, ADDRESS, str(PORT),
                                      str(count)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=more_descriptors)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()

    def wait_open(self):
        return int(self.process.stdout.readline())


def descriptors(lab):
    return len(os.listdir(f"/proc/{lab.appliance.server.pid}/fd"))


def peak_memory(lab):
    """Bytes that the process ever held at once."""
    status = Path(f"/proc/{lab.appliance.server.pid}/status").read_text(encoding="utf-8")
    line, = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def test_ten_thousand_slow_connections_hold_little_and_keep_nobody_out(lab):
    before = descriptors(lab)
    most = before
    with RestClient(lab) as client, Crowd(lab, CROWD) as crowd:
        opened = threading.Event()
        counts = []
        waiting = threading.Thread(target=lambda: (counts.append(crowd.wait_open()), opened.set()))
        waiting.start()
        answers = 0
        while not opened.is_set() or answers < 10:
            client.close()  # a new connection each time, through the crowd
            assert client.get("registrations?limit=1").status == 200
            answers += 1
            most = max(most, descriptors(lab))
        waiting.join()
        assert counts == [CROWD]
        most = max(most, descriptors(lab))
    print(f"descriptors: {before} before, {most} at most; answers meanwhile: {answers}")
    assert most <= before + MOST_CONNECTIONS + 1
    wait_until(lambda: descriptors(lab) <= before + 1, 30,
               lambda: f"descriptors as before ({before}): {descriptors(lab)}")
    lab.wait_registered()


def send_endless(lab, head, piece, count):
    """Sends head and pieces until all is sent or the server ends it; what it answered."""
    with RestClient(lab) as client:
        stream = client.tls_socket()
        head = head.replace("AUTH", client.authorization)
        stream.sendall(head.encode())
        try:
            for _ in range(count):
                stream.sendall(piece)
        except OSError:
            pass  # it has heard enough
        answer = b""
        try:
            while piece_of_answer := stream.recv(65536):
                answer += piece_of_answer
        except OSError:
            pass
        stream.close()
        return answer.decode()


def test_a_body_of_a_gigabyte_is_refused_and_not_kept(lab):
    before = peak_memory(lab)
    told = send_endless(lab, "PUT /api/v1/files/ini HTTP/1.1\r\nHost: x\r\nAuthorization: AUTH\r\n"
                        f"Content-Length: {1 << 30}\r\n\r\n", b"x" * MEBIBYTE, 1024)
    assert told.startswith("HTTP/1.1 413 ")
    chunk = b"100000\r\n" + b"x" * MEBIBYTE + b"\r\n"
    untold = send_endless(lab, "PUT /api/v1/files/ini HTTP/1.1\r\nHost: x\r\nAuthorization: AUTH\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n", chunk, 1024)
    assert untold.startswith("HTTP/1.1 413 ")
    stranger = send_endless(lab, "PUT /api/v1/files/ini HTTP/1.1\r\nHost: x\r\n"
                            f"Content-Length: {1 << 30}\r\n\r\n", b"x" * MEBIBYTE, 1024)
    assert stranger.startswith("HTTP/1.1 401 ")
    grown = peak_memory(lab) - before
    print(f"peak memory: {before >> 20} MiB before, {grown >> 20} MiB more")
    # A body of the limit, 64 MiB, and what a growing text needs beside it while it is moved.
    assert grown < 256 * MEBIBYTE
    with RestClient(lab) as client:
        assert client.get("registrations").status == 200


def half_a_form(lab):
    """Says that more comes, and goes."""
    with RestClient(lab) as client:
        stream = client.tls_socket()
        stream.sendall(f"PUT /api/v1/files/ini/incremental HTTP/1.1\r\nHost: x\r\nAuthorization: "
                       f"{client.authorization}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
                       "Content-Length: 4000\r\n\r\n--x\r\nContent-Disposition: form-data; "
                       'name="file"\r\n\r\n[ Acc'.encode())
        stream.close()


def a_gigabyte(lab):
    head = (f"PUT /api/v1/files/ini HTTP/1.1\r\nHost: x\r\nAuthorization: AUTH\r\n"
            f"Content-Length: {1 << 30}\r\n\r\n")
    assert send_endless(lab, head, b"x" * MEBIBYTE, 1024).startswith("HTTP/1.1 413 ")


def refused(method, path, body, status):
    def ask(lab):
        with RestClient(lab) as client:
            before = client.ask("GET", "config", checks=False).body
            answer = client.ask(method, path, body, checks=False)
            assert answer.status == status, answer
            assert client.ask("GET", "config", checks=False).body == before
    return ask


def a_wrong_script(lab):
    with RestClient(lab) as client:
        answer = client.upload("files/cliScript/incremental",
                               b"! a comment\n" * 39 + b"configure nonsense\n")
        assert answer.status == 400
        assert answer.json["line"] == 40


ROWS = "config/signaling_and_media"
# What an appliance has to bear; each leaves it as it was.
BAD_INPUTS = {
    "half a form": half_a_form,
    "a body of a gigabyte": a_gigabyte,
    "no JSON": refused("PATCH", f"{ROWS}/accounts/0", b'{"contact_user": ', 400),
    "no UTF-8": refused("PATCH", f"{ROWS}/accounts/0", b'{"contact_user": "\xff\xfe"}', 400),
    "a column that is none": refused("PATCH", f"{ROWS}/accounts/0", b'{"nmae": "x"}', 400),
    "an index that is none": refused("PATCH", f"{ROWS}/accounts/{1 << 64}", b'{"register": "no"}',
                                     404),
    "a row that lacks what it needs": refused("PATCH", f"{ROWS}/accounts/999", b'{"register": "no"}',
                                              400),
    "a row that others refer to": refused("DELETE", f"{ROWS}/proxy_sets/0", None, 400),
    "wrong columns": refused("PUT", "files/ini/incremental", b"[ Account ]\nFORMAT Index = Username;\n"
                             b'Account 0 = "a", "b", "c";\n[ \\Account ]\n', 400),
    "a script that fails at line 40": a_wrong_script,
}


def test_registrations_are_refreshed_in_time_whatever_the_management_port_does(lab, tmp_path):
    refreshes = 3
    stop = threading.Event()
    answers, failures = [0] * 4, []
    borne = dict.fromkeys(BAD_INPUTS, 0)

    def misbehave_without_end():
        try:
            while not stop.is_set() or not all(borne.values()):
                for name, send in BAD_INPUTS.items():
                    send(lab)
                    borne[name] += 1
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    def ask_without_end(number):
        try:
            with RestClient(lab) as client:
                paths = ["config", "registrations", "kpi/current/sbc/otherStats/global", "counters"]
                while not stop.is_set():
                    path = paths[answers[number] % len(paths)]
                    assert client.ask("GET", path, checks=False).status == 200
                    answers[number] += 1
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    with Capture(lab.instance.lab, LAB_INTERFACE, tmp_path / "wire.pcap"), Crowd(lab, 2000) as crowd:
        askers = [threading.Thread(target=ask_without_end, args=(i,)) for i in range(len(answers))]
        askers.append(threading.Thread(target=misbehave_without_end))
        for asker in askers:
            asker.start()
        try:
            crowd.wait_open()
            first = {row["name"]: row["attempts"] for row in lab.appliance.registrations()}

            def all_refreshed():
                rows = lab.appliance.registrations() or []
                assert all(row["registered"] and not row["consecutive_failures"] for row in rows)
                # A refresh may be challenged, and is two attempts then.
                return rows and all(row["attempts"] >= first[row["name"]] + 2 * refreshes
                                    for row in rows)

            wait_until(all_refreshed, 90, lambda: f"{refreshes} refreshes of each of {first}")
        finally:
            stop.set()
            for asker in askers:
                asker.join()
    assert not failures
    assert all(answers)
    assert all(borne.values())
    granted = decode(tmp_path / "wire.pcap",
                     f"sip.Status-Code == 200 && sip.CSeq.method == REGISTER && ip.dst == {APPLIANCE}",
                     ["sip.Call-ID", "frame.time_epoch"])
    asked = decode(tmp_path / "wire.pcap", f"sip.Method == REGISTER && ip.src == {APPLIANCE}",
                   ["sip.Call-ID", "frame.time_epoch"])
    late = []
    for grant in granted:
        call, at = grant["sip.Call-ID"][0], float(grant["frame.time_epoch"][0])
        later = [float(row["frame.time_epoch"][0]) for row in asked
                 if row["sip.Call-ID"][0] == call and float(row["frame.time_epoch"][0]) > at]
        # The next one is due at half of the granted time; late is what comes when it is over.
        if later and min(later) - at >= 10:
            late.append((call, min(later) - at))
    print(f"grants: {len(granted)}, answers of the management port meanwhile: {sum(answers)}, "
          f"bad inputs: {sum(borne.values())}")
    assert len(granted) >= refreshes * len(first)
    assert not late
