"""Runs the test programs that a meson build folder knows, GoogleTest's and others."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .results import Results, from_junit

SKIP = 77  # meson's exit code of a test that cannot run here


class TestProgram:
    """One entry of `meson introspect --tests`; `made` is what its build makes."""

    def __init__(self, entry, build, made=()):
        self.name = entry["name"]
        self.command = entry["cmd"]
        self.environment = entry["env"]
        # As `meson test` does: relative paths among the arguments start in the build folder.
        self.folder = entry["workdir"] or build
        self.timeout = entry["timeout"]
        self.parallel = entry["is_parallel"]
        # What ninja calls the files of the build that the command names: the program, or what a
        # script is given.
        self.targets = [str(path.relative_to(build)) for word in self.command
                        if (path := Path(build or "", word)) in made]


def programs(build):
    made = {Path(name) for target in introspect(build, "--targets") for name in target["filename"]}
    return [TestProgram(entry, build, made) for entry in introspect(build, "--tests")]


def introspect(build, what):
    text = subprocess.run(["meson", "introspect", what, str(build)], check=True,
                          capture_output=True, text=True).stdout
    return json.loads(text)


def run_programs(chosen, folder, *, wrapper=(), environment=None, patience=1):
    """Runs all, as many at a time as there are processors, and says a line each. XML and output go
    to `folder`. `patience` multiplies every timeout."""
    folder.mkdir(parents=True, exist_ok=True)
    results = Results()

    def run(program):
        return run_program(program, folder, wrapper, environment or {}, patience)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for one in pool.map(run, [program for program in chosen if program.parallel]):
            results.add(one)
    for program in chosen:
        if not program.parallel:
            results.add(run(program))
    return results


def run_program(program, folder, wrapper, environment, patience):
    """A GoogleTest program counts with its cases. One that leaves no XML, or that fails although
    no case of it does (a crash, a sanitizer's report), counts as one more."""
    xml, log = folder / f"{program.name}.xml", folder / f"{program.name}.log"
    xml.unlink(missing_ok=True)
    env = {**os.environ, **program.environment, **environment, "GTEST_OUTPUT": f"xml:{xml}",
           "GTEST_BRIEF": "1", "GTEST_COLOR": "no"}
    with open(log, "wb") as out:
        try:
            code = subprocess.run([*wrapper, *program.command], stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.STDOUT, env=env, cwd=program.folder,
                                  timeout=program.timeout * patience, check=False).returncode
        except subprocess.TimeoutExpired:
            code = f"no end within {program.timeout * patience:g} s"
    results = from_junit(xml)
    if results is None:
        results = Results(passed=int(code == 0), skipped=int(code == SKIP))
    if code not in (0, SKIP) and not results.failed:
        results.fail(f"{program.name} ({code if isinstance(code, str) else f'exit code {code}'})")
    if results.failed:
        print(log.read_text(encoding="utf-8", errors="replace"))
    print(f"  {program.name}: {results}", flush=True)
    return results
