"""docs/conformance.md says what the tests say."""

from harness.conformance import main


def test_the_page_is_current_and_every_id_is_known():
    assert main(["--check"]) == 0
