"""tools/test after the packages are there: build, run, add up."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from .arguments import parse, steps_of
from .programs import SKIP, programs, run_programs
from .results import Results, from_junit

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
# A sanitizer's report is a failure by its exit code, wherever in the program it comes up.
ADDRESS_OPTIONS = {
    "ASAN_OPTIONS": "abort_on_error=0:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}
THREAD_OPTIONS = {"TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1"}


class StepFailed(Exception):
    """The step could not even run; its words are on the terminal."""


def main(arguments):
    options = parse(arguments)
    total = Results()
    summary = []
    for step in steps_of(options):
        print(f"== {step}", flush=True)
        start = time.monotonic()
        try:
            results = STEPS[step](options)
        except StepFailed as failure:
            results = Results()
            results.fail(f"{step}: {failure}")
        total.add(results)
        summary.append(f"{step:<12} {results} ({time.monotonic() - start:.0f} s)")
    print("==")
    for line in summary:
        print(line)
    for paragraph in total.told_failures():
        print(paragraph)
    print(total, flush=True)
    return 1 if total.failed or not total.passed else 0


def lint(_):
    return run_pytest("lint", ROOT / "tests" / "lint", ROOT / "tests" / "tools")


def unit(_):
    build(BUILD)
    return run_programs(programs(BUILD), results_folder("unit"))


def instructions(_):
    program = Path("tests") / "bench" / "bench-operations"
    build(BUILD, str(program))
    xml = results_folder("instructions") / "instructions.xml"
    subprocess.run([ROOT / "tests" / "bench" / "instructions", f"--junit={xml}", BUILD / program],
                   check=False)
    results = from_junit(xml)
    if results is None:
        raise StepFailed("nothing was counted")
    return results


def fuzz(_):
    xml = results_folder("fuzz") / "fuzz.xml"
    subprocess.run([ROOT / "tests" / "fuzz" / "run", f"--junit={xml}"], check=False)
    results = from_junit(xml)
    if results is None:
        raise StepFailed("does not build")
    return results


def lab(options):
    build(BUILD, "trunkline", "blast")
    words = ["-k", options.expression] if options.expression else []
    return run_pytest("lab", ROOT / "tests" / "lab", *words, as_root=True)


def address(_):
    return sanitized("address", "address,undefined", ADDRESS_OPTIONS, lambda _: True)


def thread(_):
    return sanitized("thread", "thread", THREAD_OPTIONS, is_for_thread_sanitizer)


def is_for_thread_sanitizer(name):
    """Of a test program's name: what has threads of its own, and the signaling that runs on them."""
    return any(part in name for part in ("interrupt", "sipstack", "mgmt", "rest", "sim", "soak"))


def image(_):
    """The part of `tools/image test` that fits a usual run: built anew, booted once, emulated, so that
    it is the same on all machines."""
    return run_image([["build"], ["test", "--accelerator", "tcg", "--firmware", "bios",
                                  "--step", "boot", "--step", "fail-over"]])


def run_image(runs):
    """tools/image with each of these words, until one does not succeed."""
    results = Results()
    for number, words in enumerate(runs):
        command = [ROOT / "tools" / "image", *words]
        if os.geteuid() != 0:
            command.insert(0, "sudo")
        code = subprocess.run(command, check=False).returncode
        if code == SKIP:
            print("  not possible here, for the reason above", flush=True)
            results.skipped += len(runs) - number
        elif code != 0:
            results.fail(f"image: {' '.join(words)}")
        if code != 0:
            break
        results.passed += 1
    return results


STEPS = {"lint": lint, "unit": unit, "instructions": instructions, "fuzz": fuzz, "lab": lab,
         "address": address, "thread": thread, "image": image}


def build(folder, *words):
    if subprocess.run([ROOT / "tools" / "build", folder, *words], check=False).returncode != 0:
        raise StepFailed("does not build")


def sanitized(step, sanitizers, environment, chosen):
    """Builds the chosen test programs anew with sanitizers and runs them. Of debugging information
    they have the lines that a report names: all of it takes twice the time. Without address space
    randomisation: GCC 12's runtimes know less of it than newer kernels do."""
    folder = ROOT / f"build-{step}"
    if not (folder / "build.ninja").exists():
        build(folder, "build.ninja", "--", f"-Db_sanitize={sanitizers}", "-Db_lundef=false",
              "-Doptimization=1", "-Ddebug=false", "-Dcpp_args=-g1")
    tests = [test for test in programs(folder) if chosen(test.name)]
    if not tests:
        raise StepFailed("there are no programs to run")
    build(folder, *[target for test in tests for target in test.targets])
    wrapper = ["setarch", os.uname().machine, "--addr-no-randomize"]
    return run_programs(tests, results_folder(step), wrapper=wrapper, environment=environment,
                        patience=10)


def run_pytest(step, *words, as_root=False):
    xml = results_folder(step) / "pytest.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "--no-header", "-p", "no:cacheprovider",
               f"--rootdir={ROOT}", f"--junitxml={xml}", *words]
    if as_root and os.geteuid() != 0:
        command = ["sudo", "env", f"PYTHONPATH={ROOT / 'tools'}", "PYTHONDONTWRITEBYTECODE=1",
                   *command]
    code = subprocess.run(command, check=False).returncode
    results = from_junit(xml)
    if results is None:
        raise StepFailed(f"pytest ended with exit code {code} and left no results")
    # 5: nothing was selected, which the sum tells.
    if code not in (0, 5) and not results.failed:
        results.fail(f"{step}: pytest ended with exit code {code}")
    return results


def results_folder(step):
    folder = BUILD / "test-results" / step
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
