"""Register, Un-Register and a changed configuration while the appliance runs."""

import json

import pytest
from capture import Capture, decode
from expected import AORS, APPLIANCE, DOMAIN, REGISTRAR, proxy_and_registration
from operator_commands import act, show
from sip_client import SipClient, request

from lab import configuration
from lab.lab import LAB_INTERFACE
from lab.waiting import wait_until


def wait_bindings(lab, users):
    expected = {f"{user}@{DOMAIN}" for user in users}
    wait_until(lambda: set(lab.kamailio.bindings()) == expected, 10,
               lambda: f"bindings {expected}, but there are {set(lab.kamailio.bindings())}")


# TA7
def test_unregister_and_register_act_on_one_and_on_all(make_lab):
    lab = make_lab()
    lab.wait_registered()
    users = {aor.partition("@")[0] for aor in AORS}
    for target, gone in (("device", {"gateway", "2001", "2002", "3000"}),
                         ("trunk group 2", {"3000"}), ("office", {"100"})):
        assert act(lab, "unregister", *target.split()).returncode == 0
        wait_bindings(lab, users - gone)
        assert act(lab, "register", *target.split()).returncode == 0
        wait_bindings(lab, users)
    assert act(lab, "unregister", "all").returncode == 0
    wait_bindings(lab, set())
    assert act(lab, "register", "all").returncode == 0
    wait_bindings(lab, users)


def sent_in(path):
    """User and method of every SIP message that the appliance sent."""
    rows = decode(path, f"sip && ip.src == {APPLIANCE}", ["sip.to.user", "sip.CSeq.method"])
    return [(row["sip.to.user"][0], row["sip.CSeq.method"][0]) for row in rows]


def test_apply_registers_the_new_unregisters_the_gone_and_leaves_the_rest_alone(make_lab, tmp_path):
    lab = make_lab()
    before = {row["name"]: row for row in lab.wait_registered()}
    document = configuration.load(lab.config)
    accounts = document["signaling_and_media"]["accounts"]
    accounts[2].update(name="annex", contact_user="400")
    configuration.write(document, lab.config)
    users = {aor.partition("@")[0] for aor in AORS}
    with Capture(lab.instance.lab, LAB_INTERFACE, tmp_path / "wire.pcap"):
        result = act(lab, "apply", str(lab.config))
        assert result.returncode == 0, result.stderr
        difference, applied = result.stdout.rsplit("\n", 2)[:2]
        assert difference.splitlines() == [
            "~ signaling_and_media.accounts[2].name: hotel -> annex",
            "~ signaling_and_media.accounts[2].contact_user: 300 -> 400"]
        assert applied == f"applied: 1 new, 1 removed, {len(users) - 1} kept"
        wait_bindings(lab, users - {"300"} | {"400"})
        after = {row["name"]: row for row in lab.wait_registered()}
    assert set(sent_in(tmp_path / "wire.pcap")) == {("300", "REGISTER"), ("400", "REGISTER")}
    assert set(after) == set(before) - {"hotel"} | {"annex"}
    for name in set(before) & set(after):
        assert after[name]["call_id"] == before[name]["call_id"]
        assert after[name]["cseq"] == before[name]["cseq"]


def test_apply_of_what_runs_already_sends_nothing(make_lab, tmp_path):
    lab = make_lab()
    count = len(lab.wait_registered())
    with (Capture(lab.instance.lab, LAB_INTERFACE, tmp_path / "wire.pcap"),
          SipClient(lab.instance.lab, REGISTRAR) as client):
        result = act(lab, "apply", str(lab.config))
        assert result.stdout == f"applied: 0 new, 0 removed, {count} kept\n"
        # What the shard had sent at once is on the wire before its answer to a later request.
        asked = request("OPTIONS", f"sip:probe@{APPLIANCE}", sender=client.sender)
        assert client.ask(asked, APPLIANCE).status == 200
    assert set(sent_in(tmp_path / "wire.pcap")) == {("probe", "OPTIONS")}


def change_port(document):
    document["signaling_and_media"]["sip_interfaces"][0]["udp_port"] = 5070


def change_address(document):
    document["ip_network"]["ip_interfaces"][0]["address"] = "192.0.2.11/24"


def change_shards(document):
    document["appliance"]["shards"] = 2


@pytest.mark.parametrize(("change", "path"), [
    (change_port, "signaling_and_media.sip_interfaces[0].udp_port"),
    (change_address, "ip_network.ip_interfaces[0].address"),
    (change_shards, "appliance.shards"),
])
def test_apply_of_what_needs_a_reset_says_so_and_does_the_rest(make_lab, change, path):
    lab = make_lab()
    before = {row["name"]: row for row in lab.wait_registered()}
    document = configuration.load(lab.config)
    document["signaling_and_media"]["accounts"][2]["contact_user"] = "400"
    change(document)
    configuration.write(document, lab.config)
    result = act(lab, "apply", str(lab.config))
    assert result.returncode == 0, result.stderr
    assert any(line.startswith((f"~ {path}: ", f"+ {path}: ")) and line.endswith("(after a reset)")
               for line in result.stdout.splitlines()), result.stdout
    assert result.stdout.endswith("kept\na reset is needed for what is marked so\n")
    users = {aor.partition("@")[0] for aor in AORS}
    wait_bindings(lab, users - {"300"} | {"400"})
    after = {row["name"]: row for row in lab.wait_registered()}
    for name in set(before) - {"hotel"}:
        assert after[name]["call_id"] == before[name]["call_id"]
        assert after[name]["cseq"] == before[name]["cseq"]


def test_what_is_set_and_does_not_act_yet_is_told(make_lab):
    def change(document):
        proxy_and_registration(document)["enable_fallback_to_routing_table"] = True

    lab = make_lab(change)
    lab.wait_registered()
    path = "sip_definitions.proxy_and_registration.enable_fallback_to_routing_table"
    row, = json.loads(show(lab, "not-in-effect", "--json"))
    assert row["path"].endswith(path)
    assert row["value"] == "true"
    assert row["waits_for"] == "calls"
    text = show(lab, "not-in-effect")
    assert f"{path}: true (acts with calls)\n" in text
    assert text.endswith("1 parameter set and not yet in effect\n")


def test_a_faulty_file_is_refused_and_changes_nothing(make_lab):
    lab = make_lab()
    before = lab.wait_registered()
    document = configuration.load(lab.config)
    document["signaling_and_media"]["accounts"][0]["serving_ip_group"] = "nowhere"
    configuration.write(document, lab.config)
    result = act(lab, "apply", str(lab.config))
    assert result.returncode == 1
    assert "nowhere" in result.stderr
    after = lab.appliance.registrations()
    assert [row["call_id"] for row in after] == [row["call_id"] for row in before]
