"""The appliance for SNMP managers: Debian's snmpd, snmpbulkwalk and snmptrapd."""

from contextlib import contextmanager

import pytest
from expected import general, only_account
from operator_commands import act
from snmp_agent import TRAP_FIELDS, SnmpAgent

from lab.waiting import wait_until

SYSTEM, INTERFACES = "1.3.6.1.2.1.1", "1.3.6.1.2.1.2"
ACTIVE_ALARMS = "1.3.6.1.4.1.5003.11.1.1.1.1"
ALARM_HISTORY = "1.3.6.1.4.1.5003.11.1.2.1.1"
ACCOUNT, GROUP, LINK, STARTED = 164, 86, 10, 4
CROWD = 1200


@pytest.fixture(name="managed")
def fixture_managed(make_lab):
    with managed_lab(make_lab) as both:
        yield both


@pytest.fixture(name="crowded")
def fixture_crowded(make_lab):
    """The same with more accounts than there is room for alarms."""
    def change(document):
        only_account(document)
        accounts = document["signaling_and_media"]["accounts"]
        accounts.extend({**accounts[0], "name": f"account {i}", "contact_user": f"{1000 + i}"}
                        for i in range(1, CROWD))

    with managed_lab(make_lab, change) as both:
        yield both


@contextmanager
def managed_lab(make_lab, change_further=lambda document: None):
    """A lab whose appliance looks for a master agent, and that agent, not started yet."""
    def change(document):
        general(document).update(t1=100, t2=400)
        document.setdefault("administration", {})["snmp"] = {
            "disable_snmp": False, "agentx_socket": "/nowhere/agentx"}
        change_further(document)

    lab = make_lab(change, start=False)
    with SnmpAgent(lab) as agent:
        agent.serve(lab)
        yield lab, agent
        assert lab.appliance.stop() == 0


def wait_for_appliance(agent):
    """The master has the appliance's objects instead of the host's."""
    wait_until(lambda: agent.walk(SYSTEM).get(f"{SYSTEM}.2.0", "").endswith(".5003.8.1.1.79"), 30,
               lambda: f"the appliance's sysObjectID; there is {agent.walk(SYSTEM)}")


def test_managers_see_who_it_is_and_its_ports(managed):
    lab, agent = managed
    agent.start_master()
    lab.start_appliance()
    lab.wait_registered()
    wait_for_appliance(agent)
    system = agent.walk(SYSTEM)
    assert "Cannot find module" not in lab.appliance.server.output()
    assert "Product: Trunkline" in system[f"{SYSTEM}.1.0"]
    assert system[f"{SYSTEM}.5.0"] == 'STRING: "sbc1"'
    interfaces = agent.walk(INTERFACES)
    assert interfaces[f"{INTERFACES}.1.0"] == "INTEGER: 1"
    assert interfaces[f"{INTERFACES}.2.1.2.1"] == 'STRING: "GE_1 (net_af_packet)"'
    assert interfaces[f"{INTERFACES}.2.1.8.1"] == "INTEGER: 1"
    assert int(interfaces[f"{INTERFACES}.2.1.17.1"].split()[-1]) > 0, "packets were sent"


def test_an_alarm_is_a_row_and_a_trap_until_it_is_over(managed):
    lab, agent = managed
    agent.start_master()
    lab.start_appliance()
    lab.wait_registered()
    wait_for_appliance(agent)
    assert agent.wait_for_trap(STARTED)[f"{TRAP_FIELDS}.2.0"] == 'STRING: "Initialization Ended"'
    assert agent.walk(ACTIVE_ALARMS) == {}
    lab.instance.port.run("ip", "link", "set", "sbc0", "down")
    trap = agent.wait_for_trap(LINK)
    assert trap[f"{TRAP_FIELDS}.1.0"] == f"INTEGER: {LINK - 1}"
    assert trap[f"{TRAP_FIELDS}.3.0"] == 'STRING: "Board#1/EthernetLink#0"'
    assert trap[f"{TRAP_FIELDS}.4.0"] == "INTEGER: 3"
    assert sum(name.startswith(TRAP_FIELDS) for name in trap) == 16
    number = trap[f"{TRAP_FIELDS}.5.0"].split()[-1]
    rows = wait_until(lambda: agent.walk(ACTIVE_ALARMS), 10, "the alarm's row")
    assert rows[f"{ACTIVE_ALARMS}.8.{number}"] == "INTEGER: 3"
    assert "link is down" in rows[f"{ACTIVE_ALARMS}.6.{number}"]
    assert agent.wait_for_trap(GROUP)[f"{TRAP_FIELDS}.4.0"] == "INTEGER: 4"
    lab.instance.port.run("ip", "link", "set", "sbc0", "up")
    wait_until(lambda: agent.wait_for_trap(LINK)[f"{TRAP_FIELDS}.4.0"] == "INTEGER: 0", 30,
               "the alarm cleared")
    wait_until(lambda: agent.walk(ACTIVE_ALARMS) == {}, 10, "no alarm is active")
    told = [value for name, value in agent.walk(ALARM_HISTORY).items()
            if name.startswith(f"{ALARM_HISTORY}.5.")]
    assert told.count('STRING: "acBoardEthernetLinkAlarm"') == 2
    assert told.count('STRING: "acEthernetGroupAlarm"') == 2


def test_an_account_that_does_not_register_is_told(managed):
    lab, agent = managed
    agent.start_master()
    lab.kamailio.stop()
    lab.start_appliance()
    trap = agent.wait_for_trap(ACCOUNT)
    assert trap[f"{TRAP_FIELDS}.6.0"] == "INTEGER: 2"
    assert "Registration failure for " in trap[f"{TRAP_FIELDS}.2.0"]


def test_a_master_that_comes_late_or_again_gets_the_appliance(managed):
    lab, agent = managed
    lab.start_appliance()
    lab.wait_registered()
    agent.start_master()
    wait_for_appliance(agent)
    agent.master.end()
    agent.start_master()
    wait_for_appliance(agent)


def active_alarms(lab):
    return (lab.appliance.ask("alarms active", limit=1000) or {"alarms": []})["alarms"]


def test_a_crowd_of_alarms_hides_no_other_and_holds_nobody_up(crowded):
    """Neither side waits for the other for good: traps go as the master takes them."""
    lab, agent = crowded
    agent.start_master()
    lab.kamailio.stop()
    lab.start_appliance()
    wait_for_appliance(agent)
    wait_until(lambda: any(row["name"] == "acActiveAlarmTableOverflow" for row in active_alarms(lab)),
               120, lambda: f"more alarms than there is room for; there are {len(active_alarms(lab))}")
    lab.instance.port.run("ip", "link", "set", "sbc0", "down")
    assert agent.wait_for_trap(LINK)[f"{TRAP_FIELDS}.4.0"] == "INTEGER: 3"
    rows = agent.walk(f"{ACTIVE_ALARMS}.6")
    assert any("link is down" in text for text in rows.values())
    assert len(rows) == len(active_alarms(lab)) > 750
    assert act(lab, "unregister", "all").returncode == 0
    lab.instance.port.run("ip", "link", "set", "sbc0", "up")
    wait_until(lambda: agent.wait_for_trap(LINK)[f"{TRAP_FIELDS}.4.0"] == "INTEGER: 0", 60,
               "the link's alarm cleared")
    wait_until(lambda: agent.walk(ACTIVE_ALARMS) == {}, 60, lambda: str(active_alarms(lab)[:3]))
