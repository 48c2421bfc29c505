// Registrations as old manuals print them, with the odd forms that their peers really send.
#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

Config at(const std::string& own_address, const std::string& registrar) {
    Config config = RegistrationBench::default_config();
    config.sip_interfaces[0].address = *dataplane::IpAddress::parse(own_address);
    config.proxy_sets[0].addresses[0].host = registrar;
    config.ip_groups[0].sip_group_name.clear();
    config.accounts.clear();
    return config;
}

void start(RegistrationBench& bench, const std::string& registrar) {
    bench.set_targets({{{*dataplane::IpAddress::parse(registrar), 5060}, Transport::udp}});
    bench.registration.start(bench.now);
}

/// A response with the request's Via and Call-ID, the rest as the trace has it.
void answer(RegistrationBench& bench, const std::string& start_line, const std::string& rows) {
    const std::string text =
        fmt::format("{}\r\nVia: {}\r\nCall-ID: {}\r\n{}Content-Length: 0\r\n\r\n", start_line,
                    bench.header("Via"), bench.header("Call-ID"), rows);
    const auto response = Message::parse(text);
    ASSERT_TRUE(response) << response.error().reason;
    bench.transactions.receive_response(*response, bench.sender.sent.back().flow, bench.now);
}

// TA1, TA2, TA4, TA6
TEST(Trace, MediantManualDigestOnRegister) {
    Config config = at("10.1.1.200", "10.2.2.222");
    config.proxy_and_registration.enable_registration = true;
    config.proxy_and_registration.registration_mode = RegistrationMode::per_endpoint;
    config.proxy_and_registration.password = Secret("AudioCodes");
    config.trunk_groups.push_back({1, 1, 1, 1, 1, 1, "122"});
    RegistrationBench bench(config);
    start(bench, "10.2.2.222");
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:10.2.2.222 SIP/2.0\r\n"));
    EXPECT_EQ(bench.header("To"), "<sip:122@10.1.1.200>");

    answer(bench, "SIP/2.0 401 Unauthorized",
           "From: <sip:122@10.2.2.222 >;tag=1c17940\r\nTo: <sip:122@10.2.2.222 >\r\n"
           "Cseq: 1 REGISTER\r\nDate: Mon, 30 Jul 2001 15:33:54 GMT\r\n"
           "WWW-Authenticate: Digest realm=\"audiocodes.com\", "
           "nonce=\"11432d6bce58ddf02e3b5e1c77c010d2\", stale=FALSE, algorithm=MD5\r\n");
    ASSERT_EQ(bench.sent(), 2U);
    const std::string authorization = bench.header("Authorization");
    EXPECT_THAT(authorization, HasSubstr("username=\"122\""));
    EXPECT_THAT(authorization, HasSubstr("response=\"ced1be6f6bee4719894543e3b714aeee\""));
    EXPECT_THAT(authorization, Not(HasSubstr("qop")));
    EXPECT_EQ(bench.header("CSeq"), "2 REGISTER");

    answer(bench, "SIP/2.0 200 OK",
           "From: <sip:122@10.1.1.200>;tag=1c17940\r\nTo: <sip:122@10.1.1.200>\r\n"
           "Cseq:2 REGISTER\r\n"
           "Contact: <sip:122@10.9.9.9>;expires=\"Thu, 26 Jul 2012 10:34:42 GMT\"\r\n"
           "Contact: <sip:122@10.1.1.200>;expires=\"Thu, 26 Jul 2012 10:34:42 GMT\"\r\n"
           "Expires: Thu, 26 Jul 2012 10:34:42 GMT\r\n");
    EXPECT_EQ(bench.row().state, RegistrationState::registered);
    EXPECT_EQ(bench.row().granted_expires, 3600s);
}

// TC1, TC2, TC3
TEST(Trace, VocalRegistersThroughADigestMarshal) {
    Config config = at("192.168.26.10", "192.168.26.180");
    Account account;
    account.name = "phone";
    account.user_name = "6711";
    account.contact_user = "6711";
    account.password = Secret("secret");
    account.register_mode = AccountRegister::regular;
    config.accounts.push_back(account);
    RegistrationBench bench(config);
    start(bench, "192.168.26.180");
    EXPECT_EQ(bench.header("To"), "<sip:6711@192.168.26.180>");

    answer(bench, "SIP/2.0 401 Unauthorized",
           "From: <sip:6711@192.168.26.180:5060>\r\nTo: <sip:6711@192.168.26.180:5060>\r\n"
           "CSeq: 1 REGISTER\r\n"
           "WWW-Authenticate: Digest realm=vovida.com,algorithm=MD5,nonce=966645751\r\n");
    ASSERT_EQ(bench.sent(), 2U);
    const std::string authorization = bench.header("Authorization");
    EXPECT_THAT(authorization, HasSubstr("realm=\"vovida.com\""));
    EXPECT_THAT(authorization, HasSubstr("nonce=\"966645751\""));
    EXPECT_THAT(authorization, HasSubstr("response=\"9005a6e843b3d992c489c222afbb944d\""));

    answer(bench, "SIP/2.0 200 OK",
           "From: <sip:6711@192.168.26.180:5060>\r\nTo: <sip:6711@192.168.26.180:5060>\r\n"
           "CSeq: 2 REGISTER\r\nContact: <sip:6711@192.168.26.10:5060>\r\nExpires: 3600\r\n");
    EXPECT_EQ(bench.row().state, RegistrationState::registered);
    EXPECT_EQ(bench.row().granted_expires, 3600s);
}

}  // namespace
}  // namespace trunkline::sipstack
