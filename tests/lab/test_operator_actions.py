"""Register, Un-Register and a changed configuration while the appliance runs."""

from expected import AORS, DOMAIN
from operator_commands import act

from lab import configuration
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


def test_apply_registers_the_new_unregisters_the_gone_and_leaves_the_rest_alone(make_lab):
    lab = make_lab()
    before = {row["name"]: row for row in lab.wait_registered()}
    document = configuration.load(lab.config)
    accounts = document["signaling_and_media"]["accounts"]
    accounts[2].update(name="annex", contact_user="400")
    configuration.write(document, lab.config)
    result = act(lab, "apply", str(lab.config))
    assert result.returncode == 0, result.stderr
    users = {aor.partition("@")[0] for aor in AORS}
    wait_bindings(lab, users - {"300"} | {"400"})
    after = {row["name"]: row for row in lab.wait_registered()}
    for name in set(before) & set(after):
        assert after[name]["call_id"] == before[name]["call_id"]
        assert after[name]["cseq"] == before[name]["cseq"]


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
