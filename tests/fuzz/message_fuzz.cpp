// A datagram as it comes from a peer: envelope, shard, message, and the answer to it.
#include "sipstack/message/envelope.h"
#include "sipstack/message/message.h"
#include "sipstack/message/response.h"
#include "sipstack/shard_key.h"
#include "tests/fuzz/target.h"
#include "tests/message_readings.h"

namespace trunkline::fuzz {

using namespace sipstack;

namespace {

const Flow flow{.transport = Transport::udp,
                .sip_interface_index = 0,
                .local = {dataplane::IpAddress::v4(0xc000020a), 5060},
                .remote = {dataplane::IpAddress::v4(0xc0000201), 5060}};

/// osip reads "To: sip:m" and refuses "To: sip:m;tag=1": what something follows has six characters.
bool is_too_short_to_be_followed(std::string_view uri) {
    return uri.size() < 6;
}

void read_message(const Message& message) {
    check(!message.vias().empty(), "a message has a Via");
    check(message.is_request() == (message.status() == 0), "a request has no status");
    check(message.cseq() < 1U << 31, "CSeq is in range");
    message.expires();
    message.min_expires();
    message.retry_after();
    for (const Contact& contact : message.contacts()) {
        check(contact.star || equivalent(contact.uri, contact.uri), "a URI equals itself");
    }
    if (message.is_request()) {
        const std::string answer = response_to(message, 200, "OK", "tag", flow).finish();
        check(answer == general_response_to(message, 200, "OK", "tag", flow).finish(),
              "the fast way to answer says what the general one says");
        check(Message::parse(answer) ||
                  is_too_short_to_be_followed(message.first_row("to").value_or("")),
              "what is answered is a message");
    }
}

}  // namespace

void read(std::string_view bytes) {
    check(owning_shard(bytes, 3) < 3, "a message has a shard");
    check(testing::compare_readings(bytes) != testing::MessageReadings::differ,
          "the plain reading of a message says what the general one says");
    const auto envelope = scan_envelope(bytes);
    const auto message = Message::parse(bytes);
    if (message) {
        check(envelope.has_value(), "a message has an envelope");
        read_message(*message);
    } else if (envelope) {
        response_to(bytes, *envelope, 400, "Bad Request", "tag", flow);
    }
}

}  // namespace trunkline::fuzz
