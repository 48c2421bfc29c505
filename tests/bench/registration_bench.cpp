// What the signaling core computes for one challenged registration: parse the 401, digest, build
// the second REGISTER, parse the 200. No transaction, no timer, no packet.
//
// `bench-registration` measures time; `bench-registration --repeat N` does it N times and says
// nothing, for a counter of instructions (see instructions).
#include "sipstack/digest/digest.h"
#include "sipstack/message/message.h"
#include "sipstack/message/writer.h"
#include "sipstack/random.h"
#include "sipstack/shard_key.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

using namespace trunkline::sipstack;

constexpr std::string_view challenge_bytes =
    "SIP/2.0 401 Unauthorized\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10:5060;rport=5060;received=192.0.2.10;"
    "branch=z9hG4bKtl00c1a5cf2f2a8a4b5d9a0b3c4d\r\n"
    "From: <sip:office@lab.example>;tag=tl006d1ce7c3b2aa901f\r\n"
    "To: <sip:office@lab.example>;tag=b27e1a1d33761e85846fc98f5f3a7e58.4c2c\r\n"
    "Call-ID: tl0061b04e3a1c9a77d04f25bb7be1a2@192.0.2.10\r\n"
    "CSeq: 7 REGISTER\r\n"
    "WWW-Authenticate: Digest realm=\"lab.example\", "
    "nonce=\"Zh2sd2YdrEt7ZqfF8L1HfFBX2lB0d9aE\", qop=\"auth\"\r\n"
    "Server: kamailio (5.6.3 (x86_64/linux))\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

constexpr std::string_view ok_bytes =
    "SIP/2.0 200 OK\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10:5060;rport=5060;received=192.0.2.10;"
    "branch=z9hG4bKtl00c1a5cf2f2a8a4b5d9a0b3c4d\r\n"
    "From: <sip:office@lab.example>;tag=tl006d1ce7c3b2aa901f\r\n"
    "To: <sip:office@lab.example>;tag=b27e1a1d33761e85846fc98f5f3a7e58.8a1d\r\n"
    "Call-ID: tl0061b04e3a1c9a77d04f25bb7be1a2@192.0.2.10\r\n"
    "CSeq: 8 REGISTER\r\n"
    "Contact: <sip:office@192.0.2.10:5060>;expires=1800\r\n"
    "Server: kamailio (5.6.3 (x86_64/linux))\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

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
    if (argc == 3 && std::strcmp(argv[1], "--repeat") == 0) {
        Random random(Random::seed_from(1));
        for (long left = std::strtol(argv[2], nullptr, 10); left > 0; --left) {
            benchmark::DoNotOptimize(register_once(random));
        }
        return 0;
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
