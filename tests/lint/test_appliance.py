"""What is handed to systemd, to a container engine and to people about the image, as far as text can
be judged: what names something here names what there is."""

import re
import subprocess
from pathlib import Path

import yaml
from house import ROOT
from image_builder.initramfs import APPLETS, PROGRAMS
from shell import commands

IMAGE = ROOT / "tools" / "image_builder"
IMAGE_ROOT = IMAGE / "root"
UNITS = [*sorted((IMAGE_ROOT / "etc/systemd/system").glob("*.service")),
         ROOT / "conf" / "trunkline.service"]
COMMANDS = ROOT / "mgmt" / "command_line.cpp"


def settings(unit):
    """(section, name, value) of each line."""
    section = None
    for line in unit.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if head := re.fullmatch(r"\[(\w+)\]", line):
            section = head.group(1)
            continue
        name, equals, value = line.partition("=")
        assert equals and section, f"{unit.name}: {line}"
        yield section, name, value


def test_units_start_what_there_is():
    for unit in UNITS:
        found = list(settings(unit))
        assert {section for section, _, _ in found} <= {"Unit", "Service", "Install"}, unit
        assert any(name == "Description" for _, name, _ in found), unit
        for _, name, value in found:
            if name.startswith("Exec"):
                program = value.split()[0]
                ours = IMAGE_ROOT / program[1:]
                assert ours.exists() or program.startswith(("/usr/bin/", "/usr/sbin/",
                                                            "/usr/local/bin/trunkline")), value
                assert not program.startswith("/usr/lib/trunkline/") or ours.exists(), value


def test_units_name_units_that_there_are():
    ours = {unit.name for unit in UNITS}
    for unit in UNITS:
        for _, name, value in settings(unit):
            if name in ("Requires", "After", "Before", "OnFailure", "Wants"):
                named = {word for word in value.split() if word.startswith("trunkline")}
                assert named <= ours, f"{unit.name}: {name}={value}"


def test_the_service_is_watched_restarted_and_bounded():
    for unit in UNITS:
        if unit.name == "trunkline.service":
            names = {name: value for _, name, value in settings(unit)}
            assert names["Type"] == "notify" and int(names["WatchdogSec"]) > 0
            assert names["Restart"] in ("always", "on-failure") and "LimitCORE" in names
            assert int(names["TimeoutStopSec"]) > 60, "a clean stop may take a minute"


def test_scripts_of_the_image_use_commands_that_there_are():
    known = set(re.findall(r'"([a-z-]+)"', COMMANDS.read_text(encoding="utf-8")))
    scripts = [path for path in (IMAGE_ROOT / "usr/lib/trunkline").iterdir()
               if path.read_bytes().startswith(b"#!/bin/sh")] + UNITS
    for script in scripts:
        for command in re.findall(r"\btrunkline ((?:[a-z-]+ ?){1,2})", "\n".join(
                line for line in script.read_text(encoding="utf-8").splitlines()
                if not line.lstrip().startswith(("#", "say", "echo", "Description", "Documentation")))):
            assert set(command.split()) <= known, f"{script.name}: trunkline {command}"


def test_the_images_scripts_parse_and_may_be_executed():
    for script in [*sorted((IMAGE_ROOT / "usr/lib/trunkline").iterdir()), IMAGE / "initramfs" / "init"]:
        if script.read_bytes().startswith(b"#!/bin/sh"):
            subprocess.run(["sh", "-n", script], check=True)
            assert script.stat().st_mode & 0o111 or script.name == "init", script


def test_the_initramfs_has_the_tools_that_its_script_uses_and_no_others():
    used = commands((IMAGE / "initramfs" / "init").read_text(encoding="utf-8"))
    # The first runs the script. What the shell does by itself is there for whoever looks.
    assert (set(APPLETS) | set(PROGRAMS)) - {"sh", "echo", "busybox"} == used


def test_what_a_script_runs_is_found_wherever_it_stands():
    assert commands("""\
#!/bin/sh
# comment; no-command
own() { inner "text; no-command" 'other | no-command' | piped --no-command >/dev/null 2>&1; }
name=$(substituted "$(nested "$1")" && second) value=x own count=$((count + 1))
if ! [ -n "${name#x}" ] && condition; then behind-then || export name; else; other; fi
echo "text $(in-text | last) no-command"; (subshell &) ; exec replaced
find . -exec found {} + | xargs -r -n1 given
""") == set("inner piped substituted nested second condition behind-then other in-text last subshell replaced "
            "find found xargs given".split())


def test_nobody_has_a_password_of_the_image():
    for name in ("etc/shadow", "etc/passwd"):
        assert not (IMAGE_ROOT / name).exists()
    build = (IMAGE / "build.py").read_text(encoding="utf-8")
    assert re.search(r'"etc/shadow", "Admin:\*:', build)


def test_the_dockerfile_copies_and_runs_what_there_is():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    joined = re.sub(r"\\\n", " ", text)
    words = [line.split(maxsplit=1) for line in joined.splitlines()
             if line and not line.startswith("#")]
    assert words[0][0] == "FROM"
    assert {word for word, _ in words} <= {"FROM", "COPY", "WORKDIR", "RUN", "VOLUME", "STOPSIGNAL",
                                           "CMD"}
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", joined, re.MULTILINE))
    assert set(re.findall(r"COPY --from=(\w+)", joined)) <= stages
    for module in re.findall(r"python3 -m ([\w.]+)", joined):
        assert (ROOT / "tools" / Path(*module.split("."))).with_suffix(".py").exists()
    for path in re.findall(r"cp -R (\S+)", joined):
        assert (ROOT / path).is_dir()
    for line in (line for word, line in words if word == "RUN"):
        script = subprocess.run(["sh", "-n"], input=line, text=True, capture_output=True, check=False)
        assert script.returncode == 0, script.stderr


def test_the_page_about_the_image_lists_its_packages():
    page = (ROOT / "docs" / "appliance.md").read_text(encoding="utf-8")
    for row in yaml.safe_load((IMAGE / "packages.yaml").read_text(encoding="utf-8")):
        assert f"| `{row['package']}` | {row['why']} |" in page, row["package"]
