#include "mgmt/local_socket.h"

#include "board/file_descriptor.h"
#include "mgmt/local_socket_address.h"
#include "mgmt/local_socket_connection.h"
#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A raw client, so that requests may come in pieces or never.
class RawClient {
public:
    explicit RawClient(const std::string& path)
        : socket_(connect_local_socket(*local_socket_address(path))) {}

    int descriptor() const { return socket_.get(); }
    bool connected() const { return static_cast<bool>(socket_); }
    void send(const std::string& bytes) const {
        ASSERT_EQ(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    void end_input() const { ::shutdown(socket_.get(), SHUT_WR); }

    /// Takes what has come. Lines are complete with their end; `ended` when the server hung up.
    void receive() {
        std::array<char, 65536> piece{};
        for (;;) {
            const ssize_t size = ::recv(socket_.get(), piece.data(), piece.size(), 0);
            if (size == 0 || (size < 0 && errno == ECONNRESET)) {
                ended = true;
                return;
            }
            if (size < 0) {
                return;
            }
            text.append(piece.data(), static_cast<std::size_t>(size));
        }
    }
    std::ptrdiff_t lines() const { return std::count(text.begin(), text.end(), '\n'); }

    std::string text;
    bool ended = false;

private:
    board::FileDescriptor socket_;
};

class LocalSocket : public testing::Test {
protected:
    LocalSocket() { path_ = (folder_ / "run" / "t.sock").string(); }
    ~LocalSocket() override { server_.reset(); }

    void listen(RequestHandler handler, LocalSocketLimits limits = {}) {
        auto server = LocalSocketServer::listen(path_, loop_, std::move(handler), nobody, limits);
        ASSERT_TRUE(server.has_value()) << server.error().message;
        server_ = *std::move(server);
    }
    std::string refused() {
        const auto server = LocalSocketServer::listen(path_, loop_, echo, nobody);
        return server ? "" : server.error().message;
    }

    /// Runs the loop until `done`, for 10 s at most.
    template <typename Condition>
    testing::AssertionResult run_until(RawClient& client, Condition done) {
        for (int turn = 0; turn < 2000; ++turn) {
            client.receive();
            if (done()) {
                return testing::AssertionSuccess();
            }
            loop_.run_once(std::chrono::milliseconds(5));
        }
        return testing::AssertionFailure() << "never; came: " << client.text;
    }
    testing::AssertionResult run_until_lines(RawClient& client, std::ptrdiff_t lines) {
        return run_until(client, [&] { return client.lines() >= lines; });
    }

    static void echo(const json& request, const Caller& /*caller*/, const Reply& reply) {
        reply({{"ok", true}, {"echo", request}});
    }
    static std::optional<AccessLevel> nobody(const std::string& /*name*/) { return std::nullopt; }

    const tests::TemporaryFolder temporary_;
    std::filesystem::path folder_ = temporary_.path();
    std::string path_;
    board::EventLoop loop_;
    std::unique_ptr<LocalSocketServer> server_;
};

TEST_F(LocalSocket, AnswersRequestsLineByLine) {
    listen(echo);
    RawClient client(path_);
    client.send("{\"command\": \"a\"}\n{\"command\": \"b\"}\n");
    ASSERT_TRUE(run_until_lines(client, 2));
    EXPECT_EQ(client.text,
              "{\"echo\":{\"command\":\"a\"},\"ok\":true}\n"
              "{\"echo\":{\"command\":\"b\"},\"ok\":true}\n");
}

TEST_F(LocalSocket, TellsTheHandlerWhoAsks) {
    listen([](const json&, const Caller& caller, const Reply& reply) {
        reply({{"level", static_cast<int>(caller.level)}, {"who", caller.who}});
    });
    RawClient client(path_);
    client.send("{}\n");
    ASSERT_TRUE(run_until_lines(client, 1));
    const std::string name = ::getpwuid(::geteuid())->pw_name;
    EXPECT_EQ(client.text, "{\"level\":220,\"who\":\"" + name + " (CLI)\"}\n");
}

/// Another Unix user takes another process, and a test that may become one.
TEST_F(LocalSocket, RefusesAUnixUserWhomItDoesNotKnow) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "root alone can become another user";
    }
    listen(echo);
    using std::filesystem::perms;
    std::filesystem::permissions(folder_, perms::group_exec | perms::others_exec,
                                 std::filesystem::perm_options::add);
    std::array<int, 2> result{};
    ASSERT_EQ(::pipe(result.data()), 0);
    const pid_t other = ::fork();
    ASSERT_GE(other, 0);
    if (other == 0) {
        const bool changed = ::setuid(65534) == 0;
        RawClient client(path_);
        pollfd answer{client.descriptor(), POLLIN, 0};
        ::poll(&answer, 1, 10'000);
        client.receive();
        const std::string& text = changed ? client.text : "no other user";
        const ssize_t written = ::write(result[1], text.data(), text.size());
        ::_exit(written > 0 ? 0 : 1);
    }
    ::close(result[1]);
    int status = -1;
    for (int turn = 0; turn < 2000 && ::waitpid(other, &status, WNOHANG) == 0; ++turn) {
        loop_.run_once(std::chrono::milliseconds(5));
    }
    std::array<char, 4096> piece{};
    const ssize_t size = ::read(result[0], piece.data(), piece.size());
    ::close(result[0]);
    const std::string text(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    EXPECT_EQ(json::parse(text, nullptr, false),
              (json{{"ok", false},
                    {"denied", true},
                    {"error",
                     "Unix user 'nobody' is no user of this appliance; give it a row in "
                     "administration.web_and_cli.local_users, or use root"}}))
        << text;
}

TEST_F(LocalSocket, AnswersWhatComesInPieces) {
    listen(echo);
    RawClient client(path_);
    client.send("{\"comm");
    loop_.run_once(std::chrono::milliseconds(1));
    loop_.run_once(std::chrono::milliseconds(1));
    client.send("and\": 1}\n");
    ASSERT_TRUE(run_until_lines(client, 1));
    EXPECT_EQ(client.text, "{\"echo\":{\"command\":1},\"ok\":true}\n");
}

TEST_F(LocalSocket, AnswersTheLastLineOfAnEndedInputAndHangsUp) {
    listen(echo);
    RawClient client(path_);
    client.send("{\"command\": 1}");
    client.end_input();
    ASSERT_TRUE(run_until(client, [&] { return client.ended; }));
    EXPECT_EQ(client.text, "{\"echo\":{\"command\":1},\"ok\":true}\n");
}

TEST_F(LocalSocket, HandlerMayAnswerLater) {
    Reply waiting;
    listen([&](const json&, const Caller&, Reply reply) { waiting = std::move(reply); });
    RawClient client(path_);
    client.send("{}\n{}\n");
    ASSERT_TRUE(run_until(client, [&] { return waiting != nullptr; }));
    EXPECT_EQ(client.text, "");
    Reply first = std::exchange(waiting, nullptr);
    first({{"ok", true}});
    ASSERT_TRUE(run_until_lines(client, 1));
    ASSERT_TRUE(run_until(client, [&] { return waiting != nullptr; }))
        << "the second request is taken up after the first is answered";
    first({{"ok", "again"}});  // an answer once given stays
    waiting({{"ok", false}});
    ASSERT_TRUE(run_until_lines(client, 2));
    EXPECT_EQ(client.text, "{\"ok\":true}\n{\"ok\":false}\n");
}

TEST_F(LocalSocket, AnswerToAClientThatHasGoneIsDropped) {
    Reply waiting;
    listen([&](const json&, const Caller&, Reply reply) { waiting = std::move(reply); });
    {
        RawClient client(path_);
        client.send("{}\n");
        ASSERT_TRUE(run_until(client, [&] { return waiting != nullptr; }));
    }
    loop_.run_once(std::chrono::milliseconds(100));
    waiting({{"ok", true}});
    RawClient next(path_);
    next.send("{}\n");
    Reply before = std::exchange(waiting, nullptr);
    ASSERT_TRUE(run_until(next, [&] { return waiting != nullptr; }));
    before({{"ok", "stray"}});
    waiting({{"ok", true}});
    ASSERT_TRUE(run_until_lines(next, 1));
    EXPECT_EQ(next.text, "{\"ok\":true}\n");
}

TEST_F(LocalSocket, AnswerAfterTheServerHasGoneIsDropped) {
    Reply waiting;
    listen([&](const json&, const Caller&, Reply reply) { waiting = std::move(reply); });
    RawClient client(path_);
    client.send("{}\n");
    ASSERT_TRUE(run_until(client, [&] { return waiting != nullptr; }));
    server_.reset();
    waiting({{"ok", true}});
    client.receive();
    EXPECT_TRUE(client.ended);
    EXPECT_EQ(client.text, "");
}

TEST_F(LocalSocket, WhatIsNoRequestIsRefusedAndTheNextOneAnswered) {
    listen([](const json& request, const Caller&, const Reply& reply) {
        reply({{"ok", true}, {"number", request.at("number").get<int>()}});
    });
    RawClient client(path_);
    client.send("hello\n[1]\n\xff\n{\"number\": 1}\n");
    ASSERT_TRUE(run_until_lines(client, 4));
    const std::string no_request =
        "{\"error\":\"a request is one JSON object in one line\",\"ok\":false}\n";
    EXPECT_EQ(client.text, no_request + no_request + no_request + "{\"number\":1,\"ok\":true}\n");
}

TEST_F(LocalSocket, RequestBeyondTheLimitIsRefusedAndEndsTheConnection) {
    listen(echo, {.request_bytes = 100});
    RawClient client(path_);
    client.send(std::string(101, ' '));
    ASSERT_TRUE(run_until(client, [&] { return client.ended; }));
    EXPECT_EQ(client.text, "{\"error\":\"a request has 100 bytes at most\",\"ok\":false}\n");
}

TEST_F(LocalSocket, WholeConfigurationFitsIntoARequest) {
    listen([](const json& request, const Caller&, const Reply& reply) {
        reply({{"bytes", request["text"].get<std::string>().size()}});
    });
    RawClient client(path_);
    const std::string request = json{{"text", std::string(15U << 20, 'x')}}.dump() + "\n";
    std::thread sender([&] {
        std::string_view rest = request;
        while (!rest.empty()) {
            pollfd wanted{client.descriptor(), POLLOUT, 0};
            ::poll(&wanted, 1, 10'000);
            const ssize_t size =
                ::send(client.descriptor(), rest.data(), rest.size(), MSG_NOSIGNAL);
            ASSERT_TRUE(size > 0 || errno == EAGAIN);
            rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        }
    });
    EXPECT_TRUE(run_until_lines(client, 1));
    sender.join();
    EXPECT_EQ(client.text, "{\"bytes\":15728640}\n");
}

TEST_F(LocalSocket, UnfinishedRequestsOfAllClientsAreBounded) {
    listen(echo, {.request_bytes = 1000, .all_requests_bytes = 1500});
    RawClient one(path_);
    RawClient two(path_);
    one.send(std::string(900, ' '));
    loop_.run_once(std::chrono::milliseconds(1));
    loop_.run_once(std::chrono::milliseconds(1));
    two.send(std::string(900, ' '));
    ASSERT_TRUE(run_until(two, [&] { return two.ended; }));
    EXPECT_THAT(two.text, HasSubstr("the requests of all clients together are too long"));
    one.send("{}\n");
    ASSERT_TRUE(run_until_lines(one, 1)) << "those that are in stay in";
}

TEST_F(LocalSocket, UnreadAnswersOfAllClientsAreBounded) {
    const std::string large(3'000'000, 'x');
    listen(
        [&](const json&, const Caller&, const Reply& reply) {
            reply({{"ok", true}, {"text", large}});
        },
        {.all_replies_bytes = 5'000'000});
    RawClient lazy(path_);
    RawClient next(path_);
    lazy.send("{}\n");
    for (int turn = 0; turn < 10; ++turn) {
        loop_.run_once(std::chrono::milliseconds(1));
    }
    next.send("{}\n");
    ASSERT_TRUE(run_until_lines(next, 1));
    EXPECT_THAT(next.text, HasSubstr("the answers that all clients have not read are too long"));
    ASSERT_TRUE(run_until_lines(lazy, 1));
    EXPECT_EQ(json::parse(lazy.text)["text"], large);
}

/// Connects as another Unix user: the calling thread alone becomes one, for as long as it takes.
std::unique_ptr<RawClient> client_of(uid_t user, const std::string& path) {
    std::unique_ptr<RawClient> client;
    std::thread([&] {
        if (::syscall(SYS_setresuid, user, user, user) == 0) {
            client = std::make_unique<RawClient>(path);
        }
    }).join();
    return client;
}

TEST_F(LocalSocket, AFloodOfAnotherUserLeavesTheOperatorIn) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "root alone can become another user";
    }
    auto server = LocalSocketServer::listen(
        path_, loop_, echo, [](const std::string&) { return AccessLevel::monitor; },
        {.clients = 6, .kept_for_owners = 2, .clients_a_user = 3});
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
    using std::filesystem::perms;
    std::filesystem::permissions(folder_, perms::group_exec | perms::others_exec,
                                 std::filesystem::perm_options::add);
    constexpr std::array<uid_t, 5> users{65534, 65534, 65534, 65534, 1};
    std::vector<std::unique_ptr<RawClient>> flood;
    for (const uid_t user : users) {
        flood.push_back(client_of(user, path_));
        ASSERT_TRUE(flood.back() && flood.back()->connected());
        flood.back()->send("{}\n");
        ASSERT_TRUE(run_until_lines(*flood.back(), 1));
    }
    for (const std::size_t inside : {0, 1, 2, 4}) {
        EXPECT_THAT(flood[inside]->text, HasSubstr("\"ok\":true"));
    }
    EXPECT_THAT(flood[3]->text, HasSubstr("too many clients")) << "his share is three";
    const auto one_more = client_of(1, path_);
    ASSERT_TRUE(run_until(*one_more, [&] { return one_more->ended; }));
    EXPECT_THAT(one_more->text, HasSubstr("too many clients")) << "the rest is kept for owners";
    for (int place = 0; place < 2; ++place) {
        flood.push_back(std::make_unique<RawClient>(path_));
        flood.back()->send("{}\n");
        ASSERT_TRUE(run_until_lines(*flood.back(), 1));
        EXPECT_THAT(flood.back()->text, HasSubstr("\"ok\":true"));
    }
}

TEST_F(LocalSocket, ClientsBeyondTheLimitAreTurnedAway) {
    listen(echo, {.clients = 2});
    RawClient one(path_);
    RawClient two(path_);
    one.send("{}\n");
    two.send("{}\n");
    ASSERT_TRUE(run_until_lines(one, 1));
    ASSERT_TRUE(run_until_lines(two, 1));
    RawClient three(path_);
    ASSERT_TRUE(run_until(three, [&] { return three.ended; }));
    EXPECT_THAT(three.text, HasSubstr("too many clients"));
    one.send("{}\n");
    ASSERT_TRUE(run_until_lines(one, 2)) << "those that are in stay in";
}

TEST_F(LocalSocket, SilentClientIsLetGo) {
    listen(echo, {.idle = std::chrono::milliseconds(20)});
    RawClient client(path_);
    ASSERT_TRUE(run_until(client, [&] { return client.ended; }));
}

TEST_F(LocalSocket, LargeAnswerWaitsForItsReader) {
    const std::string large(20'000'000, 'x');
    listen([&](const json&, const Caller&, const Reply& reply) { reply({{"text", large}}); });
    RawClient client(path_);
    client.send("{}\n");
    ASSERT_TRUE(run_until_lines(client, 1));
    EXPECT_EQ(json::parse(client.text)["text"], large);
}

TEST_F(LocalSocket, TextThatIsNoUtf8IsAnsweredAllTheSame) {
    listen([](const json&, const Caller&, const Reply& reply) { reply({{"reason", "\xff!"}}); });
    RawClient client(path_);
    client.send("{}\n");
    ASSERT_TRUE(run_until_lines(client, 1));
    EXPECT_EQ(client.text, "{\"reason\":\"\xef\xbf\xbd!\"}\n");
}

TEST_F(LocalSocket, SocketIsRemovedAtTheEnd) {
    listen(echo);
    EXPECT_TRUE(std::filesystem::exists(path_));
    server_.reset();
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(LocalSocket, StaleSocketIsReplaced) {
    std::filesystem::create_directories(folder_ / "run");
    {
        const board::FileDescriptor stale(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto address = *local_socket_address(path_);
        ASSERT_EQ(::bind(stale.get(), reinterpret_cast<const sockaddr*>(&address.address),
                         address.length),
                  0);
    }
    listen(echo);
    EXPECT_TRUE(RawClient(path_).connected());
}

TEST_F(LocalSocket, LiveSocketIsAnError) {
    listen(echo);
    EXPECT_EQ(refused(), "cannot listen on " + path_ +
                             " for 'trunkline show': another appliance listens there; end it, or "
                             "name another path in administration.local_socket");
    EXPECT_TRUE(RawClient(path_).connected()) << "the first one goes on";
}

TEST_F(LocalSocket, FileThatIsNoSocketStays) {
    std::filesystem::create_directories(folder_ / "run");
    std::ofstream(path_) << "precious";
    EXPECT_THAT(refused(), HasSubstr("a file that is no socket is there"));
    EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(LocalSocket, FolderThatCannotBeMadeIsAnError) {
    std::ofstream(folder_ / "run") << "a file";
    EXPECT_THAT(refused(), HasSubstr("cannot make " + (folder_ / "run").string()));
}

TEST_F(LocalSocket, PathThatIsTooLongIsAnError) {
    path_ = (folder_ / std::string(120, 'x')).string();
    EXPECT_THAT(refused(), HasSubstr("the path is too long for a socket"));
}

TEST_F(LocalSocket, SocketOfANewerInstanceStays) {
    listen(echo);
    std::filesystem::remove(path_);
    std::ofstream(path_) << "someone else's";
    server_.reset();
    EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(LocalSocket, AskApplianceGetsTheReply) {
    listen([this](const json& request, const Caller&, const Reply& reply) {
        reply({{"ok", true}, {"echo", request}});
        loop_.stop();
    });
    board::Expected<json> reply;
    std::thread asker([&] { reply = ask_appliance(path_, {{"command", "x"}}); });
    loop_.run();
    asker.join();
    ASSERT_TRUE(reply.has_value()) << reply.error().message;
    EXPECT_EQ((*reply)["echo"]["command"], "x");
}

TEST_F(LocalSocket, AskApplianceSaysWhatToDoWhenNobodyAnswers) {
    const auto reply = ask_appliance(path_, {});
    ASSERT_FALSE(reply.has_value());
    EXPECT_EQ(reply.error().message,
              "no appliance answers at " + path_ +
                  ": No such file or directory; start one with 'trunkline run CONFIG', or name the "
                  "socket of another with --socket");
    EXPECT_THAT(ask_appliance("", {}).error().message, HasSubstr("empty or too long"));
}

TEST_F(LocalSocket, AskApplianceToldWhenTheApplianceHangsUp) {
    std::filesystem::create_directories(folder_ / "run");
    const board::FileDescriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = *local_socket_address(path_);
    ASSERT_EQ(
        ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address.address), address.length),
        0);
    ASSERT_EQ(::listen(listener.get(), 4), 0);
    const auto answered = [&](const std::string& text) {
        std::thread peer([&] {
            const board::FileDescriptor client(::accept(listener.get(), nullptr, nullptr));
            std::array<char, 100> request{};
            EXPECT_GT(::recv(client.get(), request.data(), request.size(), 0), 0);
            EXPECT_EQ(::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL),
                      static_cast<ssize_t>(text.size()));
        });
        const auto reply = ask_appliance(path_, json::object());
        peer.join();
        return reply ? "" : reply.error().message;
    };
    EXPECT_THAT(answered("{\"ok\":"), HasSubstr("it hung up without an answer"));
    EXPECT_THAT(answered("hello\n"), HasSubstr("what came back is no answer of an appliance"));
}

/// A peer that answers one request a connection and hangs up.
class LocalSocketConnectionTest : public LocalSocket {
protected:
    LocalSocketConnectionTest() : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        std::filesystem::create_directories(folder_ / "run");
        const auto address = *local_socket_address(path_);
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address.address),
                         address.length),
                  0);
        EXPECT_EQ(::listen(listener_.get(), 4), 0);
    }
    /// Takes a connection, answers `answers` requests on it and ends it.
    void serve(int answers) const {
        const board::FileDescriptor client(::accept(listener_.get(), nullptr, nullptr));
        std::array<char, 100> request{};
        for (int i = 0; i < answers; ++i) {
            EXPECT_GT(::recv(client.get(), request.data(), request.size(), 0), 0);
            EXPECT_EQ(::send(client.get(), "{\"ok\":true}\n", 12, MSG_NOSIGNAL), 12);
        }
    }

    board::FileDescriptor listener_;
};

TEST_F(LocalSocketConnectionTest, StaysForManyQuestionsAndComesBackAfterItWasEnded) {
    LocalSocketConnection connection({path_, std::chrono::seconds(10)});
    std::thread first([&] { serve(2); });
    EXPECT_TRUE(connection.ask({{"a", 1}}).has_value());
    EXPECT_TRUE(connection.ask({{"a", 2}}).has_value());
    first.join();
    std::thread second([&] { serve(1); });
    EXPECT_TRUE(connection.ask({{"a", 3}}).has_value());
    second.join();
    EXPECT_FALSE(connection.is_lost());
    listener_ = {};
    EXPECT_THAT(connection.ask({{"a", 4}}).error().message, HasSubstr("no appliance answers"));
    EXPECT_TRUE(connection.is_lost());
}

TEST_F(LocalSocketConnectionTest, AnInterruptEndsTheWaitForAnAnswer) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const board::FileDescriptor interrupts(ends[0]), interrupter(ends[1]);
    LocalSocketConnection connection({path_, std::chrono::hours(1), interrupts.get()});
    std::thread peer([&] {
        const board::FileDescriptor client(::accept(listener_.get(), nullptr, nullptr));
        EXPECT_EQ(::write(interrupter.get(), "x", 1), 1);
        char byte = 0;
        while (::recv(client.get(), &byte, 1, 0) > 0) {
        }
    });
    EXPECT_EQ(connection.ask({{"a", 1}}).error().message, "interrupted");
    peer.join();
    EXPECT_FALSE(connection.is_lost());
}

}  // namespace
}  // namespace trunkline::mgmt
