"""Registration at a real registrar over transports other than UDP on IPv4."""

import ssl

import pytest
from expected import (AORS, APPLIANCE, APPLIANCE_6, DOMAIN, only_account, proxy_and_registration,
                      proxy_set)
from openssl import make_certificate
from played_registrar import PlayedRegistrar

from lab.kamailio import RegistrarSettings
from lab.lab import LAB_INTERFACE, REGISTRAR_6, REGISTRAR_NAME
from lab.waiting import wait_until

PLAYED = "192.0.2.7"


def connections(lab):
    """The appliance's ends of those that stand, as the registrar's host sees them."""
    lines = lab.instance.lab.run("ss", "-tnH", "state", "established",
                                 "dst", APPLIANCE).splitlines()
    return [line.split()[3] for line in lines]


def over_ipv6(document):
    interface = document["ip_network"]["ip_interfaces"][0]
    interface.update(address=f"{APPLIANCE_6}/64", gateway=REGISTRAR_6, primary_dns=REGISTRAR_6)


def tls_lab(make_lab, folder, name, trusts=True, days="2", further=None):
    certificate, key = make_certificate(folder, name, days)
    other = folder / "other"
    other.mkdir()
    root = certificate if trusts else make_certificate(other, "other.example")[0]

    def change(document):
        only_account(document)
        if further:
            further(document)
        document["ip_network"]["tls_contexts"] = [
            {"name": "default", "trusted_roots_file": str(root)}]
        proxy_set(document).update(tls_context="default", proxy_addresses=[
            {"address": f"{REGISTRAR_NAME}:5061", "transport": "tls"}])

    return make_lab(change, registrar_settings=RegistrarSettings(certificate=certificate,
                                                                 private_key=key))


# T128
def test_all_register_over_one_tcp_connection(make_lab):
    def change(document):
        proxy_set(document)["proxy_addresses"][0]["transport"] = "tcp"

    lab = make_lab(change, registrar_settings=RegistrarSettings(tcp=True))
    assert {row["transport"].lower() for row in lab.wait_registered()} == {"tcp"}
    assert set(lab.kamailio.bindings()) == AORS
    assert len(connections(lab)) == 1


def test_an_account_registers_over_tcp_and_ipv6(make_lab):
    def change(document):
        only_account(document)
        over_ipv6(document)
        proxy_set(document)["proxy_addresses"][0]["transport"] = "tcp"

    row = make_lab(change, registrar_settings=RegistrarSettings(tcp=True)).wait_registered()[0]
    assert row["transport"].lower() == "tcp"
    assert row["answered_by"] == f"[{REGISTRAR_6}]:5060"


# T137
def test_an_account_registers_over_tls(make_lab, tmp_path):
    row = tls_lab(make_lab, tmp_path, REGISTRAR_NAME).wait_registered()[0]
    assert row["transport"].lower() == "tls"


# T137
def test_an_account_registers_over_tls_and_ipv6(make_lab, tmp_path):
    lab = tls_lab(make_lab, tmp_path, REGISTRAR_NAME, further=over_ipv6)
    row = lab.wait_registered()[0]
    assert row["transport"].lower() == "tls"
    assert row["answered_by"] == f"[{REGISTRAR_6}]:5061"
    contact, = lab.kamailio.bindings()[f"100@{DOMAIN}"]
    assert contact.startswith(f"sip:100@[{APPLIANCE_6}]")


@pytest.mark.parametrize(("name", "trusts", "days", "words"), [
    ("elsewhere.example", True, "2", "elsewhere.example"),
    (REGISTRAR_NAME, False, "2", "no trusted root"),
    (REGISTRAR_NAME, True, "-1", f"certificate of {REGISTRAR_NAME} has expired"),
])
# T137
def test_a_tls_server_that_cannot_be_trusted_is_refused_with_the_reason(make_lab, tmp_path, name,
                                                                         trusts, days, words):
    lab = tls_lab(make_lab, tmp_path, name, trusts, days)
    assert words in lab.wait_state("office", "FAILED")["reason"]
    assert lab.kamailio.bindings() == {}


def mutual_tls_lab(make_lab, folder, registrar_context, *, shows_certificate):
    """A lab whose account registers at a PlayedRegistrar over TLS; `registrar_context` is its, made
    with our certificate for it to trust."""
    for name in ("registrar", "appliance"):
        (folder / name).mkdir()
    registrars, registrar_key = make_certificate(folder / "registrar", "tls.lab.example")
    ours, our_key = make_certificate(folder / "appliance", "sbc.lab.example")
    registrar_context.load_cert_chain(registrars, registrar_key)
    registrar_context.load_verify_locations(ours)
    registrar_context.verify_mode = ssl.CERT_REQUIRED

    def change(document):
        only_account(document)
        context = {"name": "default", "trusted_roots_file": str(registrars)}
        if shows_certificate:
            context.update(certificate_file=str(ours), private_key_file=str(our_key))
        document["ip_network"]["tls_contexts"] = [context]
        proxy_set(document).update(tls_context="default", proxy_addresses=[
            {"address": "tls.lab.example", "transport": "tls"}])

    lab = make_lab(change, start=False, names={"tls.lab.example": [PLAYED]})
    lab.instance.lab.run("ip", "address", "add", f"{PLAYED}/24", "dev", LAB_INTERFACE)
    return lab


# T137
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_registrar_that_demands_our_certificate_gets_it(make_lab, tmp_path, version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    lab = mutual_tls_lab(make_lab, tmp_path, context, shows_certificate=True)
    with PlayedRegistrar(lab.instance.lab, PLAYED, tls=context) as registrar:
        lab.start_appliance()
        assert lab.wait_registered()[0]["transport"].lower() == "tls"
        assert registrar.tls_failures == []
        lab.appliance.stop()


# T137
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_registrar_that_demands_a_certificate_and_gets_none_is_told_of(make_lab, tmp_path,
                                                                         version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    lab = mutual_tls_lab(make_lab, tmp_path, context, shows_certificate=False)
    with PlayedRegistrar(lab.instance.lab, PLAYED, tls=context) as registrar:
        lab.start_appliance()
        reason = lab.wait_state("office", "FAILED")["reason"]
        assert "it asks for our certificate, and there is none" in reason
        assert registrar.registers() == []
        assert "PEER_DID_NOT_RETURN_A_CERTIFICATE" in registrar.tls_failures[0]


# T130
def test_a_connection_that_is_cut_is_made_anew_by_those_that_are_to_follow_it(make_lab):
    """Two accounts share it; the one that is kept for calls from outside (RFC 5626) registers at
    once, the other when it is due."""
    def change(document):
        accounts = document["signaling_and_media"]["accounts"]
        other = accounts[2]
        only_account(document, outbound=True)
        document["signaling_and_media"]["accounts"].append(other)
        proxy_set(document)["proxy_addresses"][0]["transport"] = "tcp"

    lab = make_lab(change, registrar_settings=RegistrarSettings(tcp=True))
    before = {row["name"]: row for row in lab.wait_registered()}
    only, = connections(lab)
    cut(lab)

    def follows():
        rows = {row["name"]: row for row in lab.appliance.registrations() or []}
        office = rows.get("office")
        return (office and office["registered"] and office["state"] == "REGISTERED"
                and office["cseq"] > before["office"]["cseq"] and rows)

    after = wait_until(follows, 20, "the account registered over a new connection")
    assert after["hotel"]["cseq"] == before["hotel"]["cseq"]
    assert after["hotel"]["state"] == "REGISTERED"
    made, = connections(lab)
    assert made != only


# T130
def test_all_follow_a_connection_that_is_cut_where_the_page_says_so(make_lab):
    def change(document):
        proxy_set(document)["proxy_addresses"][0]["transport"] = "tcp"
        proxy_and_registration(document)["re_register_on_connection_failure"] = True

    lab = make_lab(change, registrar_settings=RegistrarSettings(tcp=True))
    before = {row["aor"]: row["cseq"] for row in lab.wait_registered()}
    cut(lab)

    def all_follow():
        rows = lab.appliance.registrations() or []
        return rows and all(row["state"] == "REGISTERED" and row["cseq"] > before[row["aor"]]
                            for row in rows)

    wait_until(all_follow, 20, "all registered over a new connection")
    assert len(connections(lab)) == 1


def cut(lab):
    """Ends the connections at the registrar's host with a reset."""
    before = connections(lab)
    lab.instance.lab.run("ss", "-K", "-tnH", "state", "established", "dst", APPLIANCE)
    assert not set(before) & set(connections(lab)), "the kernel cannot cut connections"
