"""Debian's sshd in the appliance's namespace, with the command line as the login shell of its user.

The user exists inside of a mount namespace alone, where /etc/passwd is another file: nothing of the
machine is changed."""

import shutil
import socket
import subprocess
from pathlib import Path

from lab.processes import Server, run_tool
from lab.waiting import wait_until

USER = "sbcadmin"
BACKUP_USER = "sbcbackup"
PORT = 2222


class SshServer:
    """Use as a context. `key` is the private key of the one who may sign in."""

    def __init__(self, lab, folder):
        self.lab = lab
        self.folder = Path(folder)
        self.key = self.folder / "client_key"
        self.shell = self.folder / "trunkline-cli"
        self.server = None

    def __enter__(self):
        for key in (self.key, self.folder / "host_key"):
            run_tool(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key])
        shutil.copy(self.key.with_suffix(".pub"), self.folder / "authorized_keys")
        self.shell.symlink_to(self.lab.program)
        passwd = self.folder / "passwd"
        passwd.write_text(Path("/etc/passwd").read_text(encoding="utf-8")
                          + f"{USER}:x:0:0::{self.folder}:{self.shell}\n"
                          + f"{BACKUP_USER}:x:0:0::/:/usr/sbin/nologin\n", encoding="utf-8")
        config = self.folder / "sshd_config"
        config.write_text("\n".join([
            f"Port {PORT}", "ListenAddress 127.0.0.1", f"HostKey {self.folder}/host_key",
            f"PidFile {self.folder}/sshd.pid", f"AuthorizedKeysFile {self.folder}/authorized_keys",
            "StrictModes no", "PermitRootLogin yes", "PasswordAuthentication no", "UsePAM no",
            "PrintMotd no", "PrintLastLog no",
            f"SetEnv TRUNKLINE_SOCKET={self.lab.instance.socket}",
            "Subsystem sftp internal-sftp", f"Match User {BACKUP_USER}",
            f"ChrootDirectory {self.lab.instance.folder}/sftp", "ForceCommand internal-sftp", ""]),
                          encoding="utf-8")
        script = (f"mount --bind {passwd} /etc/passwd && mkdir -p /run/sshd && "
                  f"exec /usr/sbin/sshd -D -e -f {config}")
        self.server = Server("sshd", ["unshare", "--mount", "--propagation", "private",
                                      *self.lab.instance.appliance.command("sh", "-c", script)],
                             self.folder / "sshd.log")
        wait_until(self._answers, 15, lambda: f"sshd; its log: {self.server.output()}")
        return self

    def __exit__(self, *_):
        self.server.signal_group(15)
        self.server.end()

    def connection(self):
        """A TCP connection to it, made inside of the namespace."""
        made = self.lab.instance.appliance.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.settimeout(30)
        made.connect(("127.0.0.1", PORT))
        return made

    def ssh(self, *words, text=None):
        """What Debian's client does with these words."""
        command = self.lab.instance.appliance.command(
            "ssh", "-F", "/dev/null", "-p", str(PORT), "-i", str(self.key),
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=ERROR", "-o", "BatchMode=yes", f"{USER}@127.0.0.1", *words)
        return subprocess.run([str(word) for word in command], input=text, capture_output=True,
                              text=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL if text is None else None)

    def _answers(self):
        assert self.server.exit_code is None, self.server.output()
        try:
            with self.connection() as made:
                return made.recv(4) == b"SSH-"
        except OSError:
            return False
