"""Alarms of what goes wrong around the appliance; those of registrations and links are in test_snmp.py."""

import signal
import socket

from expected import APPLIANCE, general, only_account, proxy_set
from openssl import make_certificate
from operator_commands import act
from snmp_agent import SnmpAgent
from test_syslog import ALARM, UdpServer, syslog_settings

from lab.waiting import wait_until


def alarms(lab, name):
    """The active ones of that name."""
    reply = lab.appliance.ask("alarms active", limit=1000) or {"alarms": []}
    return [row for row in reply["alarms"] if row["name"] == name]


def alarm(lab, name):
    """The active one of that name, or None."""
    return next(iter(alarms(lab, name)), None)


def test_every_one_of_many_registrations_that_fail_at_once_is_an_alarm(make_lab):
    """More of them than are told one by one as events."""
    name, many = "acAccountRegistrationAlarm", 300

    def change(document):
        only_account(document)
        general(document).update(t1=100, t2=400)
        document["appliance"]["shards"] = 1
        accounts = document["signaling_and_media"]["accounts"]
        accounts.extend({**accounts[0], "name": f"account {i}", "contact_user": f"{1000 + i}"}
                        for i in range(1, many))

    lab = make_lab(change, start=False)
    lab.kamailio.stop()
    lab.start_appliance()
    wait_until(lambda: len(alarms(lab, name)) == many, 60, lambda: f"{many} alarms; there are "
               f"{len(alarms(lab, name))}")
    assert {row["source"] for row in alarms(lab, name)} == {
        f"Board#1/IPGroup#0/Account#{i}" for i in range(many)}
    assert act(lab, "unregister", "all").returncode == 0
    wait_until(lambda: not alarms(lab, name), 30, lambda: f"no alarm left; there are "
               f"{len(alarms(lab, name))}")


def test_a_lost_proxy_is_told_everywhere_until_it_is_back(make_lab):
    name = "acProxyConnectionLost"
    source = "System#0/ProxyConnection#0"
    text = "Proxy Set Alarm: Proxy Set 0 (ITSP): Proxy not found. Use internal routing"

    def change(document):
        syslog_settings()(document)
        general(document).update(t1=100, t2=400)
        proxy_set(document).update(keep_alive="using_options", keep_alive_time=5)
        document.setdefault("administration", {})["snmp"] = {
            "disable_snmp": False, "agentx_socket": "/nowhere/agentx"}

    lab = make_lab(change, start=False)
    syslog = UdpServer(lab.instance.port)
    with SnmpAgent(lab) as agent:
        agent.serve(lab)
        agent.start_master()
        lab.start_appliance()
        lab.wait_registered()
        lab.kamailio.freeze()
        raised = wait_until(lambda: alarm(lab, name), 120, "the alarm")
        assert (raised["severity"], raised["source"], raised["description"]) == (
            "major", source, text)
        told = ALARM.match(syslog.wait_for(f"RAISE-ALARM:{name}")["text"])
        assert (told["severity"], told["source"], told["description"]) == ("major", source, text)
        trap = agent.wait_for_trap(94)
        assert trap[agent.trap_field(2)] == f'STRING: "{text}"'
        assert trap[agent.trap_field(4)] == "INTEGER: 4"
        lab.kamailio.thaw()
        wait_until(lambda: not alarm(lab, name), 120, "the alarm cleared")
        syslog.wait_for(f"CLEAR-ALARM:{name}")
        wait_until(lambda: agent.wait_for_trap(94)[agent.trap_field(4)] == "INTEGER: 0", 30,
                   "the alarm's end as a trap")


def test_a_silent_name_server_is_an_alarm_until_it_answers(make_lab):
    name = "acNoReplyFromDNSServerAlarm"
    lab = make_lab(start=False)
    lab.dnsmasq.freeze()
    lab.start_appliance()
    raised = wait_until(lambda: alarm(lab, name), 60, "the alarm")
    assert raised["severity"] == "minor"
    assert raised["source"] == "Board#1/ipInterface#0"
    lab.dnsmasq.thaw()
    lab.wait_registered(60)
    wait_until(lambda: not alarm(lab, name), 10, "the alarm cleared")


def test_packets_that_come_faster_than_they_are_worked_on_are_an_alarm(make_lab):
    """A stopped process works on none: what its port has no room for meanwhile is dropped."""
    name = "acBoardOverloadAlarm"
    lab = make_lab()
    lab.wait_registered()
    assert not alarm(lab, name)
    with lab.instance.lab.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        lab.appliance.server.signal_group(signal.SIGSTOP)
        try:
            for _ in range(20_000):
                sender.sendto(b"\r\n\r\n", (APPLIANCE, 5060))
        finally:
            lab.appliance.server.signal_group(signal.SIGCONT)
    raised = wait_until(lambda: alarm(lab, name), 30, lambda: lab.appliance.counters())
    assert raised["severity"] == "major"
    assert raised["source"] == "System#0"
    wait_until(lambda: not alarm(lab, name), 60, "the alarm cleared")


def test_a_certificate_that_ends_soon_is_an_alarm(make_lab, tmp_path):
    certificate, key = make_certificate(tmp_path, "sbc.lab.example", days="2")

    def change(document):
        document["ip_network"]["tls_contexts"] = [
            {"name": "Trunks", "certificate_file": str(certificate),
             "private_key_file": str(key)}]

    lab = make_lab(change)
    raised = wait_until(lambda: alarm(lab, "acCertificateExpiryAlarm"), 20, "the alarm")
    assert raised["severity"] == "major"
    assert raised["source"] == "Board#1/CertificateExpiry#0"
    assert "(Trunks) will expire in 1 days" in raised["description"]
