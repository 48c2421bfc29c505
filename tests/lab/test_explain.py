"""`trunkline show registration NAME --trace`: what an operator is told of the last flows of an entity."""

import hashlib
import json
import re

import pytest
from capture import Capture, decode
from expected import (APPLIANCE, DOMAIN, REGISTRAR, general, only_account, proxy_and_registration,
                      proxy_set)
from operator_commands import act, show
from sipp_registrar import SippRegistrar

from lab.lab import LAB_INTERFACE

PASSWORD = "a secret of the lab"
MANUAL = "10.2.2.222"
BASIC = "192.0.2.7"


def flows_of(lab, name):
    return json.loads(show(lab, "registration", name, "--trace", "--json"))


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


@pytest.fixture
def traced(make_lab, tmp_path):
    """An account that Kamailio challenged, and what went over the wire for it."""
    def change(document):
        only_account(document, password=PASSWORD)
        general(document).update(t1=5000, t2=5000)  # nothing comes twice, however busy the machine

    lab = make_lab(change, start=False)
    with Capture(lab.instance.lab, LAB_INTERFACE, tmp_path / "wire.pcap"):
        lab.start_appliance()
        lab.wait_registered()
    wire = [bytes.fromhex(row["udp.payload"][0]).decode()
            for row in decode(tmp_path / "wire.pcap", "sip", ["udp.payload"])]
    return lab, wire


def test_the_trace_is_a_ladder_with_the_whole_messages(traced):
    lab, wire = traced
    assert len(wire) == 4
    text = show(lab, "registration", "office", "--trace")
    arrows = re.findall(r"UTC  (\S+) (<?-- .* --?>?) (\S+)  \(udp\)", text)
    here, there = f"{APPLIANCE}:5060", f"{REGISTRAR}:5060"
    assert arrows == [(here, "-- REGISTER -->", there), (here, "<-- 401 Unauthorized --", there),
                      (here, "-- REGISTER -->", there), (here, "<-- 200 OK --", there)]
    below = text
    for message in wire:
        for line in message.rstrip().split("\r\n"):
            assert f"    {line}\n" in below
            below = below.partition(f"    {line}\n")[2]
    events = [event for event in flows_of(lab, "office")[-1] if event["kind"] != "note"]
    assert [event["text"] for event in events] == wire


def test_the_trace_tells_how_a_digest_was_computed_and_keeps_the_secret(traced):
    lab, _ = traced
    text = show(lab, "registration", "office", "--trace")
    explained, = [event["explanation"][0] for event in flows_of(lab, "office")[-1]
                  if event["explanation"]]
    for line in explained:
        assert f"      {line}\n" in text
    ha1 = md5(f"office:{DOMAIN}:{PASSWORD}")
    assert f"A1 = office:{DOMAIN}:<password>" in explained
    assert f"A2 = REGISTER:sip:{DOMAIN}" in explained
    assert f"H(A2) = MD5 of A2 = {md5(f'REGISTER:sip:{DOMAIN}')}" in explained
    formula = next(line for line in explained if "<H(A1)>" in line).partition("MD5 of ")[2]
    assert f"sent     = {md5(formula.replace('<H(A1)>', ha1))}" in explained
    everything = text + show(lab, "registration", "office", "--trace", "--json")
    assert PASSWORD not in everything
    assert ha1 not in everything


# TA2
def test_the_manuals_example_is_explained_with_the_right_figures(make_lab, tmp_path):
    def change(document):
        only_account(document, user_name="122", contact_user="122", password="AudioCodes",
                     host_name=MANUAL)
        proxy_set(document)["proxy_addresses"] = [{"address": MANUAL, "transport": "udp"}]
        proxy_and_registration(document)["registrar_name"] = MANUAL
        document["signaling_and_media"]["ip_groups"][0]["sip_group_name"] = MANUAL

    lab = make_lab(change, start=False)
    with SippRegistrar(lab.instance.lab, MANUAL, "trace_a", tmp_path):
        lab.start_appliance()
        lab.wait_registered()
        text = show(lab, "registration", "office", "--trace")
        lab.appliance.server.end(0)
    assert "H(A2) = MD5 of A2 = a9a031cfddcb10d91c8e7b4926086f7e\n" in text
    assert "sent     = ced1be6f6bee4719894543e3b714aeee\n" in text
    assert "c2196e6626e438c1e1ccce9d6e59b2e7" not in text, "H(A1) is as good as the password"


# T104
def test_the_trace_masks_basic_credentials(make_lab, tmp_path):
    def change(document):
        only_account(document, password=PASSWORD)
        proxy_set(document)["proxy_addresses"] = [{"address": BASIC, "transport": "udp"}]
        proxy_and_registration(document)["allow_basic_authentication"] = True

    lab = make_lab(change, start=False)
    with SippRegistrar(lab.instance.lab, BASIC, "answer_then_accept", tmp_path,
                       status="401 Unauthorized",
                       extra='WWW-Authenticate: Basic realm="lab"') as registrar:
        lab.start_appliance()
        lab.wait_registered()
        sent = registrar.wait_received(2)[1].header("authorization")
        text = (show(lab, "registration", "office", "--trace")
                + show(lab, "registration", "office", "--trace", "--json"))
        lab.appliance.server.end(0)
    scheme, _, credentials = sent.partition(" ")
    assert scheme == "Basic" and credentials
    assert credentials not in text
    assert "Authorization: Basic <not shown>" in text


def test_a_failure_is_told_in_the_trace_with_its_reason_and_what_comes_next(make_lab, tmp_path):
    def change(document):
        only_account(document)
        proxy_set(document)["proxy_addresses"] = [{"address": BASIC, "transport": "udp"}]

    lab = make_lab(change, start=False)
    with SippRegistrar(lab.instance.lab, BASIC, "answer", tmp_path, status="404 Not Found"):
        lab.start_appliance()
        lab.wait_state("office", "FAILED")
        text = show(lab, "registration", "office", "--trace")
        lab.appliance.server.end(0)
    assert re.search(r"UTC  \* FAILED: 404 Not Found; next attempt in 3\d\d(\.\d+)? s\n", text)


@pytest.mark.parametrize(("words", "says"), [
    (["nobody", "--trace"], "nothing registers as 'nobody'"),
    (["--trace"], "--trace needs the name of a registration"),
    (["nobody"], "nothing registers as 'nobody'"),
])
def test_who_does_not_register_has_no_trace(registered_lab, words, says):
    result = act(registered_lab, "show", "registration", *words)
    assert result.returncode == 1
    assert says in result.stderr
