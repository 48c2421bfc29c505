// One Registration with a real transaction layer, a sender that keeps what it got, virtual time and
// a registrar that the test plays.
#pragma once

#include "sipstack/registration/registration.h"

#include <fmt/format.h>
#include <spdlog/sinks/ostream_sink.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

inline const dataplane::Endpoint bench_registrar{dataplane::IpAddress::v4(0xc0000201), 5060};
inline const dataplane::Endpoint bench_second_registrar{dataplane::IpAddress::v4(0xc0000202), 5060};

class RecordingSender final : public MessageSender {
public:
    struct Sent {
        Flow flow;
        std::string bytes;
    };
    bool send(const Flow& flow, std::string_view bytes) override {
        if (is_broken) {
            return false;
        }
        sent.push_back({flow, std::string(bytes)});
        return true;
    }
    std::vector<Sent> sent;
    bool is_broken = false;
};

class RecordingJournal final : public RegistrationJournal {
public:
    void save(const RegistrationRecord& record) override { records.push_back(record); }
    void erase(std::string_view key) override { erased.emplace_back(key); }
    std::vector<RegistrationRecord> records;
    std::vector<std::string> erased;
};

class RegistrationBench {
public:
    static Config default_config() {
        Config config;
        SipInterface interface;
        interface.name = "SIPInterface_0";
        interface.address = dataplane::IpAddress::v4(0xc000020a);
        config.sip_interfaces.push_back(interface);
        config.proxy_sets.push_back({"ITSP", 0, {{"registrar.example", {}, Transport::udp}}});
        config.ip_groups.push_back({"ITSP", 0, "lab.example", ""});
        Account account;
        account.name = "office";
        account.user_name = "digest-user";
        account.password = Secret("open sesame");
        account.host_name = "lab.example";
        account.contact_user = "100";
        account.register_mode = AccountRegister::regular;
        config.accounts.push_back(account);
        // Exact times and known nonces; what these settings do is tested apart.
        config.proxy_and_registration.refresh_jitter = 0;
        config.proxy_and_registration.refused_retry_time = Seconds(0);
        config.proxy_and_registration.challenge_caching_mode = ChallengeCachingMode::full;
        return config;
    }

    explicit RegistrationBench(Config bench_config = default_config())
        : config(std::move(bench_config)),
          now(std::chrono::hours(1)),
          wheel(now),
          random(Random::seed_from(7)),
          connections(config, sender),
          stun(0, sender, wheel, random,
               [this](const Flow& flow, std::string_view reason, Instant at) {
                   registration.flow_failed(flow, reason, at);
               }),
          transactions(wheel, connections, config.timers, 17),
          proxy_sets(config, random,
                     [this](ProxySets::Index set) {
                         changed_set = set;
                         wheel.schedule(follow, wheel.now());
                     }),
          pacer(wheel, {}),
          log("bench", std::make_shared<spdlog::sinks::ostream_sink_st>(log_text)),
          registration(registrants(config).at(0), registration_context) {
        log.set_level(spdlog::level::info);
    }

    RegistrationContext context() {
        return {config,
                0,
                wheel,
                random,
                transactions,
                connections,
                stun,
                proxy_sets,
                names,
                pacer,
                trace,
                journal,
                attempts,
                durations,
                record,
                reg_event_dialogs,
                administrative_state,
                log};
    }

    /// What the set that serves it resolves to.
    void set_targets(const std::vector<Target>& targets) {
        proxy_sets.set_targets(registration.registrant().proxy_set_index, targets);
        wheel.advance(now);
    }

    /// Started, with its registrar known: the first REGISTER is out.
    void start() {
        set_targets({{bench_registrar, Transport::udp}});
        registration.start(now);
    }

    void set_state(AdministrativeState wanted) {
        administrative_state = wanted;
        registration.administrative_state_changed(now);
    }

    /// Up for `granted` seconds at once, without a challenge.
    void start_registered(unsigned granted) {
        start();
        accept(granted);
    }

    void pass(Milliseconds span) {
        const Instant end = now + span;
        for (auto next = wheel.next_deadline(); next && *next <= end;
             next = wheel.next_deadline()) {
            now = std::max(now, *next);
            wheel.advance(now);
        }
        now = end;
        wheel.advance(now);
    }

    /// The registrar's answer to the last REGISTER; `rows` end with CRLF each.
    void answer(int status, const std::string& rows = "") { answer_to(last(), status, rows); }

    void answer_to(const std::string& request_text, int status, const std::string& rows = "") {
        const auto request = Message::parse(request_text);
        const std::string text = fmt::format(
            "SIP/2.0 {} {}\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag=r\r\nCall-ID: {}\r\nCSeq: {} "
            "REGISTER\r\n{}Content-Length: 0\r\n\r\n",
            status, reason_phrase(status), request->rows("Via")[0], request->rows("From")[0],
            request->rows("To")[0], request->call_id(), request->cseq(), rows);
        const auto response = Message::parse(text);
        must(response.has_value());
        transactions.receive_response(*response, sender.sent.back().flow, now);
    }

    void accept(unsigned granted) {
        answer(200, fmt::format("Contact: <sip:100@192.0.2.10>;expires={}\r\n", granted));
    }

    void challenge(const std::string& nonce, const std::string& more = "") {
        answer(401, fmt::format("WWW-Authenticate: Digest realm=\"lab\", nonce=\"{}\", "
                                "qop=\"auth\"{}\r\n",
                                nonce, more));
    }

    const std::string& last() const { return sender.sent.back().bytes; }
    std::size_t sent() const { return sender.sent.size(); }
    RegistrationStatus row() const { return registration.status(now); }

    /// The only row of that name in the last REGISTER; empty: there is none.
    std::string header(std::string_view name) const {
        const auto request = Message::parse(last());
        const auto rows = request->rows(name);
        return rows.empty() ? std::string() : std::string(rows.at(0));
    }

    Config config;
    Instant now;
    RecordingSender sender;
    TimerWheel wheel;
    Random random;
    Connections connections;
    StunKeepAlive stun;
    TransactionLayer transactions;
    ProxySets::Index changed_set;
    ProxySets proxy_sets;
    Timer follow{[this](Instant at) { registration.proxy_set_changed(changed_set, at); }};
    std::vector<RedirectionName> asked_names;
    RedirectionNames names{wheel,
                           [this](const RedirectionName& name) { asked_names.push_back(name); },
                           [this](Instant at) { registration.redirection_name_known(at); }};
    Pacer pacer;
    FlowTrace trace;
    RecordingJournal journal;
    RegistrationAttempts attempts;
    RegistrationDurations durations;
    RegistrationRecord record;
    RegEventDialogs reg_event_dialogs;
    AdministrativeState administrative_state = AdministrativeState::unlocked;
    std::ostringstream log_text;
    spdlog::logger log;
    const RegistrationContext registration_context = context();
    Registration registration;

private:
    static void must(bool condition) {
        if (!condition) {
            std::abort();
        }
    }
};

}  // namespace trunkline::sipstack
