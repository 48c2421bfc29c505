"""SIP messages as the appliance shows them: captures into files, and the live trace."""

import json
import re
import socket
import struct
import subprocess
import time

import pytest
from capture import decode
from expected import APPLIANCE, only_account, proxy_set
from operator_commands import act
from rest_client import ADDRESS, RestClient, wait_ready, with_rest
from test_transports import make_certificate

from lab.kamailio import RegistrarSettings
from lab.lab import REGISTRAR, REGISTRAR_NAME
from lab.waiting import wait_until

MICROSECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
REGISTRATION = ["REGISTER", "401", "REGISTER", "200"]


def register_again(lab, client):
    """Every row leaves and comes back, each with REGISTERs of its own."""
    assert client.ask("POST", "actions/unregister", {"target": "all"}).status == 200
    wait_until(lambda: not any(row["registered"] for row in lab.appliance.registrations()), 60,
               lambda: str(lab.appliance.registrations()))
    assert client.ask("POST", "actions/register", {"target": "all"}).status == 200
    lab.wait_registered(60)


@pytest.fixture
def watched(make_lab):
    lab = make_lab(with_rest)
    wait_ready(lab)
    lab.wait_registered()
    with RestClient(lab) as client:
        yield lab, client


def fetched(client, path):
    """The capture as a file, which tshark reads without complaint."""
    answer = client.get("files/capture")
    assert answer.status == 200
    path.write_bytes(answer.body)
    checked = subprocess.run(["capinfos", "-c", path], capture_output=True, text=True, timeout=60,
                             check=False)
    assert checked.returncode == 0, checked.stderr
    return path


def sip_in(path):
    return decode(path, "sip", ["ip.src", "udp.srcport", "tcp.srcport", "sip.Method",
                               "sip.Status-Code", "sip.from.user", "ip.checksum.status",
                               "udp.checksum.status", "frame.time_epoch"])


def words_of(frames):
    """What each frame is: a method or a status."""
    return [(frame["sip.Method"] or frame["sip.Status-Code"])[0] for frame in frames]


def first_registration(make_lab, change, path, **settings):
    """What a capture has of an account that begins to register, as tshark reads it."""

    def idle(document):
        with_rest(document)
        only_account(document)
        change(document)
        document["signaling_and_media"]["accounts"][0]["register"] = "no"

    lab = make_lab(idle, **settings)
    wait_ready(lab)
    with RestClient(lab) as client:
        assert client.get("files/capture").status == 404
        assert client.ask("POST", "actions/startCapture").json == {"filter": "all"}
        again = client.ask("POST", "actions/startCapture")
        assert again.status == 400 and "is running" in again.json["description"]
        changed = client.ask("PATCH", "config/signaling_and_media/accounts/0",
                             {"register": "regular"})
        assert changed.status == 200, changed.json
        lab.wait_registered()
        while_it_runs = sip_in(fetched(client, path))
        stopped = client.ask("POST", "actions/stopCapture").json
        assert stopped["running"] is False and stopped["dropped"] == 0
        assert client.ask("POST", "actions/stopCapture").status == 400
        frames = sip_in(fetched(client, path))
        assert len(frames) == stopped["messages"] == stopped["seen"] >= len(while_it_runs)
    return frames


def test_a_capture_has_the_registration_as_tshark_reads_it(make_lab, tmp_path):
    frames = first_registration(make_lab, lambda document: None, tmp_path / "sip.pcap")
    assert words_of(frames)[:4] == REGISTRATION
    assert all(frame["ip.checksum.status"] == ["1"] and frame["udp.checksum.status"] == ["1"]
               for frame in frames)
    assert [frame["ip.src"][0] for frame in frames[:2]] == [APPLIANCE, REGISTRAR]
    assert [frame["udp.srcport"] for frame in frames[:2]] == [["5060"], ["5060"]]
    times = [float(frame["frame.time_epoch"][0]) for frame in frames]
    assert times == sorted(times) and abs(times[0] - time.time()) < 3600


def test_over_tcp_tshark_sees_a_stream(make_lab, tmp_path):
    def over_tcp(document):
        proxy_set(document).update(
            proxy_addresses=[{"address": f"{REGISTRAR_NAME}:5060", "transport": "tcp"}])

    frames = first_registration(make_lab, over_tcp, tmp_path / "sip.pcap",
                                registrar_settings=RegistrarSettings(tcp=True))
    assert words_of(frames)[:4] == REGISTRATION
    assert all(frame["tcp.srcport"] == ["5060"] for frame in frames)
    assert decode(tmp_path / "sip.pcap", "tcp.analysis.flags || _ws.malformed", ["ip.src"]) == []


def test_what_tls_protects_is_shown_in_the_clear(make_lab, tmp_path):
    certificate, key = make_certificate(tmp_path, REGISTRAR_NAME)

    def over_tls(document):
        document["ip_network"]["tls_contexts"] = [
            {"name": "default", "trusted_roots_file": str(certificate)}]
        proxy_set(document).update(tls_context="default", proxy_addresses=[
            {"address": f"{REGISTRAR_NAME}:5061", "transport": "tls"}])

    frames = first_registration(
        make_lab, over_tls, tmp_path / "sip.pcap",
        registrar_settings=RegistrarSettings(certificate=certificate, private_key=key))
    assert words_of(frames)[:4] == REGISTRATION
    assert [frame["udp.srcport"] for frame in frames[:2]] == [["5061"], ["5061"]]


def test_a_filter_keeps_the_rest_out_and_when_it_is_off_nothing_is_copied(watched, tmp_path):
    lab, client = watched
    begun = act(lab, "cli", "-c", "debug capture voip physical start method REGISTER user 100")
    assert begun.returncode == 0, begun.stderr
    register_again(lab, client)
    ended = act(lab, "cli", "-c", "debug capture voip physical stop")
    assert ended.returncode == 0, ended.stderr
    frames = sip_in(fetched(client, tmp_path / "sip.pcap"))
    assert {frame["sip.from.user"][0] for frame in frames} == {"100"}
    before = client.get("capture").json
    assert before["messages"] == len(frames) < before["seen"]
    register_again(lab, client)
    after = client.get("capture").json
    assert after["seen"] == before["seen"], "taps are shut"
    assert after["bytes"] == before["bytes"]
    shown = act(lab, "cli", "-c", "debug capture voip physical show")
    assert "Filter:    method REGISTER user 100\n" in shown.stdout


def test_what_is_wrong_is_refused_and_leaves_no_capture(watched):
    _, client = watched
    refused = client.ask("POST", "actions/startCapture", {"host": "registrar"})
    assert refused.status == 400
    assert "host: found 'registrar'" in refused.json["description"]
    assert client.get("sipTrace?port=x").status == 400
    assert client.get("capture").json["running"] is False


def test_only_administrators_see_messages(watched):
    lab, client = watched
    with RestClient(lab, "watcher") as watcher:
        assert watcher.get("capture").status == 200
        assert watcher.get("files/capture").status == 403
        assert watcher.get("sipTrace").status == 403
        assert watcher.get("registrations/office/trace").status == 403
        assert watcher.ask("POST", "actions/startCapture").status == 403
        assert watcher.ask("POST", "actions/stopCapture").status == 403
    with RestClient(lab, "operator") as operator:
        assert operator.ask("POST", "actions/startCapture").status == 200
        assert "response=" in operator.get("registrations/office/trace").body.decode()
    assert client.get("files/capture").status == 200


class Trace:
    """A client of the live trace."""

    def __init__(self, client, query=""):
        self.stream = client.tls_socket()
        self.stream.sendall(f"GET /api/v1/sipTrace{query} HTTP/1.1\r\nHost: x\r\nAuthorization: "
                            f"{client.authorization}\r\n\r\n".encode())
        self.text = b""
        self._read_until(b": the stream begins\n\n")

    def _read_until(self, end):
        while end not in self.text:
            piece = self.stream.recv(65536)
            assert piece, self.text
            self.text += piece
        before, self.text = self.text.split(end, 1)
        return before

    def next(self):
        """The next event: its kind and its data."""
        lines = self._read_until(b"\n\n").decode().splitlines()
        fields = dict(line.split(": ", 1) for line in lines if line.startswith(("event", "data")))
        return fields["event"], json.loads(fields["data"])

    def close(self):
        self.stream.close()


def test_the_live_trace_shows_messages_as_they_go(watched):
    lab, client = watched
    trace = Trace(client, f"?host={REGISTRAR}&method=REGISTER&user=100")
    assert client.ask("POST", "actions/register", {"target": "office"}).status == 200
    seen = []
    while "200" not in [str(message["status"]) for message in seen]:
        kind, message = trace.next()
        assert kind == "message"
        seen.append(message)
    assert seen[0]["direction"] == "sent" and seen[-1]["direction"] == "received"
    assert all(message["method"] == "REGISTER" and message["transport"] == "udp"
               and message["local"] == f"{APPLIANCE}:5060"
               and message["remote"] == f"{REGISTRAR}:5060" for message in seen)
    assert seen[0]["summary"].startswith("REGISTER sip:")
    assert seen[0]["text"].endswith("\r\n\r\n")
    assert seen[0]["call_id"] == seen[-1]["call_id"]
    times = [message["time"] for message in seen]
    assert all(MICROSECONDS.fullmatch(moment) for moment in times), times
    assert sorted(times) == times and len(set(times)) == len(times)
    shown = client.get("capture").json["seen"]
    trace.close()
    wait_until(lambda: is_shut(lab, client), 60, lambda: "the taps, after " + str(shown))


def is_shut(lab, client):
    """Nobody watches: what is sent is not seen."""
    before = client.get("capture").json["seen"]
    assert client.ask("POST", "actions/register", {"target": "office"}).status == 200
    lab.wait_state("office", "REGISTERED")
    return client.get("capture").json["seen"] == before


def test_so_many_may_watch_and_metrics_count(watched):
    lab, client = watched
    traces = [Trace(client) for _ in range(4)]
    busy = client.get("sipTrace")
    assert busy.status == 503 and "Retry-After" in busy.headers
    register_again(lab, client)
    for trace in traces:
        assert trace.next()[0] == "message"
    text = client.ask("GET", "/metrics").body.decode()
    assert "trunkline_capture_running 0\n" in text
    assert 'trunkline_capture_dropped_total{where="shard"} 0\n' in text
    shown = [line for line in text.splitlines()
             if line.startswith("trunkline_capture_messages_total ")]
    assert float(shown[0].split()[1]) > 0
    for trace in traces:
        trace.close()


HEP_PORT, HEP_ID, HEP_KEY = 9060, 2001, "myHep"


def exporting(protocol, port=HEP_PORT):
    def change(document):
        with_rest(document)
        document.setdefault("troubleshoot", {})["sip_capture"] = {
            "enable_hep_export": True, "hep_server_ip": ADDRESS, "hep_server_port": port,
            "hep_protocol": protocol, "hep_capture_id": HEP_ID, "hep_auth_key": HEP_KEY}
    return change


def collector(lab, kind):
    """A socket where Homer would listen."""
    made = lab.instance.port.socket(socket.AF_INET, kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((ADDRESS, HEP_PORT))
    made.settimeout(60)
    return made


def chunks_of(message):
    """A message of HEP 3, taken apart: type -> data."""
    assert message[:4] == b"HEP3" and struct.unpack("!H", message[4:6])[0] == len(message)
    chunks, at = {}, 6
    while at < len(message):
        vendor, kind, length = struct.unpack("!HHH", message[at:at + 6])
        assert vendor == 0 and kind not in chunks and length >= 6
        chunks[kind] = message[at + 6:at + length]
        at += length
    assert at == len(message)
    return chunks


def payloads_of_a_registration(read):
    """Payloads until a REGISTER was granted; each message is one of ours."""
    payloads = []
    while not any(payload.startswith(b"SIP/2.0 200") and b" REGISTER\r\n" in payload
                  for payload in payloads):
        chunks = chunks_of(read())
        assert struct.unpack("!I", chunks[12])[0] == HEP_ID and chunks[14] == HEP_KEY.encode()
        assert chunks[11] == b"\x01" and chunks[17] in chunks[15]
        ends = {socket.inet_ntoa(chunks[3]), socket.inet_ntoa(chunks[4])}
        assert ends == {APPLIANCE, REGISTRAR}
        payloads.append(chunks[15])
    return payloads


def test_a_collector_gets_all_messages_over_udp(make_lab):
    lab = make_lab(exporting("udp"), start=False)
    server = collector(lab, socket.SOCK_DGRAM)
    lab.start_appliance()
    lab.wait_registered()
    payloads = payloads_of_a_registration(lambda: server.recv(65536))
    assert any(payload.startswith(b"REGISTER ") for payload in payloads)
    assert any(payload.startswith(b"SIP/2.0 401 ") for payload in payloads)


def test_a_collector_over_tcp_may_come_late(make_lab):
    lab = make_lab(exporting("tcp"), start=False)
    server = collector(lab, socket.SOCK_STREAM)
    lab.start_appliance()
    lab.wait_registered()
    wait_ready(lab)
    wait_until(lambda: "the HEP server takes no messages" in lab.appliance.server.output(), 60,
               lab.appliance.server.output)
    server.listen()
    connection, _ = server.accept()
    connection.settimeout(60)
    stream = connection.makefile("rb")

    def read():
        head = stream.read(6)
        return head + stream.read(struct.unpack("!H", head[4:6])[0] - 6)

    payloads_of_a_registration(read)
    with RestClient(lab) as client:
        wait_until(lambda: client.get("capture").json["hep_sent"] > 0, 60, lambda: "sent ones")
        assert client.get("capture").json["hep_dropped"] == 0
        seen = client.get("capture").json["seen"]
        off = client.ask("PATCH", "config/troubleshoot/sip_capture", {"enable_hep_export": False})
        assert off.status == 200, off.json
        assert client.ask("POST", "actions/register", {"target": "office"}).status == 200
        lab.wait_state("office", "REGISTERED")
        assert client.get("capture").json["seen"] == seen, "taps are shut"
