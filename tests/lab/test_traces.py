"""The flows of the documented traces A and C, each against a registrar that SIPp plays."""

import re

import pytest
from expected import general, only_account, proxy_and_registration, proxy_set
from sipp_registrar import SippRegistrar

REGISTRAR_A = "10.2.2.222"
REGISTRAR_C = "192.168.26.180"


def towards(address, account=None):
    """A change of the configuration: one account that registers at `address`."""
    def change(document):
        only_account(document, **{"host_name": address, **(account or {})})
        proxy_set(document)["proxy_addresses"] = [{"address": address, "transport": "udp"}]
        document["signaling_and_media"]["ip_groups"][0]["sip_group_name"] = address
        proxy_and_registration(document).update(registration_time=3600, registrar_name=address)
        general(document)["t1"] = 100  # 6.4 s to the end of a transaction instead of 32 s
    return change


def wait_registered_row(lab):
    return lab.wait_registered(20)[0]


def response_of(message):
    return re.search(r'response="([0-9a-f]*)"', message.header("authorization")).group(1)


@pytest.mark.parametrize(("secret", "response"), [
    ({"password": "AudioCodes"}, "ced1be6f6bee4719894543e3b714aeee"),
    ({"ha1": "a8f17d4b41ab8dab6c95d3c14e34a9e1"}, "b9c45d0234a5abf5ddf5c704029b38cf"),
])
# TA1, TA2, TA3, TA4, TA6
def test_trace_a_registers_with_the_response_that_the_secret_gives(make_lab, tmp_path, secret,
                                                                    response):
    account = {"user_name": "122", "contact_user": "122", **secret}

    def change(document):
        towards(REGISTRAR_A, account=account)(document)
        if "ha1" in secret:
            document["signaling_and_media"]["accounts"][0].pop("password")

    lab = make_lab(change, start=False)
    with SippRegistrar(lab.instance.lab, REGISTRAR_A, "trace_a", tmp_path) as registrar:
        lab.start_appliance()
        row = wait_registered_row(lab)
        first, second = registrar.wait_received(2)
        assert first.start_line == f"REGISTER sip:{REGISTRAR_A} SIP/2.0"
        assert first.header("authorization") is None
        assert response_of(second) == response
        assert row["granted_expires"] == 1800
        lab.appliance.server.end(0)


# TC1, TC2, TC3, TC4
def test_trace_c_registers_through_a_marshal(make_lab, tmp_path):
    account = {"user_name": "6711", "contact_user": "6711", "password": "secret"}
    lab = make_lab(towards(REGISTRAR_C, account=account), start=False)
    with SippRegistrar(lab.instance.lab, REGISTRAR_C, "trace_c", tmp_path) as registrar:
        lab.start_appliance()
        row = wait_registered_row(lab)
        first, second = registrar.wait_received(2)
        assert response_of(second) == "9005a6e843b3d992c489c222afbb944d"
        assert 'realm="vovida.com"' in second.header("authorization")
        assert 'nonce="966645751"' in second.header("authorization")
        assert first.header("call-id") == second.header("call-id")
        before, after = (int(one.header("cseq").split()[0]) for one in (first, second))
        assert after == before + 1
        assert row["granted_expires"] == 3600
        lab.appliance.server.end(0)


# TA5
def test_trace_a_as_it_is_printed_has_a_401_that_is_not_ours(make_lab, tmp_path):
    """Its Via names another host, and no branch: nobody's answer."""
    account = {"user_name": "122", "contact_user": "122", "password": "AudioCodes"}
    lab = make_lab(towards(REGISTRAR_A, account=account), start=False)
    with SippRegistrar(lab.instance.lab, REGISTRAR_A, "trace_a_as_printed", tmp_path) as registrar:
        lab.start_appliance()
        row = lab.wait_state("office", "FAILED")
        assert "no answer within" in row["reason"]
        assert row["last_status"] == 0
        only, = registrar.received()
        assert only.header("authorization") is None
        shards = lab.appliance.counters()["shards"]
        assert sum(shard["responses_not_ours"] + shard["responses_unmatched"]
                   for shard in shards) > 0
        lab.appliance.server.end(0)
