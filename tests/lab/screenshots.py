"""Takes the pictures in docs/screenshots/: the main pages of the web interface in a lab, at a desk
and on a phone, light and dark. Run by tools/screenshots."""

import sys
import tempfile
from pathlib import Path

from browser import DESKTOP, PHONE, browser, set_width
from rest_client import rest_lab
from web_page import ACCOUNTS, PROXY_AND_REGISTRATION, WebPage

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"


def nothing(_page, _lab):
    """The page as it opens."""


def review(page, _lab):
    page.type("registration_time", "600")
    page.type("re_registration_timing", "70")
    page.press("Review")
    page.wait_text("120 → 600", "dialog")


def wrong_value(page, _lab):
    page.driver.execute_script("arguments[0].scrollIntoView({ block: 'center' })",
                               page.field("registration_time"))
    page.type("registration_time", "5")
    page.press("Apply")
    page.wait_text("10 to 2000000 s", ".fault")


def found(page, _lab):
    page.find("#search").send_keys("registration")
    page.wait_text("Registration Time", ".search-hits")


def explained(page, _lab):
    step = next(one for one in page.all(".flow[open] .step.request") if "digest" in one.text)
    step.find_element("css selector", "summary").click()
    page.wait_text("How this answer was computed")


def watched(page, lab):
    page.press("Watch")
    page.wait(lambda: page.text(".messages") or not lab.appliance.ask("register", target="office"), "a message")
    page.wait_text("SIP/2.0 200 OK", ".messages")
    page.all(".messages summary")[0].click()


def some_samples(page, _lab):
    """What the busiest thread's share was at four looks: it is never twice the same."""
    seen = set()

    def told():
        seen.update(one.get_attribute("aria-label") for one in page.all(".chart canvas"))
        return sum("Processor time" in label for label in seen if label) >= 4

    page.wait(told, lambda: f"four looks: {seen}")


# name, place, title, what is done there
SHOTS = {
    DESKTOP: {
        "light": [("proxy-and-registration", PROXY_AND_REGISTRATION, "Proxy & Registration", nothing),
                  ("wrong-value", PROXY_AND_REGISTRATION, "Proxy & Registration", wrong_value),
                  ("difference", PROXY_AND_REGISTRATION, "Proxy & Registration", review),
                  ("search", ACCOUNTS, "Accounts", found),
                  ("registration-status", "registrations", "Registration Status", nothing),
                  ("overview", "overview", "Overview", nothing),
                  ("registration-trace", "trace/office", "office", explained),
                  ("sip-trace", "sip-trace", "SIP Trace", watched)],
        "dark": [("proxy-and-registration", PROXY_AND_REGISTRATION, "Proxy & Registration", nothing),
                 ("proxy-sets-status", "proxy-sets", "Proxy Sets Status", nothing),
                 ("charts", "charts", "Charts", some_samples)]},
    PHONE: {
        "light": [("proxy-and-registration", PROXY_AND_REGISTRATION, "Proxy & Registration", nothing),
                  ("accounts", ACCOUNTS, "Accounts", nothing)],
        "dark": [("registration-status", "registrations", "Registration Status", nothing),
                 ("overview", "overview", "Overview", nothing)]},
}


def take(lab, folder, size, scheme, shots):
    device = "desktop" if size == DESKTOP else "phone"
    for number, (name, place, title, act) in enumerate(shots):
        profile = folder / f"{device}-{scheme}-{number}"
        profile.mkdir()
        with browser(lab.instance.port, profile, size) as driver:
            set_width(driver, *size, mobile=size == PHONE)
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
                "features": [{"name": "prefers-color-scheme", "value": scheme}]})
            page = WebPage(driver)
            page.open_signed_in()
            page.open(place, title)
            act(page, lab)
            path = FOLDER / f"{name}-{device}-{scheme}.png"
            driver.save_screenshot(str(path))
            print(f"{path.name}: {path.stat().st_size} bytes", flush=True)


def main():
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with rest_lab(folder) as lab:
            for size, schemes in SHOTS.items():
                for scheme, shots in schemes.items():
                    take(lab, folder, size, scheme, shots)


if __name__ == "__main__":
    sys.exit(main())
