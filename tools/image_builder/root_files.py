"""What of Debian's packages goes into the read-only root, and what is put there beside: the rules, and
an archive that follows them."""

import fnmatch
import io
import os
import tarfile
from pathlib import Path

# Runs at the appliance or is looked up there; all else that these match is for people who install
# and build software.
LEFT_OUT = (
    "boot/*", "dev/*", "etc/ssh/ssh_host_*", "etc/machine-id", "etc/hostname", "etc/resolv.conf",
    "usr/share/doc/*", "usr/share/man/*", "usr/share/info/*", "usr/share/locale/*",
    "usr/share/lintian/*", "usr/share/bug/*", "usr/share/common-licenses/*", "usr/share/bash-completion/*",
    "usr/share/zsh/*", "usr/share/i18n/*", "usr/share/gcc/*", "usr/share/gdb/*", "usr/share/pixmaps/*",
    "usr/share/keyrings/*", "usr/share/debconf/*", "usr/share/misc/pci.ids", "usr/share/mime/*",
    # Perl: only its library stays, which net-snmp's asks for.
    "usr/share/perl*", "usr/lib/x86_64-linux-gnu/perl/*", "usr/lib/x86_64-linux-gnu/perl-base/*",
    "usr/bin/perl*",
    "usr/lib/udev/hwdb.*", "usr/lib/x86_64-linux-gnu/gconv/*", "usr/lib/locale/*",
    "usr/lib/systemd/catalog/*", "usr/lib/systemd/system/getty.target.wants/getty-static.service", "usr/lib/systemd/boot/*",
    "var/lib/dpkg/*", "var/lib/apt/*", "var/lib/systemd/*", "var/cache/*", "var/log/*", "var/backups/*",
    "etc/apt/*", "etc/dpkg/*", "etc/cron.*", "etc/kernel/*", "etc/systemd/system/timers.target.wants/*",
    "etc/systemd/system/sysinit.target.wants/systemd-pstore.service", "usr/bin/dpkg*", "usr/share/dpkg/*",
    "etc/motd", "etc/update-motd.d/*", "etc/issue.net", "etc/shadow-", "etc/passwd-", "etc/group-",
    "etc/gshadow-", "lib/modules/*", "usr/lib/modules/*",
)
COPYRIGHTS = "usr/share/doc/*/copyright"


def is_left_out(name):
    return (any(fnmatch.fnmatch(name, pattern) for pattern in LEFT_OUT)
            and not fnmatch.fnmatch(name, COPYRIGHTS))


class RootArchive:
    """The files of the root, by name. Written in the order of names, owned by root unless Debian says
    otherwise, none younger than `epoch`: the same files make the same archive."""

    def __init__(self, epoch):
        self.epoch = epoch
        self._members = {}  # name -> (TarInfo, content or None)

    def take_debian(self, archive):
        """All of Debian's archive that is not left out."""
        with tarfile.open(archive) as debian:
            for member in debian:
                name = member.name.removeprefix("./").rstrip("/")
                if name in ("", ".") or (is_left_out(name) and not member.isdir()):
                    continue
                content = debian.extractfile(member).read() if member.isreg() else None
                if member.islnk():
                    member.linkname = member.linkname.removeprefix("./")
                self._put(name, member, content)
        self._drop_empty_folders("usr/share/doc", "usr/share/locale", "usr/share/man", "lib/modules",
                                 "usr/share/perl", "usr/lib/x86_64-linux-gnu/perl")

    def add_folder(self, name, mode=0o755):
        member = tarfile.TarInfo(name)
        member.type, member.mode = tarfile.DIRTYPE, mode
        self._put(name, member, None)

    def add_file(self, name, content, mode=0o644):
        self._add_parents(name)
        member = tarfile.TarInfo(name)
        member.mode = mode
        self._put(name, member, content)

    def add_link(self, name, target):
        self._add_parents(name)
        member = tarfile.TarInfo(name)
        member.type, member.linkname, member.mode = tarfile.SYMTYPE, target, 0o777
        self._put(name, member, None)

    def add_tree(self, folder, below=""):
        """The files of a folder; those that may be executed here may be there."""
        for path in sorted(Path(folder).rglob("*")):
            name = below + str(path.relative_to(folder))
            if path.is_symlink():
                self.add_link(name, os.readlink(path))
            elif path.is_file():
                self.add_file(name, path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644)

    def names(self):
        return sorted(self._members)

    def content(self, name):
        return self._members[name][1]

    def append_lines(self, name, *lines):
        """To a text file that Debian has."""
        member, content = self._members[name]
        self._put(name, member, content + "".join(line + "\n" for line in lines).encode())

    def write(self, path):
        with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
            for name in self.names():
                member, content = self._members[name]
                archive.addfile(member, None if content is None else io.BytesIO(content))

    def _put(self, name, member, content):
        member.name = name
        member.mtime = min(int(member.mtime) or self.epoch, self.epoch)
        member.uname = member.gname = ""
        member.pax_headers = {}
        member.size = 0 if content is None else len(content)
        self._members[name] = (member, content)

    def _add_parents(self, name):
        for parent in reversed(Path(name).parents):
            if str(parent) != "." and str(parent) not in self._members:
                self.add_folder(str(parent))

    def _drop_empty_folders(self, *below):
        used = {str(parent) for name, (member, _) in self._members.items() if not member.isdir()
                for parent in Path(name).parents}
        for name in self.names():
            if self._members[name][0].isdir() and name not in used and name.startswith(below):
                del self._members[name]
