"""The web interface in a browser, against a real registrar."""

import pytest
from browser import DESKTOP, PHONE, browser, set_width
from capture import Capture, decode
from rest_client import RestClient, password_of, wait_ready, with_rest
from selenium.webdriver.common.keys import Keys
from web_fixtures import fixture_lab, fixture_page
from web_page import ACCOUNTS, PROXY_AND_REGISTRATION, WebPage

from lab.lab import LAB_INTERFACE

__all__ = ["fixture_lab", "fixture_page"]
SETTINGS = "config/signaling_and_media/sip_definitions/proxy_and_registration"
PAGES = {PROXY_AND_REGISTRATION: "Proxy & Registration", ACCOUNTS: "Accounts",
         f"{ACCOUNTS}/0": "0: office", f"{ACCOUNTS}/new": "New row",
         "table/signaling_and_media.proxy_sets.proxy_addresses/0": "Proxy Address",
         "overview": "Overview", "alarms": "Active Alarms", "alarms-history": "Alarms History",
         "charts": "Charts", "registrations": "Registration Status",
         "proxy-sets": "Proxy Sets Status", "trace": "Registration Trace", "trace/office": "office",
         "log": "Log", "sip-trace": "SIP Trace",
         "debug-file": "Debug File", "configuration-file": "Configuration File"}


def test_somebody_signs_in_and_out(page):
    page.open()
    page.sign_in("Admin", "guess")
    page.wait_text("User or password is wrong.")
    page.sign_in()
    page.wait_title("Proxy & Registration")
    page.driver.refresh()
    page.wait_title("Proxy & Registration")
    assert not page.all(".sign-in")
    cookie, = page.driver.get_cookies()
    assert cookie["httpOnly"] and cookie["secure"] and cookie["sameSite"] == "Strict"
    page.find("#user-menu summary").click()
    page.press("Sign out")
    page.find(".sign-in")
    assert page.driver.get_cookies() == []


def test_the_first_page_is_small(page):
    page.open_signed_in()
    sizes = page.driver.execute_script(
        "return performance.getEntries().filter((one) => one.transferSize !== undefined)"
        ".map((one) => [one.name, one.transferSize])")
    assert sum(size for _, size in sizes) < 300_000, sizes
    assert all(name.startswith("https://127.0.0.1") for name, _ in sizes), sizes
    assert not any("chart" in name for name, _ in sizes), sizes


def test_a_changed_registration_time_is_in_the_next_register(lab, page, tmp_path):
    page.open_signed_in()
    page.type("registration_time", "77")
    assert "1 change not applied" in page.text(".foot")
    page.press("Review")
    page.wait_text("Registration Time 120 → 77", "dialog")
    path = tmp_path / "register.pcap"
    with Capture(lab.instance.lab, LAB_INTERFACE, path):
        page.find("dialog button[value=yes]").click()
        page.wait_text("Applied: 1 difference.")
        page.press("Register")
        page.wait_text("registrations of the appliance")
        page.open("registrations", "Registration Status")

        def granted():
            with RestClient(lab) as client:
                rows = client.get("registrations").json["registrations"]
            return rows and all(row["granted_expires"] == 77 for row in rows)

        page.wait(granted, "every registration granted for 77 s")
    expires = {row["sip.Expires"][0] for row in decode(path, "sip.Method == REGISTER", ["sip.Expires"])}
    assert "77" in expires
    with RestClient(lab) as client:
        assert client.get(SETTINGS).json["registration_time"] == 77
        assert client.ask("PATCH", SETTINGS, {"registration_time": 120}).status == 200


def test_what_is_not_saved_is_marked_until_it_is_saved(lab, page):
    page.open_signed_in()
    page.type("re_registration_timing", "60")
    page.press("Apply")
    page.wait_text("Not saved yet.")
    page.find("#save.needed").click()
    page.wait_text("Saved:")
    page.wait(lambda: not page.all("#save.needed"), "the mark of Save gone")
    with RestClient(lab) as client:
        assert client.get("config?from=startup").json["signaling_and_media"]["sip_definitions"][
            "proxy_and_registration"]["re_registration_timing"] == 60


def test_a_wrong_value_is_refused_at_its_field(lab, page):
    page.open_signed_in()
    with RestClient(lab) as client:
        before = client.get("config").body
        page.type("registration_time", "5")
        page.press("Apply")
        page.wait_text("10 to 2000000 s", ".field[data-parameter=registration_time] .fault")
        assert page.driver.switch_to.active_element == page.control("registration_time")
        page.press("Discard")
        # What only the appliance knows to be wrong comes to its field all the same.
        page.type("registrar_name", "no such host!")
        page.press("Apply")
        page.wait(lambda: page.text(".field[data-parameter=registrar_name] .fault"), "a fault there")
        assert page.control("registrar_name").get_attribute("aria-invalid") == "true"
        assert client.get("config").body == before
    page.press("Discard")


def test_unregister_and_register_are_seen_as_they_happen(page):
    page.open_signed_in()
    page.press("Un-Register")
    page.wait_text("registrations of the appliance")
    page.open("registrations", "Registration Status")
    page.wait_registration("office", "UNREGISTERED")
    page.open(ACCOUNTS, "Accounts")
    page.find("button[data-action=register][data-target=office]").click()
    page.wait_text("1 registration of office")
    page.open("registrations", "Registration Status")
    page.wait_registration("office", "REGISTERED")
    assert page.state_of("hotel") == "UNREGISTERED"
    page.open("table/signaling_and_media.gateway.trunk_groups", "Trunk Groups")
    page.find('button[data-action=register][data-target="trunk group 1"]').click()
    page.wait_text("2 registrations of trunk group 1")
    page.open(PROXY_AND_REGISTRATION, "Proxy & Registration")
    page.press("Register")
    page.open("registrations", "Registration Status")
    for name in ("office", "hotel", "device", "trunk group 2", "endpoint 2001"):
        page.wait_registration(name, "REGISTERED")


def test_the_status_follows_the_registrar(lab, page):
    page.open_signed_in()
    page.open("registrations", "Registration Status")
    page.wait_registration("office", "REGISTERED")
    lab.kamailio.stop()
    try:
        with RestClient(lab) as client:
            client.ask("POST", "actions/register", {"target": "office"})
        page.wait_registration("office", "FAILED")
        page.wait_text("not registered", ".summary")
    finally:
        lab.kamailio.start()
    page.wait_registration("office", "REGISTERED")
    page.open("proxy-sets", "Proxy Sets Status")
    page.wait_text("1 of 1 online")


@pytest.mark.parametrize("text", ["RegistrationTime", "registration time"])
def test_search_leads_to_the_field(page, text):
    page.open_signed_in()
    page.open("registrations", "Registration Status")
    page.find("#search").send_keys(text)
    page.wait_text("Registration Time", ".search-hits")
    page.find("#search").send_keys(Keys.ENTER)
    page.wait_title("Proxy & Registration")
    page.wait(lambda: page.driver.switch_to.active_element == page.control("registration_time"),
              "the focus on the field")
    assert page.text(".tree [aria-current=page]") == "Proxy & Registration"


def test_a_session_that_ends_says_so_and_goes_on_where_it_was(lab, page):
    page.open_signed_in("operator")
    page.open(f"{ACCOUNTS}/0", "0: office")
    page.type("contact_user", "109")
    with RestClient(lab) as client:  # who is changed has to sign in again
        users = "config/administration/web_and_cli/local_users"
        row = next(one["row"] for one in client.get(users).json if one["user_name"] == "operator")
        for seconds in (61, 60):
            assert client.ask("PATCH", f"{users}/{row}", {"block_duration": seconds}).status == 200
    page.wait_text("The session has ended.", ".sign-in")
    page.sign_in("operator")
    page.wait(lambda: not page.all(".sign-in"), "the dialog gone")
    assert page.text("main h1") == "0: office"
    assert page.control("contact_user").get_attribute("value") == "109"
    page.press("Apply")
    # The change of the users is one that this page has not seen.
    page.wait_text("Somebody else changed the configuration", ".faults")
    page.wait_text("Admin (REST", ".faults")
    page.press("Load what there is now, and keep what I changed")
    page.press("Apply")
    page.wait_text("Applied: 1 difference.")
    with RestClient(lab) as client:
        assert client.get("config/signaling_and_media/accounts/0").json["contact_user"] == "109"
        history = client.get("configuration/history").json["last_changes"]
        assert any("operator (Web 127.0.0.1)" in str(change) for change in history)
        client.ask("PATCH", "config/signaling_and_media/accounts/0", {"contact_user": "100"})


def test_a_row_is_made_changed_and_removed(lab, page):
    page.open_signed_in()
    page.open(ACCOUNTS, "Accounts")
    page.press("New")
    page.wait_title("New row")
    for parameter, text in (("name", "annex"), ("user_name", "office"), ("password", "wrong"),
                            ("contact_user", "400")):
        page.type(parameter, text)
    page.control("serving_ip_group").send_keys("ITSP")
    page.press("Apply")
    page.wait_title("3: annex")
    page.type("contact_user", "401")
    page.press("Apply")
    page.wait_text("Applied: 1 difference.")
    page.open(ACCOUNTS, "Accounts")
    with RestClient(lab) as client:
        made = client.get("config/signaling_and_media/accounts/3").json
        assert made["contact_user"] == "401"
        assert made["password"] == {"set": True}
    assert "annex" in page.text("main")
    page.find('button[aria-label="Delete row 3"]').click()
    page.wait_text("annex", "dialog")
    page.find("dialog button[value=yes]").click()
    page.wait(lambda: "annex" not in page.text("main"), "the row gone")


def test_settings_inside_a_row_are_part_of_its_form(lab, page):
    page.open_signed_in()
    page.open("table/ip_network.physical_ports/0", "0: GE_1")
    assert page.text("legend").split("\n")[0] == "Device"
    assert page.control("interface").get_attribute("value") == "sbc0"
    page.type("interface", "sbc1")
    page.press("Review")
    page.wait_text("sbc0 → sbc1", "dialog")
    page.wait_text("needs reset", "dialog")
    page.find("dialog button[value='']").click()
    page.press("Discard")
    with RestClient(lab) as client:
        port = client.get("config/ip_network/physical_ports/0").json
        assert port["device"]["interface"] == "sbc0"


def test_a_file_is_added_to_the_configuration(lab, page, tmp_path):
    page.open_signed_in()
    page.find("#actions summary").click()
    page.press_link("Configuration File")
    page.wait_title("Configuration File")
    text = page.driver.execute_async_script(
        "fetch(document.querySelector('main a[download]').href).then((response) => response.text())"
        ".then(arguments[0])")
    assert "RegistrationTime" in text and "[ Account ]" in text
    path = tmp_path / "more.ini"
    path.write_text("[SIP Params]\nRegistrationTime = 88\n", encoding="utf-8")
    page.press("Add to what is set")
    page.wait_text("Choose a file first.")
    page.find("input[type=file]").send_keys(str(path))
    page.press("Add to what is set")
    page.wait_text("Incremental ini file was loaded.")
    page.find("#save.needed")
    with RestClient(lab) as client:
        assert client.get(SETTINGS).json["registration_time"] == 88
        assert client.ask("PATCH", SETTINGS, {"registration_time": 120}).status == 200
    path.write_text("[SIP Params]\nRegistrationTime = 5\n", encoding="utf-8")
    page.press("Add to what is set")
    page.wait_text("has changed since it was chosen", ".faults")
    page.find("input[type=file]").send_keys(str(path))
    page.press("Add to what is set")
    page.wait_text("RegistrationTime", ".faults")
    with RestClient(lab) as client:
        assert client.get(SETTINGS).json["registration_time"] == 120


def test_lock_and_unlock_are_seen_as_they_happen(lab, page):
    page.open_signed_in()
    page.open("overview", "Overview")
    page.wait_text("unlocked", ".status-page")
    page.find("#actions summary").click()
    page.press("Lock")
    page.wait_text("until it is unlocked", "dialog")
    page.find("dialog button[value='']").click()
    page.find("#actions summary").click()
    page.press("Lock")
    page.find("dialog button[value=yes]").click()
    page.wait_text("The appliance is locked.")
    page.wait(lambda: "unlocked" not in page.text(".status-page") and "locked" in page.text(".status-page"),
              lambda: f"locked on the page: {page.text('.status-page')}")
    page.open("registrations", "Registration Status")
    page.wait_registration("office", "UNREGISTERED")
    page.find("#actions summary").click()
    page.press("Unlock")
    page.wait_text("The appliance is unlocked.")
    page.wait_registration("office", "REGISTERED")
    # As somebody else changes it.
    with RestClient(lab) as client:
        assert client.ask("POST", "actions/lock").status == 200
        page.find("#actions summary").click()
        page.wait(lambda: page.text("#lock") == "Unlock", lambda: page.text("#actions"))
        assert client.ask("POST", "actions/unlock").status == 200
    page.wait(lambda: page.text("#lock") == "Lock", lambda: page.text("#actions"))
    lab.wait_registered()


def test_a_debug_file_is_made(page):
    page.open_signed_in("operator")
    page.open("debug-file", "Debug File")
    page.press("Make")
    page.wait_text("It is made.")
    size = page.driver.execute_async_script(
        "fetch(document.querySelector('main a[download]').href).then((response) => response.blob())"
        ".then((blob) => arguments[0](blob.size))")
    assert size > 1000


def test_somebody_changes_his_own_password(lab, page):
    def change(*passwords):
        page.find("dialog")
        for box, password in zip(page.all("dialog input"), passwords, strict=True):
            box.send_keys(password)
        page.find("dialog button[value=yes]").click()

    page.open_signed_in("watcher")
    page.find("#user-menu summary").click()
    page.press("Change password")
    change("guess", "new-one-77", "new-one-77")
    page.wait_text("the current password is another one", "dialog")
    change(password_of("watcher"), "new-one-77", "other")
    page.wait_text("not the same", "dialog")
    change(password_of("watcher"), "new-one-77", "new-one-77")
    page.wait_text("The session has ended.", ".sign-in")
    page.sign_in("watcher", "new-one-77")
    page.wait(lambda: not page.all(".sign-in"), "the dialog gone")
    with RestClient(lab) as client:
        users = "config/administration/web_and_cli/local_users"
        row = next(one["row"] for one in client.get(users).json if one["user_name"] == "watcher")
        history = client.get("configuration/history").json["last_changes"]
        assert any("watcher (Web 127.0.0.1)" in str(change) for change in history)
        assert client.ask("PATCH", f"{users}/{row}", {"password": password_of("watcher")}).status == 200


def test_rows_change_places(lab, page):
    firewall = "config/ip_network/firewall"
    with RestClient(lab) as client:
        rows = [{"source_ip": f"192.0.2.{number}"} for number in (1, 2)]
        assert client.ask("PUT", firewall, rows).status == 200
        page.open_signed_in()
        page.open("table/ip_network.firewall", "Firewall")
        assert not page.find('button[aria-label="Move row 0 up"]').is_enabled()
        page.find('button[aria-label="Move row 1 up"]').click()
        page.wait_text("Row 1 of Firewall is row 0 now.")
        assert [row["source_ip"] for row in client.get(firewall).json] == ["192.0.2.2", "192.0.2.1"]
        page.open(ACCOUNTS, "Accounts")
        assert not page.all('button[aria-label^="Move row"]'), "its secrets would stay behind"
        assert client.ask("PUT", firewall, []).status == 200


def test_members_of_a_group_are_chosen_among_what_there_is(page):
    page.open_signed_in()
    page.open("table/ip_network.ethernet_groups/0", "0: GROUP_1")
    boxes = page.field("members").find_elements("css selector", "input[type=checkbox]")
    assert [(box.get_attribute("value"), box.is_selected()) for box in boxes] == [("GE_1", True)]
    boxes[0].click()
    assert "1 change not applied" in page.text(".foot")
    page.press("Discard")


def test_who_may_only_look_is_offered_nothing_else(page):
    page.open_signed_in("watcher")
    assert page.text(".foot-right") == ""
    assert not page.control("registration_time").is_enabled()
    assert not page.find("#save").is_enabled()
    page.find("#actions summary").click()
    assert not page.find("#lock").is_enabled()
    assert not page.find("button[data-action=register]").is_enabled()


def widths(driver, selector):
    """What it has inside, and what of that is shown without scrolling."""
    return tuple(driver.execute_script(
        "const { scrollWidth, clientWidth } = document.querySelector(arguments[0]);"
        "return [scrollWidth, clientWidth]", selector))


MANY_ALARMS = "document.querySelector('#bell').lastChild.textContent = '1000'"


@pytest.mark.parametrize("user", ["Admin", "operator"])
def test_no_width_scrolls_a_page_sideways(page, user):
    """Also with a bell that counts a thousand alarms."""
    page.open_signed_in(user)
    for place, title in PAGES.items():
        page.open(place, title)
        for width in (DESKTOP[0], 1100, 1024, 820, 500, PHONE[0]):
            set_width(page.driver, width, mobile=width == PHONE[0])
            page.driver.execute_script(MANY_ALARMS)
            page.wait(lambda: widths(page.driver, ":root") == (width, width),  # pylint: disable=cell-var-from-loop
                      lambda: f"{place} {width} wide, but it is {widths(page.driver, ':root')}")


def test_registration_status_shows_all_its_columns_at_a_desk(page):
    page.open_signed_in()
    page.open("registrations", "Registration Status")
    page.wait_registration("office", "REGISTERED")
    content, shown = widths(page.driver, ".table-scroll")
    assert content <= shown


def test_a_phone_scrolls_in_one_direction_and_every_control_has_a_name(lab, tmp_path):
    with browser(lab.instance.port, tmp_path, PHONE) as driver:
        page = WebPage(driver)
        page.open_signed_in()
        for place, title in PAGES.items():
            page.open(place, title)
            assert widths(driver, ":root") == (PHONE[0], PHONE[0]), place
            for control in driver.execute_script(
                    "return [...document.querySelectorAll('input, select, button, summary, a')]"
                    ".filter((one) => one.checkVisibility())"):
                assert control.accessible_name, (place, control.get_attribute("outerHTML"))
        assert page.complaints() == []


def test_the_keyboard_reaches_the_content_and_the_buttons(page):
    page.open_signed_in()
    page.driver.refresh()
    page.wait_title("Proxy & Registration")
    page.find("body").send_keys(Keys.TAB)
    skip = page.driver.switch_to.active_element
    assert skip.text == "To the content"
    skip.send_keys(Keys.ENTER)
    assert page.driver.switch_to.active_element == page.find("main")


def test_nobody_answers_and_the_page_says_so(make_lab, tmp_path):
    lab = make_lab(with_rest)
    wait_ready(lab)
    with browser(lab.instance.port, tmp_path) as driver:
        page = WebPage(driver)
        page.open_signed_in()
        lab.appliance.stop()
        page.wait_text("The appliance does not answer.", ".offline")
        lab.appliance.start()
        wait_ready(lab)
        page.wait_text("The session has ended.", ".sign-in")
        page.sign_in()
        page.wait(lambda: not page.all(".sign-in"), "the dialog gone")
        assert page.text("main h1") == "Proxy & Registration"
