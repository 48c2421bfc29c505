#include "mgmt/command_line.h"

#include "mgmt/local_socket.h"
#include "mgmt/show_client.h"
#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <thread>
#include <vector>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

struct Result {
    CommandLine line;
    int exit_code = 0;
    std::string out, errors;
};

Result trunkline(std::initializer_list<std::string> arguments) {
    std::vector<std::string> words{"trunkline"};
    words.insert(words.end(), arguments);
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    CaptureStdout();
    CaptureStderr();
    Result result;
    result.line = parse_command_line(static_cast<int>(words.size()), argv.data());
    result.exit_code = result.line.exit_code;
    if (!result.line.done && result.line.command != CommandLine::Command::run) {
        result.exit_code = run_command(result.line);
    }
    result.out = GetCapturedStdout();
    result.errors = GetCapturedStderr();
    return result;
}

TEST(CommandLine, WrongUsageEndsWithTwoAndSaysSo) {
    EXPECT_EQ(trunkline({}).exit_code, 2);
    EXPECT_THAT(trunkline({}).errors, HasSubstr("Usage: trunkline"));
    for (const auto& words : {std::initializer_list<std::string>{"fly"},
                              {"run"},
                              {"check"},
                              {"show"},
                              {"model"},
                              {"model", "show"},
                              {"--colour"},
                              {"check", "a.yaml", "b.yaml"},
                              {"show", "counters", "--watch"},
                              {"schema", "extra"},
                              {"run", "a.yaml", "--json"}}) {
        const Result result = trunkline(words);
        EXPECT_EQ(result.exit_code, 2) << *words.begin();
        EXPECT_NE(result.errors, "") << *words.begin();
        EXPECT_EQ(result.out, "") << *words.begin();
    }
}

TEST(CommandLine, HelpAndVersionEndWithZero) {
    EXPECT_EQ(trunkline({"--help"}).exit_code, 0);
    EXPECT_THAT(trunkline({"--help"}).out, HasSubstr("Usage: trunkline"));
    EXPECT_EQ(trunkline({"--version"}).out, "trunkline 0.1.0\n");
    EXPECT_EQ(trunkline({"show", "registration", "--help"}).exit_code, 0);
}

TEST(CommandLine, RunTakesItsFile) {
    const Result result = trunkline({"run", "a.yaml"});
    EXPECT_FALSE(result.line.done);
    EXPECT_EQ(result.line.command, CommandLine::Command::run);
    EXPECT_EQ(result.line.config, "a.yaml");
}

TEST(CommandLine, CheckSaysWhatWouldBeApplied) {
    const Result result = trunkline({"check", CONF_FOLDER "/lab.yaml"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.errors, "");
    EXPECT_THAT(result.out, HasSubstr("192.0.2.10/24 on vlan 1, gateway 192.0.2.1"));
    EXPECT_THAT(result.out, HasSubstr("sip:gateway@lab.example"));
    EXPECT_THAT(result.out, testing::EndsWith("7 registrations\n"));
}

TEST(CommandLine, CheckOfAWrongFileEndsWithOne) {
    const Result result = trunkline({"check", "/nowhere/f.yaml"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.errors, HasSubstr("/nowhere/f.yaml: found no readable file"));
    EXPECT_THAT(result.errors, HasSubstr("1 fault, nothing would be applied"));
}

TEST(CommandLine, CheckTellsWhatIsNotKnownBesideTheFaultsOfEitherKind) {
    const tests::TemporaryFolder folder;
    const std::string ini = folder.path() / "device.ini";
    for (const char* const fault : {"RegistrationTime = 1\n", "[ Account ]\nFORMAT Index\n"}) {
        std::ofstream(ini) << "UnheardOf = 7\n" << fault;
        const Result result = trunkline({"check", ini});
        EXPECT_EQ(result.exit_code, 1);
        EXPECT_EQ(result.out, "");
        EXPECT_THAT(result.errors, HasSubstr("device.ini:1:1: UnheardOf is not known here"));
        EXPECT_THAT(result.errors, testing::ContainsRegex("[0-9]+ faults?, nothing would be"));
    }
}

TEST(CommandLine, SchemaIsJson) {
    const Result result = trunkline({"schema"});
    EXPECT_EQ(result.exit_code, 0);
    const json schema = json::parse(result.out);
    EXPECT_EQ(schema["properties"]["appliance"]["properties"]["shards"]["maximum"], 64);
}

TEST(CommandLine, ModelsAreListedAndShown) {
    EXPECT_THAT(trunkline({"model", "list"}).out, HasSubstr("mediant-4000"));
    EXPECT_THAT(trunkline({"model", "show", "mediant-4000"}).out, HasSubstr("GE_1"));
    const Result wrong = trunkline({"model", "show", "mediant-400"});
    EXPECT_EQ(wrong.exit_code, 1);
    EXPECT_THAT(wrong.errors, HasSubstr("did you mean 'mediant-4000'?"));
}

TEST(CommandLine, ShowWithoutAnApplianceEndsWithOne) {
    for (const std::string what : {"registration", "counters"}) {
        const Result result = trunkline({"show", what, "--socket", "/nowhere/t.sock"});
        EXPECT_EQ(result.exit_code, 1);
        EXPECT_EQ(result.out, "");
        EXPECT_THAT(result.errors, HasSubstr("no appliance answers at /nowhere/t.sock"));
    }
    EXPECT_EQ(
        trunkline({"show", "registration", "--watch", "--socket", "/nowhere/t.sock"}).exit_code, 1);
}

/// An appliance that answers what the test says, on a thread of its own.
class FakeAppliance {
public:
    explicit FakeAppliance(RequestHandler handler) {
        auto server = LocalSocketServer::listen(socket(), loop_, std::move(handler),
                                                [](const std::string&) { return std::nullopt; });
        EXPECT_TRUE(server.has_value()) << server.error().message;
        server_ = *std::move(server);
        thread_ = std::thread([this] {
            while (!ended_) {
                loop_.run_once(std::chrono::milliseconds(5));
            }
            server_.reset();
        });
    }
    ~FakeAppliance() {
        end();
        thread_.join();
    }
    std::string socket() const { return (folder_ / "t.sock").string(); }
    void end() { ended_ = true; }

private:
    const tests::TemporaryFolder temporary_;
    std::filesystem::path folder_ = temporary_.path();
    board::EventLoop loop_;
    std::unique_ptr<LocalSocketServer> server_;
    std::atomic<bool> ended_ = false;
    std::thread thread_;
};

json row(const std::string& state) {
    return {{"kind", "account"},
            {"name", "office"},
            {"state", state},
            {"registered", state == "REGISTERED"},
            {"expires_in", 59.9}};
}

TEST(Show, RegistrationComesAsATableOrAsJson) {
    const FakeAppliance appliance([](const json& request, const Caller&, const Reply& reply) {
        EXPECT_EQ(request["command"], "show registration");
        reply({{"ok", true}, {"registrations", json::array({row("REGISTERED")})}});
    });
    EXPECT_THAT(trunkline({"show", "registration", "--socket", appliance.socket()}).out,
                testing::EndsWith("1 of 1 registered\n"));
    const Result result =
        trunkline({"show", "registration", "--json", "--socket", appliance.socket()});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(json::parse(result.out)[0]["name"], "office");
}

TEST(Show, CountersComeAsATableOrAsJson) {
    const FakeAppliance appliance([](const json& request, const Caller&, const Reply& reply) {
        EXPECT_EQ(request["command"], "show counters");
        reply({{"ok", true}, {"counters", {{"rx.packets", 5}}}});
    });
    EXPECT_EQ(trunkline({"show", "counters", "--socket", appliance.socket()}).out,
              "COUNTER     VALUE\nrx.packets      5\n");
    EXPECT_EQ(
        json::parse(trunkline({"show", "counters", "--json", "--socket", appliance.socket()}).out),
        (json{{"counters", {{"rx.packets", 5}}}}));
}

TEST(Show, RefusalOfTheApplianceIsAnError) {
    const FakeAppliance appliance([](const json&, const Caller&, const Reply& reply) {
        reply({{"ok", false}, {"error", "the appliance is starting"}});
    });
    const Result result = trunkline({"show", "registration", "--socket", appliance.socket()});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.errors, "the appliance is starting\n");
}

CommandLine watching(const FakeAppliance& appliance) {
    CommandLine line;
    line.command = CommandLine::Command::show_registration;
    line.socket = appliance.socket();
    line.watch = true;
    return line;
}

TEST(CommandLine, PortsAreGivenWithTheirDevices) {
    const auto runs = trunkline({"run", "--port", "GE_1=eth0", "--port", "GE_2=2", "device.ini"});
    EXPECT_EQ(runs.line.config, "device.ini");
    EXPECT_EQ(devices_of(runs.line).size(), 2U);
    const auto wrong = trunkline({"check", "--port", "GE_1", "device.ini"});
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_THAT(wrong.errors, HasSubstr("--port: found 'GE_1'; allowed: a port and its device"));
}

TEST(CommandLine, KnowsTheCommandLineOfTheApplianceAndItsLoginShell) {
    const auto asked =
        trunkline({"cli", "-c", "show system uptime", "-c", "write", "--socket", "s"});
    EXPECT_EQ(asked.line.command, CommandLine::Command::cli);
    EXPECT_THAT(asked.line.commands, testing::ElementsAre("show system uptime", "write"));
    EXPECT_EQ(asked.line.socket, "s");
    std::string shell = "-trunkline-cli", path = "/usr/bin/trunkline-cli", c = "-c", what = "write";
    char* login[] = {shell.data(), nullptr};
    EXPECT_EQ(parse_command_line(1, login).command, CommandLine::Command::cli);
    char* single[] = {path.data(), c.data(), what.data(), nullptr};
    EXPECT_THAT(parse_command_line(3, single).commands, testing::ElementsAre("write"));
}

TEST(Show, WatchPrintsChangesAndEndsWhenTheApplianceGoes) {
    std::atomic<int> asked = 0;
    FakeAppliance* appliance_to_end = nullptr;
    FakeAppliance appliance([&](const json&, const Caller&, const Reply& reply) {
        const int number = ++asked;
        reply({{"ok", true},
               {"registrations", json::array({row(number == 1 ? "REGISTERING" : "REGISTERED")})}});
        if (number == 3) {
            appliance_to_end->end();
        }
    });
    appliance_to_end = &appliance;
    std::ostringstream out, errors;
    EXPECT_EQ(show_registration(watching(appliance), out, errors, false), 0);
    EXPECT_EQ(out.str(), "account office: REGISTERING\naccount office: REGISTERED\n");
    EXPECT_THAT(errors.str(), HasSubstr("no appliance answers"));
}

TEST(Show, WatchRedrawsOnATerminalAndEndsOnASignal) {
    // The signal is taken by whoever watches; no other thread of the test may see it.
    sigset_t signals, before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    {
        const FakeAppliance appliance([](const json&, const Caller&, const Reply& reply) {
            reply({{"ok", true}, {"registrations", json::array({row("REGISTERED")})}});
            ::kill(::getpid(), SIGINT);
        });
        std::ostringstream out, errors;
        EXPECT_EQ(show_registration(watching(appliance), out, errors, true), 0);
        EXPECT_THAT(out.str(), testing::StartsWith("\x1b[H\x1b[2J"));
        EXPECT_THAT(out.str(), HasSubstr("1 of 1 registered"));
        EXPECT_EQ(errors.str(), "");
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace trunkline::mgmt
