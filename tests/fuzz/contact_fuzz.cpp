// The Contact rows of a 200 to REGISTER, and the time that they grant us.
#include "sipstack/message/message.h"
#include "sipstack/registration/grant.h"
#include "tests/fuzz/target.h"
#include "tests/message_readings.h"

#include <string>

namespace trunkline::fuzz {

using namespace sipstack;

void read(std::string_view bytes) {
    const std::string text =
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n"
        "Contact: " +
        std::string(bytes) + "\r\n\r\n";
    check(testing::compare_readings(text) != testing::MessageReadings::differ,
          "the plain reading of Contact says what the general one says");
    const auto response = Message::parse(text);
    if (!response) {
        return;
    }
    for (const Contact& contact : response->contacts()) {
        check(contact.star || equivalent(contact.uri, contact.uri), "a URI equals itself");
    }
    const auto own = parse_uri("sip:100@192.0.2.10:5060");
    const auto granted = granted_time(*response, *own, "urn:uuid:1", Seconds(3600));
    check(!granted || (granted->count() >= 0 && *granted <= max_registration_time),
          "a granted time is in range");
    const auto plain = plainly_granted_time(*response, "sip:100@192.0.2.10:5060", Seconds(3600));
    check(!plain || plain == granted, "the fast reading of a grant says what the general one says");
}

}  // namespace trunkline::fuzz
