#include "mgmt/rest/tls_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace trunkline::mgmt {
namespace {

using ::testing::HasSubstr;

class TlsIdentityTest : public ::testing::Test {
protected:
    TlsIdentityTest() { std::filesystem::remove_all(base); }
    ~TlsIdentityTest() override { std::filesystem::remove_all(base); }

    static std::string text_of(const std::filesystem::path& path) {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    /// Key and certificate of another box, apart.
    std::pair<std::string, std::string> another() const {
        EXPECT_TRUE(TlsIdentity::open(base / "another", {"other"}));
        const std::string both = text_of(base / "another" / "https.pem");
        const std::size_t cut = both.find("-----BEGIN CERTIFICATE");
        return {both.substr(0, cut), both.substr(cut)};
    }

    const std::filesystem::path base =
        std::filesystem::temp_directory_path() / ("tls-identity-" + std::to_string(::getpid()));
    const std::filesystem::path own = base / "own";
};

TEST_F(TlsIdentityTest, IsMadeOnceAndKeptForItsOwnerAlone) {
    const auto first = TlsIdentity::open(own, {"sbc1", "192.0.2.10", "2001:db8::1"});
    ASSERT_TRUE(first) << first.error().message;
    const CertificateFacts facts = (*first)->facts();
    EXPECT_EQ(facts.subject, "CN=sbc1");
    EXPECT_TRUE(facts.is_self_signed);
    struct stat status {};
    ASSERT_EQ(::stat((own / "https.pem").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    const auto again = TlsIdentity::open(own, {"sbc2"});
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->facts().fingerprint, facts.fingerprint);
}

TEST_F(TlsIdentityTest, IsOfUseWhateverItsRandomNumbersAre) {
    // One in 128 would begin with zeros.
    constexpr int many = 1000;
    for (int i = 0; i < many; ++i) {
        const auto made = TlsIdentity::open(own, {"sbc1"});
        ASSERT_TRUE(made) << made.error().message;
        std::filesystem::remove_all(own);
    }
}

TEST_F(TlsIdentityTest, NamesTheBoxByItsNameAndAddresses) {
    const auto identity = TlsIdentity::open(own, {"sbc1", "192.0.2.10", "2001:db8::1", "a,DNS:b"});
    ASSERT_TRUE(identity);
    X509* const certificate = SSL_CTX_get0_certificate((*identity)->context().get());
    EXPECT_EQ(X509_check_host(certificate, "sbc1", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_ip_asc(certificate, "192.0.2.10", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(certificate, "2001:db8::1", 0), 1);
    EXPECT_EQ(X509_check_host(certificate, "b", 0, 0, nullptr), 0);
    EXPECT_EQ(X509_check_ip_asc(certificate, "192.0.2.11", 0), 0);
}

TEST_F(TlsIdentityTest, AKeyWaitsForItsCertificateAlsoOverARestart) {
    auto identity = std::move(*TlsIdentity::open(own, {"sbc1"}));
    const std::string before = identity->facts().fingerprint;
    const auto [key, certificate] = another();
    ASSERT_TRUE(identity->set_private_key(key));
    EXPECT_TRUE(identity->facts().waits_for_certificate);
    EXPECT_EQ(identity->facts().fingerprint, before);
    identity = std::move(*TlsIdentity::open(own, {"sbc1"}));
    EXPECT_EQ(identity->facts().fingerprint, before);
    ASSERT_TRUE(identity->set_certificate(certificate));
    EXPECT_EQ(identity->facts().subject, "CN=other");
    EXPECT_FALSE(identity->facts().waits_for_certificate);
    identity = std::move(*TlsIdentity::open(own, {"sbc1"}));
    EXPECT_EQ(identity->facts().subject, "CN=other");
}

TEST_F(TlsIdentityTest, WhatDoesNotFitChangesNothing) {
    const auto identity = std::move(*TlsIdentity::open(own, {"sbc1"}));
    const std::string before = identity->facts().fingerprint;
    const auto [key, certificate] = another();
    const auto wrong = identity->set_certificate(certificate);
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, HasSubstr("does not belong to the private key"));
    EXPECT_FALSE(identity->set_certificate(key));
    EXPECT_FALSE(identity->set_private_key(certificate));
    EXPECT_FALSE(identity->set_private_key(""));
    EXPECT_FALSE(identity->set_trusted_roots("none"));
    EXPECT_TRUE(identity->set_trusted_roots(certificate));
    EXPECT_EQ(identity->facts().fingerprint, before);
}

TEST_F(TlsIdentityTest, AFileThatIsOfNoUseIsToldAndNotReplaced) {
    std::filesystem::create_directories(own);
    std::ofstream(own / "https.pem") << "nonsense";
    const auto identity = TlsIdentity::open(own, {"sbc1"});
    ASSERT_FALSE(identity);
    EXPECT_THAT(identity.error().message, HasSubstr("https.pem is of no use"));
    EXPECT_EQ(text_of(own / "https.pem"), "nonsense");
}

}  // namespace
}  // namespace trunkline::mgmt
