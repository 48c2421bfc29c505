#include "sipstack/transport/certificate_identity.h"

#include "tests/temporary_folder.h"
#include "tests/unit/sipstack/transport/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

namespace trunkline::sipstack::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CertificateIdentity : public ::testing::Test {
protected:
    Certificate make(const std::vector<std::string>& names,
                     const std::string& common = "cn.example") {
        return Certificate(folder_.path(), "x", {.common_name = common, .alternative_names = names},
                           nullptr);
    }
    tests::TemporaryFolder folder_;
};

// T137
TEST_F(CertificateIdentity, IsTheHostOfItsSipUris) {
    const auto certificate =
        make({"URI:sip:a.example", "URI:SIP:B.example:5061;transport=tls", "URI:sip:bob@c.example",
              "URI:sips:d.example", "URI:https://e.example", "DNS:f.example", "email:g@h.example"});
    EXPECT_THAT(sip_domains(certificate.x509()), ElementsAre("a.example", "B.example"));
    EXPECT_TRUE(is_certificate_for(certificate.x509(), "A.example"));
    EXPECT_TRUE(is_certificate_for(certificate.x509(), "b.example"));
    EXPECT_FALSE(is_certificate_for(certificate.x509(), "f.example")) << "a sip: URI decides";
    EXPECT_FALSE(is_certificate_for(certificate.x509(), "cn.example"));
}

// T137
TEST_F(CertificateIdentity, IsItsDnsNamesWithoutSipUris) {
    const auto certificate = make({"URI:sip:bob@c.example", "DNS:a.example", "DNS:b.example"});
    EXPECT_THAT(sip_domains(certificate.x509()), ElementsAre("a.example", "b.example"));
}

// T137
TEST_F(CertificateIdentity, IsItsCommonNameWithoutAlternativeNamesAlone) {
    EXPECT_THAT(sip_domains(make({}).x509()), ElementsAre("cn.example"));
    EXPECT_THAT(sip_domains(make({"email:g@h.example"}).x509()), IsEmpty());
}

// T137
TEST_F(CertificateIdentity, MatchesWholeNamesWithoutWildcards) {
    const auto certificate = make({"DNS:*.example", "DNS:sip.a.example"});
    for (const char* host : {"b.example", "a.example", "x.sip.a.example", "sip.a.exampl", ""}) {
        EXPECT_FALSE(is_certificate_for(certificate.x509(), host)) << host;
    }
    EXPECT_TRUE(is_certificate_for(certificate.x509(), "sip.a.example"));
}

TEST_F(CertificateIdentity, MayBeANumericAddress) {
    const auto certificate = make({"IP:192.0.2.1", "IP:2001:db8::1", "URI:sip:[2001:db8::2]:5061"});
    EXPECT_TRUE(is_certificate_for(certificate.x509(), "192.0.2.1"));
    EXPECT_TRUE(is_certificate_for(certificate.x509(), "2001:db8:0::1"));
    EXPECT_TRUE(is_certificate_for(certificate.x509(), "2001:db8::2"));
    EXPECT_FALSE(is_certificate_for(certificate.x509(), "192.0.2.2"));
}

TEST_F(CertificateIdentity, IsDescribedInPrintableWords) {
    EXPECT_EQ(
        describe_identities(
            make({"DNS:a.example", "DNS:b.example", "DNS:c.example", "DNS:d.example"}).x509()),
        "a.example, b.example, c.example and 1 more");
    EXPECT_EQ(describe_identities(make({"email:g@h.example"}).x509()), "no SIP domain");
    EXPECT_EQ(describe_identities(make({}, "a\x1b[2Jb").x509()), "a?[2Jb");
}

TEST_F(CertificateIdentity, FaultsAreToldByTheirName) {
    EXPECT_EQ(describe_certificate_fault(X509_V_ERR_CERT_NOT_YET_VALID, "p"),
              "TLS: certificate of p is not valid yet");
    EXPECT_EQ(describe_certificate_fault(X509_V_ERR_CERT_REVOKED, "p"),
              "TLS: certificate of p refused: certificate revoked");
}

}  // namespace
}  // namespace trunkline::sipstack::testing
