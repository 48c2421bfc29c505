// What a whole shard computes for its work, its transactions, timers, traces and pacing included;
// the packet path alone is left out.
//
//   bench-shard register ACCOUNTS ROUNDS   every account registers, challenged, ROUNDS times
//   bench-shard options COUNT              OPTIONS that it answers
//
// Prints the CPU time of one. Instructions are counted over the Shard's own calls, without this
// program's registrar: see instructions.
#include "sipstack/message/envelope.h"
#include "sipstack/shard.h"

#include <fmt/format.h>
#include <spdlog/sinks/null_sink.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace trunkline::sipstack;

const trunkline::dataplane::Endpoint registrar{trunkline::dataplane::IpAddress::v4(0xc0000201),
                                               5060};

class Outbox final : public MessageSender {
public:
    bool send(const Flow& flow, std::string_view bytes) override {
        sent.emplace_back(flow, bytes);
        return true;
    }
    std::vector<std::pair<Flow, std::string>> sent;
};

Config config_with(unsigned accounts) {
    Config config;
    SipInterface interface;
    interface.name = "SIPInterface_0";
    interface.address = trunkline::dataplane::IpAddress::v4(0xc000020a);
    config.sip_interfaces.push_back(interface);
    ProxySet set{"ITSP", 0, {{"registrar.example", {}, Transport::udp}}};
    set.registration_window = 0;
    config.proxy_sets.push_back(set);
    config.ip_groups.push_back({"ITSP", 0, "lab.example", ""});
    for (unsigned number = 0; number < accounts; ++number) {
        Account account;
        account.name = fmt::format("user{}", number);
        account.user_name = account.name;
        account.password = Secret("open sesame");
        account.contact_user = account.name;
        account.register_mode = AccountRegister::regular;
        config.accounts.push_back(account);
    }
    config.proxy_and_registration.max_generated_registers_rate = 1'000'000'000;
    return config;
}

/// The row as it stands in the request, to be repeated in the answer.
std::string_view row_of(std::string_view request, std::string_view name) {
    const std::size_t begin = request.find(name);
    return request.substr(begin, request.find("\r\n", begin) + 2 - begin);
}

/// As a registrar answers: a challenge to a request without credentials, else a grant.
std::string answer_to(std::string_view request) {
    const bool has_credentials = request.find("\r\nAuthorization: ") != std::string_view::npos;
    std::string answer = has_credentials ? "SIP/2.0 200 OK\r\n" : "SIP/2.0 401 Unauthorized\r\n";
    for (const std::string_view name : {"Via: ", "From: "}) {
        answer += row_of(request, name);
    }
    const std::string_view to = row_of(request, "To: ");
    answer += to.substr(0, to.size() - 2);
    answer += ";tag=b27e1a1d33761e85846fc98f5f3a7e58.4c2c\r\n";
    for (const std::string_view name : {"Call-ID: ", "CSeq: "}) {
        answer += row_of(request, name);
    }
    if (has_credentials) {
        const std::string_view contact = row_of(request, "Contact: ");
        answer += contact.substr(0, contact.size() - 2);
        answer += ";expires=180\r\n";
    } else {
        answer +=
            "WWW-Authenticate: Digest realm=\"lab.example\", "
            "nonce=\"Zh2sd2YdrEt7ZqfF8L1HfFBX2lB0d9aE\", qop=\"auth\"\r\n";
    }
    answer += "Server: kamailio (5.6.3 (x86_64/linux))\r\nContent-Length: 0\r\n\r\n";
    return answer;
}

class ShardBench {
public:
    explicit ShardBench(unsigned accounts)
        : shard_(0, std::make_shared<Config>(config_with(accounts)), {outbox_},
                 Random::seed_from(1), log_, now_) {}

    void start() {
        shard_.set_targets(ProxySetTargets{0, {{registrar, Transport::udp}}}, now_);
        shard_.start(now_);
        shard_.advance(now_);
    }
    void register_all() {
        shard_.register_now(RegistrantSelector{}, now_);
        shard_.advance(now_);
    }
    /// Answers until nothing is asked any more; the answers are made before time counts.
    std::clock_t serve() {
        std::clock_t spent = 0;
        while (!outbox_.sent.empty()) {
            std::vector<std::pair<Flow, std::string>> answers;
            for (const auto& [flow, request] : std::exchange(outbox_.sent, {})) {
                answers.emplace_back(flow, answer_to(request));
            }
            now_ += Milliseconds(1);
            const std::clock_t begin = std::clock();
            shard_.advance(now_);
            for (const auto& [flow, answer] : answers) {
                shard_.receive(flow, answer, now_);
            }
            spent += std::clock() - begin;
        }
        return spent;
    }
    /// To where completed transactions are forgotten.
    void pass(Milliseconds span) {
        const Instant end = now_ + span;
        for (auto next = shard_.next_deadline(); next && *next <= end;
             next = shard_.next_deadline()) {
            now_ = std::max(now_, *next);
            shard_.advance(now_);
        }
        now_ = end;
    }
    Shard& shard() { return shard_; }
    Outbox& outbox() { return outbox_; }
    Instant now() const { return now_; }

private:
    std::shared_ptr<spdlog::logger> log_ =
        std::make_shared<spdlog::logger>("bench", std::make_shared<spdlog::sinks::null_sink_st>());
    Instant now_{std::chrono::hours(1)};
    Outbox outbox_;
    Shard shard_;
};

double microseconds(std::clock_t spent, unsigned long operations) {
    return 1e6 * static_cast<double>(spent) / CLOCKS_PER_SEC / static_cast<double>(operations);
}

int register_rounds(unsigned accounts, unsigned rounds) {
    ShardBench bench(accounts);
    bench.start();
    bench.serve();
    std::clock_t spent = 0;
    for (unsigned round = 0; round < rounds; ++round) {
        bench.pass(std::chrono::seconds(6));
        const std::clock_t begin = std::clock();
        bench.register_all();
        spent += std::clock() - begin;
        spent += bench.serve();
    }
    if (!bench.shard().any_registered()) {
        std::fputs("bench-shard: nothing is registered\n", stderr);
        return 1;
    }
    fmt::print("{:.2f} us a challenged registration\n",
               microseconds(spent, static_cast<unsigned long>(accounts) * rounds));
    return 0;
}

int answer_options(unsigned count) {
    ShardBench bench(0);
    const Flow flow{
        Transport::udp, 0, {trunkline::dataplane::IpAddress::v4(0xc000020a), 5060}, registrar};
    std::vector<std::string> requests;
    for (unsigned number = 0; number < count; ++number) {
        requests.push_back(
            fmt::format("OPTIONS sip:192.0.2.10:5060 SIP/2.0\r\n"
                        "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK7e1a1d33{:08x}\r\n"
                        "Max-Forwards: 70\r\n"
                        "From: <sip:ping@192.0.2.1>;tag=b27e1a1d33761e\r\n"
                        "To: <sip:192.0.2.10:5060>\r\n"
                        "Call-ID: 61b04e3a1c9a77d04f25bb7b{:08x}@192.0.2.1\r\n"
                        "CSeq: 1 OPTIONS\r\n"
                        "Content-Length: 0\r\n\r\n",
                        number, number));
    }
    const std::clock_t begin = std::clock();
    for (const std::string& request : requests) {
        bench.shard().receive(flow, request, bench.now());
    }
    const std::clock_t spent = std::clock() - begin;
    if (bench.outbox().sent.size() != count) {
        std::fputs("bench-shard: not every OPTIONS was answered\n", stderr);
        return 1;
    }
    fmt::print("{:.2f} us an OPTIONS\n", microseconds(spent, count));
    return 0;
}

unsigned number_of(const char* text) {
    return static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view work = argc > 1 ? argv[1] : "";
    if (work == "register" && argc == 4) {
        return register_rounds(number_of(argv[2]), number_of(argv[3]));
    }
    if (work == "options" && argc == 3) {
        return answer_options(number_of(argv[2]));
    }
    std::fputs("usage: bench-shard register ACCOUNTS ROUNDS | options COUNT\n", stderr);
    return 2;
}
