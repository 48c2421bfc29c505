"""Configurations in the appliance family's own format: a box that is given its ini file."""

import json
import subprocess

from expected import AORS
from operator_commands import act, show

from lab import configuration
from lab.lab import PROGRAM
from lab.processes import run_tool


def converted(source, target):
    run_tool([PROGRAM, "convert", source, target])
    return target


def test_an_ini_file_boots_the_appliance_and_registers_as_the_yaml_does(make_lab):
    lab = make_lab()
    before = {row["name"]: row["aor"] for row in lab.wait_registered()}
    assert lab.appliance.stop() == 0
    lab.appliance.config = converted(lab.config, lab.config.with_suffix(".ini"))
    assert b"\r\n[ Account ]\r\n" in lab.appliance.config.read_bytes()
    lab.start_appliance()
    assert {row["name"]: row["aor"] for row in lab.wait_registered()} == before
    assert set(lab.kamailio.bindings()) == AORS


def test_an_ini_file_is_applied_to_the_running_appliance(make_lab):
    lab = make_lab()
    lab.wait_registered()
    document = configuration.load(lab.config)
    accounts = document["signaling_and_media"]["accounts"]
    accounts[:] = [account for account in accounts if account["name"] != "hotel"]
    changed = lab.config.with_name("changed.ini")
    configuration.write(document, changed, PROGRAM)
    result = act(lab, "apply", changed)
    assert result.returncode == 0, result.stderr
    rows = json.loads(show(lab, "registration", "--json"))
    assert "hotel" not in {row["name"] for row in rows}


def test_what_is_wrong_with_an_ini_file_is_told_with_its_line(make_lab, tmp_path):
    lab = make_lab(start=False)
    ini = converted(lab.config, tmp_path / "wrong.ini")
    text = ini.read_bytes().replace(b"RegistrationTime = 120", b"RegistrationTime = 1")
    ini.write_bytes(text)
    line = text[:text.index(b"RegistrationTime = 1")].count(b"\n") + 1
    checked = subprocess.run([PROGRAM, "check", ini], capture_output=True, text=True, timeout=30,
                             check=False)
    assert checked.returncode == 1
    assert f"wrong.ini:{line}:20:" in checked.stderr
    assert "allowed: 10..2000000 s" in checked.stderr


def test_what_an_ini_file_has_and_is_not_known_stands_in_the_log(make_lab):
    lab = make_lab(start=False)
    ini = converted(lab.config, lab.config.with_suffix(".ini"))
    ini.write_bytes(ini.read_bytes() + b"\r\n[SIP Params]\r\nOfAnotherVersion = 7\r\n")
    lab.appliance.config = ini
    lab.start_appliance()
    lab.wait_registered()
    assert "OfAnotherVersion is not known here; it is kept aside" in lab.appliance.log.read_text()
