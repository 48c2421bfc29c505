"""docs/reference/ says what the catalogue says."""

from harness.reference import main


def test_the_pages_are_current():
    assert main(["--check"]) == 0
