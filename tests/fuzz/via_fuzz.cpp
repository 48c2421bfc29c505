// The Via rows of a request, and where its answer goes.
#include "sipstack/message/message.h"
#include "sipstack/message/response.h"
#include "sipstack/shard_key.h"
#include "tests/fuzz/target.h"
#include "tests/message_readings.h"

#include <string>

namespace trunkline::fuzz {

using namespace sipstack;

void read(std::string_view bytes) {
    const std::string text = "OPTIONS sip:a@b SIP/2.0\r\nVia: " + std::string(bytes) +
                             "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: c\r\n"
                             "CSeq: 1 OPTIONS\r\n\r\n";
    check(owning_shard(text, 5) < 5, "a message has a shard");
    check(testing::compare_readings(text) != testing::MessageReadings::differ,
          "the plain reading of Via says what the general one says");
    const auto request = Message::parse(text);
    if (!request || !request->is_request()) {
        return;
    }
    const Flow flow{.transport = Transport::udp,
                    .sip_interface_index = 0,
                    .local = {dataplane::IpAddress::v4(0xc000020a), 5060},
                    .remote = {*dataplane::IpAddress::parse("2001:db8::1"), 40000}};
    const std::string answer = response_to(*request, 200, "OK", "tag", flow).finish();
    const auto response = Message::parse(answer);
    check(response.has_value(), "what is answered is a message");
    check(response->vias().size() == request->vias().size(), "an answer keeps every Via");
    check(response->vias()[0].branch == request->vias()[0].branch, "and the branch");
}

}  // namespace trunkline::fuzz
