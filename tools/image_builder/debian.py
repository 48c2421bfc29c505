"""Debian's part of the image: a tar archive of the packages' files, made by mmdebstrap, and which
packages those are."""

import hashlib
import re
import subprocess
from pathlib import Path

import yaml

from .commands import ImageError, NotHere, run

HERE = Path(__file__).resolve().parent
SUITE = "bookworm"
# The suite's release: no file of this part is younger, so it does not depend on the day that it is made.
DATE = 1686355200
# The sources of this machine, where it has some of Debian's own.
SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources")
DEFAULT_SOURCES = (f"deb http://deb.debian.org/debian {SUITE} main",
                   f"deb http://deb.debian.org/debian {SUITE}-updates main",
                   f"deb http://deb.debian.org/debian-security {SUITE}-security main")


def chosen_packages():
    """package -> why, as packages.yaml has them."""
    rows = yaml.safe_load((HERE / "packages.yaml").read_text(encoding="utf-8"))
    return {row["package"]: row["why"] for row in rows}


def library_packages(program):
    """The packages that the program's shared libraries come from."""
    paths = re.findall(r"=> (/\S+)", run(["ldd", program]))
    names = set()
    for path in paths:
        # Packages know a file by either name of a folder that is merged into /usr.
        for candidate in (path, f"/usr{path}", path.removeprefix("/usr")):
            found = subprocess.run(["dpkg", "-S", candidate], capture_output=True, text=True,
                                   check=False)
            if found.returncode == 0:
                names.add(found.stdout.split(":", 1)[0])
                break
        else:
            raise ImageError(f"no package has {path}, which the program needs")
    return names


def fetch(program, folder, log):
    """The archive and the list of packages in it, from `folder` if it was made for the same packages
    before; newer versions of them come when that is removed."""
    packages = sorted(chosen_packages().keys() | library_packages(program))
    hook = HERE / "kernel-hook"
    key = hashlib.sha256("\n".join([*packages, hook.read_text(encoding="utf-8")])
                         .encode()).hexdigest()[:16]
    archive = folder / f"debian-{key}.tar"
    if archive.exists():
        log(f"Debian's part is there already: {archive}")
        return archive
    log(f"fetching {len(packages)} packages, what they depend on, and the kernel")
    settings = folder / "apt.conf"
    settings.write_text("".join(line for line in run(["apt-config", "dump"]).splitlines(True)
                                if re.match(r"Acquire::(https?::Proxy|Check-)", line)),
                        encoding="utf-8")
    sources = [path for path in SOURCES if Path(path).is_file() and Path(path).stat().st_size]
    made = archive.with_suffix(".new")
    bootstrap(["--quiet", "--variant=essential", "--format=tar", f"--aptopt={settings}",
               f"--include={','.join(packages)}", f"--customize-hook=sh {hook} \"$1\"", SUITE, made,
               *(sources or DEFAULT_SOURCES)])
    made.rename(archive)
    return archive


def bootstrap(words):
    """mmdebstrap; NotHere where it gets no list of packages."""
    try:
        run(["mmdebstrap", *words], epoch=DATE)
    except ImageError as error:
        if "apt-get update" in str(error):
            raise NotHere(f"no mirror of Debian's packages can be reached from here: {error}") from error
        raise
