"""What each odd answer of a registrar makes of a registration: the state and reason that the operator
sees, and what goes out next. The registrars are played by SIPp."""

import json
import re

import pytest
from conftest import LabMaker
from odd_registrars import DOMAIN, Entity, OddLab, Registrar, accounts_for
from operator_commands import show

from lab.waiting import wait_until

NET = "192.0.2."
RETRY_TIME, REFUSED_RETRY_TIME, LONGEST_RETRY_AFTER = 10, 300, 1800

# Account -> what its only registrar always answers, further header, seconds to the next attempt.
REFUSALS = {
    "alternative-service": ("380 Alternative Service", None, RETRY_TIME),
    "forbidden": ("403 Forbidden", None, REFUSED_RETRY_TIME),
    "not-found": ("404 Not Found", None, REFUSED_RETRY_TIME),
    "not-found-for-a-while": ("404 Not Found", "Retry-After: 120 (try later);duration=60", 120),
    "gone-nowhere": ("604 Does Not Exist Anywhere", None, REFUSED_RETRY_TIME),
    "unavailable": ("480 Temporarily Unavailable", None, RETRY_TIME),
    "too-many-hops": ("483 Too Many Hops", None, RETRY_TIME),
    "unknown-4xx": ("499 Odd", None, RETRY_TIME),
    "error": ("500 Server Internal Error", None, RETRY_TIME),
    "unknown-5xx": ("599 Odd", None, RETRY_TIME),
    "overloaded": ("503 Service Unavailable", "Retry-After: 90", 90),
    "overloaded-for-ever": ("503 Service Unavailable", "Retry-After: 999999", LONGEST_RETRY_AFTER),
    "overloaded-for-no-time": ("503 Service Unavailable", "Retry-After: 0", RETRY_TIME),
    "unknown-6xx": ("699 Odd", None, RETRY_TIME),
    "extension-that-was-not-used": ("420 Bad Extension", "Unsupported: gruu", RETRY_TIME),
    "extension-that-nobody-has": ("421 Extension Required", "Require: time-travel", RETRY_TIME),
    "challenge-without-a-challenge": ("401 Unauthorized", None, REFUSED_RETRY_TIME),
}
REFUSING = {name: Registrar(f"{NET}{100 + at}", status=status,
                            keys={"extra": extra} if extra else {})
            for at, (name, (status, extra, _)) in enumerate(REFUSALS.items())}

ACCEPTING = Registrar(f"{NET}150", "accept")
CHALLENGING = Registrar(f"{NET}151", status="401 Unauthorized", keys={
    "extra": 'WWW-Authenticate: Digest realm="elsewhere", nonce="stolen", algorithm=MD5'})
TOWARDS_ACCEPTING = {"extra": f"Contact: <sip:{ACCEPTING.address}:5060>"}
TOWARDS_CHALLENGING = {"extra": f"Contact: <sip:{CHALLENGING.address}:5060>"}

ENTITIES = {name: Entity((registrar,)) for name, registrar in REFUSING.items()} | {
    "brief": Entity((Registrar(f"{NET}160", "answer_then_accept", "423 Interval Too Brief",
                               {"extra": "Min-Expires: 200", "parameters": ";expires=200"}),)),
    "always-brief": Entity((Registrar(f"{NET}161", status="423 Interval Too Brief"),)),
    "moved": Entity((Registrar(f"{NET}162", status="302 Moved Temporarily",
                               keys=TOWARDS_ACCEPTING),), (ACCEPTING,)),
    "moved-to-a-stranger-who-challenges": Entity(
        (Registrar(f"{NET}163", status="301 Moved Permanently", keys=TOWARDS_CHALLENGING),),
        (CHALLENGING,)),
    "moved-in-a-circle": Entity((Registrar(
        f"{NET}164", status="302 Moved Temporarily",
        keys={"extra": f"Contact: <sip:{NET}165:5060>"}),), (Registrar(
            f"{NET}165", status="302 Moved Temporarily",
            keys={"extra": f"Contact: <sip:{NET}164:5060>"}),)),
    "through-a-proxy": Entity((Registrar(f"{NET}166", status="305 Use Proxy",
                                         keys=TOWARDS_ACCEPTING),), (ACCEPTING,)),
    "gin": Entity((Registrar(f"{NET}167", "answer_then_accept", "420 Bad Extension",
                             {"extra": "Unsupported: gin"}),), account={"register": "gin"}),
    "path-required": Entity((Registrar(f"{NET}168", "answer_then_accept", "421 Extension Required",
                                       {"extra": "Require: path"}),)),
    "outbound": Entity((Registrar(f"{NET}169", "answer_then_accept",
                                  "439 First Hop Lacks Outbound Support"),),
                       account={"outbound": True}),
    "second-server-after-503": Entity((Registrar(
        f"{NET}170", status="503 Service Unavailable", keys={"extra": "Retry-After: 600"}),
        Registrar(f"{NET}171", "accept"))),
    "second-server-after-408": Entity((Registrar(f"{NET}172", status="408 Request Timeout"),
                                       Registrar(f"{NET}173", "accept"))),
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """All accounts at once in one lab: none waits for another's retry time."""
    folder = tmp_path_factory.mktemp("odd")
    maker = LabMaker(folder)
    try:
        with OddLab(maker(accounts_for(ENTITIES), start=False), folder) as made:
            made.start_registrars(ENTITIES)
            made.lab.start_appliance()
            yield made
    finally:
        maker.close()


def wait_registered(odd, name):
    return odd.lab.wait_state(name, "REGISTERED")


def wait_failed(odd, name):
    return odd.lab.wait_state(name, "FAILED")


def waits_told(odd, name):
    """The seconds to the next attempt that the appliance decided on, failure by failure."""
    text = show(odd.lab, "registration", name, "--trace")
    return [float(seconds)
            for seconds in re.findall(r"FAILED: .*; next attempt in ([0-9.]+) s", text)]


def refused_and_accepted(odd, name):
    """The two REGISTERs of an account whose first server refused the first and took the second."""
    wait_registered(odd, name)
    first, second = odd.received(ENTITIES[name].servers[0], name)
    assert_is_next(first, second)
    return first, second


def assert_is_next(first, second):
    assert second.header("call-id") == first.header("call-id")
    assert cseq_of(second) == cseq_of(first) + 1


def cseq_of(message):
    return int(message.header("cseq").split()[0])


# T42, T44, T45, T46, T47, T51, T52, T53, T57, T58, T103
@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_shown_with_its_reason_and_the_time_that_it_waits(odd, name):
    status, _, wait = REFUSALS[name]
    code, _, phrase = status.partition(" ")
    row = wait_failed(odd, name)
    assert not row["registered"]
    assert row["last_status"] == int(code)
    assert phrase in row["reason"]
    # A Retry-After is stretched by a tenth at most, the page's times are not, as jitter is off.
    assert wait <= waits_told(odd, name)[0] <= wait * 1.1
    text = show(odd.lab, "registration", name)
    assert "FAILED" in text and f"{code} " in text
    assert phrase in json.loads(show(odd.lab, "registration", name, "--json"))[0]["reason"]


# T04, T45, T46, T47, T48
def test_after_a_failure_comes_the_next_register_and_after_a_refusal_none_for_long(odd):
    again = [name for name, (_, _, wait) in REFUSALS.items() if wait == RETRY_TIME]
    wait_until(lambda: all(len(odd.received(REFUSING[name], name)) >= 2 for name in again), 30,
               "a second REGISTER of all that failed")
    for name in again:
        first, second = odd.received(REFUSING[name], name)[:2]
        assert_is_next(first, second)
        assert second.at - first.at >= RETRY_TIME - 0.1
    for name in set(REFUSALS) - set(again):
        assert len(odd.received(REFUSING[name], name)) == 1


# T40
def test_423_raises_the_interval_to_min_expires(odd):
    row = wait_registered(odd, "brief")
    first, second = refused_and_accepted(odd, "brief")
    assert first.header("expires") == "120"
    assert second.header("expires") == "200"
    assert row["requested_expires"] == row["granted_expires"] == 200


# T41
def test_423_without_min_expires_is_tried_once_more_and_then_shown(odd):
    row = wait_failed(odd, "always-brief")
    assert row["last_status"] == 423
    assert "Interval Too Brief" in row["reason"]
    first, second = odd.received(ENTITIES["always-brief"].servers[0], "always-brief")[:2]
    assert_is_next(first, second)
    assert int(second.header("expires")) > int(first.header("expires"))
    assert waits_told(odd, "always-brief")[0] == RETRY_TIME


# T49
def test_302_leads_to_the_contact_that_it_names(odd):
    row = wait_registered(odd, "moved")
    assert row["answered_by"] == f"{ACCEPTING.address}:5060"
    first = odd.received(ENTITIES["moved"].servers[0], "moved")[0]
    second = odd.received(ACCEPTING, "moved")[0]
    assert_is_next(first, second)
    assert second.start_line == f"REGISTER sip:{ACCEPTING.address}:5060 SIP/2.0"


# T49
def test_a_stranger_gets_no_credentials(odd):
    name = "moved-to-a-stranger-who-challenges"
    row = wait_failed(odd, name)
    assert "is not configured" in row["reason"]
    assert waits_told(odd, name)[0] == REFUSED_RETRY_TIME
    only, = odd.received(CHALLENGING, name)
    assert only.header("authorization") is None


# T49
def test_a_circle_of_redirections_is_left(odd):
    row = wait_failed(odd, "moved-in-a-circle")
    assert row["reason"] == "302 Moved Temporarily to nowhere that can be followed"
    assert waits_told(odd, "moved-in-a-circle")[0] == RETRY_TIME
    for registrar in ENTITIES["moved-in-a-circle"].registrars:
        assert odd.received(registrar, "moved-in-a-circle")


# T50
def test_305_leads_through_the_proxy_that_it_names(odd):
    row = wait_registered(odd, "through-a-proxy")
    assert row["answered_by"] == f"{ACCEPTING.address}:5060"
    first = odd.received(ENTITIES["through-a-proxy"].servers[0], "through-a-proxy")[0]
    second = odd.received(ACCEPTING, "through-a-proxy")[0]
    assert_is_next(first, second)
    assert first.start_line == second.start_line == f"REGISTER sip:{DOMAIN} SIP/2.0"


# T52, T170, T172
def test_gin_falls_back_to_a_single_registration_after_420(odd):
    first, second = refused_and_accepted(odd, "gin")
    assert first.header("require") == first.header("proxy-require") == "gin"
    assert ";bnc" in first.header("contact")
    assert second.header("require") is None and second.header("proxy-require") is None
    assert ";bnc" not in second.header("contact")
    assert "<sip:user-gin@" in second.header("contact")


# T53
def test_421_adds_an_extension_that_is_supported(odd):
    first, second = refused_and_accepted(odd, "path-required")
    assert first.header("require") is None
    assert second.header("require") == "path"


# T54
def test_439_goes_on_without_outbound(odd):
    first, second = refused_and_accepted(odd, "outbound")
    assert "reg-id=1" in first.header("contact") and "outbound" in first.header("supported")
    assert "reg-id" not in second.header("contact")
    assert "outbound" not in second.header("supported")


# T42
def test_503_sets_its_server_aside_and_goes_on_to_the_next(odd):
    name = "second-server-after-503"
    busy, other = ENTITIES[name].servers
    assert wait_registered(odd, name)["answered_by"] == f"{other.address}:5060"
    proxy_set = next(row for row in json.loads(show(odd.lab, "proxy-sets", "--json"))
                     if row["name"] == name)
    aside = {server["address"]: server["aside_for"] for server in proxy_set["servers"]}
    assert 0 < aside[f"{busy.address}:5060"] <= 600
    assert aside[f"{other.address}:5060"] is None
    assert len(odd.received(busy, name)) == 1


# T55, T134
def test_408_goes_on_to_the_next_server_with_a_new_branch(odd):
    name = "second-server-after-408"
    late, other = ENTITIES[name].servers
    assert wait_registered(odd, name)["answered_by"] == f"{other.address}:5060"
    first, second = odd.received(late, name)[0], odd.received(other, name)[0]
    assert second.header("call-id") == first.header("call-id")
    assert second.header("via") != first.header("via")
