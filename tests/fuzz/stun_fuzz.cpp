// A STUN datagram on the SIP port: the answer to a keep-alive, of any bytes.
#include "sipstack/shard_key.h"
#include "sipstack/transport/stun.h"
#include "tests/fuzz/target.h"

namespace trunkline::fuzz {

using namespace sipstack;

void read(std::string_view bytes) {
    constexpr uint32_t shards = 4;
    check(owning_shard(bytes, shards) < shards, "some shard owns it");
    const auto answer = read_stun_answer(bytes);
    if (!answer) {
        return;
    }
    check(is_stun(bytes), "an answer is STUN");
    check(answer->id == stun_transaction_id(bytes), "the transaction is that of the header");
    check(answer->error_code == 0 || (answer->error_code >= 300 && answer->error_code < 800),
          "an error has a code");
    check(!answer->mapped || answer->mapped->address.is_set(), "a mapped address is one");
}

}  // namespace trunkline::fuzz
