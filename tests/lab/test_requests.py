"""What the appliance does with what others send to its SIP port."""

import os
import random
import subprocess

import pytest
from expected import APPLIANCE, REGISTRAR
from sip_client import SipClient, request

OPTIONS_SCENARIO = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="options">
  <send retrans="500"><![CDATA[
OPTIONS sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]
Max-Forwards: 70
From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]-[call_number]
To: <sip:[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 OPTIONS
Content-Length: 0

]]></send>
  <recv response="200" rtd="true"><action>
    <ereg regexp="OPTIONS" search_in="hdr" header="Allow:" check_it="true" assign_to="1"/>
  </action></recv>
  <Reference variables="1"/>
</scenario>
"""


@pytest.fixture
def client(registered_lab):
    with SipClient(registered_lab.instance.lab, REGISTRAR) as made:
        yield made


def options(client, **more):
    return request("OPTIONS", f"sip:{APPLIANCE}", sender=client.sender, **more)


def malformed_count(lab):
    shards = lab.appliance.counters()["shards"]
    return sum(shard["malformed_answered"] + shard["malformed_dropped"] for shard in shards)


def assert_lives(lab, client):
    lab.appliance.check_alive()
    assert client.ask(options(client), APPLIANCE).status == 200


def test_options_is_answered_with_what_is_allowed(client):
    answer = client.ask(options(client), APPLIANCE)
    assert answer.status == 200
    assert "OPTIONS" in answer.header("allow")
    assert answer.header("content-length") == "0"
    assert "tag=" in answer.header("to")


@pytest.mark.parametrize("method", ["PUBLISH", "FROBNICATE"])
def test_an_unknown_method_is_refused_with_what_is_allowed(client, method):
    answer = client.ask(request(method, f"sip:{APPLIANCE}", sender=client.sender), APPLIANCE)
    assert answer.status == 405
    assert "OPTIONS" in answer.header("allow")


def test_the_answer_comes_back_to_the_port_that_asked(client):
    """RFC 3581: the Via names another host and port than the packet came from."""
    answer = client.ask(request("OPTIONS", f"sip:{APPLIANCE}", sender="198.51.100.7:9"), APPLIANCE)
    assert answer.status == 200
    via = answer.header("via")
    assert f"rport={client.port}" in via
    assert f"received={REGISTRAR}" in via


def test_a_request_in_fragments_is_answered(client):
    body = b"x" * 5000
    answer = client.ask(options(client, extra=["Content-Type: text/plain"], body=body), APPLIANCE)
    assert answer.status == 200


def test_sipp_gets_all_its_answers(registered_lab, tmp_path):
    scenario = tmp_path / "options.xml"
    scenario.write_text(OPTIONS_SCENARIO, encoding="utf-8")
    command = registered_lab.instance.lab.command(
        "sipp", APPLIANCE, "-sf", str(scenario), "-i", REGISTRAR, "-m", "2000", "-r", "1000",
        "-nostdin", "-timeout", "60s", "-timeout_error")
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            env={**os.environ, "TERM": "dumb"}, cwd=tmp_path, timeout=90,
                            check=False)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]


GOOD = request("OPTIONS", f"sip:{APPLIANCE}", sender="192.0.2.1:5099")
GARBAGE = {
    "empty": b"",
    "keepalive": b"\r\n\r\n",
    "one byte": b"O",
    "truncated start line": GOOD[:12],
    "truncated headers": GOOD[:len(GOOD) // 2],
    "NUL in the start line": GOOD.replace(b"sip:", b"si\0p:", 1),
    "NUL in a header": GOOD.replace(b"Max-Forwards: 70", b"Max-Forwards: 7\0"),
    "binary": bytes(range(256)) * 4,
    "only line ends": b"\r\n" * 700,
    "a response to nothing": b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKno\r\n"
                             b"Content-Length: 0\r\n\r\n",
    "more body promised than sent": GOOD.replace(b"Content-Length: 0", b"Content-Length: 5000"),
    "negative length": GOOD.replace(b"Content-Length: 0", b"Content-Length: -1"),
    "huge CSeq": GOOD.replace(b"CSeq: 1 ", b"CSeq: 99999999999999 "),
    "no Via": b"\r\n".join(l for l in GOOD.split(b"\r\n") if not l.startswith(b"Via")),
    "no Call-ID": b"\r\n".join(l for l in GOOD.split(b"\r\n") if not l.startswith(b"Call-ID")),
    "a header of 4 kB": GOOD.replace(b"Max-Forwards", b"X-Long: " + b"a" * 4000
                                     + b"\r\nMax-Forwards"),
    "1500 headers": GOOD.replace(b"Max-Forwards", b"X: y\r\n" * 1500 + b"Max-Forwards"),
    "60 kB": b"OPTIONS " + b"A" * 60_000,
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_survived(registered_lab, client, name):
    client.send(GARBAGE[name], APPLIANCE)
    assert_lives(registered_lab, client)


@pytest.mark.parametrize("name", ["NUL in a header", "binary", "truncated headers"])
def test_garbage_is_counted(registered_lab, client, name):
    before = malformed_count(registered_lab)
    client.send(GARBAGE[name], APPLIANCE)
    # One socket, one order: the answer to the request behind it says that it was looked at.
    assert_lives(registered_lab, client)
    assert malformed_count(registered_lab) == before + 1


def test_a_request_that_cannot_be_parsed_but_answered_gets_400(client):
    bad = options(client).replace(b"Max-Forwards: 70", b"Max-Forwards: many")
    assert client.ask(bad, APPLIANCE).status == 400


def test_random_changes_of_a_good_request_are_survived(registered_lab, client):
    generator = random.Random(20)
    for _ in range(2000):
        data = bytearray(options(client))
        for _ in range(generator.randint(1, 8)):
            data[generator.randrange(len(data))] = generator.randrange(256)
        client.send(bytes(data[:generator.randint(0, len(data))]), APPLIANCE)
    while True:
        client.socket.settimeout(0.2)
        try:
            client.receive()
        except TimeoutError:
            break
    client.socket.settimeout(3)
    assert_lives(registered_lab, client)
    assert all(row["registered"] for row in registered_lab.appliance.registrations())
