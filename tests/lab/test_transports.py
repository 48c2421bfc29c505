"""Registration at a real registrar over transports other than UDP on IPv4."""

import subprocess

import pytest
from expected import only_account, proxy_set

from lab.kamailio import RegistrarSettings
from lab.lab import REGISTRAR_NAME
from lab.waiting import wait_until


def make_certificate(folder, name, days="2"):
    """A self-signed certificate for `name` and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", days,
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key,
                    "-out", certificate], check=True, capture_output=True, timeout=30)
    return certificate, key


def tls_lab(make_lab, folder, name, trusts=True):
    certificate, key = make_certificate(folder, name)
    other = folder / "other"
    other.mkdir()
    root = certificate if trusts else make_certificate(other, "other.example")[0]

    def change(document):
        only_account(document)
        document["ip_network"]["tls_contexts"] = [
            {"name": "default", "trusted_roots_file": str(root)}]
        proxy_set(document).update(tls_context="default", proxy_addresses=[
            {"address": f"{REGISTRAR_NAME}:5061", "transport": "tls"}])

    return make_lab(change, registrar_settings=RegistrarSettings(certificate=certificate,
                                                                 private_key=key))


def test_an_account_registers_over_tcp(make_lab):
    def change(document):
        only_account(document)
        proxy_set(document)["proxy_addresses"][0]["transport"] = "tcp"

    row = make_lab(change, registrar_settings=RegistrarSettings(tcp=True)).wait_registered()[0]
    assert row["transport"].lower() == "tcp"


# T137
def test_an_account_registers_over_tls(make_lab, tmp_path):
    row = tls_lab(make_lab, tmp_path, REGISTRAR_NAME).wait_registered()[0]
    assert row["transport"].lower() == "tls"


@pytest.mark.parametrize(("name", "trusts", "words"), [
    ("elsewhere.example", True, "elsewhere.example"),
    (REGISTRAR_NAME, False, "no trusted root"),
])
# T137
def test_a_tls_server_that_cannot_be_trusted_is_refused_with_the_reason(make_lab, tmp_path, name,
                                                                         trusts, words):
    lab = tls_lab(make_lab, tmp_path, name, trusts)

    def failed():
        rows = lab.appliance.registrations() or []
        return rows and rows[0]["state"] == "FAILED" and rows[0]

    assert words in wait_until(failed, 20, "FAILED")["reason"]
    assert lab.kamailio.bindings() == {}
