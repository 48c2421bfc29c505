#include "sipstack/message/strict.h"

#include "sipstack/message/message.h"
#include "tests/unit/sipstack/message/sample_messages.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using testing::sample_ok;
using testing::sample_request;
using testing::with;

/// The status that the fault wants answered; -1: the bytes are a Message.
int fault_of(std::string_view bytes) {
    const auto message = Message::parse(bytes);
    return message ? -1 : message.error().status;
}

TEST(Strict, KeepAlivesAreToldApart) {
    for (const std::string_view bytes : {std::string_view("\r\n\r\n"), std::string_view("\r\n"),
                                         std::string_view{}, std::string_view("\0\0\0\0", 4)}) {
        const auto message = Message::parse(bytes);
        ASSERT_FALSE(message);
        EXPECT_EQ(message.error().status, 0);
        EXPECT_EQ(message.error().reason, keepalive_reason);
        EXPECT_TRUE(is_keepalive(bytes));
    }
    EXPECT_FALSE(is_keepalive(sample_request()));
}

TEST(Strict, AStrayControlCharacterIsFoundWhateverTheLinesEndWith) {
    const std::string with_crlf = with(sample_request(), "Max-Forwards: 70", "Max-Forwards: 70");
    std::string with_lf = with_crlf;
    std::erase(with_lf, '\r');
    const std::string mixed = with(with_crlf, "Max-Forwards: 70\r\n", "Max-Forwards: 70\n");
    for (const std::string& bytes : {with_crlf, with_lf, mixed, "\r\n" + with_crlf}) {
        EXPECT_EQ(fault_of(bytes), -1) << bytes;
        for (const std::string_view stray : {"\x01", "\r", "\x7f"}) {
            EXPECT_EQ(fault_of(with(bytes, "Max-Forwards: 70",
                                    "Max-Forwards: 70\nX: a" + std::string(stray) + "b")),
                      400)
                << bytes;
        }
        EXPECT_EQ(fault_of(with(bytes, "Max-Forwards: 70", "Max-Forwards: 70\nX: a\tb")), -1);
    }
}

TEST(Strict, StartLineIsChecked) {
    for (const std::string_view line :
         {"REGISTER  sip:a SIP/2.0", "REGISTER sip:a SIP/2.0 ", "REGISTER sip:a; lr SIP/2.0",
          "REGISTER <sip:a> SIP/2.0", "REG,ISTER sip:a SIP/2.0", "REGISTER sip SIP/2.0",
          "REGISTER sip:a:x SIP/2.0", "REGISTER  SIP/2.0", "REGISTER sip: SIP/2.0"}) {
        const auto request =
            with(sample_request(), "REGISTER sip:registrar.example.com SIP/2.0", line);
        EXPECT_EQ(fault_of(request), 400) << line;
    }
}

// T145
TEST(Strict, AnotherVersionIs505) {
    EXPECT_EQ(fault_of(with(sample_request(), "SIP/2.0", "SIP/7.0")), 505);
    EXPECT_EQ(fault_of(with(sample_ok(), "SIP/2.0", "SIP/7.0")), 0);
    EXPECT_EQ(fault_of(with(sample_request(), "SIP/2.0", "sip/2.0")), -1);
}

// T151
TEST(Strict, UnknownSchemeIs416) {
    EXPECT_EQ(fault_of(with(sample_request(), "sip:registrar.example.com",
                            "nobodyKnowsThisScheme:totallyopaquecontent")),
              416);
    EXPECT_EQ(fault_of(with(sample_request(), "sip:registrar.example.com",
                            "soap.beep://192.0.2.103:3002")),
              416);
    EXPECT_EQ(fault_of(with(sample_request(), "sip:registrar.example.com", "tel:+4930")), -1);
}

TEST(Strict, StatusIsOfThreeDigitsFrom100To699) {
    for (const std::string_view status : {"99", "700", "4294967301", "-1", "2OO", ""}) {
        EXPECT_EQ(fault_of(with(sample_ok(), "200", status)), 0) << status;
    }
    EXPECT_EQ(fault_of(with(sample_ok(), "200 OK", "100 ")), -1);
    EXPECT_EQ(fault_of(with(sample_ok(), "200 OK", "699")), -1);
}

// T146
TEST(Strict, MandatoryHeadersAreThere) {
    for (const std::string_view name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
        EXPECT_EQ(fault_of(with(sample_request(), "\r\n" + std::string(name) + ":", "\r\nX:")), 400)
            << name;
        EXPECT_EQ(fault_of(with(sample_ok(), "\r\n" + std::string(name) + ":", "\r\nX:")), 0);
    }
    EXPECT_EQ(fault_of(with(sample_request(), "Max-Forwards: 70\r\n", "")), -1);  // T147
}

TEST(Strict, HeadersThatStandOnceAreNotRepeated) {
    for (const std::string_view row : {"f: <sip:a@b>;tag=1", "T: <sip:a@b>", "i: x",
                                       "CSeq: 7 REGISTER", "Max-Forwards: 70", "l: 0"}) {
        EXPECT_EQ(
            fault_of(with(sample_request(), "\r\n\r\n", "\r\n" + std::string(row) + "\r\n\r\n")),
            400)
            << row;
    }
}

// T143
TEST(Strict, CSeqIsBelowTwoToThe31AndNamesTheMethod) {
    for (const std::string_view cseq :
         {"2147483648 REGISTER", "36893488147419103232 REGISTER", "-1 REGISTER", "7", "REGISTER",
          "7 INVITE", "7 register", "7 REGISTER x", "7REGISTER"}) {
        EXPECT_EQ(fault_of(with(sample_request(), "7 REGISTER", cseq)), 400) << cseq;
    }
    EXPECT_EQ(fault_of(with(sample_request(), "7 REGISTER", "2147483647 \t REGISTER")), -1);
    EXPECT_EQ(fault_of(with(sample_request(), "7 REGISTER", "0007 REGISTER")), -1);
}

// T122, T144
TEST(Strict, ContentLengthIsANumberAndNotMoreThanThereIs) {
    for (const std::string_view length :
         {"-999", "1", "18446744073709551616", "0x0", "", "0 0", "+0"}) {
        const std::string row = "Content-Length: " + std::string(length) + "\r\n";
        EXPECT_EQ(fault_of(with(sample_request(), "Content-Length: 0\r\n", row)), 400) << length;
        EXPECT_EQ(fault_of(with(sample_ok(), "Content-Length: 0\r\n", row)), 0) << length;
    }
}

// T147
TEST(Strict, MaxForwardsIsAtMost255) {
    EXPECT_EQ(fault_of(with(sample_request(), "70", "255")), -1);
    EXPECT_EQ(fault_of(with(sample_request(), "70", "256")), 400);
    EXPECT_EQ(fault_of(with(sample_request(), "70", "-1")), 400);
    EXPECT_EQ(fault_of(with(sample_request(), "70", "0")), -1);
}

TEST(Strict, ControlCharactersAreFoundOnlyInQuotedPairs) {
    using std::string_view_literals::operator""sv;
    EXPECT_EQ(fault_of(with(sample_request(), "Trunk", "Tr\0nk"sv)), 400);
    EXPECT_EQ(fault_of(with(sample_request(), "Trunk", "Tr\1nk"sv)), 400);
    EXPECT_EQ(fault_of(with(sample_request(), "Trunk", "Tr\rnk"sv)), 400);
    EXPECT_EQ(fault_of(with(sample_request(), "Trunk", "Tr\\\rnk"sv)), 400);
    EXPECT_EQ(fault_of(with(sample_request(), "Trunk", "Tr\\\0\\\7\\\x7fnk"sv)), -1);
    EXPECT_EQ(fault_of(with(sample_request(), "Trunk", "Tr\xc3\xbcnk")), -1);
}

TEST(Strict, ListsAndAddressesAreWellFormed) {
    const std::string_view address = "\"Trunk, one\" <sip:trunk1@example.com>";
    EXPECT_EQ(fault_of(with(sample_request(), address, "\"Trunk <sip:a@b>")), 400);
    EXPECT_EQ(fault_of(with(sample_request(), address, "<sip:a@b")), 400);
    const std::string_view contact = "<sip:trunk1@192.0.2.10:5060>";
    EXPECT_EQ(fault_of(with(sample_request(), contact, "\"Joe\" <sip:a@b>;;,,;;")), 400);
    EXPECT_EQ(fault_of(with(sample_request(), contact, "sip:a@b?Route=%3Csip:c%3E")), 400);  // T15
    EXPECT_EQ(fault_of(with(sample_request(), contact, "<sip:a@b?Route=%3Csip:c%3E>")), -1);
    EXPECT_EQ(fault_of(with(sample_request(), contact, "*\r\nm: <sip:a@b>")), 400);
    EXPECT_EQ(fault_of(with(sample_request(), "192.0.2.10:5060;rport", "192.0.2.15;;,;,,")), 400);
    EXPECT_EQ(fault_of(with(sample_request(), "192.0.2.10:5060", "192.0.2.10:99999")), 400);
    EXPECT_EQ(fault_of(with(sample_request(), "branch=z9hG4bKtl00abcdef", "branch=")), 400);
    EXPECT_EQ(fault_of(with(sample_request(), "rport;branch", "rport= ;branch")), 400);
    EXPECT_EQ(fault_of(with(sample_request(), "rport;branch", "rport; =5;branch")), 400);
}

TEST(Strict, ViaNamesItsProtocolAndSender) {
    const auto fault_of_via = [](std::string_view via) {
        return fault_of(with(sample_request(),
                             "SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bKtl00abcdef", via));
    };
    for (const std::string_view good :
         {"SIP/2.0/UDP a", "sip / 2.0 / TLS\t[2001:db8::1] : 5061 ;branch=x",
          "SIP/2.0/UDP a;maddr=[2001:db8::1];received=192.0.2.1;rport", "SIP/2.0/X-Y a_b.c-d",
          "SIP/2.0/TCP [::ffff:192.0.2.1];a = \"b\\\"c\" ;d, SIP/2.0/UDP b:1"}) {
        EXPECT_EQ(fault_of_via(good), -1) << good;
    }
    for (const std::string_view bad :
         {"SIP/2.0", "SIP/2.0/UDP", "SIP/2.0/ a", "SIP 2.0/UDP a", "S\xb7P/2.0/UDP a",
          "SIP/2.0/UDP a]:5060", "SIP/2.0/UDP [a=1]", "SIP/2.0/UDP [::1", "SIP/2.0/UDP [::1]x",
          "SIP/2.0/UDP a:", "SIP/2.0/UDP a:x", "SIP/2.0/UDP a b", "SIP/2.0/UDP a;b=c\"d\"",
          "SIP/2.0/UDP a;b=\"c\"d", "SIP/2.0/UDP a;b=<c>", "SIP/2.0/UDP a;rport=40 b",
          "SIP/2.0/UDP a;b)(c=1", "SIP/2.0/UDP a;b=(c)", "SIP/2.0/UDP a, SIP/2.0 b"}) {
        EXPECT_EQ(fault_of_via(bad), 400) << bad;
    }
}

TEST(Strict, CallIdHasNoBlank) {
    EXPECT_EQ(fault_of(with(sample_request(), "tl00bbbb@", "tl00 bbbb@")), 400);
}

TEST(Strict, HeaderSectionIsWholeAndBounded) {
    const std::string request = sample_request();
    EXPECT_EQ(fault_of(request.substr(0, request.size() - 2)), 400);
    EXPECT_EQ(fault_of(with(request, "Expires: 3600", "Expires 3600")), 400);
    EXPECT_EQ(fault_of(with(request, "Expires: 3600", "X: " + std::string(20'000, 'x'))), 513);
    std::string rows;
    for (std::size_t i = 0; i < max_header_rows; ++i) {
        rows += "X: y\r\n";
    }
    EXPECT_EQ(fault_of(with(request, "Expires: 3600\r\n", rows)), 513);
    EXPECT_EQ(fault_of(with(request, "registrar", std::string(20'000, 'x'))), 513);
}

TEST(Strict, WhatIsNotSipIsNeverAnswered) {
    EXPECT_EQ(fault_of("GET / HTTP/1.1\r\n\r\n"), 0);
    EXPECT_EQ(fault_of("hello"), 0);
}

TEST(Strict, FaultsSayNothingOfThePeersBytes) {
    const auto message = Message::parse(with(sample_request(), "7 REGISTER", "secret"));
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error().reason.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace trunkline::sipstack
