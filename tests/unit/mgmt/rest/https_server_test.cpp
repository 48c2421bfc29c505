#include "mgmt/rest/https_server.h"

#include "https_client.h"
#include "mgmt/rest/tls_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

namespace trunkline::mgmt {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HttpsServerTest : public ::testing::Test {
protected:
    HttpsServerTest() {
        std::signal(SIGPIPE, SIG_IGN);
        identity_ = std::move(*TlsIdentity::open(folder_, {"sbc1"}));
    }
    ~HttpsServerTest() override {
        server.reset();
        std::filesystem::remove_all(folder_);
    }

    /// Answers with what it saw; "/refused" by its head alone, "/stream" until the client is gone.
    HttpAdmission judge(const HttpRequest& head) {
        if (head.path == "/refused") {
            return HttpResponse{401, "text/plain", "no", {}, {}};
        }
        return [this](const HttpRequest& request) {
            if (request.path == "/stream") {
                return HttpResponse{200, "text/event-stream", "", {}, [this](const HttpSink& sink) {
                                        while (sink("data: x\n\n")) {
                                            std::this_thread::yield();
                                        }
                                        ++streams_ended;
                                    }};
            }
            std::string text = request.method + " " + request.path + " " + request.body;
            for (const HttpPart& part : request.parts) {
                text += "[" + part.name + "=" + part.content + "]";
            }
            return HttpResponse{200, "text/plain", text, {}, {}};
        };
    }

    void serve(HttpsLimits limits = {}) {
        auto listener = listen_https("127.0.0.1", 0);
        ASSERT_TRUE(listener) << listener.error().message;
        port = port_of(listener->get());
        server = std::make_unique<HttpsServer>(
            std::move(*listener), [this] { return identity_->context(); },
            [this](const HttpRequest& head) { return judge(head); }, limits);
    }

    template <typename Condition>
    void wait_for(Condition condition) {
        while (!condition()) {
            std::this_thread::yield();
        }
    }

    uint16_t port = 0;
    std::unique_ptr<HttpsServer> server;
    std::atomic<int> streams_ended = 0;

private:
    const std::string folder_ =
        std::filesystem::temp_directory_path() / ("https-server-" + std::to_string(::getpid()));
    std::unique_ptr<TlsIdentity> identity_;
};

TEST_F(HttpsServerTest, AnswersRequestAfterRequestOfAConnection) {
    serve();
    HttpsClient client(port);
    ASSERT_TRUE(client.is_open());
    for (int i = 0; i < 3; ++i) {
        client.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_THAT(client.receive_until("GET /one "), StartsWith("HTTP/1.1 200 OK\r\n"));
    }
    EXPECT_EQ(server->counters().accepted, 1U);
    EXPECT_EQ(server->counters().requests, 3U);
}

TEST_F(HttpsServerTest, AnswersRequestsThatCameInOnePiece) {
    serve();
    HttpsClient client(port);
    client.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /two HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string answers = client.receive_until("GET /two ");
    EXPECT_THAT(answers, HasSubstr("GET /one "));
    EXPECT_THAT(answers, HasSubstr("GET /two "));
}

TEST_F(HttpsServerTest, AHeadMayComeByteByByte) {
    serve();
    HttpsClient client(port);
    for (const char byte : std::string("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")) {
        client.send(std::string(1, byte));
    }
    EXPECT_THAT(client.receive_until("GET /slow "), HasSubstr("200 OK"));
}

TEST_F(HttpsServerTest, ReadsABodyWithItsLengthAndInChunks) {
    serve();
    HttpsClient client(port);
    client.send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_THAT(client.receive_until("hello"), HasSubstr("PUT /a hello"));
    client.send(
        "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    EXPECT_THAT(client.receive_until("abcde"), HasSubstr("POST /b abcde"));
    client.send("POST /c HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.receive_until("POST /c "), HasSubstr("200 OK"));
}

TEST_F(HttpsServerTest, ReadsAFormWithAFile) {
    serve();
    HttpsClient client(port);
    const std::string body =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.txt\"\r\n\r\n"
        "line 1\nline 2\r\n--b--\r\n";
    client.send(
        "PUT /f HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_THAT(client.receive_until("]"), HasSubstr("[file=line 1\nline 2]"));
}

TEST_F(HttpsServerTest, AsksForABodyThatWaitsOnceItsHeadIsAdmitted) {
    serve();
    HttpsClient client(port);
    client.send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_THAT(client.receive_until("\r\n\r\n"), StartsWith("HTTP/1.1 100 "));
    client.send("hello");
    EXPECT_THAT(client.receive_until("hello"), HasSubstr("PUT /a hello"));
}

TEST_F(HttpsServerTest, ARefusedHeadEndsTheConnectionAndNoneOfItsBodyIsRead) {
    serve();
    for (const char* const expect : {"", "Expect: 100-continue\r\n"}) {
        HttpsClient client(port);
        client.send(std::string("PUT /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n") +
                    expect + "\r\n");
        const std::string answer = client.receive_all();
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 "));
        EXPECT_THAT(answer, HasSubstr("Connection: close"));
    }
}

TEST_F(HttpsServerTest, ABodyBeyondTheLimitIsRefusedBeforeAndWhileItComes) {
    HttpsLimits limits;
    limits.http.body = 1000;
    serve(limits);
    HttpsClient told(port);
    told.send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n");
    EXPECT_THAT(told.receive_all(), StartsWith("HTTP/1.1 413 "));
    HttpsClient untold(port);
    untold.send("PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "200\r\n" + std::string(512, 'x') + "\r\n";
    for (int i = 0; i < 4; ++i) {
        untold.send(chunk);
    }
    EXPECT_THAT(untold.receive_all(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpsServerTest, HalfAFormAndHalfABodyAreBadRequests) {
    HttpsLimits limits;
    limits.http.patience = milliseconds(200);
    serve(limits);
    HttpsClient half(port);
    half.send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nhello");
    EXPECT_THAT(half.receive_all(), ::testing::AnyOf(StartsWith("HTTP/1.1 400 "), ""));
    HttpsClient form(port);
    const std::string body = "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nline 1";
    form.send(
        "PUT /f HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_THAT(form.receive_all(), StartsWith("HTTP/1.1 400 "));
}

TEST_F(HttpsServerTest, AHeadTooLargeIsToldSo) {
    serve();
    HttpsClient client(port);
    client.send("GET /a HTTP/1.1\r\nX: " + std::string(std::size_t{20} << 10, 'x'));
    EXPECT_THAT(client.receive_all(), StartsWith("HTTP/1.1 431 "));
    HttpsClient path(port);
    path.send("GET /" + std::string(3000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(path.receive_until("\r\n\r\n"), StartsWith("HTTP/1.1 414 "));
}

TEST_F(HttpsServerTest, WhatIsNoHttpOrNoTlsHarmsNobody) {
    serve();
    HttpsClient noise(port);
    noise.send("\x01\x02 nonsense\r\n\r\n");
    EXPECT_THAT(noise.receive_all(), StartsWith("HTTP/1.1 400 "));
    const auto plain = connected(port);
    ::send(plain.get(), "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL);
    std::array<char, 100> bytes{};
    while (::recv(plain.get(), bytes.data(), bytes.size(), 0) > 0) {
    }
    HttpsClient client(port);
    client.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.receive_until("GET /one "), HasSubstr("200 OK"));
}

TEST_F(HttpsServerTest, SilentConnectionsMakeRoomAndAreBounded) {
    HttpsLimits limits;
    limits.connections = 8;
    serve(limits);
    std::vector<board::FileDescriptor> silent;
    for (int i = 0; i < 100; ++i) {
        silent.push_back(connected(port));
    }
    HttpsClient client(port);
    ASSERT_TRUE(client.is_open());
    client.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.receive_until("GET /one "), HasSubstr("200 OK"));
    const HttpsCounters counters = server->counters();
    EXPECT_EQ(counters.most_open, 8U);
    EXPECT_EQ(counters.made_room, 93U);
    EXPECT_EQ(counters.turned_away, 0U);
}

TEST_F(HttpsServerTest, AConnectionThatSaysNothingInTimeIsEnded) {
    HttpsLimits limits;
    limits.head_time = milliseconds(1);
    limits.keep_alive = milliseconds(1);
    serve(limits);
    const auto silent = connected(port);
    std::array<char, 10> bytes{};
    EXPECT_EQ(::recv(silent.get(), bytes.data(), bytes.size(), 0), 0);
    wait_for([&] { return server->counters().too_slow == 1; });
    EXPECT_EQ(server->counters().open, 0U);
}

TEST_F(HttpsServerTest, AStreamEndsWithItsClientAndWithTheServer) {
    serve();
    {
        HttpsClient client(port);
        client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_THAT(client.receive_until("data: x\n\n"), HasSubstr("text/event-stream"));
    }
    wait_for([&] { return streams_ended == 1; });
    HttpsClient client(port);
    client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.receive_until("data: x\n\n"), HasSubstr("text/event-stream"));
    server.reset();
    EXPECT_EQ(streams_ended, 2);
}

TEST(HttpsListen, SaysWhereAnotherAddressIsNamed) {
    const auto first = listen_https("127.0.0.1", 0);
    ASSERT_TRUE(first);
    for (const auto& [host, port] : {std::pair(std::string("127.0.0.1"), port_of(first->get())),
                                     std::pair(std::string("sbc.example"), uint16_t{0})}) {
        const auto second = listen_https(host, port);
        ASSERT_FALSE(second) << host;
        EXPECT_THAT(second.error().message, HasSubstr("administration.web_and_cli.listen"));
    }
}

}  // namespace
}  // namespace trunkline::mgmt
