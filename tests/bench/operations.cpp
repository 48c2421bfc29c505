// Instructions of single operations, counted by callgrind.
//
// Under `valgrind --tool=callgrind --collect-atstart=no` each operation leaves a dump that is named
// after it and counts `repetitions` of it, and nothing around them. Random numbers have a fixed
// seed and time stands still, so that two runs count the same. tests/bench/instructions runs it.
#include "sipstack/digest/digest.h"
#include "sipstack/message/message.h"
#include "sipstack/message/writer.h"
#include "sipstack/random.h"
#include "sipstack/shard_key.h"
#include "tests/bench/measured_shard.h"
#include "tests/bench/messages.h"

#include <valgrind/callgrind.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace trunkline::bench;
using namespace trunkline::sipstack;

constexpr unsigned repetitions = 500;

class Collector final : public Meter {
public:
    void begin() override { CALLGRIND_TOGGLE_COLLECT; }
    void end() override { CALLGRIND_TOGGLE_COLLECT; }
};

class Uncounted final : public Meter {
public:
    void begin() override {}
    void end() override {}
};

/// A broken operation would count for a cheap one.
void expect(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "bench-operations: %s\n", what);
        std::exit(1);
    }
}

/// Once as a warm-up, then counted.
template <typename Operation>
void repeat(Operation operation) {
    Collector collector;
    operation();
    collector.begin();
    for (unsigned left = repetitions; left > 0; --left) {
        operation();
    }
    collector.end();
}

/// The first round is the warm-up: after it, every account and server is known.
void challenged_registration() {
    Uncounted uncounted;
    MeasuredShard shard(repetitions);
    Collector collector;
    shard.start();
    shard.serve(uncounted);
    shard.pass(std::chrono::seconds(6));
    shard.register_all(collector);
    shard.serve(collector);
    expect(shard.any_registered(), "nothing is registered");
}

void answered_options() {
    Uncounted uncounted;
    MeasuredShard shard(0);
    Collector collector;
    expect(shard.answer_options(repetitions, uncounted), "not every OPTIONS was answered");
    expect(shard.answer_options(repetitions, collector), "not every OPTIONS was answered");
}

void parse(std::string_view bytes) {
    repeat([&] { expect(Message::parse(bytes).has_value(), "a message does not parse"); });
}

void write_register() {
    Random random(Random::seed_from(1));
    repeat([&] {
        MessageWriter writer = MessageWriter::request("REGISTER", "sip:lab.example");
        writer.header("Via", "SIP/2.0/UDP 192.0.2.10:5060;rport;branch=" + make_branch(0, random))
            .header("Max-Forwards", 70)
            .header("From", "<sip:office@lab.example>;tag=tl006d1ce7c3b2aa901f")
            .header("To", "<sip:office@lab.example>")
            .header("Call-ID", "tl0061b04e3a1c9a77d04f25bb7be1a2@192.0.2.10")
            .header("CSeq", "8 REGISTER")
            .header("Contact", "<sip:office@192.0.2.10:5060>")
            .header("Expires", 3600)
            .header("User-Agent", "Trunkline/0.1.0");
        expect(!writer.finish().empty(), "no REGISTER was written");
    });
}

void digest() {
    Random random(Random::seed_from(1));
    const Credentials credentials{.user_name = "office", .password = Secret("s3cret")};
    const auto challenged = Message::parse(challenge_bytes);
    expect(challenged.has_value(), "the challenge does not parse");
    repeat([&] {
        DigestSession session(usable_challenges(*challenged).front(), random);
        expect(!session.authorize(credentials, "REGISTER", "sip:lab.example").empty(),
               "no challenge was answered");
    });
}

struct Operation {
    std::string_view name;
    void (*run)();
};
constexpr std::array operations{
    Operation{"challenged_registration", challenged_registration},
    Operation{"answered_options", answered_options},
    Operation{"parse_register", [] { parse(register_bytes); }},
    Operation{"parse_challenge", [] { parse(challenge_bytes); }},
    Operation{"parse_ok", [] { parse(ok_bytes); }},
    Operation{"write_register", write_register},
    Operation{"read_challenge_and_digest", digest},
};

}  // namespace

int main() {
    std::printf("repetitions %u\n", repetitions);
    for (const Operation& operation : operations) {
        operation.run();
        CALLGRIND_DUMP_STATS_AT(operation.name.data());
    }
    return 0;
}
