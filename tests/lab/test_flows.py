"""What keeps a way to the registrar alive, and what goes over it, against a registrar of the test's own:
keep-alives (RFC 5626), requests that are too large for UDP (RFC 3261 18.1.1), and requests within a
dialog that come over any connection."""

import re
import signal

import pytest
from expected import APPLIANCE, only_account, proxy_and_registration, proxy_set
from played_registrar import TAG, PlayedRegistrar
from sip_client import SipStream, request

from lab.lab import LAB_INTERFACE
from lab.waiting import wait_until

SERVER = "192.0.2.7"
LARGE_CHALLENGE = (f'Digest realm="lab.example", nonce="{"n" * 600}", qop="auth", '
                   f'opaque="{"o" * 600}"')


@pytest.fixture
def played(make_lab):
    """A lab whose one account registers at SERVER, and the registrar there."""
    made = []

    def make(change=None, *, transport="udp", **settings):
        def whole_change(document):
            only_account(document)
            proxy_set(document)["proxy_addresses"] = [{"address": SERVER, "transport": transport}]
            if change:
                change(document)

        lab = make_lab(whole_change, start=False)
        lab.instance.lab.run("ip", "address", "add", f"{SERVER}/24", "dev", LAB_INTERFACE)
        registrar = PlayedRegistrar(lab.instance.lab, SERVER, **settings)
        made.append(registrar)
        lab.start_appliance()
        lab.wait_registered()
        return lab, registrar

    yield make
    for registrar in made:
        registrar.__exit__()


def of_shards(lab, name):
    return sum(shard[name] for shard in lab.appliance.counters()["shards"])


def with_outbound(document):
    document["signaling_and_media"]["accounts"][0]["outbound"] = True


# T126
def test_a_flow_over_udp_is_kept_alive_by_stun(played):
    _, registrar = played(with_outbound, rows=("Flow-Timer: 2",))
    wait_until(lambda: registrar.stun_requests >= 3, 20, "three STUN requests")
    assert len(registrar.registers()) == 1, "each was answered"


# T126
def test_a_flow_over_udp_is_kept_alive_at_once_after_a_restart(played):
    lab, registrar = played(with_outbound, rows=("Require: outbound",))
    lab.appliance.server.signal(signal.SIGKILL)
    lab.appliance.server.wait(10)
    before = registrar.stun_requests
    lab.start_appliance()
    wait_until(lambda: registrar.stun_requests > before, 60, "a STUN request")
    assert len(registrar.registers()) == 1


# T126, T130
def test_a_connection_without_a_pong_is_given_up_and_made_anew(played):
    def change(document):
        proxy_and_registration(document).update(
            use_ping_pong_keep_alive=True, ping_pong_keep_alive_time=5,
            re_register_on_connection_failure=True)

    lab, registrar = played(change, transport="tcp")
    assert registrar.accepted == 1
    wait_until(lambda: registrar.accepted == 2 and len(registrar.registers()) == 2, 40,
               "a registration over another connection")
    assert registrar.pings == 1
    row, = lab.wait_registered()
    assert row["consecutive_failures"] == 0


# T120
def test_a_request_too_large_for_udp_goes_by_tcp(played):
    lab, registrar = played(challenge=LARGE_CHALLENGE)
    small, = registrar.registers("UDP")
    large, = registrar.registers("TCP")
    assert len(small.data) < 1300 < len(large.data)
    assert large.header("via").startswith("SIP/2.0/TCP ")
    assert lab.wait_registered()[0]["transport"].lower() == "tcp"


# T120
def test_a_large_request_comes_back_to_udp_where_there_is_no_tcp(played):
    lab, registrar = played(challenge=LARGE_CHALLENGE, tcp=False)
    _, large = registrar.registers("UDP")
    assert len(large.data) > 1300
    assert large.header("via").startswith("SIP/2.0/UDP ")
    assert lab.wait_registered()[0]["transport"].lower() == "udp"


def test_a_notify_is_answered_whichever_connection_it_comes_over(played):
    """The kernel spreads connections over the shards; the subscription is one shard's."""
    def change(document):
        document["appliance"]["shards"] = 2
        document["signaling_and_media"]["accounts"][0]["reg_event_package_subscription"] = True

    lab, registrar = played(change, transport="tcp")
    subscribe = wait_until(registrar.subscribe, 10, "a SUBSCRIBE")
    tag = subscribe.header("from").partition("tag=")[2]
    for cseq in range(1, 65):
        with SipStream(lab.instance.lab, APPLIANCE) as stream:
            stream.send(notify(stream.sender, subscribe.header("call-id"), tag, cseq))
            assert stream.receive().status == 200
        if cseq >= 6 and of_shards(lab, "handed_over") >= 3:
            break
    assert of_shards(lab, "handed_over") >= 3, "no connection came to the other shard"
    assert of_shards(lab, "hand_over_drops") == 0


def notify(sender, call_id, tag, cseq):
    aor = "sip:100@lab.example"
    data = request("NOTIFY", f"sip:100@{APPLIANCE}", sender=sender, transport="TCP", cseq=cseq,
                   call_id=call_id, from_uri=aor, to_uri=aor,
                   extra=["Event: reg", "Subscription-State: active"])
    data = data.replace(f"To: <{aor}>".encode(), f"To: <{aor}>;tag={tag}".encode())
    return re.sub(rb"(From: <[^>]*>;tag=)[^\r]*", rb"\1" + TAG.encode(), data)
