#include "tests/bench/measured_shard.h"

#include <fmt/format.h>
#include <spdlog/sinks/null_sink.h>

#include <algorithm>

namespace trunkline::bench {

using namespace sipstack;

namespace {

const dataplane::Endpoint registrar{dataplane::IpAddress::v4(0xc0000201), 5060};
const dataplane::Endpoint appliance{dataplane::IpAddress::v4(0xc000020a), 5060};

Config config_with(unsigned accounts) {
    Config config;
    SipInterface interface;
    interface.name = "SIPInterface_0";
    interface.address = dataplane::IpAddress::v4(0xc000020a);
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

std::string options(unsigned number) {
    return fmt::format(
        "OPTIONS sip:192.0.2.10:5060 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK7e1a1d33{:08x}\r\n"
        "Max-Forwards: 70\r\n"
        "From: <sip:ping@192.0.2.1>;tag=b27e1a1d33761e\r\n"
        "To: <sip:192.0.2.10:5060>\r\n"
        "Call-ID: 61b04e3a1c9a77d04f25bb7b{:08x}@192.0.2.1\r\n"
        "CSeq: 1 OPTIONS\r\n"
        "Content-Length: 0\r\n\r\n",
        number, number);
}

}  // namespace

MeasuredShard::MeasuredShard(unsigned accounts)
    : log_(std::make_shared<spdlog::logger>("bench",
                                            std::make_shared<spdlog::sinks::null_sink_st>())),
      shard_(0, std::make_shared<Config>(config_with(accounts)), {outbox_}, Random::seed_from(1),
             log_, now_) {}

void MeasuredShard::start() {
    shard_.set_targets(ProxySetTargets{0, {{registrar, Transport::udp}}}, now_);
    shard_.start(now_);
    shard_.advance(now_);
}

void MeasuredShard::register_all(Meter& meter) {
    meter.begin();
    shard_.register_now(RegistrantSelector{}, now_);
    shard_.advance(now_);
    meter.end();
}

void MeasuredShard::serve(Meter& meter) {
    while (!outbox_.sent.empty()) {
        std::vector<std::pair<Flow, std::string>> answers;
        for (const auto& [flow, request] : std::exchange(outbox_.sent, {})) {
            answers.emplace_back(flow, answer_to(request));
        }
        now_ += Milliseconds(1);
        meter.begin();
        shard_.advance(now_);
        for (const auto& [flow, answer] : answers) {
            shard_.receive(flow, answer, now_);
        }
        meter.end();
    }
}

bool MeasuredShard::answer_options(unsigned count, Meter& meter) {
    const Flow flow{Transport::udp, 0, appliance, registrar};
    std::vector<std::string> requests;
    for (unsigned left = count; left > 0; --left) {
        requests.push_back(options(options_++));
    }
    outbox_.sent.clear();
    meter.begin();
    for (const std::string& request : requests) {
        shard_.receive(flow, request, now_);
    }
    meter.end();
    return std::exchange(outbox_.sent, {}).size() == count;
}

void MeasuredShard::pass(Milliseconds span) {
    const Instant end = now_ + span;
    for (auto next = shard_.next_deadline(); next && *next <= end; next = shard_.next_deadline()) {
        now_ = std::max(now_, *next);
        shard_.advance(now_);
    }
    now_ = end;
}

}  // namespace trunkline::bench
