// A Registration with three servers in its proxy set, and what asks which of them was asked.
#pragma once

#include "tests/unit/sipstack/registration/registration_bench.h"

#include <functional>
#include <string>

namespace trunkline::sipstack {

inline const Target first{bench_registrar, Transport::udp};
inline const Target second{bench_second_registrar, Transport::udp};
inline const dataplane::Endpoint third_endpoint{dataplane::IpAddress::v4(0xc0000203), 5060};
inline const Target third{third_endpoint, Transport::udp};

struct FailoverBench : RegistrationBench {
    explicit FailoverBench(Config bench_config = default_config())
        : RegistrationBench(std::move(bench_config)) {
        set_targets({first, second, third});
        registration.start(now);
    }
    const dataplane::Endpoint& asked() const { return sender.sent.back().flow.remote; }
    std::string branch_of(std::size_t at) const {
        const auto message = Message::parse(sender.sent.at(at).bytes);
        return std::string(message->vias().front().branch);
    }
};

inline Config config_with(const std::function<void(ProxySet&)>& change) {
    Config config = RegistrationBench::default_config();
    change(config.proxy_sets[0]);
    return config;
}

inline Config account_with(const std::function<void(Account&)>& change) {
    Config config = RegistrationBench::default_config();
    change(config.accounts[0]);
    return config;
}

}  // namespace trunkline::sipstack
