"""A clean stop: it waits for its un-REGISTERs while they are answered, and says what stays behind."""

import signal

from expected import AORS, only_account, proxy_set

from lab.waiting import wait_until


def log_of(lab):
    return (lab.instance.logs / "trunkline.log").read_text(encoding="utf-8")


def test_a_stop_waits_for_every_binding_however_slow_the_pace(make_lab):
    """Seven at one a second: more than a server that answers nothing would be given."""
    def change(document):
        document["appliance"]["shards"] = 1
        proxy_set(document)["registration_rate"] = 1

    lab = make_lab(change)
    lab.wait_registered(60)
    assert set(lab.kamailio.bindings()) == AORS
    assert lab.appliance.stop() == 0
    assert lab.kamailio.bindings() == {}
    assert "no binding is left, 0 requests are unanswered" in log_of(lab)


def test_a_stop_gives_up_a_registrar_that_answers_nothing_and_counts_what_stays(make_lab):
    lab = make_lab()
    lab.wait_registered()
    lab.kamailio.freeze()
    # Timer F alone would take 32 s.
    assert lab.appliance.stop(grace=25) == 0
    log = log_of(lab)
    assert f"{len(AORS)} bindings are left to expire: no un-REGISTER was answered for 5 s" in log
    lab.kamailio.thaw()
    assert set(lab.kamailio.bindings()) == AORS


def test_a_stop_that_has_begun_is_not_turned_into_a_new_start(make_lab):
    lab = make_lab()
    lab.wait_registered()
    lab.kamailio.freeze()
    lab.appliance.server.signal(signal.SIGTERM)
    wait_until(lambda: "shards  un-registering" in log_of(lab), 20, "the stop has begun")
    assert lab.appliance.ask("reload", when="without-saving")["ok"]
    assert lab.appliance.server.wait(40) == 0
    log = log_of(lab)
    assert "is being stopped, and does not start anew" in log
    assert "bindings are left to expire" in log
    assert log.count("board  ready") == 1


def test_a_stop_gives_up_a_register_that_is_out(make_lab):
    lab = make_lab(only_account, start=False)
    lab.kamailio.freeze()
    lab.start_appliance()
    lab.wait_state("office", "REGISTERING")
    assert lab.appliance.stop(grace=25) == 0
    lab.kamailio.thaw()
    assert "no binding is left, 1 requests are unanswered" in log_of(lab)


def test_a_stop_before_names_are_answered_un_registers_once_they_are(make_lab):
    """Only a configured server gets credentials, and which one is configured DNS says."""
    lab = make_lab()
    lab.wait_registered()
    lab.appliance.server.signal(signal.SIGKILL)
    lab.appliance.server.wait(10)
    lab.dnsmasq.freeze()
    lab.start_appliance()
    wait_until(lambda: lab.appliance.registrations(), 20, "the appliance answers")
    lab.appliance.server.signal(signal.SIGTERM)
    wait_until(lambda: "shards  un-registering" in log_of(lab), 20, "the stop has begun")
    assert set(lab.kamailio.bindings()) == AORS
    lab.dnsmasq.thaw()
    assert lab.appliance.server.wait(30) == 0
    assert lab.kamailio.bindings() == {}
    assert "no binding is left, 0 requests are unanswered" in log_of(lab)
