"""A locked appliance, as its registrar, its peers and its operators see it."""

from capture import Capture, decode
from expected import AORS, APPLIANCE, REGISTRAR
from operator_commands import act
from rest_client import RestClient, wait_ready, with_rest
from sip_client import SipClient, request
from test_alarms import alarm
from test_cli import run
from test_operator_actions import wait_bindings

from lab import configuration
from lab.lab import LAB_INTERFACE
from lab.waiting import wait_until

ALARM = "acgwAdminStateChange"
USERS = {aor.partition("@")[0] for aor in AORS}


def registers_sent(path):
    """Expires of every REGISTER that the appliance sent."""
    rows = decode(path, f"sip.Method == REGISTER && ip.src == {APPLIANCE}", ["sip.Expires"])
    return [row["sip.Expires"][0] for row in rows]


def asked(peer):
    """What the appliance answers OPTIONS with."""
    return peer.ask(request("OPTIONS", f"sip:probe@{APPLIANCE}", sender=peer.sender), APPLIANCE)


def change_a_contact(lab):
    """Of the account 'hotel'; nobody registers the new one while it is locked."""
    document = configuration.load(lab.config)
    document["signaling_and_media"]["accounts"][2]["contact_user"] = "400"
    configuration.write(document, lab.config)
    result = act(lab, "apply", str(lab.config))
    assert result.returncode == 0, result.stderr


def test_a_locked_appliance_serves_nobody_until_it_is_unlocked(make_lab, tmp_path):
    lab = make_lab(with_rest)
    wait_ready(lab)
    lab.wait_registered()
    with RestClient(lab, "operator") as client, SipClient(lab.instance.lab, REGISTRAR) as peer:
        assert asked(peer).status == 200
        assert client.get("status").json["operationalState"] == "UNLOCKED"
        with Capture(lab.instance.lab, LAB_INTERFACE, tmp_path / "locked.pcap"):
            assert client.ask("POST", "actions/lock").json == {"description": "The appliance is locked"}
            wait_bindings(lab, set())
            assert client.get("status").json["operationalState"] == "LOCKED"
            answer = asked(peer)
            assert (answer.status, answer.header("Retry-After")) == (503, None)
            raised = alarm(lab, ALARM)
            assert (raised["severity"], raised["source"], raised["description"]) == ("major", "System#0", "Locked")
            change_a_contact(lab)
            assert client.ask("POST", "actions/register", {"target": "all"}).status == 409
            refused = act(lab, "register", "all")
            assert refused.returncode == 1
            assert "the appliance is locked; unlock it first" in refused.stderr
            assert {row["reason"] for row in lab.appliance.registrations()} == {"the appliance is locked"}
            # What the shards had sent at once is on the wire before the answer to a later request.
            assert asked(peer).status == 503
        assert set(registers_sent(tmp_path / "locked.pcap")) == {"0"}
        assert client.ask("POST", "actions/unlock").json == {"description": "The appliance is unlocked"}
        wait_bindings(lab, USERS - {"300"} | {"400"})
        assert asked(peer).status == 200
        assert client.get("status").json["operationalState"] == "UNLOCKED"
    assert not alarm(lab, ALARM)
    history = lab.appliance.ask("alarms history", limit=1000)["alarms"]
    assert [row["severity"] for row in history if row["name"] == ALARM] == ["major", "cleared"]
    for line in ("locks the appliance", "unlocks the appliance"):
        assert f"): {line}\n" in lab.appliance.server.output()


def test_the_command_line_locks_and_a_restart_unlocks(make_lab):
    lab = make_lab()
    lab.wait_registered()
    assert run(lab, "admin state lock graceful 60", "show admin state") == (
        "The appliance is locked\nCurrent Admin State: LOCKED\n")
    wait_bindings(lab, set())
    assert "Error: 'all' does not register" in run(lab, "register all", code=1)
    run(lab, "reload without-saving")
    wait_until(lambda: (lab.appliance.ask("system status") or {}).get("locked") is False, 60,
               "an appliance that is unlocked")
    lab.wait_registered(60)
    wait_bindings(lab, USERS)
