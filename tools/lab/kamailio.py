"""Kamailio as the lab's registrar: challenges every REGISTER (digest, MD5, qop auth), keeps bindings
in memory, answers OPTIONS; over UDP, and over TCP and TLS where it is told to."""

import hashlib
import signal
from dataclasses import dataclass, field

from .errors import LabError
from .processes import Server, run_tool
from .waiting import wait_until

REALM = "lab.example"
PORT = 5060
TLS_PORT = 5061

# Stateless towards the client: what is tested is the appliance, not this.
CONFIGURATION = r"""#!KAMAILIO
debug=2
log_stderror=yes
log_prefix="{$rm $ci} "
children=1
@STREAMS@
auto_aliases=no
dns_cache_init=off
user_agent_header="User-Agent: Registrar"
server_signature=yes
mpath="@MODULE_PATH@"
@LISTEN@

loadmodule "ctl.so"
loadmodule "kex.so"
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "sanity.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "htable.so"
loadmodule "auth.so"
@TLS@

modparam("ctl", "binrpc", "unix:@CONTROL@")
modparam("auth", "nonce_expire", @NONCE_EXPIRE@)
modparam("auth", "algorithm", "MD5")
modparam("auth", "nonce_count", 1)
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "use_domain", 1)
modparam("usrloc", "timer_interval", 1)
modparam("registrar", "method_filtering", 0)
modparam("registrar", "default_expires", @DEFAULT_EXPIRES@)
modparam("registrar", "min_expires", @MIN_EXPIRES@)
modparam("registrar", "max_expires", @MAX_EXPIRES@)
modparam("htable", "htable", "users=>size=8;")

request_route {
    if (!mf_process_maxfwd_header("10")) {
        sl_send_reply("483", "Too Many Hops");
        exit;
    }
    if (!sanity_check()) {
        exit;
    }
    force_rport();
    if (is_method("OPTIONS")) {
        sl_send_reply("200", "OK");
        exit;
    }
    if (!is_method("REGISTER")) {
        sl_send_reply("405", "Method Not Allowed");
        exit;
    }
    # Flag 1: the second word is the hash of user, realm and password, so no password is kept here.
    if ($sht(users=>$au) == $null
            || !pv_www_authenticate("@REALM@", "$sht(users=>$au)", "1")) {
        xlog("L_NOTICE", "$rm $tu from $si:$sp: challenged ($au), CSeq $cs of $ci\n");
        www_challenge("@REALM@", "1");
        exit;
    }
    xlog("L_NOTICE", "$rm $tu from $si:$sp: accepted ($au), contact $ct, CSeq $cs of $ci\n");
    if (!save("location")) {
        sl_reply_error();
    }
}

event_route[htable:mod-init] {
@USERS@
}
"""


@dataclass
class RegistrarSettings:
    """Limits of the registrar, in seconds; 0 for no limit. `tcp`: listen for TCP as well;
    `certificate` and `private_key` (PEM files): listen for TLS as well, on port 5061."""

    min_expires: int = 0
    max_expires: int = 3600
    default_expires: int = 3600
    nonce_expire: int = 300
    tcp: bool = False
    certificate: object = None
    private_key: object = None


@dataclass
class Kamailio:
    """`users`: digest user name -> password. `addresses`: where it listens, inside `namespace`."""

    namespace: object
    addresses: list
    users: dict
    folder: object
    log: object
    settings: RegistrarSettings = field(default_factory=RegistrarSettings)
    server: Server = None

    @property
    def control(self):
        return self.folder / "kamailio.ctl"

    def start(self):
        config = self.folder / "kamailio.cfg"
        config.write_text(self._configuration(), encoding="utf-8")
        config.chmod(0o600)
        runtime = self.folder / "kamailio"
        runtime.mkdir(exist_ok=True)
        command = ["kamailio", "-f", config, "-DD", "-E", "-m", "64", "-M", "4", "-Y", runtime]
        self.server = Server("kamailio", self.namespace.command(*command), self.log)
        wait_until(self._answers, 15, self._why_not_up)

    def stop(self):
        if self.server is not None:
            self.thaw()
            self.server.end()
            self.control.unlink(missing_ok=True)

    def freeze(self):
        """It stays, and answers nothing."""
        self.server.signal_group(signal.SIGSTOP)

    def thaw(self):
        self.server.signal_group(signal.SIGCONT)

    def bindings(self):
        """Address of record -> its contacts, as the registrar holds them."""
        return parse_location_dump(self._ask("ul.dump"))

    def _ask(self, *words):
        return run_tool(["kamcmd", "-s", f"unix:{self.control}", *words])

    def _answers(self):
        if self.server.exit_code is not None:
            raise LabError(self._why_not_up())
        if not self.control.exists():
            return False
        try:
            self._ask("core.uptime")
        except LabError:
            return False
        return True

    def _why_not_up(self):
        return f"kamailio does not come up; its log ends with\n{self.server.last_lines()}"

    def _listeners(self):
        for address in self.addresses:
            yield f"listen=udp:{address}:{PORT}"
            if self.settings.tcp:
                yield f"listen=tcp:{address}:{PORT}"
            if self.settings.certificate:
                yield f"listen=tls:{address}:{TLS_PORT}"

    def _streams(self):
        if not (self.settings.tcp or self.settings.certificate):
            return "disable_tcp=yes"
        return "enable_tls=yes" if self.settings.certificate else "disable_tcp=no"

    def _tls(self):
        if not self.settings.certificate:
            return ""
        return "\n".join([
            'loadmodule "tls.so"',
            'modparam("tls", "tls_method", "TLSv1.2+")',
            f'modparam("tls", "certificate", "{self.settings.certificate}")',
            f'modparam("tls", "private_key", "{self.settings.private_key}")',
        ])

    def _configuration(self):
        users = [f'    $sht(users=>{name}) = "{digest_hash(name, password)}";'
                 for name, password in sorted(self.users.items())]
        for name in self.users:
            if not all(c.isalnum() or c in "-_.+@" for c in name):
                raise LabError(f"the lab's registrar cannot hold the user name {name!r}")
        words = {
            "LISTEN": "\n".join(self._listeners()),
            "STREAMS": self._streams(),
            "TLS": self._tls(),
            "MODULE_PATH": "/usr/lib/x86_64-linux-gnu/kamailio/modules/",
            "CONTROL": self.control,
            "REALM": REALM,
            "NONCE_EXPIRE": self.settings.nonce_expire,
            "DEFAULT_EXPIRES": self.settings.default_expires,
            "MIN_EXPIRES": self.settings.min_expires,
            "MAX_EXPIRES": self.settings.max_expires,
            "USERS": "\n".join(users),
        }
        text = CONFIGURATION
        for key, value in words.items():
            text = text.replace(f"@{key}@", str(value))
        return text


def digest_hash(user, password):
    """RFC 2617's H(A1)."""
    return hashlib.md5(f"{user}:{REALM}:{password}".encode()).hexdigest()


def parse_location_dump(text):
    """`kamcmd ul.dump` prints indented `Key: value` lines and braces, not JSON."""
    bindings = {}
    aor = None
    for line in text.splitlines():
        key, _, value = line.strip().partition(":")
        value = value.strip()
        if key == "AoR":
            aor = value
            bindings.setdefault(aor, [])
        elif key == "Address" and aor is not None:
            bindings[aor].append(value)
    return bindings
