// What parsing alone takes: libosip2 with nothing around it, our Message (whose own reading judges
// messages as plain as these; it hands others' routing headers to libosip2), and libre's decoder
// where Debian's libre-dev is installed.
//
//   bench-parse SECONDS     a line a parser: its name, nanoseconds of CPU time a message
//
// The messages are a REGISTER, its 401 and its 200, in turn.
#include "sipstack/message/message.h"
#include "tests/bench/arguments.h"
#include "tests/bench/cpu_seconds.h"
#include "tests/bench/messages.h"

#include <fmt/format.h>
#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>
#ifdef BENCH_HAS_LIBRE
extern "C" {
#include <re/re.h>
}
#endif

#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace {

using namespace trunkline;

constexpr std::array messages{bench::register_bytes, bench::challenge_bytes, bench::ok_bytes};

bool parse_with_osip(std::string_view bytes) {
    osip_message_t* message = nullptr;
    if (osip_message_init(&message) != OSIP_SUCCESS) {
        return false;
    }
    const bool parsed = osip_message_parse(message, bytes.data(), bytes.size()) == OSIP_SUCCESS;
    osip_message_free(message);
    return parsed;
}

bool parse_with_message(std::string_view bytes) {
    return sipstack::Message::parse(bytes).has_value();
}

#ifdef BENCH_HAS_LIBRE
/// What it decodes lives in a buffer of its own making.
bool parse_with_libre(std::string_view bytes) {
    mbuf* buffer = mbuf_alloc(bytes.size());
    mbuf_write_mem(buffer, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    mbuf_set_pos(buffer, 0);
    sip_msg* message = nullptr;
    const bool parsed = sip_msg_decode(&message, buffer) == 0;
    mem_deref(message);
    mem_deref(buffer);
    return parsed;
}
#endif

/// False when the parser refuses a message.
template <typename Parse>
bool measure(const char* name, double seconds, Parse parse) {
    constexpr unsigned rounds = 1000;
    uint64_t count = 0;
    const double begin = bench::cpu_seconds();
    double spent = 0;
    do {
        for (unsigned round = 0; round < rounds; ++round) {
            for (const std::string_view bytes : messages) {
                if (!parse(bytes)) {
                    fmt::print(stderr, "bench-parse: {} refuses a message\n", name);
                    return false;
                }
            }
        }
        count += rounds * messages.size();
        spent = bench::cpu_seconds() - begin;
    } while (spent < seconds);
    fmt::print("{} {:.1f}\n", name, 1e9 * spent / static_cast<double>(count));
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const auto seconds = argc == 2 ? bench::number_above_zero<double>(argv[1]) : std::nullopt;
    if (!seconds) {
        std::fputs("usage: bench-parse SECONDS\n", stderr);
        return 2;
    }
    parser_init();
    bool parsed = measure("message", *seconds, parse_with_message) &&
                  measure("libosip2", *seconds, parse_with_osip);
#ifdef BENCH_HAS_LIBRE
    parsed = parsed && measure("libre", *seconds, parse_with_libre);
#endif
    return parsed ? 0 : 1;
}
