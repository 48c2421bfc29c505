"""The box itself: faults that are injected come up as alarms wherever somebody watches."""

import re

import pytest
from operator_commands import act
from rest_client import RestClient, wait_ready, with_rest
from snmp_agent import SnmpAgent
from test_alarms import alarm, alarms
from test_syslog import ALARM, UdpServer, syslog_settings

from lab.waiting import wait_until

CHASSIS = "1.3.6.1.4.1.5003.9.10.10.4"
TRAP_FIELDS = "1.3.6.1.4.1.5003.9.10.1.21.1"
TEMPERATURE, FAN_TRAY, POWER_SUPPLY = 3, 29, 30


def cli(lab, line):
    result = act(lab, "cli", "-c", line)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(name="box")
def fixture_box(make_lab):
    """A box with fans and power supplies, with all who watch it."""
    def change(document):
        document["appliance"]["model"] = "mediant-4000"
        syslog_settings()(document)
        with_rest(document)
        document["administration"]["snmp"] = {"disable_snmp": False,
                                              "agentx_socket": "/nowhere/agentx"}

    lab = make_lab(change, start=False)
    syslog = UdpServer(lab.instance.port)
    with SnmpAgent(lab) as agent:
        text = lab.config.read_text(encoding="utf-8")
        lab.config.write_text(text.replace("/nowhere/agentx", str(agent.socket)), encoding="utf-8")
        agent.start_master()
        lab.start_appliance()
        wait_ready(lab)
        lab.wait_registered()
        wait_until(lambda: agent.walk(CHASSIS), 30, "the chassis' tables")
        yield lab, agent, syslog
        assert lab.appliance.stop() == 0
    syslog.socket.close()


def told(syslog, name):
    """What the syslog server heard of that alarm: whether it was raised or cleared, and its text."""
    found = [ALARM.match(line["text"]) for line in syslog.read()]
    return [(one["what"], one["description"]) for one in found if one and one["name"] == name]


def test_a_fan_that_fails_is_told_once_wherever_somebody_watches_until_it_is_mended(box):
    lab, agent, syslog = box
    name = "acFanTrayAlarm"
    assert "injected" in cli(lab, "debug board fault fan 1")
    assert re.search(r"Fan tray 1 +faulty +injected +status red", cli(lab, "show system hardware"))
    raised = wait_until(lambda: alarm(lab, name), 20, "the alarm")
    assert (raised["source"], raised["severity"]) == ("Chassis#0/FanTray#0", "major")
    assert raised["description"] == "Fan tray 1 is faulty (injected)"
    assert "Chassis#0/FanTray#0" in cli(lab, "show system alarms")
    with RestClient(lab) as client:
        active = client.get("alarms/active").json["alarms"]
        assert raised["description"] in [row["description"] for row in active]
        fans = client.get("hardware").json["fan_trays"]
        assert [(fan["state"], fan["source"]) for fan in fans] == [("faulty", "injected"),
                                                                   ("ok", "modelled")]
    syslog.wait_for(f"RAISE-ALARM:{name}")
    trap = agent.wait_for_trap(FAN_TRAY)
    assert trap[f"{TRAP_FIELDS}.3.0"] == 'STRING: "Chassis#0/FanTray#0"'
    assert trap[f"{TRAP_FIELDS}.4.0"] == "INTEGER: 4"
    severities = {f"{CHASSIS}.22.1.6.1": "INTEGER: 4", f"{CHASSIS}.22.1.6.2": "INTEGER: 0"}
    wait_until(lambda: agent.walk(f"{CHASSIS}.22.1.6") == severities, 10, "the fan trays' severities")

    cli(lab, "no debug board fault fan 1")
    wait_until(lambda: not alarm(lab, name), 20, "the alarm cleared")
    syslog.wait_for(f"CLEAR-ALARM:{name}")
    wait_until(lambda: agent.wait_for_trap(FAN_TRAY)[f"{TRAP_FIELDS}.4.0"] == "INTEGER: 0", 30,
               "the trap that clears it")
    assert [what for what, _ in told(syslog, name)] == ["RAISE", "CLEAR"]
    activity = lab.appliance.server.output()
    assert "injects a fault: fan_tray 1 faulty" in activity
    assert "clears an injected fault: fan_tray" in activity


def test_a_missing_supply_and_too_much_heat_are_alarms_until_all_is_mended(box):
    lab, agent, syslog = box
    cli(lab, "debug board fault power-supply 2 missing")
    cli(lab, "debug board fault temperature 75")
    supply = wait_until(lambda: alarm(lab, "acPowerSupplyAlarm"), 20, "the supply's alarm")
    assert (supply["source"], supply["severity"]) == ("Chassis#0/PowerSupply#2", "major")
    heat = wait_until(lambda: alarm(lab, "acBoardTemperatureAlarm"), 20, "the temperature's alarm")
    assert (heat["source"], heat["severity"]) == ("System#0", "critical")
    assert heat["description"] == "Board temperature too high (injected)"
    assert agent.wait_for_trap(POWER_SUPPLY)[f"{TRAP_FIELDS}.7.0"] == "INTEGER: 35"
    assert agent.wait_for_trap(TEMPERATURE)[f"{TRAP_FIELDS}.7.0"] == "INTEGER: 50"
    wait_until(lambda: agent.walk(f"{CHASSIS}.23.1.3").get(f"{CHASSIS}.23.1.3.2") == "INTEGER: 2",
               10, "the missing supply")
    assert agent.walk(f"{CHASSIS}.21.1.11")[f"{CHASSIS}.21.1.11.3"] == "INTEGER: 75"

    # Almost right again is not right yet.
    cli(lab, "debug board fault temperature 66")
    cli(lab, "no debug board fault power-supply 2")
    wait_until(lambda: not alarm(lab, "acPowerSupplyAlarm"), 20, "the supply's alarm cleared")
    assert alarms(lab, "acBoardTemperatureAlarm") == [heat]
    cli(lab, "no debug board fault")
    wait_until(lambda: not alarm(lab, "acBoardTemperatureAlarm"), 20, "the heat's alarm cleared")
    syslog.wait_for("CLEAR-ALARM:acBoardTemperatureAlarm")
    assert [what for what, _ in told(syslog, "acBoardTemperatureAlarm")] == ["RAISE", "CLEAR"]


def test_a_virtual_machine_has_nothing_of_that_to_break(registered_lab):
    shown = cli(registered_lab, "show system hardware")
    assert "Mediant VE" in shown and "Fan" not in shown
    refused = act(registered_lab, "cli", "-c", "debug board fault fan 1")
    assert refused.returncode != 0
    assert "mediant-ve has no fan tray 1; it has none" in refused.stdout + refused.stderr
