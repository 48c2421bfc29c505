"""What others send over TCP: however the bytes are cut, each message is one message."""

import pytest
from capture import Capture, decode
from expected import APPLIANCE
from sip_client import SipStream, request

from lab.lab import LAB_INTERFACE


@pytest.fixture
def stream(registered_lab):
    with SipStream(registered_lab.instance.lab, APPLIANCE) as made:
        yield made


def options(stream, **more):
    return request("OPTIONS", f"sip:{APPLIANCE};transport=tcp", sender=stream.sender,
                   transport="TCP", **more)


def call_ids(messages):
    return [message.header("call-id") for message in messages]


def segments_in(path):
    """The lengths of those towards the appliance that carry data."""
    rows = decode(path, f"ip.dst == {APPLIANCE} && tcp.len > 0", ["tcp.len"])
    return [int(row["tcp.len"][0]) for row in rows]


def answers(stream, count):
    """So many answers, each a 200."""
    received = [stream.receive() for _ in range(count)]
    assert {message.status for message in received} == {200}
    return received


def test_options_is_answered_on_the_connection_that_it_came_over(stream):
    stream.send(options(stream, call_id="one"))
    answer, = answers(stream, 1)
    assert answer.header("call-id") == "one"
    assert answer.header("via").startswith("SIP/2.0/TCP ")
    assert "OPTIONS" in answer.header("allow")


# T124
def test_many_messages_in_a_segment_are_answered_each_and_in_order(registered_lab, stream, tmp_path):
    asked = [f"many-{number}" for number in range(4)]
    data = b"".join(options(stream, call_id=call_id) for call_id in asked)
    with Capture(registered_lab.instance.lab, LAB_INTERFACE, tmp_path / "wire.pcap"):
        stream.send(data)
        assert call_ids(answers(stream, len(asked))) == asked
    # Should the kernel send it twice, it is the same segment.
    assert set(segments_in(tmp_path / "wire.pcap")) == {len(data)}


# T124
def test_a_message_byte_by_byte_in_many_segments_is_answered(registered_lab, stream, tmp_path):
    """With a body, so that the header's end is not the message's."""
    data = options(stream, call_id="split", extra=["Content-Type: text/plain"], body=b"hello")
    with Capture(registered_lab.instance.lab, LAB_INTERFACE, tmp_path / "wire.pcap"):
        for byte in data:
            stream.send(bytes([byte]))
        assert call_ids(answers(stream, 1)) == ["split"]
    # Bytes that wait for the peer's window may share one.
    assert len(segments_in(tmp_path / "wire.pcap")) > 10


# T124
def test_a_message_that_is_cut_anywhere_leaves_the_next_one_whole(stream):
    length = len(options(stream, call_id="cut-000"))
    for at in range(1, length, 7):
        data = (options(stream, call_id=f"cut-{at:03}") + options(stream, call_id=f"end-{at:03}"))
        stream.send(data[:at])
        stream.send(data[at:])
        assert call_ids(answers(stream, 2)) == [f"cut-{at:03}", f"end-{at:03}"]


# T126
def test_a_ping_gets_a_pong(stream):
    stream.send(b"\r\n\r\n")
    assert stream.receive_bytes(2) == b"\r\n"


# T125
def test_line_ends_between_messages_harm_none(stream):
    stream.send(b"\r\n" + options(stream, call_id="before") + b"\r\n"
                + options(stream, call_id="behind"))
    assert call_ids(answers(stream, 2)) == ["before", "behind"]


# T123
def test_a_message_without_a_length_ends_its_connection_and_no_other(registered_lab, stream):
    with SipStream(registered_lab.instance.lab, APPLIANCE) as other:
        other.send(options(other).replace(b"Content-Length: 0\r\n", b""))
        with pytest.raises(ConnectionError):
            while True:
                assert other.receive().status >= 400
    stream.send(options(stream))
    answers(stream, 1)
