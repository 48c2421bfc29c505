"""Two registrars behind one name: fail-over, homing and parking, and a name server that is gone."""

import json

from expected import general, only_account, proxy_set
from operator_commands import show
from played_registrar import PlayedRegistrar
from sipp_registrar import SippRegistrar

from lab.lab import LAB_INTERFACE
from lab.waiting import wait_until

FIRST, SECOND = "192.0.2.1:5060", "192.0.2.2:5060"
NAMES = {"one.lab.example": ["192.0.2.1"], "two.lab.example": ["192.0.2.2"]}
SRV = ("--srv-host=_sip._udp.pool.lab.example,one.lab.example,5060,10,0",
       "--srv-host=_sip._udp.pool.lab.example,two.lab.example,5060,20,0")
NAPTR = ("--naptr-record=pool.lab.example,10,10,s,SIP+D2U,,_sip._udp.pool.lab.example",)


def pool_lab(make_lab, records=SRV, **columns):
    def change(document):
        only_account(document)
        general(document).update(t1=100, t2=400)
        proxy_set(document).update(
            {"proxy_addresses": [{"address": "pool.lab.example", "transport": "udp"}],
             "dns_resolve_method": "srv", "keep_alive": "using_options", "keep_alive_time": 5,
             **columns})

    lab = make_lab(change, start=False, names=NAMES, records=records)
    second = lab.add_registrar("192.0.2.2")
    lab.start_appliance()
    assert lab.wait_registered()[0]["answered_by"] == FIRST
    return lab, second


def proxy_sets(lab):
    return json.loads(show(lab, "proxy-sets", "--json"))


def wait_registered_at(lab, address, timeout=30):
    def is_there():
        rows = lab.appliance.registrations() or []
        return rows and rows[0]["registered"] and rows[0]["answered_by"] == address

    wait_until(is_there, timeout, lambda: f"registered at {address}: {proxy_sets(lab)}")


# T133, T134
def test_registrations_go_to_the_second_server_and_home_to_the_first(make_lab):
    lab, _ = pool_lab(make_lab, redundancy_mode="homing")
    servers = proxy_sets(lab)[0]["servers"]
    assert [server["address"] for server in servers] == [FIRST, SECOND]
    lab.kamailio.stop()
    wait_registered_at(lab, SECOND)
    first, second = proxy_sets(lab)[0]["servers"]
    assert not first["online"] and second["online"]
    lab.kamailio.start()
    wait_registered_at(lab, FIRST)


def test_parking_stays_with_the_server_that_serves(make_lab):
    lab, _ = pool_lab(make_lab, redundancy_mode="parking")
    lab.kamailio.stop()
    wait_registered_at(lab, SECOND)
    lab.kamailio.start()
    wait_until(lambda: proxy_sets(lab)[0]["servers"][0]["online"], 30, "the first server online")
    first, second = proxy_sets(lab)[0]["servers"]
    assert second["active"] and not first["active"]
    assert lab.appliance.registrations()[0]["answered_by"] == SECOND


# T132
def test_naptr_leads_to_srv_and_to_the_servers(make_lab):
    def by_naptr(document):
        only_account(document)
        proxy_set(document).update(proxy_addresses=[{"address": "pool.lab.example"}],
                                   dns_resolve_method="naptr")

    lab = make_lab(by_naptr, names=NAMES, records=SRV + NAPTR)
    assert lab.wait_registered()[0]["answered_by"] == FIRST
    servers = proxy_sets(lab)[0]["servers"]
    assert [server["address"] for server in servers] == [FIRST, SECOND]


# T135
def test_a_silent_name_server_leaves_the_servers_as_they_were(make_lab):
    lab, _ = pool_lab(make_lab, redundancy_mode="parking")
    lab.dnsmasq.stop()
    lab.kamailio.stop()
    wait_registered_at(lab, SECOND)
    assert [server["address"] for server in proxy_sets(lab)[0]["servers"]] == [FIRST, SECOND]


# T49
def test_a_redirection_to_a_name_that_is_not_configured_is_followed_by_dns(make_lab, tmp_path):
    far = "192.0.2.8"

    def change(document):
        only_account(document)
        proxy_set(document)["proxy_addresses"] = [{"address": "192.0.2.7", "transport": "udp"}]

    lab = make_lab(change, start=False, names={"far.lab.example": [far]})
    lab.instance.lab.run("ip", "address", "add", f"{far}/24", "dev", LAB_INTERFACE)
    with (SippRegistrar(lab.instance.lab, "192.0.2.7", "answer", tmp_path,
                        status="302 Moved Temporarily",
                        extra="Contact: <sip:far.lab.example>") as near,
          PlayedRegistrar(lab.instance.lab, far) as there):
        lab.start_appliance()
        assert lab.wait_registered()[0]["answered_by"] == f"{far}:5060"
        moved, = there.registers()
        assert moved.start_line == "REGISTER sip:far.lab.example SIP/2.0"
        assert moved.header("authorization") is None, "nobody configured this server"
        assert len(near.received()) == 1
        lab.appliance.stop()
