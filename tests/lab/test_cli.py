"""The command line over the local socket, against a real appliance and its registrar."""

import json
import re
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import lab_document
from expected import AORS

from lab import configuration
from lab.lab import PROGRAM
from lab.waiting import wait_until


def without_account(name):
    def change(document):
        rows = document["signaling_and_media"]["accounts"]
        document["signaling_and_media"]["accounts"] = [row for row in rows if row["name"] != name]
    return change


def command(lab, *words):
    return [PROGRAM, "cli", "--socket", lab.instance.socket, *words]


def run(lab, *lines, code=0):
    """The lines as -c each; what they wrote to the output and as errors."""
    words = [word for line in lines for word in ("-c", line)]
    result = subprocess.run(command(lab, *words), capture_output=True, text=True, timeout=60,
                            check=False)
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout if code == 0 else result.stdout + result.stderr


def script(lab, text, code=0):
    result = subprocess.run(command(lab), input=text, capture_output=True, text=True, timeout=60,
                            check=False)
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout + result.stderr


ACCOUNT = """
configure voip
 sip-definition account 2
  account-name "hotel"
  serving-ip-group-name "ITSP"
  user-name "hotel"
  password "{password}"
  host-name "lab.example"
  contact-user "300"
  register reg
  activate
 exit
exit
"""


@pytest.fixture
def cli_lab(make_lab):
    """Two accounts of the three; the registrar knows all."""
    lab = make_lab(start=False)
    document = configuration.load(lab.config, PROGRAM)
    without_account("hotel")(document)
    configuration.write(document, lab.config, PROGRAM)
    lab.start_appliance()
    lab.wait_registered()
    return lab


def password_of(lab, name):
    users = configuration.digest_users(lab_document(), lab.given_config.parent)
    return users[name]


def test_an_account_made_here_registers_and_outlives_a_restart(cli_lab):
    script(cli_lab, ACCOUNT.format(password=password_of(cli_lab, "hotel")))
    cli_lab.wait_state("hotel", "REGISTERED")
    assert "300@lab.example" in str(cli_lab.kamailio.bindings())
    assert json.loads(run(cli_lab, "show configuration status --json"))["save_needed"]
    assert run(cli_lab, "write") == "Writing configuration...done\n"
    assert not json.loads(run(cli_lab, "show configuration status --json"))["save_needed"]
    cli_lab.appliance.stop()
    cli_lab.start_appliance()
    cli_lab.wait_state("hotel", "REGISTERED")


def test_a_change_touches_only_what_it_changes(cli_lab):
    before = {row["name"]: row["cseq"] for row in cli_lab.appliance.registrations()}
    script(cli_lab, ACCOUNT.format(password=password_of(cli_lab, "hotel")))
    rows = {row["name"]: row for row in cli_lab.appliance.registrations()}
    assert "hotel" in rows
    assert {name: rows[name]["cseq"] for name in before} == before


def test_show_running_config_given_back_changes_nothing(cli_lab):
    for words in ("show running-config", "show running-config full"):
        before = run(cli_lab, "show running-config")
        revision = json.loads(run(cli_lab, "show configuration status --json"))["revision"]
        script(cli_lab, run(cli_lab, words))
        assert run(cli_lab, "show running-config") == before
        assert json.loads(run(cli_lab, "show configuration status --json"))["save_needed"] is False
        assert revision >= 1
    assert "secret" not in before.replace("secrets/", "").replace(".secret", "")


def test_what_is_wrong_is_told_with_its_place_and_nothing_is_applied(cli_lab):
    before = run(cli_lab, "show running-config")
    said = script(cli_lab, "configure voip\nsip-definition account 2\nuser-name x\n"
                           "serving-ip-group-name \"nobody\"\nactivate\nexit\n", code=1)
    assert "sip-definition account 2 > serving-ip-group-name: found" in said
    assert "'nobody'" in said and "stopped at line 5" in said
    said = script(cli_lab, "configure voip\nproxy-set 0\nproxy-naem \"x\"\n", code=1)
    assert "did you mean 'proxy-name'?" in said and "stopped at line 3" in said
    said = run(cli_lab, "configure voip", "no ip-group 0", code=1)
    assert "ip-group 0: found it in use by" in said
    assert run(cli_lab, "show running-config") == before


def test_ping_asks_from_the_appliances_own_network(registered_lab):
    said = run(registered_lab, "ping 192.0.2.1 repeat 2")
    assert re.search(r"^PING\s+192\.0\.2\.1 ", said, re.M)
    assert "2 packets transmitted, 2 received, 0% packet loss" in said
    assert re.search(r"^rtt min/avg/max/mdev = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms$", said, re.M)
    said = run(registered_lab, "ping 192.0.2.99 repeat 1", code=1)
    assert "1 packets transmitted, 0 received, 100% packet loss" in said
    assert "allowed: an IP address" in run(registered_lab, "ping nowhere.example", code=1)


def test_an_alarm_is_shown_and_cleared(cli_lab):
    text = ACCOUNT.format(password="wrong-on-purpose")
    script(cli_lab, text)
    cli_lab.wait_state("hotel", "FAILED")
    pattern = (r"^\s+(\S+)\s+(\S+/Account#2)\s+(\S+)\s+(\d+.\d+.\d+\s,\s\d+:\d+:\d+)\s+(.*)")
    wait_until(lambda: re.search(pattern, run(cli_lab, "show system alarms"), re.M), 20,
               lambda: run(cli_lab, "show system alarms"))
    script(cli_lab, "configure voip\nsip-definition account 2\n"
                    f"password \"{password_of(cli_lab, 'hotel')}\"\nexit\nexit\n")
    cli_lab.wait_state("hotel", "REGISTERED")
    wait_until(lambda: "Account#2" not in run(cli_lab, "show system alarms"), 20,
               lambda: run(cli_lab, "show system alarms"))


def test_a_reload_keeps_what_was_saved_and_forgets_the_rest(cli_lab):
    lines = ("configure voip", "sip-definition proxy-and-registration")
    run(cli_lab, *lines, "registration-retry-time 11", "exit", "exit", "write")
    run(cli_lab, *lines, "registration-retry-time 12", "exit")
    assert "starts anew" in run(cli_lab, "reload without-saving")
    wait_until(lambda: cli_lab.appliance.server.output().count("management  ready local_socket") == 2, 30,
               lambda: cli_lab.appliance.server.last_lines())
    cli_lab.wait_registered()
    assert run(cli_lab, "show running-config | include registration-retry-time").split() == [
        "registration-retry-time", "11"]


def as_nobody(lab, *lines):
    """The same as run(), as an ordinary Unix user; the whole result."""
    words = [word for line in lines for word in ("-c", line)]
    return subprocess.run(command(lab, *words), capture_output=True, text=True, timeout=60,
                          check=False, user="nobody", group="nogroup", extra_groups=[])


def test_a_unix_user_may_do_what_his_row_says(cli_lab):
    cli_lab.instance.folder.chmod(0o711)
    stranger = as_nobody(cli_lab, "show voip register board")
    assert stranger.returncode == 1 and "is no user of this appliance" in stranger.stderr
    run(cli_lab, "configure system", "user 5", "username nobody", "password \"for a test 1!\"",
        "privilege monitor", "exit", "exit", "configure voip", "ip-group 0",
        "password \"not-to-be-seen\"", "exit")
    looks = as_nobody(cli_lab, "show voip register board", "show running-config")
    assert looks.returncode == 0 and "Registered Per Gateway: YES" in looks.stdout
    assert "{set: true}" in looks.stdout and "not-to-be-seen" not in looks.stdout
    assert "$sealed$" not in looks.stdout
    for line in ("write", "register all", "reload now"):
        refused = as_nobody(cli_lab, line)
        assert refused.returncode == 1 and "Monitor" in refused.stderr, refused
    run(cli_lab, "configure system", "user 5", "privilege administrator", "exit")
    assert as_nobody(cli_lab, "register all").returncode == 0
    before = run(cli_lab, "show running-config")
    shown = as_nobody(cli_lab, "show running-config voip").stdout
    given_back = subprocess.run(command(cli_lab), input=shown, capture_output=True, text=True,
                                timeout=60, check=False, user="nobody", group="nogroup",
                                extra_groups=[])
    assert given_back.returncode == 0, given_back.stderr
    assert [line for line in run(cli_lab, "show running-config").splitlines()
            if "sealed" not in line] == [line for line in before.splitlines()
                                         if "sealed" not in line]
    assert not run(cli_lab, "show configuration changes --json | count not-to-be-seen").strip("0\n")


def test_register_and_unregister(registered_lab):
    assert re.fullmatch(r"unregister: 1 registration\n",
                        run(registered_lab, "unregister account office"))
    registered_lab.wait_state("office", "UNREGISTERED")
    run(registered_lab, "configure voip", "sip-definition account 0", "register-now")
    registered_lab.wait_state("office", "REGISTERED")
    assert "nothing registers as" in run(registered_lab, "register account nobody", code=1)


def test_a_file_is_applied_as_a_whole_or_not_at_all(cli_lab, tmp_path):
    script = tmp_path / "change.cli"
    lines = ["configure voip", "sip-definition proxy-and-registration",
             "registration-retry-time 77", "activate", "exit", "exit", "nonsense"]
    script.write_text("\n".join(lines) + "\n")
    with script.open() as given:
        stopped = subprocess.run(command(cli_lab), stdin=given, capture_output=True, text=True,
                                 timeout=60, check=False)
    assert stopped.returncode == 1
    assert "stopped at line 7: nothing of it acts" in stopped.stderr, stopped
    assert "retry-time 77" not in run(cli_lab, "show running-config voip")
    piped = subprocess.run(command(cli_lab), input="\n".join(lines), capture_output=True, text=True,
                           timeout=60, check=False)
    assert "stopped at line 7: its lines 1 to 4 act" in piped.stderr, piped
    assert "retry-time 77" in run(cli_lab, "show running-config voip")


def test_show_commands_have_the_shapes_that_parsers_know(registered_lab):
    lab = registered_lab
    text = run(lab, "show voip proxy sets status")
    parent = re.search(r"^\s+(\d+)\s+(\S+)\s+(Load Balancing|\S+)\s+(\S+)\s+(\S+|\S+\s\S+).*$",
                       text, re.M)
    assert parent.groups() == ("0", "ITSP", "Parking", "Disabled", "ONLINE")
    child = re.search(r"^\s+(\S+)\s+(\S+)\s+(\S+)\s+(\d+)\s+(\d+)", text[parent.end():], re.M)
    assert child.group(1) == "192.0.2.1:5060" and int(child.group(4)) > 0

    version = run(lab, "show system version")
    for pattern in (r"^Version info:$", r"^;Board: (.*).* ", r"^;Serial Number: ",
                    r"^;Software Version: \S+", r"^;Board IP Address: (192\.0\.2\.10).* ",
                    r"^;Board Subnet Mask: (255\.255\.255\.0).*",
                    r"^;Board Default Gateway: (192\.0\.2\.1).*", r"^;Ram size: \d+M"):
        assert re.search(pattern, version, re.M), pattern
    assert re.match(r"^.*Uptime: (\d+) \S+ (\d+) \S+ (\d+) \S+ (\d+).*", run(lab, "show system uptime"))
    utilization = run(lab, "show system utilization")
    assert re.search(r"^.*CPUs utilization:.* Voice (\d+)%.*", utilization, re.M)
    assert re.search(r"^.*CPUs Used Memory:.* Voice (\d+)%.*", utilization, re.M)

    assert run(lab, "show voip register board") == "Registered Per Gateway: YES\n"
    accounts = run(lab, "show voip register account sbc")
    assert re.search(r"^\s*0\s+IP Group\s+\S+\s+office\s+Registered$", accounts, re.M)
    assert "2001@" in run(lab, "show voip register ports")
    assert run(lab, "show voip calls active sbc").startswith("Total Active Calls: 0\n")
    assert "Call attempts: 0\n" in run(lab, "show voip calls statistics sbc")
    assert run(lab, "show voip calls history sbc first 50").startswith("|")

    group = run(lab, "show running-config voip | begin \"ip-group 0\"")
    assert re.match(r"^\s+ip-group\s+0\n\s+name\s+\"ITSP\"\n(.*\n)*?\s+proxy-set-name\s+\"ITSP\"",
                    group)
    assert len(json.loads(run(lab, "show registration --json"))) == len(AORS)
    assert run(lab, "show registration | count REGISTERED").strip() == str(len(AORS))


def test_a_client_that_hangs_up_in_long_output_harms_nothing(registered_lab):
    process = subprocess.Popen(command(registered_lab), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    process.stdout.close()
    process.stdin.write("show running-config full\n" * 50)
    try:
        process.stdin.close()
    except BrokenPipeError:
        pass
    assert process.wait(30) == 1
    half = socket.socket(socket.AF_UNIX)
    half.connect(str(registered_lab.instance.socket))
    half.sendall(b'{"command": "configuration text", "format": "cli"}\n' * 20)
    half.close()
    assert "YES" in run(registered_lab, "show voip register board")


def test_fifty_sessions_at_once_are_served_or_told_why_not(registered_lab):
    def session(_):
        return subprocess.run(command(registered_lab, "-c", "show voip register board"),
                              capture_output=True, text=True, timeout=120, check=False)

    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(session, range(50)))
    served = [result for result in results if result.returncode == 0]
    assert len(served) >= 32
    for result in results:
        if result.returncode == 0:
            assert result.stdout == "Registered Per Gateway: YES\n"
        else:
            assert "too many clients" in result.stderr


def test_without_an_appliance_it_says_what_to_do(tmp_path):
    result = subprocess.run([PROGRAM, "cli", "--socket", tmp_path / "none", "-c",
                             "show voip register board"], capture_output=True, text=True, timeout=30,
                            check=False)
    assert result.returncode == 1
    assert "start one with 'trunkline run CONFIG'" in result.stderr
