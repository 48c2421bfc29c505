"""The appliance registers at a real registrar, stays registered, and leaves when it is told to."""

import signal

import pytest
from capture import Capture, decode
from conftest import LabMaker
from expected import (AORS, APPLIANCE, DOMAIN, REGISTRANTS, REGISTRAR, general,
                      proxy_and_registration)

from lab.kamailio import RegistrarSettings
from lab.lab import LAB_INTERFACE
from lab.waiting import wait_until

FIELDS = ["ip.checksum.status", "udp.checksum.status", "_ws.expert.message", "sip.r-uri",
          "sip.r-uri.user", "sip.r-uri.host", "sip.from.addr", "sip.from.tag", "sip.to.addr",
          "sip.to.tag", "sip.Call-ID", "sip.CSeq.seq", "sip.CSeq.method", "sip.Via",
          "sip.Via.branch", "sip.Via.sent-by.address", "sip.Contact", "sip.Expires",
          "sip.Content-Length", "sip.User-Agent", "sip.Max-Forwards", "sip.Authorization"]
REGISTERS = f"ip.src == {APPLIANCE} && sip.Method == REGISTER"


@pytest.fixture(scope="module")
def registers(tmp_path_factory):
    """What tshark reads of one life of the appliance: its REGISTERs up to registration (`up`) and
    after SIGTERM (`down`), with the bindings of the registrar at both times."""
    folder = tmp_path_factory.mktemp("registers")
    maker = LabMaker(folder)
    try:
        lab = maker(start=False)
        seen = {}
        with Capture(lab.instance.lab, LAB_INTERFACE, folder / "up.pcap"):
            lab.start_appliance()
            seen["rows"] = lab.wait_registered()
            seen["bindings_up"] = lab.kamailio.bindings()
        with Capture(lab.instance.lab, LAB_INTERFACE, folder / "down.pcap"):
            seen["exit_code"] = lab.appliance.stop()
            seen["bindings_down"] = lab.kamailio.bindings()
        seen["up"] = requests_in(folder / "up.pcap")
        seen["down"] = requests_in(folder / "down.pcap")
        seen["malformed"] = decode(folder / "up.pcap", "_ws.malformed", ["frame.number"])
        yield seen
    finally:
        maker.close()


def requests_in(path):
    """The REGISTERs of the appliance, without retransmissions, which are the same in every field."""
    rows = []
    for row in decode(path, REGISTERS, FIELDS):
        if row not in rows:
            rows.append(row)
    return rows


def by_aor(rows):
    """REGISTERs grouped by their address of record, each group in the order of the wire."""
    groups = {}
    for row in rows:
        groups.setdefault(row["sip.to.addr"][0], []).append(row)
    return groups


def test_every_row_is_registered(registers):
    rows = registers["rows"]
    assert {row["aor"] for row in rows} == {f"sip:{aor}" for aor in AORS}
    for row in rows:
        assert row["state"] == "REGISTERED"
        assert row["last_status"] == 200
        assert row["answered_by"] == f"{REGISTRAR}:5060"
        assert row["realm"] == DOMAIN
        assert row["algorithm"] == "MD5"
        assert row["consecutive_failures"] == 0


def test_the_registrar_holds_exactly_the_expected_addresses_of_record(registers):
    bindings = registers["bindings_up"]
    assert set(bindings) == AORS
    for aor, contacts in bindings.items():
        assert len(contacts) == 1
        user = aor.partition("@")[0]
        assert contacts[0].startswith(f"sip:{user}@{APPLIANCE}")


def test_a_clean_stop_unregisters_all(registers):
    assert registers["exit_code"] == 0
    assert registers["bindings_down"] == {}
    groups = by_aor(registers["down"])
    assert set(groups) == {f"sip:{aor}" for aor in AORS}
    for rows in groups.values():
        for row in rows:
            contact = row["sip.Contact"][0]
            assert row["sip.Expires"] == ["0"] or "expires=0" in contact


def test_the_request_uri_has_a_host_and_no_user(registers):
    for row in registers["up"]:
        assert row["sip.r-uri.user"] == []
        assert row["sip.r-uri.host"] == [DOMAIN]


def test_from_and_to_are_the_address_of_record_and_from_alone_has_a_tag(registers):
    for row in registers["up"]:
        assert row["sip.from.addr"] == row["sip.to.addr"]
        assert row["sip.from.addr"][0].removeprefix("sip:") in AORS
        assert len(row["sip.from.tag"]) == 1
        assert row["sip.to.tag"] == []


def test_an_entity_keeps_its_call_id_and_counts_cseq(registers):
    groups = by_aor(registers["up"])
    call_ids = set()
    for rows in groups.values():
        assert len({row["sip.Call-ID"][0] for row in rows}) == 1
        call_ids.add(rows[0]["sip.Call-ID"][0])
        assert [int(row["sip.CSeq.seq"][0]) for row in rows] == [1, 2]
        assert {row["sip.CSeq.method"][0] for row in rows} == {"REGISTER"}
    assert len(call_ids) == len(REGISTRANTS)


def test_every_request_has_a_fresh_branch_and_asks_for_the_source_port(registers):
    branches = [row["sip.Via.branch"][0] for row in registers["up"]]
    assert len(set(branches)) == len(branches)
    assert all(branch.startswith("z9hG4bK") for branch in branches)
    for row in registers["up"]:
        assert row["sip.Via.sent-by.address"] == [APPLIANCE]
        assert ";rport" in row["sip.Via"][0]


def test_the_answer_to_the_challenge_is_written_right(registers):
    for rows in by_aor(registers["up"]).values():
        first, second = rows
        assert first["sip.Authorization"] == []
        user = second["sip.to.addr"][0].removeprefix("sip:").partition("@")[0]
        text = second["sip.Authorization"][0]
        assert text.startswith("Digest ")
        assert f'username="{REGISTRANTS[user]}"' in text
        assert f'realm="{DOMAIN}"' in text
        assert f'uri="{second["sip.r-uri"][0]}"' in text
        assert "qop=auth" in text and 'qop="' not in text
        assert "nc=00000001" in text
        assert "algorithm=MD5" in text
        for quoted in ("nonce", "cnonce", "response"):
            assert f'{quoted}="' in text


def test_every_header_that_a_register_needs_is_there(registers):
    for row in registers["up"]:
        assert row["sip.Content-Length"] == ["0"]
        assert row["sip.Max-Forwards"] == ["70"]
        assert row["sip.User-Agent"][0].startswith("Trunkline/")
        user = row["sip.to.addr"][0].removeprefix("sip:").partition("@")[0]
        assert f"<sip:{user}@{APPLIANCE}" in row["sip.Contact"][0]
        assert row["sip.Expires"] == ["120"] or "expires=120" in row["sip.Contact"][0]


def test_checksums_are_right_and_nothing_is_malformed(registers):
    assert registers["malformed"] == []
    for row in registers["up"] + registers["down"]:
        assert row["ip.checksum.status"] == ["1"]
        assert row["udp.checksum.status"] == ["1"]
        noted = [text for text in row["_ws.expert.message"] if "alformed" in text]
        assert noted == []


def test_two_refreshes_later_all_are_still_registered(make_lab):
    def change(document):
        proxy_and_registration(document)["registration_time"] = 10

    lab = make_lab(change)
    before = {row["aor"]: row for row in lab.wait_registered()}

    def refreshed_twice():
        rows = lab.appliance.registrations() or []
        return rows and all(row["cseq"] >= before[row["aor"]]["cseq"] + 2 for row in rows)

    wait_until(refreshed_twice, 40, "two refreshes of every row")
    rows = lab.wait_registered()
    for row in rows:
        assert row["call_id"] == before[row["aor"]]["call_id"]
        assert row["consecutive_failures"] == 0
    assert set(lab.kamailio.bindings()) == AORS


@pytest.mark.parametrize("topology", ["merged", "split"])
@pytest.mark.parametrize("shards", [1, 3])
def test_any_number_of_shards_and_threads_registers_all(make_lab, shards, topology):
    def change(document):
        document["appliance"].update(shards=shards, topology=topology)

    lab = make_lab(change)
    rows = lab.wait_registered()
    assert {row["shard"] for row in rows} == set(range(shards))
    assert set(lab.kamailio.bindings()) == AORS
    lab.appliance.stop()
    assert lab.kamailio.bindings() == {}


@pytest.mark.parametrize("how", ["ended", "frozen"])
def test_a_registrar_that_is_away_longer_than_a_refresh_is_seen_and_found_again(make_lab, how):
    def change(document):
        proxy_and_registration(document).update(registration_time=10, registration_retry_time=10)
        general(document)["t1"] = 100  # 6.4 s to the end of a transaction instead of 32 s

    lab = make_lab(change)
    lab.wait_registered()
    if how == "ended":
        lab.kamailio.stop()
    else:
        lab.kamailio.freeze()

    def all_failed():
        rows = lab.appliance.registrations() or []
        return rows and all(row["state"] == "FAILED" and not row["registered"] for row in rows) and (
            rows)

    rows = wait_until(all_failed, 60, "every row FAILED")
    for row in rows:
        assert row["reason"]
        assert row["consecutive_failures"] >= 1
        assert row["next_attempt_in"] is not None
    if how == "ended":
        lab.kamailio.start()
    else:
        lab.kamailio.thaw()
    rows = lab.wait_registered(60)
    assert {row["consecutive_failures"] for row in rows} == {0}
    assert set(lab.kamailio.bindings()) == AORS


def test_a_wrong_password_fails_with_the_reason(make_lab):
    def change(document):
        document["signaling_and_media"]["accounts"][2]["password"] = "not-the-right-one"

    # The lab gives the registrar the passwords of the configuration, so it is told of another one.
    lab = make_lab(change, start=False)
    lab.kamailio.stop()
    lab.kamailio.users["hotel"] = "the-right-one"
    lab.kamailio.start()
    lab.start_appliance()

    def others_registered_and_hotel_failed():
        rows = {row["aor"]: row for row in lab.appliance.registrations() or []}
        hotel = rows.pop(f"sip:300@{DOMAIN}", None)
        return (hotel and hotel["state"] == "FAILED" and rows
                and all(row["registered"] for row in rows.values()) and hotel)

    hotel = wait_until(others_registered_and_hotel_failed, 30, "hotel FAILED, others REGISTERED")
    assert hotel["last_status"] == 401
    assert hotel["reason"]
    assert set(lab.kamailio.bindings()) == AORS - {f"300@{DOMAIN}"}


def test_a_registrar_that_grants_less_is_obeyed(make_lab):
    lab = make_lab(registrar_settings=RegistrarSettings(max_expires=20))
    for row in lab.wait_registered():
        assert row["requested_expires"] == 120
        assert row["granted_expires"] == 20
        assert row["next_attempt_in"] <= 20


def test_a_stale_nonce_is_answered_with_the_new_one(make_lab):
    """The registrar's nonces live for 2 s; every refresh meets stale=true and goes on without a
    failure."""

    def change(document):
        proxy_and_registration(document)["registration_time"] = 10

    lab = make_lab(change, registrar_settings=RegistrarSettings(nonce_expire=2))
    before = {row["aor"]: row["cseq"] for row in lab.wait_registered()}

    def refreshed():
        rows = lab.appliance.registrations() or []
        return rows and all(row["cseq"] > before[row["aor"]] + 1 for row in rows)

    wait_until(refreshed, 30, "a refresh of every row")
    assert {row["consecutive_failures"] for row in lab.wait_registered()} == {0}


def test_a_kill_leaves_the_bindings_and_the_next_start_goes_on(make_lab):
    lab = make_lab()
    lab.wait_registered()
    lab.appliance.server.signal(signal.SIGKILL)
    assert lab.appliance.server.wait(10) == -signal.SIGKILL
    assert set(lab.kamailio.bindings()) == AORS
    links = lab.instance.appliance.run("ip", "-o", "link").splitlines()
    assert len(links) == 1, "a killed appliance leaves a kernel twin behind"
    lab.start_appliance()
    lab.wait_registered()
    assert lab.appliance.stop() == 0
    assert lab.kamailio.bindings() == {}
