#include "sipstack/registration/register_request.h"

#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trunkline::sipstack {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

/// A REGISTER and its repetition, each as RegisterRequest writes it.
class Repetition : public ::testing::TestWithParam<Transport> {
protected:
    std::string written(uint32_t cseq, std::string_view branch, const std::string& credentials,
                        RegisterSeams* its_seams = nullptr) const {
        RegisterRequest request{registrant, config,   flow,  target, {},
                                "100",      "tl00@a", "tag", branch, cseq};
        request.expires = Seconds(180);
        MessageWriter writer = request.begin(its_seams);
        if (!credentials.empty()) {
            writer.header("Authorization", credentials);
        }
        if (its_seams != nullptr) {
            its_seams->end_credentials(writer);
        }
        return writer.header("User-Agent", "Trunkline").finish();
    }

    std::string repeated(const std::string& text, uint32_t cseq, std::string_view branch,
                         const std::string& credentials) {
        const std::string_view rest = std::string_view(text).substr(seams.credentials_end);
        MessageWriter writer = begin_again(text, seams, branch, cseq);
        writer.header("Authorization", credentials);
        seams.end_credentials(writer);
        return writer.finish_with(rest);
    }

    Config config = RegistrationBench::default_config();
    Registrant registrant = registrants(config).at(0);
    Flow flow{GetParam(), 0, {dataplane::IpAddress::v4(0xc000020a), 5060}, bench_registrar};
    Target target{bench_registrar, GetParam()};
    RegisterSeams seams;
};

TEST_P(Repetition, IsWhatTheGeneralWayWrites) {
    std::string text = written(9, "z9hG4bKtl00aaaa", {}, &seams);
    // Its CSeq grows by a digit, and its credentials by some; then again.
    text = repeated(text, 10, "z9hG4bKtl00bbbb", "Digest a");
    EXPECT_EQ(text, written(10, "z9hG4bKtl00bbbb", "Digest a"));
    text = repeated(text, 11, "z9hG4bKtl00cccc", "Digest longer");
    EXPECT_EQ(text, written(11, "z9hG4bKtl00cccc", "Digest longer"));
}

INSTANTIATE_TEST_SUITE_P(OverEach, Repetition,
                         ::testing::Values(Transport::udp, Transport::tcp, Transport::tls));

TEST(RegisterSeams, OfATextTooLargeForThemThereAreNone) {
    MessageWriter writer = MessageWriter::request("REGISTER", "sip:lab.example");
    writer.header("Subject", std::string(RegisterSeams::largest_text, 'x'));
    RegisterSeams seams{1, 2, 3, 4, 5, 6};
    seams.end_credentials(writer);
    EXPECT_EQ(seams.credentials_end, 0);
}

TEST(Registration, AnswersASecondChallengeInPlaceOfTheFirst) {
    RegistrationBench bench;
    bench.start();
    bench.challenge("n1");
    bench.challenge("n2", ", stale=true");
    EXPECT_THAT(bench.last(), HasSubstr("nonce=\"n2\""));
    EXPECT_THAT(bench.last(), Not(HasSubstr("nonce=\"n1\"")));
    EXPECT_EQ(bench.header("CSeq"), "3 REGISTER");
    EXPECT_THAT(bench.last(), EndsWith("User-Agent: Trunkline/0.1.0\r\nContent-Length: 0\r\n\r\n"));
}

TEST(Registration, AnswersAChallengeByAConfigurationThatChangedWhileItWaited) {
    Config config = RegistrationBench::default_config();
    config.proxy_sets[0].registration_rate = 1;
    RegistrationBench bench(config);
    bench.start();
    bench.challenge("n1");
    ASSERT_EQ(bench.sent(), 1U) << "it is not its turn yet";
    bench.config.user_agent = "Another";
    bench.registration.adopt(registrants(bench.config).at(0), bench.now);
    bench.pass(Milliseconds(1200));
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("User-Agent"), "Another");
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("nonce=\"n1\""));
}

}  // namespace
}  // namespace trunkline::sipstack
