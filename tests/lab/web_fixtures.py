"""A lab with the management port for the tests of a module, and a browser at it for each test. Test
modules import what they use: pytest finds fixtures by that."""

import pytest
from browser import browser
from rest_client import rest_lab
from web_page import WebPage


@pytest.fixture(scope="module", name="lab")
def fixture_lab(tmp_path_factory):
    with rest_lab(tmp_path_factory.mktemp("web")) as lab:
        yield lab


@pytest.fixture(name="page")
def fixture_page(lab, tmp_path):
    """A browser of its own for each test, so that no cookie of another is left; nothing that a page
    does may break the rules that it is served under."""
    with browser(lab.instance.port, tmp_path) as driver:
        page = WebPage(driver)
        yield page
        assert page.complaints() == []
