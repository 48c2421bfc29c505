"""The web interface as somebody at a browser uses it: what he sees, presses and types."""

from rest_client import ADDRESS, PORT, password_of
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lab.waiting import wait_until

HOME = f"https://{ADDRESS}:{PORT}/"
PROXY_AND_REGISTRATION = "table/signaling_and_media.sip_definitions.proxy_and_registration"
ACCOUNTS = "table/signaling_and_media.accounts"
PATIENCE = 30


class WebPage:
    def __init__(self, driver):
        self.driver = driver

    def open(self, place="", title=None):
        """The page of a place, once it shows its title."""
        if self.driver.current_url.startswith(HOME):
            self.driver.execute_script("window.location.hash = arguments[0]", f"#/{place}")
        else:
            self.driver.get(f"{HOME}#/{place}" if place else HOME)
        if title:
            self.wait_title(title)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def find(self, selector):
        """The first one that is shown, waited for."""
        def shown():
            return next((one for one in self.all(selector) if one.is_displayed()), None)

        return self.wait(shown, f"{selector} on the page: {self.text()[:600]}")

    def text(self, selector="body"):
        return "\n".join(one.text for one in self.all(selector))

    @staticmethod
    def wait(condition, what):
        def quietly():
            try:
                return condition()
            except StaleElementReferenceException:
                return None  # drawn anew meanwhile

        return wait_until(quietly, PATIENCE, what)

    def wait_title(self, title):
        self.wait(lambda: self.text("main h1") == title,
                  lambda: f"the page {title}, but there is: {self.text()[:600]}")

    def wait_text(self, text, selector="body"):
        self.wait(lambda: text in self.text(selector),
                  lambda: f"'{text}' in {selector}: {self.text(selector)[:600]}")

    def sign_in(self, user="Admin", password=None):
        for name, value in (("user", user), ("password", password or password_of(user))):
            box = self.find(f".sign-in input[name={name}]")
            box.clear()
            box.send_keys(value)
        self.find(".sign-in button[type=submit]").click()

    def open_signed_in(self, user="Admin"):
        self.open()
        self.sign_in(user)
        self.wait_title("Proxy & Registration")

    def field(self, parameter):
        return self.find(f".field[data-parameter={parameter}]")

    def control(self, parameter):
        return self.field(parameter).find_element(By.CSS_SELECTOR, "input, select")

    def type(self, parameter, text):
        control = self.control(parameter)
        control.send_keys(Keys.CONTROL, "a")
        control.send_keys(text)

    def press(self, text):
        """The button of that text."""
        def button():
            return next((one for one in self.all("button")
                         if one.text == text and one.is_displayed() and one.is_enabled()), None)

        self.wait(button, lambda: f"a button '{text}': {self.text()[:600]}").click()

    def press_link(self, text):
        self.wait(lambda: next((one for one in self.all("a") if one.text == text and one.is_displayed()), None),
                  lambda: f"a link '{text}': {self.text()[:600]}").click()

    def state_of(self, registration):
        row = self.all(f'tr[data-name="{registration}"]')
        return row[0].get_attribute("data-state") if row else None

    def wait_registration(self, registration, state):
        self.wait(lambda: self.state_of(registration) == state,
                  lambda: f"{registration} {state}: {self.text('main')[:600]}")

    def complaints(self):
        """What the browser's console has of broken rules and scripts."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["source"] in ("security", "javascript", "worker", "violation")
                or (entry["level"] == "SEVERE" and entry["source"] != "network")]
