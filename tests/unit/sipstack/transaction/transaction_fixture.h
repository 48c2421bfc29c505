// A transaction layer with a virtual clock, a network that remembers, and a user that counts.
#pragma once

#include "sipstack/message/response.h"
#include "sipstack/transaction/transaction_layer.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace trunkline::sipstack::testing {

struct Sent {
    int64_t at;
    Flow flow;
    std::string bytes;
};

class Network : public MessageSender {
public:
    explicit Network(const TimerWheel& wheel) : wheel_(wheel) {}
    bool send(const Flow& flow, std::string_view bytes) override {
        if (is_down) {
            return false;
        }
        sent.push_back({wheel_.now().time_since_epoch().count(), flow, std::string(bytes)});
        return true;
    }
    std::vector<int64_t> times() const {
        std::vector<int64_t> result;
        for (const Sent& message : sent) {
            result.push_back(message.at);
        }
        return result;
    }

    bool is_down = false;
    std::vector<Sent> sent;

private:
    const TimerWheel& wheel_;
};

struct User : ClientTransactionUser {
    void on_provisional(const Message& response, Instant) override {
        provisional.push_back(response.status());
        then();
    }
    void on_final(const Message& response, const Flow& came_from, std::string request,
                  Instant) override {
        finals.push_back(response.status());
        answered = std::move(request);
        answered_by = came_from;
        then();
    }
    void on_timeout(Instant now) override {
        timeouts.push_back(now.time_since_epoch().count());
        then();
    }
    void on_transport_error(std::string_view reason, Instant now) override {
        errors.push_back(now.time_since_epoch().count());
        reasons.emplace_back(reason);
        then();
    }

    std::function<void()> then = [] {};  ///< runs in each callback
    std::vector<int> provisional, finals;
    std::vector<int64_t> timeouts, errors;
    std::vector<std::string> reasons;  ///< parallel to errors
    Flow answered_by;
    std::string answered;  ///< the request
};

class TransactionTest : public ::testing::Test {
protected:
    static Flow flow_by(Transport transport) {
        return {.transport = transport,
                .sip_interface_index = 0,
                .local = {*dataplane::IpAddress::parse("192.0.2.10"), 5060},
                .remote = {*dataplane::IpAddress::parse("192.0.2.1"), 5060}};
    }

    void advance_to(int64_t milliseconds) { wheel.advance(Instant{Milliseconds{milliseconds}}); }
    Instant now() const { return wheel.now(); }

    TimerWheel wheel{Instant{}};
    Network network{wheel};
    TimerSettings timers;
    TransactionLayer layer{wheel, network, timers, 17, 3};
    Flow udp = flow_by(Transport::udp);
    Flow tcp = flow_by(Transport::tcp);
};

}  // namespace trunkline::sipstack::testing
