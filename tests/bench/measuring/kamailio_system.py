"""Kamailio as the system under test: one worker, all its processes on one core, no more modules than
the work needs."""

from contextlib import contextmanager

from lab.errors import LabError
from lab.waiting import wait_until

from .bench import on_cpu
from .machine import package_version

NAME = f"Kamailio {package_version('kamailio').partition('-')[0]}"
ADDRESS = "192.0.2.10"

CONFIGURATION = r"""#!KAMAILIO
debug=-1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
server_signature=no
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
listen=udp:@ADDRESS@:5060
loadmodule "ctl.so"
loadmodule "kex.so"
modparam("ctl", "binrpc", "unix:@CONTROL@")
@MORE@
"""

STATELESS_OPTIONS = r"""
loadmodule "sl.so"
request_route {
    if (method == OPTIONS) {
        sl_send_reply("200", "OK");
    }
    exit;
}
"""


@contextmanager
def kamailio(bench, namespace, more, memory=256):
    """Up and answering, with `more` in its configuration and `memory` MB shared; gives its server."""
    runtime = bench.folder / "kamailio"
    runtime.mkdir(exist_ok=True)
    control = bench.folder / "kamailio.ctl"
    config = bench.folder / "kamailio.cfg"
    text = CONFIGURATION.replace("@ADDRESS@", ADDRESS).replace("@CONTROL@", str(control))
    config.write_text(text.replace("@MORE@", more), encoding="utf-8")
    words = ["kamailio", "-f", config, "-DD", "-E", "-m", str(memory), "-M", "16", "-Y", runtime]
    command = namespace.command(*on_cpu(bench.system_cpu, words))
    with bench.serving("kamailio", command) as server:
        wait_until(lambda: is_up(server, control), 60,
                   lambda: f"kamailio does not come up:\n{server.last_lines()}")
        yield server


def is_up(server, control):
    if server.exit_code is not None:
        raise LabError(f"kamailio ended:\n{server.last_lines()}")
    return control.exists()
