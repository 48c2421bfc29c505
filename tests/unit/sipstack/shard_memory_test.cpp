// What a registered account takes of its shard's memory, in bytes of the allocator. More accounts
// than were thought of fit into a box as long as this does not grow unnoticed.
#include "tests/bench/measured_shard.h"
#include "tests/unit/sipstack/bytes_in_use.h"

#include <gtest/gtest.h>

#include <cstddef>

namespace trunkline::sipstack {
namespace {

using testing::bytes_in_use;

class NoMeter final : public bench::Meter {
public:
    void begin() override {}
    void end() override {}
};

/// Of a shard whose accounts have registered twice and whose transactions are forgotten.
std::size_t bytes_of_shard_with(unsigned accounts) {
    const std::size_t before = bytes_in_use();
    bench::MeasuredShard shard(accounts);
    NoMeter meter;
    shard.start();
    shard.serve(meter);
    shard.pass(Milliseconds(6000));
    shard.register_all(meter);
    shard.serve(meter);
    shard.pass(Milliseconds(6000));
    EXPECT_TRUE(shard.any_registered());
    return bytes_in_use() - before;
}

TEST(ShardMemory, OfAnAccountStaysWithinItsBudget) {
    if (bytes_in_use() == 0) {
        GTEST_SKIP() << "this allocator does not tell what is in use";
    }
    constexpr std::size_t budget = 1205;  // a tenth over what it takes
    constexpr unsigned few = 1000, many = 5000;
    // What a shard has with hardly any accounts counts for none of them.
    const std::size_t base = bytes_of_shard_with(few);
    EXPECT_LE((bytes_of_shard_with(many) - base) / (many - few), budget);
}

}  // namespace
}  // namespace trunkline::sipstack
