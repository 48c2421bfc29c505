// What a registration does when the Ethernet link under its SIP interface is back.
#include "tests/unit/sipstack/fleet.h"

#include <gtest/gtest.h>

#include <vector>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;

using State = RegistrationState;

const std::vector<uint16_t> own_interface{0};

Config ims_config() {
    Config config = RegistrationBench::default_config();
    config.accounts[0].registrar_search_mode = RegistrarSearchMode::according_to_ims;
    return config;
}

struct LinkBench : RegistrationBench {
    explicit LinkBench(Config bench_config = ims_config())
        : RegistrationBench(std::move(bench_config)) {}
    void link_comes_up() { registration.link_came_up(own_interface, now); }
};

// Mediant 2.7
TEST(EthernetLink, HasAnAccountThatSearchesAsImsDoesRegisterAgain) {
    LinkBench bench;
    bench.start_registered(180);
    bench.pass(20s);
    bench.link_comes_up();
    EXPECT_EQ(bench.sent(), 1U);
    bench.pass(Registration::min_interval);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Expires"), "180");
    EXPECT_EQ(bench.row().state, State::refreshing);
    bench.accept(180);
    bench.pass(89s);
    EXPECT_EQ(bench.sent(), 2U) << "from then on it refreshes as ever";
}

TEST(EthernetLink, LeavesOthersAndOtherInterfacesAlone) {
    LinkBench other(RegistrationBench::default_config());
    other.start_registered(180);
    other.link_comes_up();
    LinkBench elsewhere;
    elsewhere.start_registered(180);
    elsewhere.registration.link_came_up(std::vector<uint16_t>{1, 2}, elsewhere.now);
    for (LinkBench* const bench : {&other, &elsewhere}) {
        bench->pass(89s);
        EXPECT_EQ(bench->sent(), 1U);
    }
}

TEST(EthernetLink, EndsTheWaitOfOneThatGotNoAnswer) {
    LinkBench bench;
    bench.start();
    bench.pass(32s);
    ASSERT_EQ(bench.row().state, State::failed);
    const std::size_t sent = bench.sent();
    bench.link_comes_up();
    bench.pass(999ms);
    EXPECT_EQ(bench.sent(), sent) << "no sooner after a failure";
    bench.pass(1ms);
    EXPECT_EQ(bench.sent(), sent + 1);
}

TEST(EthernetLink, LeavesOneThatWasRefusedToItsWait) {
    LinkBench bench;
    bench.start();
    bench.answer(403);
    bench.link_comes_up();
    bench.pass(29s);
    EXPECT_EQ(bench.sent(), 1U);
    bench.pass(1s);
    EXPECT_EQ(bench.sent(), 2U);
}

TEST(EthernetLink, ThatComesAndGoesAsksOnce) {
    LinkBench bench;
    bench.start_registered(180);
    for (int time = 0; time < 6; ++time) {
        bench.link_comes_up();
        bench.pass(200ms);
    }
    EXPECT_EQ(bench.sent(), 2U);
}

TEST(EthernetLink, DoesNotPutOffARefreshThatIsDueBefore) {
    LinkBench bench;
    bench.start_registered(180);
    bench.pass(89'500ms);
    bench.link_comes_up();
    bench.pass(500ms);
    EXPECT_EQ(bench.sent(), 2U);
}

TEST(EthernetLink, LeavesWhatIsUnderWayOrUnregisteredAlone) {
    LinkBench under_way;
    under_way.start();
    under_way.link_comes_up();
    under_way.accept(180);
    LinkBench unregistered;
    unregistered.start_registered(180);
    unregistered.registration.unregister(unregistered.now);
    unregistered.answer(200);
    unregistered.link_comes_up();
    LinkBench not_started;
    not_started.link_comes_up();
    for (LinkBench* const bench : {&under_way, &unregistered, &not_started}) {
        const std::size_t sent = bench->sent();
        bench->pass(89s);
        EXPECT_EQ(bench->sent(), sent);
    }
}

TEST(EthernetLink, IsToldToEveryRegistrationOfAShard) {
    Config config = with_accounts(3);
    config.accounts[0].registrar_search_mode = RegistrarSearchMode::according_to_ims;
    config.accounts[2].registrar_search_mode = RegistrarSearchMode::according_to_ims;
    Fleet fleet(config);
    fleet.start();
    fleet.answer_all();
    fleet.pass(10s);
    fleet.shard.link_came_up(own_interface, fleet.now);
    fleet.pass(2s);
    EXPECT_EQ(fleet.row("a0").cseq, 2U);
    EXPECT_EQ(fleet.row("a1").cseq, 1U);
    EXPECT_EQ(fleet.row("a2").cseq, 2U);
}

}  // namespace
}  // namespace trunkline::sipstack
