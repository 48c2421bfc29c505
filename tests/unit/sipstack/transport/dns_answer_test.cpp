#include "sipstack/transport/dns_answer.h"

#include "dns_message.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using dataplane::IpAddress;
using std::chrono::seconds;
using namespace test;

const DnsQuestion address_question{"sip.lab.example", DnsType::a};
const DnsQuestion srv_question{"_sip._udp.lab.example", DnsType::srv};
const DnsQuestion naptr_question{"lab.example", DnsType::naptr};

TEST(DnsAnswer, HasAddressesInTheOrderGivenWithTheShortestTimeToLive) {
    const auto answer = read_dns_answer(
        response(address_question, success,
                 {record("sip.lab.example", DnsType::a, 300, address_data("192.0.2.2")),
                  record("sip.lab.example", DnsType::a, 60, address_data("192.0.2.1"))}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, (DnsAnswer{{*IpAddress::parse("192.0.2.2"), *IpAddress::parse("192.0.2.1")},
                                  true,
                                  seconds(60)}));
}

TEST(DnsAnswer, HasAddressesOfIPv6) {
    const auto answer = read_dns_answer(
        response({"sip.lab.example", DnsType::aaaa}, success,
                 {record("sip.lab.example", DnsType::aaaa, 60, address_data("2001:db8::1"))}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->records, std::vector<DnsRecord>{*IpAddress::parse("2001:db8::1")});
}

TEST(DnsAnswer, HasSrvRecordsWithTheirTimeToLive) {
    const auto answer = read_dns_answer(response(
        srv_question, success,
        {record(srv_question.name, DnsType::srv, 120, srv_data(10, 20, 5080, "a.lab.example")),
         record(srv_question.name, DnsType::srv, 120, srv_data(20, 0, 5060, ""))}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer,
              (DnsAnswer{{SrvRecord{10, 20, 5080, "a.lab.example"}, SrvRecord{20, 0, 5060, ""}},
                         true,
                         seconds(120)}));
}

TEST(DnsAnswer, HasNaptrRecordsWithTheirTimeToLive) {
    const auto answer = read_dns_answer(
        response(naptr_question, success,
                 {record("lab.example", DnsType::naptr, 90,
                         naptr_data(50, 60, "s", "SIP+D2T", "_sip._tcp.lab.example"))}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer,
              (DnsAnswer{{NaptrRecord{50, 60, "s", "SIP+D2T", "", "_sip._tcp.lab.example"}},
                         true,
                         seconds(90)}));
}

TEST(DnsAnswer, ReadsCompressedNames) {
    Bytes data = srv_data(10, 20, 5080, "");
    data.pop_back();                     // the root
    put(data, {1, 'a', 0xc0, 12 + 10});  // "a." and what stands behind "_sip._udp" in the question
    Bytes message = response(srv_question, success, {record("", DnsType::srv, 120, data)});
    const std::size_t owner = 12 + name_data(srv_question.name).size() + 4;
    message[owner] = 0xc0;
    message.insert(message.begin() + static_cast<std::ptrdiff_t>(owner) + 1, 12);
    const auto answer = read_dns_answer(message);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->records, std::vector<DnsRecord>{(SrvRecord{10, 20, 5080, "a.lab.example"})});
}

TEST(DnsAnswer, FollowsAliasesInAnyOrderAndTheirTimeToLive) {
    const auto answer = read_dns_answer(
        response(address_question, success,
                 {record("two.example", DnsType::a, 300, address_data("192.0.2.1")),
                  record("one.example", cname_type, 200, name_data("two.example")),
                  record("SIP.lab.example", cname_type, 100, name_data("one.example"))}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, (DnsAnswer{{*IpAddress::parse("192.0.2.1")}, true, seconds(100)}));
}

TEST(DnsAnswer, EndsWhenAliasesGoRoundInACircle) {
    const auto answer = read_dns_answer(
        response(address_question, success,
                 {record("sip.lab.example", cname_type, 100, name_data("one.example")),
                  record("one.example", cname_type, 100, name_data("sip.lab.example"))}));
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->records.empty());
}

TEST(DnsAnswer, LeavesOutWhatBelongsToAnotherName) {
    const auto answer = read_dns_answer(
        response(address_question, success,
                 {record("other.example", DnsType::a, 5, address_data("192.0.2.66")),
                  record("sip.lab.example", DnsType::a, 60, address_data("192.0.2.1")),
                  record("sip.lab.example", DnsType::aaaa, 5, address_data("2001:db8::1"))}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, (DnsAnswer{{*IpAddress::parse("192.0.2.1")}, true, seconds(60)}));
}

// RFC 2308 5.
TEST(DnsAnswer, TakesTheTimeToLiveOfANoFromTheSoaRecord) {
    const auto answer = read_dns_answer(
        response(srv_question, success, {}, {record("lab.example", soa_type, 900, soa_data(30))}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, (DnsAnswer{{}, true, seconds(30)}));
    const auto shorter = read_dns_answer(
        response(srv_question, success, {}, {record("lab.example", soa_type, 20, soa_data(30))}));
    EXPECT_EQ(shorter->time_to_live, seconds(20));
}

TEST(DnsAnswer, TellsANameThatDoesNotExistFromOneWithoutTheRecord) {
    EXPECT_TRUE(read_dns_answer(response(srv_question, success, {}))->name_exists);
    const auto unknown = read_dns_answer(response(srv_question, name_error, {}));
    ASSERT_TRUE(unknown);
    EXPECT_FALSE(unknown->name_exists);
    EXPECT_FALSE(unknown->time_to_live);
}

// RFC 2181 8.
TEST(DnsAnswer, TakesATimeToLiveWithTheHighestBitForZero) {
    const auto answer = read_dns_answer(
        response(address_question, success,
                 {record("sip.lab.example", DnsType::a, 0x80000000U, address_data("192.0.2.1"))}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->time_to_live, seconds(0));
}

TEST(DnsAnswer, RefusesWhatIsNoAnswer) {
    Bytes query = response(address_question, success, {});
    query[2] = 0x01;
    EXPECT_EQ(read_dns_answer(query).error(), DnsFault::not_answered);
    EXPECT_EQ(read_dns_answer(response(address_question, server_failure, {})).error(),
              DnsFault::not_answered);
    Bytes truncated = response(address_question, success, {});
    truncated[2] |= 0x02;
    EXPECT_EQ(read_dns_answer(truncated).error(), DnsFault::truncated);
    const DnsQuestion text{"sip.lab.example", static_cast<DnsType>(16)};
    EXPECT_EQ(read_dns_answer(response(text, success, {})).error(), DnsFault::not_asked);
    EXPECT_EQ(read_dns_answer({}).error(), DnsFault::malformed);
}

TEST(DnsAnswer, RefusesRecordsThatContradictThemselves) {
    const auto read = [](const DnsQuestion& question, const Bytes& data) {
        return read_dns_answer(
            response(question, success, {record(question.name, question.type, 60, data)}));
    };
    EXPECT_EQ(read(address_question, {192, 0, 2}).error(), DnsFault::malformed);
    EXPECT_EQ(read(srv_question, {0, 1, 0, 2}).error(), DnsFault::malformed);
    Bytes longer = srv_data(10, 20, 5080, "a.lab.example");
    longer.push_back(0);
    EXPECT_EQ(read(srv_question, longer).error(), DnsFault::malformed);
    EXPECT_EQ(read(naptr_question, {0, 1, 0, 2, 200, 's'}).error(), DnsFault::malformed);
    const Bytes loop{0, 10, 0, 20, 0, 30, 0xc0, 0x4e};  // a pointer to itself
    EXPECT_FALSE(read(srv_question, loop));
}

/// No byte of it can be missing, none can make it read beyond its end.
TEST(DnsAnswer, RefusesEveryPrefixOfAnAnswer) {
    const Bytes whole =
        response(naptr_question, success,
                 {record("lab.example", DnsType::naptr, 90,
                         naptr_data(50, 60, "s", "SIP+D2T", "_sip._tcp.lab.example"))});
    ASSERT_TRUE(read_dns_answer(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(read_dns_answer(part).error(), DnsFault::malformed) << size;
    }
}

/// Any byte may lie: the reader says something, and stays within the message.
TEST(DnsAnswer, SurvivesEveryByteThatLies) {
    const Bytes whole =
        response(naptr_question, success,
                 {record("lab.example", cname_type, 90, name_data("x.example")),
                  record("x.example", DnsType::naptr, 90,
                         naptr_data(50, 60, "s", "SIP+D2T", "_sip._tcp.lab.example"))},
                 {record("lab.example", soa_type, 900, soa_data(30))});
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (unsigned value = 0; value <= 0xff; ++value) {
            Bytes message = whole;
            message[i] = static_cast<uint8_t>(value);
            message.shrink_to_fit();
            const auto answer = read_dns_answer(message);
            EXPECT_TRUE(!answer || answer->records.size() <= 1) << i << ' ' << value;
        }
    }
}

TEST(DnsAnswer, ReadsSoManyRecordsAndNoMore) {
    const std::vector<Bytes> many(
        max_dns_records + 10, record("sip.lab.example", DnsType::a, 60, address_data("192.0.2.1")));
    const auto answer = read_dns_answer(response(address_question, success, many));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->records.size(), max_dns_records);
}

}  // namespace
}  // namespace trunkline::sipstack
