// Hostile and odd bytes through every reader of outside bytes: own ones beside those of RFC 4475
// and RFC 5118 (torture_messages.h). The mutations repeat exactly by their seed.
#include "sipstack/digest/digest.h"
#include "sipstack/message/envelope.h"
#include "sipstack/message/message.h"
#include "sipstack/message/response.h"
#include "sipstack/random.h"
#include "sipstack/shard_key.h"
#include "tests/unit/sipstack/message/sample_messages.h"
#include "tests/unit/sipstack/message/torture_messages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {
namespace {

using std::string_view_literals::operator""sv;
using testing::sample_challenge;
using testing::sample_ok;
using testing::sample_request;
using testing::with;

Flow some_flow() {
    return {.transport = Transport::udp,
            .sip_interface_index = 0,
            .local = {*dataplane::IpAddress::parse("192.0.2.10"), 5060},
            .remote = {*dataplane::IpAddress::parse("2001:db8::1"), 5060}};
}

void ask_everything(const Message& message, Random& random) {
    EXPECT_FALSE(message.vias().empty());
    EXPECT_FALSE(message.method().empty());
    EXPECT_EQ(message.is_request(), message.status() == 0);
    EXPECT_LT(message.cseq(), 1U << 31);
    for (const Contact& contact : message.contacts()) {
        EXPECT_TRUE(contact.star || equivalent(contact.uri, contact.uri));
    }
    message.expires();
    message.min_expires();
    message.retry_after();
    for (Challenge& challenge : usable_challenges(message)) {
        DigestSession session(std::move(challenge), random);
        session.authorize({.user_name = "u", .password = Secret("p")}, "REGISTER", "sip:r");
    }
    if (message.is_request()) {
        // What we answer is itself a message.
        const auto answer =
            Message::parse(response_to(message, 200, "OK", "tag", some_flow()).finish());
        EXPECT_TRUE(answer) << message.bytes() << "\n" << answer.error().reason;
    }
}

/// Returns what Message::parse said: -1 for a message, else the fault's status.
int read_everywhere(std::string_view bytes, Random& random) {
    EXPECT_LT(owning_shard(bytes, 3), 3U);
    parse_challenges(bytes, false);
    parse_uri(bytes);
    const auto envelope = scan_envelope(bytes);
    if (envelope) {
        if (auto answer = response_to(bytes, *envelope, 400, "Bad Request", "tag", some_flow())) {
            EXPECT_TRUE(answer->writer.finish().ends_with("\r\n\r\n"));
        }
    }
    const auto message = Message::parse(bytes);
    if (message) {
        EXPECT_TRUE(envelope);
        ask_everything(*message, random);
        return -1;
    }
    EXPECT_FALSE(message.error().reason.empty());
    return message.error().status;
}

struct OddMessage {
    std::string_view name;
    int outcome;  ///< -1: a message; else the status of the answer, 0 for none
    std::string bytes;
};

std::vector<OddMessage> odd_messages() {
    const std::string request = sample_request();
    const std::string via = "SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bKtl00abcdef";
    const std::string contact = "<sip:trunk1@192.0.2.10:5060>";
    std::vector<OddMessage> odd{
        {"an empty header", -1, with(request, "Expires: 3600", "Supported:")},
        {"extra separators in Via", 400, with(request, via, via + ";;,;,,")},
        {"extra separators in Contact", 400,
         with(request, contact, "\"\" <> ;,\"Joe\" <sip:a@b>;;,,;;")},
        {"a CSeq beyond its range", 400,
         with(request, "7 REGISTER", "36893488147419103232 REGISTER")},
        {"a From missing", 400, with(request, "From:", "X:")},
        {"a Call-ID missing", 400, with(request, "Call-ID:", "Y:")},
        {"a second CSeq", 400, with(request, "Max-Forwards", "CSeq: 5 REGISTER\r\nMax-Forwards")},
        {"Max-Forwards beyond 255", 400, with(request, "Max-Forwards: 70", "Max-Forwards: 300")},
        {"a NUL byte", 400, with(request, "trunk1", "tr\0nk"sv)},
        {"an escaped NUL byte in the Call-ID", 400, with(request, "tl00bbbb", "tl00\\\0b"sv)},
        {"a Call-ID of two words", 400, with(request, "tl00bbbb", "tl00 bbbb")},
        {"an over-long header section", 513, with(request, "one", std::string(60'000, 'x'))},
        {"a header section without an end", 400, request.substr(0, request.size() - 4)},
        {"binary", 0, std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)},
        {"a STUN request", 0, std::string("\x00\x01\x00\x00\x21\x12\xa4\x42 123456789ab", 20)},
        {"HTTP", 0, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"nothing", 0, ""},
        {"line ends", 0, "\r\n\r\n"},
    };
    for (const auto& messages : {testing::rfc4475_messages(), testing::rfc5118_messages()}) {
        for (const auto& message : messages) {
            odd.push_back({message.name, message.parsed, message.bytes});
        }
    }
    return odd;
}

TEST(Robustness, OddMessagesGetTheirOutcome) {
    Random random(Random::seed_from(1));
    for (const OddMessage& message : odd_messages()) {
        EXPECT_EQ(read_everywhere(message.bytes, random), message.outcome)
            << message.name << "\n"
            << message.bytes.substr(0, 500);
    }
}

TEST(Robustness, EveryPrefixIsReadWithoutHarm) {
    Random random(Random::seed_from(2));
    for (const std::string& whole : {sample_request(), sample_challenge(), sample_ok()}) {
        for (std::size_t size = 0; size <= whole.size(); ++size) {
            read_everywhere(std::string_view(whole).substr(0, size), random);
        }
    }
}

TEST(Robustness, EverySingleByteMayBecomeAnyOfTheHarmfulOnes) {
    Random random(Random::seed_from(3));
    for (const std::string& whole : {sample_request(), sample_challenge(), sample_ok()}) {
        for (std::size_t at = 0; at < whole.size(); ++at) {
            for (const char c : "\0\r\n\"<>;,:@[]=\\ \xff"sv) {
                std::string bytes = whole;
                bytes[at] = c;
                read_everywhere(bytes, random);
            }
        }
    }
}

std::string mutate(std::string bytes, const std::vector<std::string>& corpus, Random& random) {
    constexpr std::string_view tokens[] = {
        "\r\n",
        "\"",
        "<",
        ">",
        ";",
        ",",
        "\\",
        "%00",
        "sip:",
        "*",
        "\r\n ",
        "Via: SIP/2.0/UDP [",
        "expires=-1",
        "Digest realm=\"",
        "nonce=",
        "SIP/",
        "99999999999999999999",
        "\r\n\r\n",
    };
    for (uint64_t left = random.between(1, 6); left > 0; --left) {
        const std::size_t at = random.between(0, bytes.size());
        const std::size_t length = std::min<std::size_t>(random.between(0, 40), bytes.size() - at);
        switch (random.between(0, 5)) {
            case 0:
                if (at < bytes.size()) {
                    bytes[at] = static_cast<char>(random.next());
                }
                break;
            case 1:
                bytes.erase(at, length);
                break;
            case 2:
                bytes.insert(at, tokens[random.between(0, std::size(tokens) - 1)]);
                break;
            case 3:
                bytes.insert(at, bytes.substr(at, length));
                break;
            case 4: {
                const std::string& other = corpus[random.between(0, corpus.size() - 1)];
                const std::size_t from = random.between(0, other.size());
                bytes.replace(at, length, other.substr(from, random.between(0, 60)));
                break;
            }
            default:
                bytes.insert(at, random.between(0, 300), static_cast<char>(random.next()));
                break;
        }
    }
    return bytes;
}

TEST(Robustness, ThousandsOfMutationsAreReadWithoutHarm) {
    Random random(Random::seed_from(4));
    std::vector<std::string> corpus{sample_request(), sample_challenge(), sample_ok()};
    for (const OddMessage& message : odd_messages()) {
        if (message.bytes.size() < 2000) {
            corpus.push_back(message.bytes);
        }
    }
    int messages = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::string& seed = corpus[random.between(0, corpus.size() - 1)];
        messages += read_everywhere(mutate(seed, corpus, random), random) == -1 ? 1 : 0;
    }
    EXPECT_GT(messages, 500);  // the mutations are not all refused at the door
}

TEST(Robustness, BinaryAndOversizedDatagramsAreReadWithoutHarm) {
    Random random(Random::seed_from(5));
    for (int i = 0; i < 200; ++i) {
        std::string bytes(random.between(1, i < 20 ? 65'535 : 2000), '\0');
        random.fill({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
        EXPECT_EQ(read_everywhere(bytes, random), 0);
    }
    const std::string request = sample_request();
    for (const std::string_view unit : {"\r\n", "Via: SIP/2.0/UDP a\r\n", "a:\r\n", "\r\n x", ";a",
                                        ",<sip:a@b>", "\"", "(", "%41", "Digest ", "=,"}) {
        std::string filling;
        while (filling.size() + unit.size() < 60'000) {
            filling += unit;
        }
        read_everywhere(filling, random);
        read_everywhere(with(request, "Expires: 3600\r\n", filling), random);
        read_everywhere(with(request, "<sip:trunk1@192", filling.substr(0, 12'000) + "<sip:x@192"),
                        random);
        read_everywhere(with(request, "\r\n\r\n", "\r\n\r\n" + filling), random);
    }
}

}  // namespace
}  // namespace trunkline::sipstack
