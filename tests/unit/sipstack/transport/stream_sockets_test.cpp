// Real sockets over loopback, and real TLS. Both sides are polled in turn until something is so;
// time is a number.
#include "sipstack/transport/stream_sockets.h"

#include "sipstack/transport/tls_context.h"
#include "tests/temporary_folder.h"
#include "tests/unit/sipstack/transport/certificates.h"
#include "tests/unit/sipstack/transport/stream_side.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

namespace trunkline::sipstack::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class StreamSocketsTest : public ::testing::TestWithParam<const char*> {
protected:
    /// Until `condition`; false: it never came.
    template <typename Condition>
    bool run_until(Condition condition) {
        return testing::run_until({&*client_, &*server_}, now_, condition);
    }
    /// Both on the loopback address of the parameter; only the server listens.
    void start(const Config& server, const Config& client) {
        server_.emplace(server);
        client_.emplace(client);
    }
    StreamPeer peer(Transport transport, const std::string& host = "") const {
        return {transport,
                0,
                {loopback(), transport == Transport::tls ? tls_port : tcp_port},
                host,
                std::nullopt};
    }
    static dataplane::IpAddress loopback() { return *dataplane::IpAddress::parse(GetParam()); }
    static Config on_loopback(bool listens, Transport transport) {
        Config config;
        SipInterface interface;
        interface.name = "SIPInterface_0";
        interface.address = loopback();
        if (listens) {
            (transport == Transport::tls ? interface.tls_port : interface.tcp_port) =
                transport == Transport::tls ? tls_port : tcp_port;
        }
        config.sip_interfaces.push_back(interface);
        return config;
    }
    void start_tcp() {
        start(on_loopback(true, Transport::tcp), on_loopback(false, Transport::tcp));
    }

    Instant now_{std::chrono::hours(1)};
    std::optional<StreamSide> server_, client_;
};
INSTANTIATE_TEST_SUITE_P(Families, StreamSocketsTest, ::testing::Values("127.0.0.1", "::1"));

TEST_P(StreamSocketsTest, CarryBytesBothWays) {
    start_tcp();
    client_->sockets().open(1, peer(Transport::tcp));
    EXPECT_FALSE(client_->sockets().write(1, "too early"));
    ASSERT_TRUE(run_until([&] { return client_->is_open(1) && server_->accepted.size() == 1; }));
    EXPECT_EQ(server_->accepted[0].address, loopback());
    EXPECT_TRUE(client_->sockets().write(1, "hello"));
    ASSERT_TRUE(run_until([&] { return server_->received[1] == "hello"; }));
    EXPECT_TRUE(server_->sockets().write(1, "and back"));
    ASSERT_TRUE(run_until([&] { return client_->received[1] == "and back"; }));
    EXPECT_FALSE(server_->sockets().write(2, "nobody"));
}

TEST_P(StreamSocketsTest, TellWhenThePeerCloses) {
    start_tcp();
    client_->sockets().open(1, peer(Transport::tcp));
    ASSERT_TRUE(run_until([&] { return client_->is_open(1) && server_->accepted.size() == 1; }));
    server_->sockets().write(1, "bye");
    server_->sockets().close(1);
    ASSERT_TRUE(run_until([&] { return client_->closed.contains(1); }));
    EXPECT_EQ(client_->received[1], "bye") << "what came before comes first";
    EXPECT_EQ(client_->closed[1],
              "connection closed by " + peer(Transport::tcp).remote.to_string());
    EXPECT_FALSE(client_->sockets().write(1, "x"));
    EXPECT_THAT(server_->closed, IsEmpty()) << "of what it closed itself it is told nothing";
}

TEST_P(StreamSocketsTest, TellThatAConnectionIsRefused) {
    start_tcp();
    StreamPeer nobody = peer(Transport::tcp);
    nobody.remote.port = unused_port;
    client_->sockets().open(7, nobody);
    ASSERT_TRUE(run_until([&] { return client_->closed.contains(7); }));
    EXPECT_EQ(client_->closed[7], "connection refused by " + nobody.remote.to_string());
}

TEST_P(StreamSocketsTest, ForgetWhatIsClosedBeforeItIsTold) {
    start_tcp();
    StreamPeer nobody = peer(Transport::tcp);
    nobody.remote.port = unused_port;
    client_->sockets().open(7, nobody);
    client_->sockets().close(7);
    client_->sockets().open(8, nobody);
    ASSERT_TRUE(run_until([&] { return client_->closed.contains(8); }));
    EXPECT_FALSE(client_->closed.contains(7));
}

TEST_P(StreamSocketsTest, BoundWhatWaitsForAPeerThatReadsNothing) {
    start_tcp();
    client_->sockets().open(1, peer(Transport::tcp));
    ASSERT_TRUE(run_until([&] { return client_->is_open(1) && server_->accepted.size() == 1; }));
    const std::string piece(65'536, 'x');
    std::size_t taken = 0;
    while (taken < 1000 && client_->sockets().write(1, piece)) {
        ++taken;
    }
    EXPECT_LT(taken, 1000U);
    EXPECT_GE(taken, KernelStreamSockets::max_queued_bytes / piece.size());
    ASSERT_TRUE(run_until([&] { return server_->received[1].size() == taken * piece.size(); }))
        << "and all of that arrives";
    EXPECT_TRUE(client_->sockets().write(1, piece));
}

TEST_P(StreamSocketsTest, CloseWhatTheCoreDoesNotWant) {
    start_tcp();
    server_->refuses = true;
    client_->sockets().open(1, peer(Transport::tcp));
    ASSERT_TRUE(run_until([&] { return client_->closed.contains(1); }));
    EXPECT_EQ(server_->sockets().counters().accepted, 1U);
}

TEST_P(StreamSocketsTest, AcceptAtABoundedRate) {
    server_.emplace(on_loopback(true, Transport::tcp), 5);
    client_.emplace(on_loopback(false, Transport::tcp));
    for (StreamId id = 1; id <= 8; ++id) {
        client_->sockets().open(id, peer(Transport::tcp));
    }
    ASSERT_TRUE(run_until([&] { return server_->sockets().counters().accept_pauses > 0; }));
    EXPECT_EQ(server_->accepted.size(), 5U);
    EXPECT_TRUE(server_->sockets().next_deadline());
    now_ += std::chrono::seconds(1);
    EXPECT_TRUE(run_until([&] { return server_->accepted.size() == 8; })) << "the others waited";
}

TEST_P(StreamSocketsTest, ArePollableByTheirDescriptor) {
    start_tcp();
    pollfd server{server_->sockets().fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&server, 1, 0), 0);
    client_->sockets().open(1, peer(Transport::tcp));
    EXPECT_EQ(::poll(&server, 1, 10'000), 1);
    ASSERT_TRUE(run_until([&] { return client_->is_open(1) && server_->accepted.size() == 1; }));
    while (server_->poll(now_)) {
    }
    EXPECT_EQ(::poll(&server, 1, 0), 0) << "an idle connection wakes nobody";
    EXPECT_FALSE(server_->sockets().next_deadline());
}

TEST_P(StreamSocketsTest, SurviveAResetAndRaiseNoSignal) {
    start_tcp();
    client_->sockets().open(1, peer(Transport::tcp));
    ASSERT_TRUE(run_until([&] { return client_->is_open(1) && server_->accepted.size() == 1; }));
    server_->sockets().write(1, "unread");
    client_->sockets().close(1);  // with bytes unread, or soon there: a reset
    for (int i = 0; i < 1000 && server_->sockets().write(1, "more"); ++i) {
    }
    ASSERT_TRUE(run_until([&] { return server_->closed.contains(1); }));
    EXPECT_THAT(server_->closed[1], StartsWith("connection "));
}

TEST_P(StreamSocketsTest, AnotherOwnerOfThePortIsAnError) {
    start_tcp();
    const auto second = StreamSide::try_make(on_loopback(true, Transport::tcp));
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message,
                HasSubstr("SIP interface 'SIPInterface_0' cannot listen on "));
    EXPECT_THAT(second.error().message, HasSubstr("in use"));
}

TEST_P(StreamSocketsTest, ShardsShareTheirPorts) {
    Config config = on_loopback(true, Transport::tcp);
    config.shards = 2;
    StreamSide first(config), second(config);
    client_.emplace(on_loopback(false, Transport::tcp));
    for (StreamId id = 1; id <= 50; ++id) {
        client_->sockets().open(id, peer(Transport::tcp));
    }
    EXPECT_TRUE(testing::run_until({&*client_, &first, &second}, now_, [&] {
        return first.accepted.size() + second.accepted.size() == 50;
    }));
    EXPECT_GT(first.accepted.size(), 0U);
    EXPECT_GT(second.accepted.size(), 0U);
}

/// Certificates of a small world: an authority that is trusted, and one that is not.
class TlsTest : public StreamSocketsTest {
protected:
    Config server(const Certificate& certificate) const {
        Config config = on_loopback(true, Transport::tls);
        config.tls_contexts = {row(&certificate)};
        return config;
    }
    Config client(const Certificate* certificate = nullptr) const {
        Config config = on_loopback(false, Transport::tls);
        config.sip_interfaces[0].tls_port = unused_port;
        config.tls_contexts = {row(certificate)};
        return config;
    }
    TlsContext row(const Certificate* certificate) const {
        TlsContext row;
        row.name = "test";
        row.certificate_file = certificate != nullptr ? certificate->file() : "";
        row.private_key_file = certificate != nullptr ? certificate->key_file() : "";
        row.trusted_roots_file = root_.file();
        return row;
    }
    Certificate make(const std::string& name, const CertificateOptions& options,
                     const Certificate* issuer) const {
        return Certificate(folder_.path(), name, options, issuer);
    }
    /// The reason why `host` was not reached; empty: it was.
    std::string connect(const std::string& host = "registrar.example") {
        client_->sockets().open(1, peer(Transport::tls, host));
        EXPECT_TRUE(run_until([&] {
            return client_->closed.contains(1) ||
                   (client_->is_open(1) && server_->accepted.size() == 1);
        }));
        return client_->closed.contains(1) ? client_->closed[1] : "";
    }

    const tests::TemporaryFolder folder_;
    const Certificate root_ = make("root", {.common_name = "Root"}, nullptr);
    const Certificate other_root_ = make("other-root", {.common_name = "Other Root"}, nullptr);
    const Certificate good_ =
        make("good", {.alternative_names = {"DNS:registrar.example"}}, &root_);
};
INSTANTIATE_TEST_SUITE_P(Families, TlsTest, ::testing::Values("127.0.0.1", "::1"));

// T137
TEST_P(TlsTest, CarriesBytesBothWaysWhenTheCertificateIsGood) {
    start(server(good_), client());
    ASSERT_EQ(connect(), "");
    EXPECT_TRUE(client_->sockets().write(1, "hello"));
    ASSERT_TRUE(run_until([&] { return server_->received[1] == "hello"; }));
    const std::string large(300'000, 'x');
    EXPECT_TRUE(server_->sockets().write(1, large));
    ASSERT_TRUE(run_until([&] { return client_->received[1].size() == large.size(); }));
    server_->sockets().close(1);
    ASSERT_TRUE(run_until([&] { return client_->closed.contains(1); }));
    EXPECT_THAT(client_->closed[1], StartsWith("connection closed by "));
}

// T137
TEST_P(TlsTest, RefusesAnExpiredCertificate) {
    const auto expired =
        make("expired",
             {.alternative_names = {"DNS:registrar.example"}, .valid_from = -7200, .valid_to = -60},
             &root_);
    start(server(expired), client());
    EXPECT_EQ(connect(), "TLS: certificate of registrar.example has expired");
    ASSERT_TRUE(run_until([&] { return server_->sockets().counters().handshakes_failed == 1; }));
}

// T137
TEST_P(TlsTest, RefusesACertificateForSomebodyElse) {
    const auto other = make("other", {.alternative_names = {"DNS:other.example"}}, &root_);
    start(server(other), client());
    EXPECT_EQ(connect(), "TLS: the certificate is for other.example, not registrar.example");
}

// T137
TEST_P(TlsTest, RefusesARootThatIsNotTrusted) {
    const auto stranger =
        make("stranger", {.alternative_names = {"DNS:registrar.example"}}, &other_root_);
    start(server(stranger), client());
    EXPECT_THAT(connect(),
                StartsWith("TLS: no trusted root for the certificate of registrar.example ("));
}

TEST_P(TlsTest, TakesAnyCertificateWhenVerificationIsOff) {
    const auto stranger = make("stranger", {.alternative_names = {"DNS:x.example"}}, &other_root_);
    Config lenient = client();
    lenient.tls_contexts[0].verify_server = false;
    start(server(stranger), lenient);
    EXPECT_EQ(connect(), "");
}

// T137
TEST_P(TlsTest, ChecksANumericHostAgainstTheAddressesOfTheCertificate) {
    const auto numeric =
        make("numeric", {.alternative_names = {fmt::format("IP:{}", GetParam())}}, &root_);
    start(server(numeric), client());
    EXPECT_EQ(connect(GetParam()), "");
}

TEST_P(TlsTest, DemandsAClientCertificateWhereMutualAuthenticationIsOn) {
    Config strict = server(good_);
    strict.sip_interfaces[0].tls_mutual_authentication = true;
    start(strict, client());
    client_->sockets().open(1, peer(Transport::tls, "registrar.example"));
    ASSERT_TRUE(run_until([&] { return client_->closed.contains(1); }));
    EXPECT_THAT(client_->closed[1], StartsWith("TLS: refused by registrar.example: "));
    EXPECT_THAT(server_->accepted, IsEmpty());
    const auto own = make("own", {.common_name = "sbc.example"}, &root_);
    client_.emplace(client(&own));
    EXPECT_EQ(connect(), "");
    const auto foreign = make("foreign", {.common_name = "sbc.example"}, &other_root_);
    client_.emplace(client(&foreign));
    client_->sockets().open(1, peer(Transport::tls, "registrar.example"));
    ASSERT_TRUE(run_until([&] { return client_->closed.contains(1); }));
    EXPECT_EQ(server_->accepted.size(), 1U);
}

TEST_P(TlsTest, TellsThePeersReasonThoughAWriteFailsBeforeItIsRead) {
    Config strict = server(good_);
    strict.sip_interfaces[0].tls_mutual_authentication = true;
    start(strict, client());
    client_->sockets().open(1, peer(Transport::tls, "registrar.example"));
    ASSERT_TRUE(run_until([&] { return client_->is_open(1); }));
    // The alert is there, and then the end of the connection; the client has not looked yet.
    ASSERT_TRUE(testing::run_until(
        {&*server_}, now_, [&] { return server_->sockets().counters().handshakes_failed == 1; }));
    constexpr int bound = 100'000;
    int writes = 0;
    while (writes < bound && client_->sockets().write(1, "x")) {
        ++writes;
    }
    ASSERT_LT(writes, bound);
    ASSERT_TRUE(run_until([&] { return client_->closed.contains(1); }));
    EXPECT_THAT(client_->closed[1], StartsWith("TLS: refused by registrar.example: "));
}

TEST_P(TlsTest, RefusesVersionsBelowTheMinimum) {
    Config modern = server(good_);
    modern.tls_contexts[0].minimum_version = TlsContext::Version::tls1_3;
    start(modern, client());
    EXPECT_EQ(connect(), "") << "1.3 is spoken by default";
    server_.emplace(server(good_));
    EXPECT_EQ(tls_client_outcome(peer(Transport::tls).remote, TLS1_1_VERSION, *server_, now_),
              "refused");
    EXPECT_EQ(tls_client_outcome(peer(Transport::tls).remote, TLS1_2_VERSION, *server_, now_),
              "TLSv1.2");
    server_.emplace(modern);
    EXPECT_EQ(tls_client_outcome(peer(Transport::tls).remote, TLS1_2_VERSION, *server_, now_),
              "refused");
}

TEST_P(TlsTest, ListensWithACertificateAlone) {
    Config bare = server(good_);
    bare.tls_contexts = {row(nullptr)};
    start(bare, client());
    EXPECT_THAT(connect(), StartsWith("connection refused by "));
}

// T137
TEST_P(TlsTest, SendsTheHostAsServerName) {
    start(server(good_), client());
    EXPECT_EQ(server_name_in_hello("registrar.example", row(nullptr)), "registrar.example");
    EXPECT_EQ(server_name_in_hello("192.0.2.1", row(nullptr)), "");
}

TEST_P(TlsTest, GivesUpAPeerThatNeverFinishesItsHandshake) {
    server_.emplace(server(good_));
    Config plain = on_loopback(false, Transport::tcp);
    client_.emplace(plain);
    StreamPeer silent = peer(Transport::tls);
    silent.transport = Transport::tcp;
    client_->sockets().open(1, silent);
    ASSERT_TRUE(run_until([&] { return server_->sockets().counters().accepted == 1; }));
    EXPECT_EQ(server_->sockets().next_deadline(), now_ + KernelStreamSockets::handshake_timeout);
    now_ += KernelStreamSockets::handshake_timeout;
    ASSERT_TRUE(run_until([&] { return client_->closed.contains(1); }));
    EXPECT_EQ(server_->sockets().counters().handshakes_failed, 1U);
    EXPECT_THAT(server_->accepted, IsEmpty());
    EXPECT_FALSE(server_->sockets().next_deadline());
}

TEST_P(TlsTest, EndsWithAPeerThatSpeaksNoTls) {
    server_.emplace(server(good_));
    client_.emplace(on_loopback(false, Transport::tcp));
    StreamPeer plain = peer(Transport::tls);
    plain.transport = Transport::tcp;
    client_->sockets().open(1, plain);
    ASSERT_TRUE(run_until([&] { return client_->is_open(1); }));
    client_->sockets().write(1, "OPTIONS sip:a@b SIP/2.0\r\n\r\n");
    ASSERT_TRUE(run_until([&] { return client_->closed.contains(1); }));
    EXPECT_EQ(server_->sockets().counters().handshakes_failed, 1U);
}

/// What power-on says about TLS contexts that cannot work.
class TlsContextErrors : public ::testing::Test {
protected:
    std::string error_of(const TlsContext& row) {
        const auto loaded = LoadedTlsContext::load(row);
        return loaded ? "" : loaded.error().message;
    }
    std::string write(const std::string& name, const std::string& text) {
        const std::string file = folder_.path() / name;
        std::ofstream(file) << text;
        return file;
    }
    static TlsContext row() {
        TlsContext row;
        row.name = "ITSP";
        return row;
    }
    const tests::TemporaryFolder folder_;
    const Certificate one_{folder_.path(), "one", {}, nullptr};
    const Certificate two_{folder_.path(), "two", {}, nullptr};
};

TEST_F(TlsContextErrors, NameTheFileAndTheReason) {
    TlsContext missing = row();
    missing.certificate_file = folder_.path() / "absent.crt";
    EXPECT_EQ(error_of(missing), fmt::format("TLS context 'ITSP': cannot read {}: No such file or "
                                             "directory",
                                             missing.certificate_file));
    TlsContext garbage = row();
    garbage.certificate_file = write("garbage", "no PEM");
    EXPECT_THAT(error_of(garbage), HasSubstr("holds no certificate in PEM form"));
    TlsContext wrong_key = row();
    wrong_key.certificate_file = one_.file();
    wrong_key.private_key_file = two_.key_file();
    EXPECT_THAT(error_of(wrong_key), HasSubstr(two_.key_file() + " holds no private key"));
    TlsContext no_key = row();
    no_key.certificate_file = one_.file();
    EXPECT_THAT(error_of(no_key), HasSubstr("holds no private key"));
    TlsContext no_roots = row();
    no_roots.trusted_roots_file = write("empty", "");
    EXPECT_THAT(error_of(no_roots), HasSubstr("holds no certificates in PEM form"));
    TlsContext ciphers = row();
    ciphers.client_ciphers = "NO-SUCH-CIPHER";
    EXPECT_THAT(error_of(ciphers), HasSubstr("'NO-SUCH-CIPHER' names no cipher"));
    EXPECT_EQ(error_of(row()), "");
}

TEST_F(TlsContextErrors, AnEncryptedKeyAsksNobodyForAPassPhrase) {
    TlsContext locked = row();
    locked.certificate_file = one_.file();
    locked.private_key_file = folder_.path() / "locked.key";
    one_.write_locked_key(locked.private_key_file);
    EXPECT_THAT(error_of(locked), HasSubstr("without a pass phrase"));
}

}  // namespace
}  // namespace trunkline::sipstack::testing
