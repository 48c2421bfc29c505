"""The command line as tools reach it: over OpenSSH, with the prompts, pages and commands that they
were written for."""

import re

import paramiko
import pytest
from netmiko.ipinfusion import IpInfusionOcNOSSSH
from ssh_server import BACKUP_USER, PORT, USER, SshServer

from lab.waiting import wait_until


@pytest.fixture
def ssh(registered_lab, tmp_path):
    with SshServer(registered_lab, tmp_path) as server:
        yield server


def test_a_single_command_runs_without_a_terminal(ssh):
    done = ssh.ssh("show voip register board")
    assert (done.returncode, done.stdout) == (0, "Registered Per Gateway: YES\n")
    failed = ssh.ssh("show nothing")
    assert failed.returncode == 1 and "allowed: " in failed.stderr
    several = ssh.ssh(text="show voip register board\nshow voip register board\n")
    assert several.stdout == "Registered Per Gateway: YES\n" * 2


class Channel:
    """A session at a terminal as SSH tools have it: what is sent, and a wait for a pattern."""

    def __init__(self, server, width=80, height=24):
        self.client = paramiko.Transport(server.connection())
        self.client.connect(username=USER,
                            pkey=paramiko.Ed25519Key.from_private_key_file(str(server.key)))
        self.shell = self.client.open_session()
        self.shell.get_pty("vt100", width, height)
        self.shell.invoke_shell()
        self.shell.settimeout(20)
        self.unread = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def read_until(self, pattern):
        while not re.search(pattern, self.unread, re.M):
            piece = self.shell.recv(65536)
            assert piece, f"it ended without {pattern!r}: {self.unread!r}"
            self.unread += piece.decode()
        found = re.search(pattern, self.unread, re.M)
        text, self.unread = self.unread[:found.end()], self.unread[found.end():]
        return text

    def send(self, text):
        self.shell.sendall(text.encode())


def test_the_sequence_of_tools_for_version_7_2(ssh):
    """Find the prompt, enable with a password, turn the pages off, show, save."""
    with Channel(ssh, width=511, height=24) as channel:
        channel.read_until(r"[>#]")
        channel.send("\r")
        assert channel.read_until(r"\*?[>#]").strip() == "sbc1>"
        channel.send("enable\r")
        channel.read_until("enable")
        channel.read_until("(?i)ssword")
        channel.send("Admin\r")
        assert "Admin" not in channel.read_until("#")
        for line in ("config system", "cli-settings", "window-height 0"):
            channel.send(line + "\r")
            channel.read_until(re.escape(line))
            assert re.search(r"(?:\)#|\)\*#)", channel.read_until(r"\*?#"))
        for _ in range(2):
            channel.send("exit\r")
            channel.read_until("exit")
            left = channel.read_until("#")
        assert not re.search(r"(?:\)#|\)\*#)", left)
        channel.send("show running-config\r")
        text = channel.read_until(r"^sbc1# ")
        assert "--MORE--" not in text and text.count("\n") > 50
        channel.send("configure voip\r")
        channel.read_until(r"config-voip\)# ")
        for line, prompt in (("ip-group 0", r"\(ip-group-0\)# "),
                             ("contact-user 77", r"\(ip-group-0\)# "),
                             ("activate", r"\(ip-group-0\)\*# "),
                             ("exit", r"\(config-voip\)\*# "), ("exit", r"^sbc1\*# ")):
            channel.send(line + "\r")
            channel.read_until(prompt)
        channel.send("write\r")
        assert "Writing configuration...done" in channel.read_until(r"^sbc1# ")
        channel.send("exit\r")
        assert channel.shell.recv_exit_status() == 0


def test_pages_and_prompts_of_a_backup_tool(ssh):
    """Its prompt is a line of its own; at each --MORE-- it sends a blank."""
    prompt = r"^\r?([\w.@() -]+[#>]\s?)$"
    with Channel(ssh) as channel:
        channel.read_until(prompt)
        channel.send("enable\n")
        channel.read_until(r"^.*assword:\s$")
        channel.send("x\n")
        channel.read_until(prompt)
        channel.send("show running-config\n")
        text, pages = "", 0
        while True:
            piece = channel.read_until(rf"\s*--MORE--$|{prompt}")
            text += re.sub(r"\s*--MORE--$", "", piece)
            if not piece.endswith("--MORE--"):
                break
            pages += 1
            channel.send(" ")
        assert pages >= 2
    plain = [line.strip() for line in text.replace("\r", "\n").splitlines() if line.strip()]
    shown = [line.strip() for line in ssh.ssh("show running-config").stdout.splitlines()]
    assert plain[1:-1] == shown


class InNamespace(IpInfusionOcNOSSSH):
    """netmiko's driver for appliances with prompts like ours, over a connection that is made in the
    lab's namespace."""

    made = None

    def _connect_params_dict(self):
        return {**super()._connect_params_dict(), "sock": self.made}


def test_a_telemetry_tool_reads_with_netmiko(ssh):
    class Driver(InNamespace):
        made = ssh.connection()

    session = Driver(ip="127.0.0.1", port=PORT, username=USER, use_keys=True,
                     key_file=str(ssh.key), secret="Admin", device_type="ipinfusion_ocnos")
    session.enable()
    prompt = session.find_prompt()
    assert prompt == "sbc1#"

    def show(command):
        return session.send_command(command, expect_string=prompt)

    assert re.search(r"Uptime: (\d+) \S+ (\d+) \S+ (\d+) \S+ (\d+)", show("show system uptime"))
    board = show("show system version | grep Board")
    assert re.search(r"^;Board: .* ", board, re.M) and "Serial" not in board
    assert re.search(r"CPUs utilization:.* Voice \d+%", show("show system utilization"))
    config = show("show running-config")
    assert re.search(r"^\s+ip-group\s+0", config, re.M) and config.rstrip().endswith("exit")
    status = show("show voip proxy sets status")
    assert re.search(r"^\s+\d+\s+ITSP\s+Parking\s+Disabled\s+ONLINE", status, re.M)
    assert "Total Active Calls: 0" in show("show voip calls active sbc")
    session.disconnect()


def test_a_lost_ssh_connection_leaves_no_session_behind(ssh):
    def sessions():
        done = ssh.lab.instance.appliance.run("sh", "-c", "ps -eo args | grep -c '^-trunkline-cli' "
                                                          "|| true")
        return int(done)

    before = sessions()
    channel = Channel(ssh)
    channel.read_until("> ")
    channel.send("show voip register board\r")
    assert sessions() == before + 1
    channel.client.sock.close()
    channel.client.close()
    wait_until(lambda: sessions() == before, 20, lambda: "the session ends")
    assert ssh.lab.appliance.registrations()


def test_rangerdio_backup_fetches_the_ini_file_over_sftp(make_lab, tmp_path):
    def change(document):
        document["administration"]["backup_folder"] = "of the instance"
        document["signaling_and_media"]["accounts"][0]["password"] = "office-secret"

    lab = make_lab(change)
    lab.wait_registered()
    with SshServer(lab, tmp_path) as server, paramiko.Transport(server.connection()) as client:
        client.connect(username=BACKUP_USER,
                       pkey=paramiko.Ed25519Key.from_private_key_file(str(server.key)))
        with paramiko.SFTPClient.from_transport(client) as sftp:
            def fetched():
                with sftp.open("/configuration/ini.ini") as file:
                    return file.read().decode()

            first = fetched()
            assert '"office"' in first and "$sealed$" in first
            assert "office-secret" not in first and "RegistrationRetryTime = 10" in first
            assert server.ssh(text="configure voip\nsip-definition proxy-and-registration\n"
                              "registration-retry-time 12\nactivate\n").returncode == 0
            assert fetched() == first  # it is what the appliance starts with
            assert server.ssh("write").returncode == 0
            assert "RegistrationRetryTime = 12" in fetched()
