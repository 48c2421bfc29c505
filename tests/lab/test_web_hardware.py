"""The box as Monitor draws it, of a model with slots, fans and power supplies, in a browser."""

import pytest
from operator_commands import act
from rest_client import rest_lab
from web_fixtures import fixture_page

__all__ = ["fixture_page"]


def with_fans(document):
    document["appliance"]["model"] = "mediant-4000"


@pytest.fixture(scope="module", name="lab")
def fixture_lab(tmp_path_factory):
    with rest_lab(tmp_path_factory.mktemp("web"), with_fans) as lab:
        yield lab


def state(page, name):
    return page.find(f'.chassis [data-unit="{name}"]').get_attribute("data-state")


def test_the_box_is_drawn_with_what_it_has_and_follows_its_faults(lab, page):
    page.open_signed_in()
    page.open("overview", "Overview")
    drawn = [one.get_attribute("data-unit") for one in page.all(".chassis [data-unit]")]
    assert drawn == ["MPM8", "SBC CPU", "MPM8", "MPM8", "Fan tray 1", "Fan tray 2", "Power supply 1",
                     "Power supply 2"]
    cpu = page.find('.chassis [data-unit="SBC CPU"]')
    assert cpu.accessible_name == "Slot 3, SBC CPU, ok, in service green, out of service off"
    page.wait_text("40 °C (modelled)")
    assert act(lab, "cli", "-c", "debug board fault fan 2").returncode == 0
    page.wait(lambda: state(page, "Fan tray 2") == "faulty", "the fan's fault")
    fan = page.find('.chassis [data-unit="Fan tray 2"]')
    assert fan.accessible_name == "Fan tray 2, faulty (injected), status red"
    assert fan.find_element("css selector", ".light.red").is_displayed()
    page.wait_text("1 major")
    assert act(lab, "cli", "-c", "no debug board fault").returncode == 0
    page.wait(lambda: state(page, "Fan tray 2") == "ok", "the fan mended")
    page.wait_text("No alarm is active")
