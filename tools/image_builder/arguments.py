"""The command line of tools/image. Needs nothing but Python. Leaves with 2 on wrong usage."""

import argparse
import re
import sys

HELP = """\
usage: tools/image build [--output FOLDER] [--program FILE] [--key FILE] [--version TEXT] [--epoch SECONDS]
       tools/image test [--output FOLDER] [--key FILE] [--firmware bios | uefi] [--accelerator kvm | tcg]
                        [--step STEP]...

  build   makes trunkline.raw, trunkline.qcow2 and trunkline-VERSION.firmware in FOLDER, build/image
          unless told. The same packages, program, key and epoch make the same files.
  test    boots what was built in a virtual machine beside a lab with a registrar, and looks for itself;
          by BIOS and by UEFI unless one is told, all steps unless some are told. Needs root, for network
          namespaces.

  --program FILE   the built program, build/trunkline unless told
  --key FILE       Ed25519 private key (PEM) that signs the firmware and whose public half the image
                   trusts; unless told, one that is made once in FOLDER and good for trying alone. A test signs
                   its firmware with it: what an image was built with tries that image
  --version TEXT   of the firmware; that of the program unless told
  --epoch SECONDS  the date of all files in seconds since 1970, from 315532800 (1980, FAT's first day);
                   that of the last commit unless told
  --accelerator    of a test: kvm, this machine's processors, or tcg, an emulation of others; unless told,
                   kvm where the image starts by it within a minute
  --step STEP      of a test, in one life of a machine that has its configuration on a volume:
                   boot                   registrations, OPTIONS, SSH, console and HTTPS
                   fail-over              a port's link is cut
                   power-cut              registrations resume without a REGISTER
                   reboot                 they resume without a storm
                   damaged-data           the data partition is mended
                   stuck-program          the service's watchdog
                   firmware               another one is tried and kept; a broken one is left
                   wrong-configuration    one that is refused before the start
                   failing-configuration  one that turns out wrong at the start
                   factory-reset          all is forgotten
                   hung-machine           the hardware's watchdog, up to the loader
                   and of machines that have it otherwise:
                   fw-cfg                 from QEMU's settings, with one processor
                   credential             from a system credential (SMBIOS)
                   iso                    from an ISO labelled cidata, with four processors
                   factory                none: DHCP, the told password, reset from the loader's menu

Exit codes: 0 done, 1 failed, 2 wrong usage, 77 this machine lacks what it takes (packages that cannot be
installed, no mirror of Debian's).
"""
FIRST_DATE, LAST_DATE = 315532800, 2**32 - 1  # 1980-01-01, 2106-02-07
KVM, EMULATION = "kvm", "tcg"  # as QEMU names them
NOT_HERE = 77  # as meson has it of a test that cannot run here
STEPS = ("boot", "fail-over", "power-cut", "reboot", "damaged-data", "stuck-program", "firmware",
         "wrong-configuration", "failing-configuration", "factory-reset", "hung-machine", "fw-cfg",
         "credential", "iso", "factory")
USAGE = HELP.split("\n\n", maxsplit=1)[0].removeprefix("usage: ")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tools/image", usage=USAGE, add_help=False,
                                     allow_abbrev=False)
    parser.add_argument("--help", "-h", action="store_true")
    words = parser.add_subparsers(dest="command")
    builds = words.add_parser("build", usage=USAGE, add_help=False, allow_abbrev=False)
    builds.add_argument("--program", default="build/trunkline")
    builds.add_argument("--version", type=version)
    builds.add_argument("--epoch", type=epoch)
    tests = words.add_parser("test", usage=USAGE, add_help=False, allow_abbrev=False)
    tests.add_argument("--firmware", choices=("bios", "uefi"), action="append")
    tests.add_argument("--accelerator", choices=(KVM, EMULATION))
    tests.add_argument("--step", choices=STEPS, action="append")
    for command in (builds, tests):
        command.add_argument("--output", default="build/image")
        command.add_argument("--key")
        command.add_argument("--help", "-h", action="store_true")
    options = parser.parse_args(arguments)
    if options.command is None and not options.help:
        parser.error("build or test?")
    return options


def version(text):
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.+~-]{0,39}", text):
        raise argparse.ArgumentTypeError("letters, digits and .+~-, 40 at most")
    return text


def epoch(text):
    """mke2fs takes 0 for no date; FAT has none before 1980, squashfs none that takes more than 32 bits."""
    if not text.isdecimal() or not FIRST_DATE <= int(text) <= LAST_DATE:
        raise argparse.ArgumentTypeError(f"seconds since 1970, {FIRST_DATE} to {LAST_DATE}")
    return int(text)


if __name__ == "__main__":
    if parse(sys.argv[1:]).help:
        print(HELP, end="")
