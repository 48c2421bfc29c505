"""Debian's chromium inside a lab's namespace, driven by selenium from outside of it: chromedriver
talks to the browser over a pipe, so neither needs a port that the other reaches."""

from contextlib import contextmanager

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

DESKTOP, PHONE = (1200, 780), (390, 844)


def _starter(namespace, folder):
    """A program that starts the browser inside."""
    path = folder / "chromium-inside"
    words = " ".join(namespace.command("/usr/bin/chromium"))
    path.write_text(f'#!/bin/sh\nexec {words} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def set_width(driver, width, height=DESKTOP[1], *, mobile=False):
    """What the page takes its window to be: a window itself is never narrower than 500."""
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile})


@contextmanager
def browser(namespace, folder, size=DESKTOP):
    """A browser that takes any certificate: the lab's is its own."""
    options = Options()
    options.binary_location = str(_starter(namespace, folder))
    for word in ("headless=new", "no-sandbox", "ignore-certificate-errors", "remote-debugging-pipe",
                 "disable-dev-shm-usage", "disable-gpu", "hide-scrollbars",
                 f"window-size={size[0]},{size[1]}", f"user-data-dir={folder / 'profile'}"):
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver",
                                              log_path=str(folder / "chromedriver.log")),
                              options=options)
    if size == PHONE:
        set_width(driver, *size, mobile=True)
    try:
        yield driver
    finally:
        driver.quit()
