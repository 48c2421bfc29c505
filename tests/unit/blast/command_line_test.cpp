#include "tools/blast/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trunkline::blast {
namespace {

std::expected<CommandLine, Instead> parse(std::vector<const char*> words) {
    std::vector<const char*> line = {"blast", "--port", "tap:b0", "--address", "192.0.2.1/24"};
    line.insert(line.end(), words.begin(), words.end());
    return parse_command_line(static_cast<int>(line.size()), line.data());
}

std::string complaint(const std::vector<const char*>& words) {
    const auto line = parse(words);
    if (line) {
        return "none";
    }
    EXPECT_EQ(line.error().exit_code, 2);
    return line.error().text;
}

TEST(ParsePort, KnowsEachKindOfDevice) {
    EXPECT_EQ(parse_port("af_packet:veth0"), board::Device(board::AfPacketDevice{"veth0"}));
    EXPECT_EQ(parse_port("tap:b0"), board::Device(board::TapDevice{"b0"}));
    EXPECT_EQ(parse_port("pci:0000:00:04.0"), board::Device(board::PciDevice{"0000:00:04.0"}));
    EXPECT_EQ(parse_port("memif:/run/a.sock"),
              board::Device(board::MemifDevice{"/run/a.sock", false, 0}));
    EXPECT_EQ(parse_port("memif:/run/a.sock,server,id=3"),
              board::Device(board::MemifDevice{"/run/a.sock", true, 3}));
    for (const char* wrong :
         {"", "veth0", "af_packet:", "ring:x", "memif:/a,id=x", "memif:/a,master"}) {
        EXPECT_FALSE(parse_port(wrong)) << wrong;
    }
}

TEST(ParseEndpoint, HasAPortOfItsOwnOr5060) {
    EXPECT_EQ(parse_endpoint("192.0.2.1", 5060)->to_string(), "192.0.2.1:5060");
    EXPECT_EQ(parse_endpoint("192.0.2.1:5080", 5060)->to_string(), "192.0.2.1:5080");
    EXPECT_EQ(parse_endpoint("2001:db8::1", 5060)->to_string(), "[2001:db8::1]:5060");
    EXPECT_EQ(parse_endpoint("[2001:db8::1]:5080", 5060)->to_string(), "[2001:db8::1]:5080");
    for (const char* wrong : {"", "host", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:99999",
                              "[2001:db8::1", "[2001:db8::1]5060"}) {
        EXPECT_FALSE(parse_endpoint(wrong, 5060)) << wrong;
    }
}

TEST(CommandLine, TheRegistrarRunsUntilItIsToldToStop) {
    const auto line = parse({"--seconds", "5", "registrar", "--realm", "r", "--drop", "0.25",
                             "--delay", "1.5", "--no-verify"});
    ASSERT_TRUE(line) << line.error().text;
    const auto& registrar = std::get<RegistrarSettings>(line->role);
    EXPECT_EQ(registrar.realm, "r");
    EXPECT_EQ(registrar.drop_share, 0.25);
    EXPECT_EQ(registrar.answer_delay, 1'500'000u);
    EXPECT_TRUE(registrar.challenge);
    EXPECT_FALSE(registrar.verify);
    EXPECT_EQ(line->run.nanoseconds, 5'000'000'000u);
    EXPECT_EQ(line->link.first_port, 5060);
}

TEST(CommandLine, ClientsRegisterOnceUnlessTimeOrRoundsAreTold) {
    const auto total = [](const std::vector<const char*>& more) {
        std::vector<const char*> words = {"register", "--to", "192.0.2.10", "--accounts", "50"};
        words.insert(words.end(), more.begin(), more.end());
        const auto line = parse(words);
        EXPECT_TRUE(line);
        return line ? std::get<RegisterSettings>(line->role).pace.total : 0;
    };
    EXPECT_EQ(total({}), 50u);
    EXPECT_EQ(total({"--rounds", "3"}), 150u);
    EXPECT_EQ(total({"--seconds", "3"}), 0u);
    EXPECT_EQ(total({"--seconds", "3", "--rounds", "2"}), 100u);
}

TEST(CommandLine, ADomainIsThePeersAddressUnlessTold) {
    const auto line = parse({"register", "--to", "[2001:db8::1]:5070"});
    ASSERT_TRUE(line);
    EXPECT_EQ(std::get<RegisterSettings>(line->role).domain, "[2001:db8::1]");
    EXPECT_EQ(std::get<OptionsSettings>(parse({"options", "--to", "192.0.2.10"})->role).uri,
              "sip:192.0.2.10");
}

TEST(CommandLine, RtpStreamsHaveEverySecondPort) {
    const auto line = parse({"rtp", "--to", "192.0.2.10", "--streams", "100", "--ptime", "10",
                             "--payload", "80", "--payload-type", "8", "--seconds", "2"});
    ASSERT_TRUE(line) << line.error().text;
    const auto& rtp = std::get<RtpSettings>(line->role);
    EXPECT_EQ(rtp.streams, 100u);
    EXPECT_EQ(rtp.packet_time, 10'000'000u);
    EXPECT_EQ(rtp.payload, 80);
    EXPECT_EQ(rtp.payload_type, 8);
    EXPECT_EQ(rtp.nanoseconds, 2'000'000'000u);
    EXPECT_TRUE(rtp.comes_back);
    EXPECT_EQ(line->peer.port, 6000);
    EXPECT_EQ(line->local_port, 6000);
    EXPECT_EQ(line->link.first_port, 6000);
    EXPECT_EQ(line->link.last_port, 6199);
    EXPECT_FALSE(line->link.holds_back) << "both ends would wait for each other";
}

TEST(CommandLine, TheFarEndOfRtpReflectsUnlessTold) {
    const auto line = parse({"--local-port", "7000", "rtp-peer", "--streams", "5"});
    ASSERT_TRUE(line) << line.error().text;
    const auto& peer = std::get<RtpPeerSettings>(line->role);
    EXPECT_EQ(peer.first_port, 7000);
    EXPECT_EQ(peer.streams, 5u);
    EXPECT_TRUE(peer.reflect);
    EXPECT_EQ(line->link.last_port, 7009);
    EXPECT_TRUE(line->link.holds_back);
    EXPECT_FALSE(std::get<RtpPeerSettings>(parse({"rtp-peer", "--count-only"})->role).reflect);
    EXPECT_FALSE(
        std::get<RtpSettings>(parse({"rtp", "--to", "192.0.2.1", "--one-way"})->role).comes_back);
}

TEST(CommandLine, OptionsMayFollowTheRole) {
    const auto line = parse({"registrar", "--nap", "50", "--json"});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->run.nap, 50'000u);
    EXPECT_TRUE(line->json);
}

TEST(CommandLine, WrongUsageSaysWhatToWrite) {
    EXPECT_NE(complaint({}).find("subcommand"), std::string::npos);
    EXPECT_NE(complaint({"register"}).find("--to is required"), std::string::npos);
    EXPECT_NE(complaint({"register", "--to", "host"}).find("write it as 192.0.2.10:5060"),
              std::string::npos);
    EXPECT_NE(complaint({"registrar", "--drop", "2"}).find("--drop"), std::string::npos);
    EXPECT_NE(complaint({"registrar", "--mac", "x"}).find("write it as 02:00:00:00:00:01"),
              std::string::npos);
    EXPECT_NE(complaint({"rtp", "--to", "host"}).find("write it as 192.0.2.10:6000"),
              std::string::npos);
    EXPECT_NE(complaint({"rtp", "--to", "192.0.2.1:65000", "--streams", "300"}).find("--to: 300"),
              std::string::npos);
    EXPECT_NE(complaint({"--local-port", "65535", "rtp-peer"}).find("take fewer --streams"),
              std::string::npos);
    EXPECT_NE(complaint({"rtp", "--to", "192.0.2.1", "--payload", "15"}).find("--payload"),
              std::string::npos);
    EXPECT_NE(complaint({"rtp", "--to", "192.0.2.1", "--ptime", "0"}).find("--ptime"),
              std::string::npos);
    EXPECT_NE(complaint({"registrar", "--gateway", "x"}).find("write it as 192.0.2.254"),
              std::string::npos);
    EXPECT_NE(complaint({"registrar", "--address", "192.0.2.1"}).find("write it as 192.0.2.1/24"),
              std::string::npos);
}

TEST(CommandLine, ANumberThatIsNoneIsToldWithItsRange) {
    struct Case {
        std::vector<const char*> words;
        const char* told;
    };
    const char* const to = "192.0.2.1";
    for (const Case& wrong : {
             Case{{"options", "--to", to, "--rate", "abc"},
                  "--rate: 'abc' is none; write a number from 0.001 to 1000000000\n"},
             Case{{"options", "--to", to, "--rate", "0"}, "--rate: '0' is none"},
             Case{{"options", "--to", to, "--rate", "nan"}, "--rate: 'nan' is none"},
             Case{{"options", "--to", to, "--rate", "inf"}, "--rate: 'inf' is none"},
             Case{{"options", "--to", to, "--count", "1.5"}, "--count: '1.5' is none"},
             Case{{"options", "--to", to, "--t1", "nan"}, "--t1: 'nan' is none"},
             Case{{"register", "--to", to, "--rounds", "0"},
                  "--rounds: '0' is none; write a number from 1 to 4294967295"},
             Case{{"rtp", "--to", to, "--ptime", "nan"},
                  "--ptime: 'nan' is none; write a number from 0.01 to 1000"},
             Case{{"registrar", "--seconds", "nan"},
                  "--seconds: 'nan' is none; write a number from 0 to 1000000000"},
             Case{{"registrar", "--seconds", "-1"}, "--seconds: '-1' is none"},
             Case{{"registrar", "--seconds", "1e300"}, "--seconds: '1e300' is none"},
             Case{{"registrar", "--drop", "nan"}, "--drop: 'nan' is none"},
             Case{{"registrar", "--wait", "nan"}, "--wait: 'nan' is none"},
             Case{{"registrar", "--nap", "nan"}, "--nap: 'nan' is none"},
             Case{{"registrar", "--delay", "inf"}, "--delay: 'inf' is none"},
             Case{{"registrar", "--nonce-uses", "-1"}, "--nonce-uses: '-1' is none"},
             Case{{"registrar", "--interval", "0"},
                  "--interval: '0' is none; write a number from 1 to 1000000"},
             Case{{"registrar", "--cpu", "1024"}, "write a number from 0 to 1023"},
         }) {
        EXPECT_NE(complaint(wrong.words).find(wrong.told), std::string::npos)
            << complaint(wrong.words);
    }
}

TEST(CommandLine, ProgressIsToldEachSecondOrAsAskedFor) {
    EXPECT_TRUE(parse({"registrar"})->run.progress);
    EXPECT_FALSE(parse({"--quiet", "registrar"})->run.progress);
    EXPECT_EQ(parse({"registrar"})->run.interval, 1'000'000'000u);
    EXPECT_EQ(parse({"registrar", "--interval", "20"})->run.interval, 20'000'000u);
}

TEST(CommandLine, HelpHasNoWordsOfTheParser) {
    const std::string common = parse({"--help"}).error().text;
    EXPECT_NE(common.find("--quiet "), std::string::npos);
    EXPECT_EQ(common.find("{false}"), std::string::npos) << common;
    const std::string rtp = parse({"rtp", "--help"}).error().text;
    EXPECT_NE(rtp.find("--payload-type UINT:0 to 127=0"), std::string::npos) << rtp;
}

TEST(CommandLine, HelpIsNoMistake) {
    const auto line = parse({"--help"});
    ASSERT_FALSE(line);
    EXPECT_EQ(line.error().exit_code, 0);
    EXPECT_NE(line.error().text.find("registrar"), std::string::npos);
}

}  // namespace
}  // namespace trunkline::blast
