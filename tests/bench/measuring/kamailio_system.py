"""Kamailio as the system under test: one worker, all its processes on one core, no more modules than
the work needs."""

from contextlib import contextmanager

from lab.errors import LabError
from lab.waiting import wait_until

from .bench import on_cpu
from .machine import package_version
from .trunkline_system import ADDRESS, DOMAIN, PASSWORD, PEER

NAME = f"Kamailio {package_version('kamailio').partition('-')[0]}"
# Bytes that it may have of a socket's receive buffer, as far as net.core.rmem_max allows.
RECEIVE_BUFFER = 4 * 2**20

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

UAC_REGISTRATIONS = r"""
loadmodule "tm.so"
loadmodule "db_text.so"
loadmodule "uac.so"
modparam("uac", "restore_mode", "none")
modparam("uac", "reg_db_url", "text://@DATABASE@")
modparam("uac", "reg_contact_addr", "@ADDRESS@:5060")
modparam("uac", "reg_timer_interval", 1)
modparam("uac", "reg_retry_interval", 5)
modparam("uac", "reg_hash_size", 12)
request_route {
    exit;
}
"""
UACREG = ("id(int,auto) l_uuid(string) l_username(string) l_domain(string) r_username(string) "
          "r_domain(string) realm(string) auth_username(string) auth_password(string) "
          "auth_ha1(string,null) auth_proxy(string) expires(int) flags(int) reg_delay(int) "
          "contact_addr(string,null) socket(string,null)\n")


@contextmanager
def kamailio(bench, namespace, more, memory=256):
    """Up and answering, with `more` in its configuration and `memory` MB shared; gives its server."""
    runtime = bench.folder / "kamailio"
    runtime.mkdir(exist_ok=True)
    control = bench.folder / "kamailio.ctl"
    config = bench.folder / "kamailio.cfg"
    text = CONFIGURATION.replace("@ADDRESS@", ADDRESS).replace("@CONTROL@", str(control))
    config.write_text(text.replace("@MORE@", more), encoding="utf-8")
    words = ["kamailio", "-f", config, "-DD", "-E", "-m", str(memory), "-M", "16",
             "-b", str(RECEIVE_BUFFER), "-Y", runtime]
    command = namespace.command(*on_cpu(bench.system_cpu, words))
    with bench.serving("kamailio", command) as server:
        wait_until(lambda: is_up(server, control), 60,
                   lambda: f"kamailio does not come up:\n{server.last_lines()}")
        yield server


def is_up(server, control):
    if server.exit_code is not None:
        raise LabError(f"kamailio ended:\n{server.last_lines()}")
    return control.exists()


def uac_registrations(folder, accounts):
    """Writes the table of its accounts into `folder`; gives what its configuration needs for it. Each
    round of its timer, a second after the other, registers all whose grant ends within 4 s."""
    database = folder / "uac"
    database.mkdir(exist_ok=True)
    (database / "version").write_text("table_name(string) table_version(int)\nuacreg:5\n",
                                      encoding="utf-8")
    rows = [":".join([str(number + 1), user, user, DOMAIN, user, DOMAIN, DOMAIN, user, PASSWORD, "",
                      rf"sip\:{PEER}\:5060", "60", "0", "0", "", ""]) + "\n"
            for number, user in ((number, f"u{number}") for number in range(accounts))]
    (database / "uacreg").write_text(UACREG + "".join(rows), encoding="utf-8")
    return UAC_REGISTRATIONS.replace("@DATABASE@", str(database)).replace("@ADDRESS@", ADDRESS)
