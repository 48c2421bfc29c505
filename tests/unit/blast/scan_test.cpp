#include "tools/blast/scan.h"

#include <gtest/gtest.h>

#include <string>

namespace trunkline::blast {
namespace {

const std::string request =
    "REGISTER sip:lab.example SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKabc;rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: \"A; B\" <sip:alice@lab.example;x=1>;tag=f1\r\n"
    "To: <sip:alice@lab.example>\r\n"
    "Call-ID: id@host\r\n"
    "CSeq: 7 REGISTER\r\n"
    "Contact: <sip:alice@192.0.2.10:5060;transport=udp>;expires=120\r\n"
    "Expires: 300\r\n"
    "Authorization: Digest username=\"alice\", nonce=\"n\"\r\n"
    "Content-Length: 0\r\n\r\n";

std::string with(const std::string& from, const std::string& to) {
    std::string text = request;
    return text.replace(text.find(from), from.size(), to);
}

const char* complaint(const std::string& text) {
    ScannedMessage message;
    return scan(text, message);
}

TEST(Scan, ReadsARequest) {
    ScannedMessage message;
    ASSERT_EQ(scan(request, message), nullptr);
    EXPECT_TRUE(message.is_request());
    EXPECT_EQ(message.method, "REGISTER");
    EXPECT_EQ(message.uri, "sip:lab.example");
    ASSERT_EQ(message.via_count, 1u);
    EXPECT_EQ(message.vias[0], "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKabc;rport");
    EXPECT_EQ(message.to, "<sip:alice@lab.example>");
    EXPECT_EQ(message.call_id, "id@host");
    EXPECT_EQ(message.cseq, "7 REGISTER");
    EXPECT_EQ(message.cseq_number, 7u);
    EXPECT_EQ(message.cseq_method, "REGISTER");
    EXPECT_EQ(message.contact_lines, 1u);
    EXPECT_EQ(message.expires, 300u);
    EXPECT_EQ(message.authorization, "Digest username=\"alice\", nonce=\"n\"");
    EXPECT_EQ(message.body, "");
}

TEST(Scan, ReadsAResponseInCompactForm) {
    ScannedMessage message;
    ASSERT_EQ(scan("SIP/2.0 407 Proxy Authentication Required\nv: one\nVIA:two\nf: <sip:a@b>\nT: "
                   "<sip:a@b>;tag=9\ni: x\ncseq:\t1  REGISTER\nm: <sip:c>\n"
                   "Proxy-Authenticate: Digest realm=\"r\"\nl: 4\n\nbody",
                   message),
              nullptr);
    EXPECT_EQ(message.status, 407);
    EXPECT_EQ(message.via_count, 2u);
    EXPECT_EQ(message.vias[1], "two");
    EXPECT_EQ(message.cseq_method, "REGISTER");
    EXPECT_EQ(message.contact, "<sip:c>");
    EXPECT_EQ(message.challenge, "Digest realm=\"r\"");
    EXPECT_EQ(message.body, "body");
}

TEST(Scan, NamesMayBeLongAndHaveBlanksBehind) {
    ScannedMessage message;
    const std::string blanks = with("Call-ID: ", "Call-ID \t: ");
    ASSERT_EQ(scan(blanks, message), nullptr);
    EXPECT_EQ(message.call_id, "id@host");
    const std::string name(100, 'X');
    ASSERT_EQ(scan(with("Max-Forwards: 70", name + ": a:b"), message), nullptr);
    EXPECT_STREQ(complaint(with("Max-Forwards: 70", name)), "a header without a name");
    EXPECT_STREQ(complaint(with("Max-Forwards: 70", ": 70")), "a header without a name");
    const std::string proxy = with("Max-Forwards: 70", "Proxy-Authorization: Digest a=b");
    ASSERT_EQ(scan(proxy, message), nullptr);
    EXPECT_EQ(message.authorization, "Digest a=b");
}

TEST(Scan, AFoldedLineIsPartOfItsValue) {
    ScannedMessage message;
    const std::string folded = with("Call-ID: id@host", "Call-ID:\r\n id@host");
    ASSERT_EQ(scan(folded, message), nullptr);
    EXPECT_EQ(message.call_id, "id@host");
}

TEST(Scan, RefusesWhatIsNoMessage) {
    EXPECT_STREQ(complaint(""), "no start line");
    EXPECT_STREQ(complaint("\r\n\r\n"), "no start line");
    EXPECT_STREQ(complaint(with("SIP/2.0\r\n", "SIP/3.0\r\n")), "no start line");
    EXPECT_STREQ(complaint("SIP/2.0 99 x\r\n\r\n"), "no start line");
    EXPECT_STREQ(complaint("SIP/2.0 200x\r\n\r\n"), "no start line");
    EXPECT_STREQ(complaint(request.substr(0, request.size() - 2)),
                 "no empty line after the headers");
    EXPECT_STREQ(complaint(with("Max-Forwards: 70", "Max-Forwards 70")), "a header without a name");
    EXPECT_STREQ(complaint(with("CSeq: 7 REGISTER", "CSeq: REGISTER")),
                 "CSeq is no number and method");
    EXPECT_STREQ(complaint(with("CSeq: 7 REGISTER", "CSeq: 4294967296 REGISTER")),
                 "CSeq is no number and method");
    EXPECT_STREQ(complaint(with("Max-Forwards: 70", "To: <sip:b@c>")), "two To");
    EXPECT_STREQ(complaint(with("Max-Forwards: 70", "f: <sip:b@c>")), "two From");
    EXPECT_STREQ(complaint(with("Max-Forwards: 70", "i: z")), "two Call-ID");
    EXPECT_STREQ(complaint(with("Max-Forwards: 70", "CSeq: 7 REGISTER")), "two CSeq");
    EXPECT_STREQ(complaint(with("Call-ID: id@host\r\n", "")), "no From, To, Call-ID or CSeq");
    EXPECT_STREQ(complaint(with("Via: ", "Vie: ")), "no Via");
    EXPECT_STREQ(complaint(with("Expires: 300", "Expires: soon")), "Expires is no number");
    EXPECT_STREQ(complaint(with("Content-Length: 0", "Content-Length: 5")),
                 "Content-Length differs from the body");
    EXPECT_STREQ(complaint(with("Content-Length: 0", "Content-Length: x")),
                 "Content-Length is no number");
}

TEST(Scan, RefusesMoreViasThanItKeeps) {
    std::string vias;
    for (int i = 0; i < 8; ++i) {
        vias += "v: x\r\n";
    }
    EXPECT_STREQ(complaint(with("Max-Forwards: 70\r\n", vias)), "too many Via");
}

TEST(Parameter, StandsAfterTheAddressAlone) {
    EXPECT_EQ(parameter("\"A; tag=no>\" <sip:a@b;tag=no>;x=1; Tag = yes", "tag"), "yes");
    EXPECT_EQ(parameter("SIP/2.0/UDP h;branch=b;rport", "rport"), "");
    EXPECT_EQ(parameter("SIP/2.0/UDP h;branch=b;rport", "branch"), "b");
    EXPECT_EQ(parameter("<sip:a@b;tag=no>", "tag"), std::nullopt);
    EXPECT_EQ(parameter("sip:a@b;tag=x", "tag"), "x");
    EXPECT_EQ(parameter("<sip:a>, <sip:b>;expires=1", "q"), std::nullopt);
    EXPECT_EQ(parameter("one;a=1, two;b=2", "b"), std::nullopt) << "of the first value alone";
    EXPECT_EQ(parameter("\"open <sip:a>;tag=x", "tag"), std::nullopt);
    EXPECT_EQ(parameter("<sip:a>;tagged=no;ta=no;;tag=yes", "tag"), "yes");
    EXPECT_EQ(parameter("<sip:a>;tag", "tag"), "");
    EXPECT_EQ(parameter("<sip:a>;tag=", "tag"), "");
    EXPECT_EQ(parameter("<sip:a>;", "tag"), std::nullopt);
    EXPECT_EQ(parameter("<sip:a", "tag"), std::nullopt);
}

TEST(Uri, IsTakenOutOfItsWrapping) {
    EXPECT_EQ(uri_of("\"A\" <sip:a@b;c=d>;tag=x"), "sip:a@b;c=d");
    EXPECT_EQ(uri_of("sip:a@b;tag=x"), "sip:a@b");
    EXPECT_EQ(user_and_host("sip:a@b:5060;c=d"), "a@b:5060");
    EXPECT_EQ(user_and_host("a"), "");
}

TEST(ScanDigest, ReadsAChallenge) {
    const auto digest = scan_digest(
        "Digest realm=\"a, \\\"b\\\"\", nonce=\"n=1\" , opaque=\"\",stale=TRUE, algorithm=MD5, "
        "qop=\"auth,auth-int\"");
    ASSERT_TRUE(digest);
    EXPECT_EQ(digest->realm, "a, \\\"b\\\"");
    EXPECT_EQ(digest->nonce, "n=1");
    EXPECT_TRUE(digest->is_stale());
    EXPECT_EQ(digest->algorithm, "MD5");
    EXPECT_EQ(digest->qop, "auth,auth-int");
}

TEST(ScanDigest, ReadsCredentials) {
    const auto digest = scan_digest(
        "digest username=\"u\",uri=\"sip:h\",response=\"r\",cnonce=\"c\",nc=00000001,qop=auth");
    ASSERT_TRUE(digest);
    EXPECT_EQ(digest->username, "u");
    EXPECT_EQ(digest->uri, "sip:h");
    EXPECT_EQ(digest->response, "r");
    EXPECT_EQ(digest->cnonce, "c");
    EXPECT_EQ(digest->nc, "00000001");
    EXPECT_EQ(digest->qop, "auth");
    EXPECT_FALSE(digest->is_stale());
}

TEST(ScanDigest, RefusesOtherSchemesAndBrokenLists) {
    EXPECT_FALSE(scan_digest(""));
    EXPECT_FALSE(scan_digest("Basic abc"));
    EXPECT_FALSE(scan_digest("Digestive a=b"));
    EXPECT_FALSE(scan_digest("Digest realm"));
    EXPECT_FALSE(scan_digest("Digest realm=\"r"));
    EXPECT_FALSE(scan_digest("Digest realm=\"r\" nonce=\"n\""));
}

}  // namespace
}  // namespace trunkline::blast
