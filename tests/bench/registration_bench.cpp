// What the signaling core computes for one challenged registration: parse the 401, digest, build
// the second REGISTER, parse the 200. No transaction, no timer, no packet.
#include "sipstack/digest/digest.h"
#include "sipstack/message/message.h"
#include "sipstack/message/writer.h"
#include "sipstack/random.h"
#include "sipstack/shard_key.h"
#include "tests/bench/messages.h"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

namespace {

using namespace trunkline::bench;
using namespace trunkline::sipstack;

constexpr std::string_view request_uri = "sip:lab.example";

const Credentials& credentials() {
    static const Credentials instance{.user_name = "office", .password = Secret("s3cret")};
    return instance;
}

std::string build_register(const Message& challenged, std::string_view authorization_name,
                           std::string_view authorization, Random& random) {
    MessageWriter writer = MessageWriter::request("REGISTER", request_uri);
    writer.header("Via", "SIP/2.0/UDP 192.0.2.10:5060;rport;branch=" + make_branch(0, random))
        .header("Max-Forwards", 70)
        .header("From", challenged.rows("From").front())
        .header("To", "<sip:office@lab.example>")
        .header("Call-ID", challenged.call_id())
        .header("CSeq", std::to_string(challenged.cseq() + 1) + " REGISTER")
        .header("Contact", "<sip:office@192.0.2.10:5060>")
        .header("Expires", 3600)
        .header(authorization_name, authorization)
        .header("User-Agent", "Trunkline/0.1.0");
    return writer.finish();
}

/// The lifetime granted, so that nothing is optimised away.
uint32_t register_once(Random& random) {
    const auto challenged = Message::parse(challenge_bytes);
    DigestSession session(usable_challenges(*challenged).front(), random);
    const std::string authorization = session.authorize(credentials(), "REGISTER", request_uri);
    benchmark::DoNotOptimize(
        build_register(*challenged, session.header_name(), authorization, random));
    const auto accepted = Message::parse(ok_bytes);
    return accepted->contacts().front().expires.value_or(0);
}

void challenged_registration(benchmark::State& state) {
    Random random(Random::seed_from(1));
    for (auto _ : state) {
        benchmark::DoNotOptimize(register_once(random));
    }
}
BENCHMARK(challenged_registration);

void parse_challenge(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(Message::parse(challenge_bytes));
    }
}
BENCHMARK(parse_challenge);

void parse_ok_and_contacts(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(Message::parse(ok_bytes)->contacts());
    }
}
BENCHMARK(parse_ok_and_contacts);

void read_challenge_and_digest(benchmark::State& state) {
    Random random(Random::seed_from(1));
    const auto challenged = Message::parse(challenge_bytes);
    for (auto _ : state) {
        DigestSession session(usable_challenges(*challenged).front(), random);
        benchmark::DoNotOptimize(session.authorize(credentials(), "REGISTER", request_uri));
    }
}
BENCHMARK(read_challenge_and_digest);

void build_request(benchmark::State& state) {
    Random random(Random::seed_from(1));
    const auto challenged = Message::parse(challenge_bytes);
    DigestSession session(usable_challenges(*challenged).front(), random);
    const std::string authorization = session.authorize(credentials(), "REGISTER", request_uri);
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            build_register(*challenged, session.header_name(), authorization, random));
    }
}
BENCHMARK(build_request);

void find_owning_shard(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(owning_shard(ok_bytes, 3));
    }
}
BENCHMARK(find_owning_shard);

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
