// One shard with many registrations, registrars that the test plays, and virtual time.
#pragma once

#include "sipstack/shard.h"
#include "tests/unit/sipstack/registration/registration_bench.h"
#include "tests/unit/sipstack/transport/fake_stream_sockets.h"

#include <fmt/format.h>
#include <spdlog/sinks/null_sink.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

inline const Target first{bench_registrar, Transport::udp};
inline const Target second{bench_second_registrar, Transport::udp};

class RecordingListener final : public ShardListener {
public:
    void on_server_news(const ServerNews& one) override {
        news.push_back(one);
        heard.emplace_back(one.server.endpoint.to_string() + (one.aside_until ? " aside"
                                                              : one.online    ? " online"
                                                                              : " offline"));
    }
    bool on_mail(ShardMail&& one) override {
        if (is_full) {
            return false;
        }
        mail.push_back(std::move(one));
        return true;
    }
    std::vector<ServerNews> news;
    std::vector<std::string> heard;  ///< the same in words
    std::vector<ShardMail> mail;
    bool is_full = false;
};

struct Fleet {
    explicit Fleet(const Config& config, uint32_t index = 0, MessageTap* tap = nullptr)
        : shard(index, std::make_shared<const Config>(config),
                {sender, &sockets, &journal, &listener, tap}, Random::seed_from(3),
                std::make_shared<spdlog::logger>("shard",
                                                 std::make_shared<spdlog::sinks::null_sink_st>()),
                now) {}

    void start(const std::vector<Target>& targets = {first}) {
        shard.set_targets(ProxySetTargets{0, targets}, now);
        shard.start(now);
        pass(Milliseconds(10));
    }
    void pass(Milliseconds span) {
        const Instant end = now + span;
        for (auto next = shard.next_deadline(); next && *next <= end;
             next = shard.next_deadline()) {
            now = std::max(now, *next);
            shard.advance(now);
        }
        now = end;
        shard.advance(now);
    }
    static std::string answer_to(const std::string& text, int status,
                                 const std::string& rows = "") {
        const auto sent = Message::parse(text);
        const auto contacts = sent->rows("Contact");
        return fmt::format(
            "SIP/2.0 {} {}\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag=r\r\nCall-ID: {}\r\nCSeq: {} {}"
            "\r\n{}{}Content-Length: 0\r\n\r\n",
            status, reason_phrase(status), sent->rows("Via")[0], sent->rows("From")[0],
            sent->rows("To")[0], sent->call_id(), sent->cseq(), sent->method(),
            status == 200 && !contacts.empty() ? fmt::format("Contact: {}\r\n", contacts[0]) : "",
            rows);
    }
    void receive(std::string_view bytes, const Flow& flow) { shard.receive(flow, bytes, now); }
    /// Answers all that was sent since the last call.
    void answer_all(int status = 200) {
        for (; answered < sender.sent.size(); ++answered) {
            const auto sent = sender.sent[answered];
            if (!sent.bytes.starts_with("SIP/2.0")) {
                receive(answer_to(sent.bytes, status), sent.flow);
            }
        }
        pass(Milliseconds(1));
    }
    std::string header(std::string_view name) const {
        return header_of(sender.sent.back().bytes, name);
    }
    static std::string header_of(const std::string& text, std::string_view name) {
        const auto message = Message::parse(text);
        const auto rows = message->rows(name);
        return rows.empty() ? std::string() : std::string(rows[0]);
    }
    RegistrationStatus row(std::string_view name) const {
        for (std::size_t at = 0; at < shard.registration_count(); ++at) {
            auto status = shard.registration_status(at, now);
            if (status.name == name) {
                return status;
            }
        }
        return {};
    }

    Instant now{std::chrono::hours(1)};
    RecordingSender sender;
    testing::FakeStreamSockets sockets;
    RecordingJournal journal;
    RecordingListener listener;
    std::size_t answered = 0;
    Shard shard;
};

inline Config with_accounts(std::size_t count) {
    Config config = RegistrationBench::default_config();
    config.proxy_and_registration.max_generated_registers_rate = 10'000;
    const Account form = config.accounts[0];
    config.accounts.clear();
    for (std::size_t number = 0; number < count; ++number) {
        Account account = form;
        account.name = fmt::format("a{}", number);
        account.contact_user = fmt::format("{}", 100 + number);
        config.accounts.push_back(account);
    }
    return config;
}

}  // namespace trunkline::sipstack
