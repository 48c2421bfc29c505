// Settings of the Proxy & Registration page that change what a REGISTER says, or when it goes.
#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

using State = RegistrationState;
using Bench = RegistrationBench;

Config with_clearing() {
    Config config = Bench::default_config();
    config.proxy_and_registration.unregister_on_startup = true;
    return config;
}

// T13
TEST(UnregisterOnStartup, ClearsAllBindingsAndRegistersASecondLater) {
    Bench bench(with_clearing());
    bench.start();
    ASSERT_EQ(bench.sent(), 1U);
    EXPECT_EQ(bench.header("Contact"), "*");
    EXPECT_EQ(bench.header("Expires"), "0");
    bench.answer(200);
    EXPECT_FALSE(bench.row().registered);
    bench.pass(999ms);
    EXPECT_EQ(bench.sent(), 1U);
    bench.pass(1ms);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Contact"), "<sip:100@192.0.2.10>;expires=180");
    EXPECT_EQ(bench.header("CSeq"), "2 REGISTER");
    bench.accept(180);
    bench.pass(90s);
    EXPECT_EQ(bench.header("Expires"), "180") << "once is enough";
}

TEST(UnregisterOnStartup, AuthenticatesTheClearing) {
    Bench bench(with_clearing());
    bench.start();
    bench.challenge("n1");
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Contact"), "*");
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("nonce=\"n1\""));
}

TEST(UnregisterOnStartup, RegistersAlsoWhenTheClearingFails) {
    const std::vector<std::function<void(Bench&)>> ends{
        [](Bench& bench) { bench.answer(404); },
        [](Bench& bench) { bench.answer(401); },
        [](Bench& bench) { bench.pass(32s); },
    };
    for (const auto& end : ends) {
        Bench bench(with_clearing());
        bench.start();
        end(bench);
        const std::size_t before = bench.sent();
        bench.pass(1s);
        ASSERT_EQ(bench.sent(), before + 1);
        EXPECT_EQ(bench.header("Expires"), "180");
    }
}

TEST(UnregisterOnStartup, EndsWhenItIsUnregisteredMeanwhile) {
    Bench bench(with_clearing());
    bench.start();
    bench.registration.unregister(bench.now);
    bench.answer(200);
    EXPECT_EQ(bench.row().state, State::unregistered);
    bench.pass(1h);
    EXPECT_EQ(bench.sent(), 1U);
}

TEST(UnregisterOnStartup, IsForAccountsAlone) {
    Config config = with_clearing();
    config.accounts.clear();
    config.proxy_and_registration.enable_registration = true;
    config.proxy_and_registration.gateway_registration_name = "gw";
    Bench bench(config);
    bench.start();
    EXPECT_EQ(bench.header("Expires"), "180");
}

// T13
TEST(ExplicitUnregistration, RemovesAllBindings) {
    Config config = Bench::default_config();
    config.proxy_and_registration.explicit_unregistration = true;
    Bench bench(config);
    bench.start_registered(180);
    bench.registration.unregister(bench.now);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Contact"), "*");
    EXPECT_EQ(bench.header("Expires"), "0");
}

TEST(RandomUser, IsTheContactsForAsLongAsTheRegistrationLives) {
    Config config = Bench::default_config();
    config.proxy_and_registration.use_random_user = true;
    Bench bench(config);
    bench.start();
    const std::string contact = bench.header("Contact");
    EXPECT_THAT(contact, MatchesRegex("<sip:u[0-9a-f]+@192\\.0\\.2\\.10>;expires=180"));
    EXPECT_EQ(bench.header("To"), "<sip:100@lab.example>");
    bench.answer(200, "Contact: " + contact + "\r\n");
    EXPECT_EQ(bench.row().state, State::registered);
    bench.pass(90s);
    EXPECT_EQ(bench.header("Contact"), contact);
    Registration other(registrants(bench.config).at(0), bench.registration_context);
    other.start(bench.now);
    EXPECT_NE(bench.header("Contact"), contact);
}

Config device() {
    Config config = Bench::default_config();
    config.accounts.clear();
    config.proxy_and_registration.enable_registration = true;
    config.proxy_and_registration.gateway_registration_name = "gw";
    config.proxy_and_registration.gateway_name = "gw.example";
    config.proxy_and_registration.password = Secret("open sesame");
    return config;
}

TEST(ProxyIpAsHost, NamesTheAddressThatItIsSentTo) {
    Config config = device();
    config.proxy_and_registration.use_proxy_ip_as_host = true;
    config.proxy_and_registration.registrar_name = "odd.example";
    Bench bench(config);
    bench.start();
    EXPECT_THAT(bench.last(), StartsWith("REGISTER sip:odd.example SIP/2.0\r\n"));
    EXPECT_EQ(bench.header("To"), "<sip:gw@192.0.2.1>");
    EXPECT_THAT(bench.header("From"), StartsWith("<sip:gw@192.0.2.1>;tag="));
    EXPECT_EQ(bench.header("Contact"), "<sip:gw@192.0.2.10>;expires=180");
    bench.challenge("n1");
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("uri=\"sip:odd.example\""));
}

TEST(ProxyIpAsHost, IsForAccountsAndUsersWithoutAHostOfTheirOwn) {
    Config config = Bench::default_config();
    config.proxy_and_registration.use_proxy_ip_as_host = true;
    config.accounts[0].host_name.clear();
    config.ip_groups[0].registration_mode = IpGroupRegistration::sbc_initiates;
    config.sbc_users.push_back({"200", "", Secret("x"), 0});
    Bench account(config);
    account.start();
    EXPECT_EQ(account.header("To"), "<sip:100@192.0.2.1>");
    EXPECT_THAT(account.last(), StartsWith("REGISTER sip:lab.example SIP/2.0\r\n"));
    config.accounts.clear();
    Bench user(config);
    user.start();
    EXPECT_EQ(user.header("To"), "<sip:200@192.0.2.1>");
    Config named = Bench::default_config();
    named.proxy_and_registration.use_proxy_ip_as_host = true;
    Bench own(named);
    own.start();
    EXPECT_EQ(own.header("To"), "<sip:100@lab.example>");
}

TEST(ProxyIpAsHost, IsOffByDefault) {
    Bench bench(device());
    bench.start();
    EXPECT_EQ(bench.header("To"), "<sip:gw@gw.example>");
}

// T09
TEST(InitialRoute, IsALooseOneToTheServer) {
    Config config = Bench::default_config();
    config.proxy_and_registration.add_initial_route_header = true;
    Bench by_address(config);
    by_address.start();
    EXPECT_EQ(by_address.header("Route"), "<sip:192.0.2.1:5060;lr;transport=udp>");
    Bench by_name(config);
    Target target{bench_registrar, Transport::udp};
    target.host = "registrar.example";
    by_name.set_targets({target});
    by_name.registration.start(by_name.now);
    EXPECT_EQ(by_name.header("Route"), "<sip:registrar.example:5060;lr;transport=udp>");
}

TEST(RefreshJitter, BringsARefreshForwardWithinItsBounds) {
    Config config = Bench::default_config();
    config.proxy_and_registration.refresh_jitter = 10;
    Bench bench(config);
    bench.start();
    Milliseconds least = 1h, most{0};
    for (int refresh = 0; refresh < 300; ++refresh) {
        bench.accept(180);
        const Milliseconds wait = *bench.row().next_attempt_in;
        least = std::min(least, wait);
        most = std::max(most, wait);
        bench.pass(wait);
    }
    EXPECT_GE(least, 81s);
    EXPECT_LT(least, 82s);
    EXPECT_GT(most, 89s);
    EXPECT_LE(most, 90s);
}

// T59: base 30 s, doubled with each failure, half to all of it.
TEST(Rfc5626Profile, DoublesTheWaitUntilItWasUpForTwoMinutes) {
    Config config = Bench::default_config();
    config.proxy_and_registration.retry_profile = RetryProfile::rfc5626;
    Bench bench(config);
    bench.start();
    const auto fail_and_wait = [&] {
        bench.answer(500);
        const Milliseconds wait = *bench.row().next_attempt_in;
        bench.pass(wait);
        return wait;
    };
    for (Milliseconds longest = 60s; longest <= 960s; longest *= 2) {
        const Milliseconds wait = fail_and_wait();
        EXPECT_GE(wait, longest / 2);
        EXPECT_LE(wait, longest);
    }
    bench.accept(200);
    bench.pass(100s);
    EXPECT_GE(fail_and_wait(), 900s) << "100 s up are not enough";
    bench.accept(300);
    bench.pass(150s);
    EXPECT_LE(fail_and_wait(), 60s);
}

}  // namespace
}  // namespace trunkline::sipstack
