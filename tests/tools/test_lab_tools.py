"""The lab's own parts that need no namespace: processes, records, configuration copies."""

import os
import signal
import sys

import pytest
from lab import configuration
from lab.arguments import parse
from lab.errors import LabError
from lab.kamailio import digest_hash, parse_location_dump
from lab.processes import ProcessId, Server, run_tool, start_time
from lab.progress import Progress
from lab.waiting import wait_until

DUMP = """{
  Domains: {
    Domain: {
      AoRs: {
        Info: {
          AoR: 100@lab.example
          Contacts: {
            Contact: {
              Address: sip:100@192.0.2.10:5060
            }
            Contact: {
              Address: sip:100@192.0.2.11:5060
            }
          }
        }
        Info: {
          AoR: 200@lab.example
          Contacts: {
            Contact: {
              Address: sip:200@192.0.2.10
"""


def sleeper(folder):
    return Server("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"],
                  folder / "log.txt")


def test_a_location_dump_is_read_with_every_contact():
    assert parse_location_dump(DUMP) == {
        "100@lab.example": ["sip:100@192.0.2.10:5060", "sip:100@192.0.2.11:5060"],
        "200@lab.example": ["sip:200@192.0.2.10"]}
    assert parse_location_dump("") == {}


def test_the_registrars_hash_is_that_of_rfc_2617():
    # From `printf office:lab.example:secret | md5sum`.
    assert digest_hash("office", "secret") == "8acef409b76f9656bdf47d7890cacc05"


def test_a_process_with_another_start_time_is_not_ours(tmp_path):
    server = sleeper(tmp_path)
    try:
        assert server.id.alive()
        stranger = ProcessId("sleeper", server.pid, server.id.started + 1)
        assert not stranger.alive()
        stranger.end()
        assert server.exit_code is None
    finally:
        server.end()
    assert not server.id.alive()


def test_a_zombie_is_gone():
    child = os.fork()
    if child == 0:
        os._exit(0)
    try:
        wait_until(lambda: start_time(child) is None, 5, "the end of the child")
    finally:
        os.waitpid(child, 0)


def test_a_server_that_ignores_sigterm_is_killed(tmp_path):
    code = ("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
            "print('ready', flush=True); time.sleep(60)")
    server = Server("stubborn", [sys.executable, "-c", code], tmp_path / "log.txt")
    wait_until(lambda: "ready" in server.output(), 10, "ready")
    assert server.end(grace=0.2) == -signal.SIGKILL


def test_the_words_of_a_failing_tool_are_told():
    with pytest.raises(LabError, match="exit code 3: no good"):
        run_tool(["sh", "-c", "echo no good >&2; exit 3"])
    with pytest.raises(LabError, match="not installed"):
        run_tool(["no-such-tool-at-all"])
    with pytest.raises(LabError, match="no end within 0.1 s"):
        run_tool(["sleep", "10"], timeout=0.1)


def test_waiting_ends_with_what_was_waited_for():
    with pytest.raises(LabError, match="the moon: not within 0.1 s"):
        wait_until(lambda: False, 0.1, "the moon")


def test_the_users_of_a_configuration_are_found_with_their_secrets(tmp_path, monkeypatch):
    (tmp_path / "a.secret").write_text("from a file\n", encoding="utf-8")
    monkeypatch.setenv("LAB_TEST_SECRET", "from the environment")
    document = {"accounts": [{"user_name": "a", "password": {"file": "a.secret"}},
                             {"user_name": "b", "password": {"env": "LAB_TEST_SECRET"}}],
                "deep": {"er": {"user_name": "c", "password": "plain"}},
                "people": [{"user_name": "d", "password": "x", "user_level": "monitor"}]}
    assert configuration.digest_users(document, tmp_path) == {
        "a": "from a file", "b": "from the environment", "c": "plain"}


@pytest.mark.parametrize("password", [{"file": "none.secret"}, {"env": "LAB_TEST_NO_SUCH"}])
def test_a_secret_that_is_not_there_is_named(tmp_path, password):
    document = {"user_name": "a", "password": password}
    with pytest.raises(LabError, match="none.secret|LAB_TEST_NO_SUCH"):
        configuration.digest_users(document, tmp_path)


def test_a_copy_for_an_instance_changes_what_ties_it_and_leaves_the_rest(tmp_path):
    document = {"ip_network": {"network_namespace": "x", "other": 1},
                "accounts": [{"user_name": "a", "password": {"file": "a.secret"}}]}
    made = configuration.for_instance(document, tmp_path, "ns", "/run/x.sock")
    assert made == {"ip_network": {"network_namespace": "ns", "other": 1},
                    "administration": {"local_socket": "/run/x.sock",
                                       "registration_journal": "/run/registrations.journal",
                                       "sealing_key": "/run/sealing.key"},
                    "accounts": [{"user_name": "a",
                                  "password": {"file": str(tmp_path / "a.secret")}}]}
    assert document["ip_network"]["network_namespace"] == "x"


def test_a_copy_for_an_instance_keeps_its_certificate_apart(tmp_path):
    document = {"administration": {"web_and_cli": {"listen": "127.0.0.1:8443"}}}
    made = configuration.for_instance(document, tmp_path, "ns", "/run/x.sock")
    assert made["administration"]["web_and_cli"] == {"listen": "127.0.0.1:8443",
                                                     "folder": "/run/management"}


@pytest.mark.parametrize("text", ["a: [", "- a list", "\0"])
def test_a_file_that_is_no_configuration_is_named(tmp_path, text):
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LabError, match="bad.yaml"):
        configuration.load(path)


def row(**changes):
    return {"name": "office", "aor": "sip:100@lab.example", "state": "REGISTERING",
            "registered": False, "reason": "", "last_status": 0, "granted_expires": None,
            "answered_by": "", **changes}


REGISTERED = {"state": "REGISTERED", "registered": True, "reason": "OK", "last_status": 200,
              "granted_expires": 120, "answered_by": "192.0.2.1:5060"}


def test_progress_prints_changes_alone(capsys):
    progress = Progress(sys.stdout, colour=False)
    for rows in ([row()], [row()], [row(**REGISTERED)], [row(**{**REGISTERED,
                                                                "state": "REFRESHING"})],
                 [row(state="FAILED", reason="no answer within 32 s")]):
        progress.show(rows)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "REGISTERED" in lines[1] and "120 s" in lines[1] and "192.0.2.1:5060" in lines[1]
    assert "FAILED" in lines[2] and "no answer within 32 s" in lines[2]


def test_colour_is_for_terminals(capsys):
    Progress(sys.stdout, colour=True).show([row(**REGISTERED)])
    assert "\x1b[32m" in capsys.readouterr().out
    Progress(sys.stdout, colour=False).show([row(**REGISTERED)])
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--once", "--detach"], ["--timeout", "0"], ["--name", "a/b"],
                                   ["--conf", "x"]], ids=" ".join)
def test_wrong_usage_ends_with_2(words):
    with pytest.raises(SystemExit) as ended:
        parse(words)
    assert ended.value.code == 2
