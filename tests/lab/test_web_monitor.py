"""The pages that watch the appliance, in a browser: Monitor and Troubleshoot."""

from contextlib import contextmanager

from rest_client import RestClient
from selenium.webdriver.support.ui import Select
from web_fixtures import fixture_lab, fixture_page
from web_page import PROXY_AND_REGISTRATION

__all__ = ["fixture_lab", "fixture_page"]
LINK_ALARM = 'tr[data-alarm="acBoardEthernetLinkAlarm"]'


@contextmanager
def link_down(lab):
    """The wire of the lab's port is pulled meanwhile."""
    lab.instance.port.run("ip", "link", "set", "sbc0", "down")
    try:
        yield
    finally:
        lab.instance.port.run("ip", "link", "set", "sbc0", "up")


def wait_bell(page, count):
    page.wait(lambda: page.text("#bell") == str(count), lambda: f"{count} at the bell: {page.text('#bell')}")


def test_alarms_come_and_go_as_they_happen(lab, page):
    page.open_signed_in()
    page.open("alarms", "Active Alarms")
    page.wait_text("no alarm is active")
    wait_bell(page, 0)
    with link_down(lab):
        page.wait(lambda: page.all(LINK_ALARM), lambda: f"the alarm: {page.text('main')}")
        row, = page.all(LINK_ALARM)
        assert "minor" in row.text and "GE_1 link is down" in row.text
        page.open(PROXY_AND_REGISTRATION, "Proxy & Registration")
        page.wait(lambda: int(page.text("#bell")) > 0, "a count at the bell")
        assert "active alarm" in page.find("#bell").accessible_name
        page.find("#bell").click()
        page.wait_title("Active Alarms")
        page.wait(lambda: page.all(LINK_ALARM), "the alarm")
    page.wait(lambda: not page.all(LINK_ALARM), "the alarm cleared")
    lab.wait_registered()
    wait_bell(page, 0)
    page.open("alarms-history", "Alarms History")
    page.wait(lambda: [row.get_attribute("data-severity") for row in page.all(LINK_ALARM)][:2] == ["cleared", "minor"],
              lambda: f"raised and cleared, the newest first: {page.text('main')}")


def test_the_history_turns_its_pages(lab, page):
    """More alarms than a page has: accounts that the registrar does not know."""
    accounts = "config/signaling_and_media/accounts"
    page.open_signed_in()
    page.open("alarms", "Active Alarms")
    with RestClient(lab) as client:
        before = client.get(accounts).json
        unknown = [{"name": f"unknown{number}", "serving_ip_group": "ITSP", "user_name": f"unknown{number}",
                    "password": "wrong", "contact_user": f"9{number:02}", "register": "regular"}
                   for number in range(55)]
        assert client.ask("PUT", accounts, [*before, *unknown]).status == 200
        page.wait_text("50 of 55 alarms")
        wait_bell(page, 55)
        newest = [int(row.get_attribute("data-id")) for row in page.all("tbody tr")]
        assert newest == sorted(newest, reverse=True)
        page.press("Older")
        page.wait_text("5 of 55 alarms")
        older = [int(row.get_attribute("data-id")) for row in page.all("tbody tr")]
        assert max(older) < min(newest)
        page.press("Newer")
        page.wait_text("50 of 55 alarms")
        assert [int(row.get_attribute("data-id")) for row in page.all("tbody tr")] == newest
        assert client.ask("PUT", accounts, before).status == 200
    page.press("Newest")
    page.wait_text("no alarm is active")
    wait_bell(page, 0)


def test_many_registrations_are_paged_filtered_and_sorted_as_a_whole(lab, page):
    """More than a page has: what is sorted is all of them."""
    accounts = "config/signaling_and_media/accounts"
    many = [f"crowd {number:03}" for number in range(120)]

    def names():
        return [row.get_attribute("data-name") for row in page.all("tbody tr")]

    def wait_names(expected):
        page.wait(lambda: names() == expected, lambda: f"{expected[:3]}..., but there are {names()[:3]}...")

    with RestClient(lab) as client:
        before = client.get(accounts).json
        crowd = [{"name": name, "serving_ip_group": "ITSP", "user_name": "crowd", "password": "wrong",
                  "contact_user": f"9{number:03}", "register": "regular"}
                 for number, name in enumerate(many)]
        assert client.ask("PUT", accounts, [*before, *crowd]).status == 200
        page.open_signed_in()
        page.open("registrations", "Registration Status")
        page.wait_text("1–100 of 127")
        page.press("Next")
        wait_names(many[-27:])
        page.press("Name")
        page.press("Name")
        everybody = [row["name"] for row in client.get("registrations?limit=1000").json["registrations"]]
        backward = sorted(everybody, reverse=True)
        wait_names(backward[:100])
        page.driver.refresh()
        wait_names(backward[:100])  # the order comes back with the page's address
        page.press("Next")
        wait_names(backward[100:])
        page.find("main input[type=search]").send_keys("CROWD 11")
        wait_names(many[119:109:-1])
        page.find("main input[type=search]").clear()
        page.find("main input[type=search]").send_keys("o")
        page.press("Failures")
        page.press("Failures")
        page.wait(lambda: names() and names()[0] in many, "who failed most first")
        assert client.ask("PUT", accounts, before).status == 200


def test_the_overview_draws_the_box_and_its_links(lab, page):
    page.open_signed_in()
    page.open("overview", "Overview")
    assert len(page.all(".chassis [data-port]")) == 8
    port = '.chassis [data-port="GE_1"]'
    assert page.find(port).get_attribute("data-link") == "up"
    assert page.find('.chassis [data-port="GE_2"]').get_attribute("data-link") == "none"
    rows = lab.wait_registered()
    page.wait_text(f"{len(rows)} of {len(rows)} registered")
    page.wait_text("No alarm is active")
    page.wait_text("Mediant VE")
    with link_down(lab):
        page.wait(lambda: page.find(port).get_attribute("data-link") == "down", "the link's light out")
        assert "link down" in page.find(port).accessible_name
    page.wait(lambda: page.find(port).get_attribute("data-link") == "up", "the link's light on")
    lab.wait_registered()


def test_a_trace_explains_the_digest_and_follows(lab, page):
    page.open_signed_in()
    page.open("registrations", "Registration Status")
    page.wait_registration("office", "REGISTERED")
    page.find('tr[data-name="office"] .row-tools a').click()
    page.wait_title("office")
    steps = page.find(".flow").text
    for title in ("REGISTER", "401 Unauthorized", "200 OK"):
        assert title in steps
    flows = len(page.all(".flow"))
    answered = next(one for one in page.all(".flow[open] .step.request") if "digest" in one.text)
    answered.find_element("css selector", "summary").click()
    page.wait_text("How this answer was computed")
    page.wait_text("H(A1) =")
    assert 'Authorization: Digest username="office"' in page.text(".message pre")
    with RestClient(lab) as client:
        assert client.ask("POST", "actions/register", {"target": "office"}).status == 200
    page.wait(lambda: len(page.all(".flow")) > flows, "the flow that came")
    assert "How this answer was computed" in page.text(), "what was open stays open"


def test_who_is_looked_for_is_found_for_a_trace(page):
    page.open_signed_in()
    page.open("trace", "Registration Trace")
    page.wait_text("device")
    page.find("main input[type=search]").send_keys("hot")
    page.wait(lambda: [one.text for one in page.all(".choices a")] == ["hotel"], "hotel alone")
    page.find(".choices a").click()
    page.wait_title("hotel")
    page.open("trace/nobody")
    page.wait_text("nothing registers as 'nobody'")


def test_the_log_goes_on_as_it_is_written(lab, page):
    page.open_signed_in("operator")
    page.open("log", "Log")
    page.wait_text("board  ready", ".log-lines")
    page.press("Hold")

    def activities():
        return page.text(".log-lines").count("activity  Admin (REST")

    before = activities()
    with RestClient(lab) as client:
        assert client.ask("POST", "actions/saveConfiguration", {}).status == 200
    page.wait_text("wait", ".count")
    assert activities() == before
    page.press("Go on")
    page.wait(lambda: activities() > before, "what was held")
    page.find(".table-tools input[type=search]").send_keys("activity  Admin")
    page.wait(lambda: all("activity  Admin" in line for line in page.text(".log-lines").splitlines()),
              lambda: f"those lines alone: {page.text('.log-lines')}")
    Select(page.find(".table-tools select")).select_by_value("error")
    page.wait(lambda: page.text(".log-lines") == "", "no error among them")


def test_who_may_only_look_does_not_read_the_log(page):
    page.open_signed_in("watcher")
    page.open("log")
    page.wait_text("Your level may not look at the log.")
    page.open("overview", "Overview")


def test_sip_messages_are_watched_and_captured_as_a_filter_lets_them_through(lab, page):
    page.open_signed_in("operator")
    page.open("sip-trace", "SIP Trace")
    page.find("input[name=host]").send_keys("nonsense")
    page.press("Watch")
    page.wait_text("host", ".faults")
    page.find("input[name=host]").clear()
    page.find("input[name=user]").send_keys("sip:100@")
    page.press("Watch")
    page.press("Start capture")
    page.wait_text("capturing", ".summary")
    with RestClient(lab) as client:
        page.wait(lambda: page.text(".messages") or client.ask(
            "POST", "actions/register", {"target": "office"}).status != 200, "a message of office")
        page.wait_text("SIP/2.0 200 OK", ".messages")
        assert client.ask("POST", "actions/register", {"target": "hotel"}).status == 200
    page.press("Stop")
    for summary in page.all(".messages summary"):
        summary.click()
    messages = page.all(".messages pre")
    assert messages and all("sip:100@" in message.text for message in messages)
    assert "Authorization: Digest" in page.text(".messages")
    page.press("Stop capture")
    page.wait_text("no capture runs")
    first = page.driver.execute_async_script(
        "fetch(document.querySelector('a[download]').href).then((response) => response.arrayBuffer())"
        ".then((bytes) => arguments[0](new DataView(bytes).getUint32(0, true)))")
    assert first in (0xa1b2c3d4, 0xa1b23c4d), hex(first)


def test_charts_draw_what_there_is_and_say_what_they_draw(lab, page):
    page.open_signed_in()
    page.open("charts", "Charts")
    page.wait(lambda: len(page.all(".chart canvas")) == 5, "five charts")

    def drawn(title, name):
        page.wait(lambda: any(
            title in canvas.accessible_name and name in canvas.accessible_name for canvas in page.all(".chart canvas")),
            lambda: [canvas.accessible_name for canvas in page.all(".chart canvas")])

    drawn("Registrations by state", "registered")
    # What is counted shows with what it grows by from now on.
    assert lab.appliance.ask("register", target="all")["ok"]
    for title, name in (("SIP requests", "requests sent"), ("Time to register", "99 % within"),
                        ("Processor time", "trunkline"), ("Packets of each port", "GE_1 received")):
        drawn(title, name)
    Select(page.find(".table-tools select")).select_by_value("history")
    page.wait_text("The first quarter of an hour is not over yet.")
    assert "span=history" in page.driver.current_url
