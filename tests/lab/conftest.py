"""Fixtures of the lab tests: every test or module has a lab of its own, with names that no other run
has, and it is gone afterwards whatever happened."""

import copy
import itertools
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from lab import configuration
from lab.instance import Instance
from lab.lab import CONFIG, PROGRAM, Lab

NUMBERS = itertools.count(1)


def pytest_sessionstart():
    if os.geteuid() != 0:
        pytest.exit("the lab tests need root: network namespaces", returncode=1)
    if not PROGRAM.exists():
        pytest.exit(f"{PROGRAM} is not built: tools/test builds it", returncode=1)


def lab_document(change=None):
    """conf/lab.yaml as a document with its secrets found by absolute path; `change` edits it."""
    document = configuration.load(CONFIG)
    document = configuration.for_instance(document, CONFIG.parent, "unused", "unused")
    if change:
        change(document)
    return copy.deepcopy(document)


class LabMaker:
    """Makes labs and removes them again."""

    def __init__(self, folder):
        self._folder = folder
        self._made = []

    def __call__(self, change=None, *, registrar_settings=None, start=True, names=None,
                 records=()):
        """A lab that is up, with the appliance started unless told otherwise."""
        number = next(NUMBERS)
        folder = self._folder / f"lab{number}"
        folder.mkdir()
        config = folder / "lab.yaml"
        configuration.write(lab_document(change), config)
        lab = Lab(Instance(f"tl{os.getpid()}-{number}", logs=folder / "logs"), config=config,
                  registrar_settings=registrar_settings, names=names, records=records)
        self._made.append(lab)
        lab.up()
        if start:
            lab.start_appliance()
        return lab

    def close(self):
        for lab in reversed(self._made):
            lab.close()


@pytest.fixture
def make_lab(tmp_path):
    maker = LabMaker(tmp_path)
    try:
        yield maker
    finally:
        maker.close()


@pytest.fixture(scope="module")
def registered_lab(tmp_path_factory):
    """conf/lab.yaml with every row registered; the tests of a module share it."""
    maker = LabMaker(tmp_path_factory.mktemp("shared"))
    try:
        lab = maker()
        lab.wait_registered()
        yield lab
    finally:
        maker.close()
