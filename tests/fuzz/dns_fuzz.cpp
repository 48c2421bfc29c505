// The answer of a DNS server, of any bytes, to a question of any type.
#include "sipstack/transport/dns_answer.h"
#include "tests/fuzz/target.h"

#include <cstdint>

namespace trunkline::fuzz {

using namespace sipstack;

void read(std::string_view bytes) {
    const auto answer =
        read_dns_answer({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
    if (!answer) {
        check(!to_string(answer.error()).empty(), "a fault has a name");
        return;
    }
    check(answer->records.size() <= max_dns_records, "the records are bounded");
    check(!answer->time_to_live || answer->time_to_live->count() >= 0, "a time to live is no past");
}

}  // namespace trunkline::fuzz
