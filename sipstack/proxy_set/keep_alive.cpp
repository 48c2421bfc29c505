#include "sipstack/proxy_set/keep_alive.h"

#include "sipstack/message/writer.h"
#include "sipstack/shard_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trunkline::sipstack {
namespace {

constexpr std::string_view method = "OPTIONS";

std::string_view via_name(Transport transport) {
    return transport == Transport::udp ? "UDP" : (transport == Transport::tcp ? "TCP" : "TLS");
}

/// Address and port; the port is left out where it is the transport's default (RFC 3261 19.1.2).
std::string uri_host_port(const dataplane::Endpoint& endpoint, Transport transport) {
    const uint16_t default_port = transport == Transport::tls ? 5061 : 5060;
    return endpoint.port == default_port ? endpoint.address.to_uri_host() : endpoint.to_string();
}

}  // namespace

/// The probing of one server.
class KeepAliveMonitor::Probe final : private ClientTransactionUser {
public:
    Probe(KeepAliveMonitor& monitor, Target target, Instant first)
        : monitor_(monitor), target_(std::move(target)) {
        context().wheel.schedule(next_, first);
    }
    ~Probe() override { context().transactions.cancel(transaction_); }
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;

    const Target& target() const { return target_; }

private:
    // In each of these found() is called last: this probe may be gone afterwards.
    void on_provisional(const Message&, Instant) override {}
    void on_final(const Message& response, const Flow&, std::string, Instant now) override {
        const auto& failures = monitor_.set().keep_alive_failure_responses;
        found(std::ranges::find(failures, response.status()) == failures.end(), now);
    }
    void on_timeout(Instant now) override { found(false, now); }
    void on_transport_error(std::string_view, Instant now) override { found(false, now); }

    void send(Instant now);
    void found(bool is_good, Instant now);
    const Context& context() const { return monitor_.context_; }

    KeepAliveMonitor& monitor_;
    const Target target_;
    ClientTransactionId transaction_ = 0;
    Instant sent_at_{};
    unsigned good_ones_ = 0;  ///< in a row, while offline
    Timer next_{[this](Instant now) { send(now); }};
};

void KeepAliveMonitor::Probe::send(Instant now) {
    const ProxySet& set = monitor_.set();
    sent_at_ = now;
    const auto flow =
        context().connections.flow_to({target_.transport, set.sip_interface_index, target_.endpoint,
                                       target_.host, set.tls_context_index},
                                      now);
    if (flow) {
        // -1 in the table is the layer's 0; less than one transmission makes no probe.
        const int configured = set.failure_detection_retransmissions;
        const unsigned transmissions =
            configured < 0 ? 0 : std::max(static_cast<unsigned>(configured), 1U);
        const std::string branch = make_branch(context().shard, context().random);
        transaction_ =
            context().transactions.send_request(monitor_.write_options(target_, *flow, branch),
                                                branch, method, *flow, *this, now, transmissions);
    }
    if (transaction_ == 0) {
        found(false, now);
    }
}

void KeepAliveMonitor::Probe::found(bool is_good, Instant now) {
    transaction_ = 0;
    const ProxySet& set = monitor_.set();
    const ProxyServer* const server = monitor_.server(target_);
    const bool was_online = server == nullptr || server->online;
    good_ones_ = is_good && !was_online ? good_ones_ + 1 : 0;
    const bool is_on_trial = good_ones_ > 0 && good_ones_ < set.success_detection_retries;
    const Milliseconds pause = is_on_trial ? set.success_detection_interval : set.keep_alive_time;
    context().wheel.schedule(next_, std::max(sent_at_ + pause, now + min_pause));
    if (is_good != was_online && !is_on_trial) {
        monitor_.tell(target_, is_good, now);
    }
}

KeepAliveMonitor::KeepAliveMonitor(uint16_t proxy_set_index, const ProxySetState& state,
                                   const Context& context, Listener listener)
    : proxy_set_index_(proxy_set_index),
      state_(state),
      context_(context),
      listener_(std::move(listener)) {}

KeepAliveMonitor::~KeepAliveMonitor() = default;

const ProxyServer* KeepAliveMonitor::server(const Target& target) const {
    const auto found = std::ranges::find_if(state_.servers(), [&](const ProxyServer& one) {
        return is_same_server(one.target, target);
    });
    return found == state_.servers().end() ? nullptr : &*found;
}

/// The servers that need probes.
std::vector<Target> KeepAliveMonitor::watched() const {
    const KeepAlive keep_alive = set().keep_alive;
    std::vector<Target> targets;
    if (keep_alive != KeepAlive::using_options &&
        keep_alive != KeepAlive::using_options_on_active_server) {
        return targets;
    }
    const ProxyServer* const active = state_.active();
    if (keep_alive == KeepAlive::using_options_on_active_server && active != nullptr &&
        active->online) {
        targets.push_back(active->target);
        return targets;
    }
    for (const ProxyServer& one : state_.servers()) {
        targets.push_back(one.target);
    }
    return targets;
}

void KeepAliveMonitor::follow_servers(Instant now) {
    auto old = std::exchange(probes_, {});
    for (const Target& target : watched()) {
        const auto kept = std::ranges::find_if(old, [&](const std::unique_ptr<Probe>& probe) {
            return probe != nullptr && is_same_server(probe->target(), target);
        });
        if (kept != old.end()) {
            probes_.push_back(std::move(*kept));
            continue;
        }
        const auto spread = static_cast<uint64_t>(first_probes_spread.count());
        const Milliseconds delay(static_cast<int64_t>(context_.random.between(0, spread)));
        probes_.push_back(std::make_unique<Probe>(*this, target, now + delay));
    }
}

void KeepAliveMonitor::tell(const Target& target, bool online, Instant now) {
    const Target copy = target;  // the probe whose it is may go
    listener_(copy, online, now);
    follow_servers(now);
}

std::string KeepAliveMonitor::write_options(const Target& target, const Flow& flow,
                                            std::string_view branch) {
    const Config& config = context_.config;
    const auto& page = config.proxy_and_registration;
    const std::string_view scheme =
        config.enable_sips && flow.transport == Transport::tls ? "sips" : "sip";
    const bool is_name = !target.host.empty() && !dataplane::IpAddress::parse(target.host);
    const std::string there = uri_host_port(target.endpoint, target.transport);

    std::string us = flow.local.address.to_uri_host();
    if (page.use_gateway_name_for_options == GatewayNameForOptions::yes &&
        !page.gateway_name.empty()) {
        const auto literal = dataplane::IpAddress::parse(page.gateway_name);
        us = literal ? literal->to_uri_host() : page.gateway_name;
    }
    std::string contact = fmt::format("<{}:{}", scheme, uri_host_port(flow.local, flow.transport));
    if (flow.transport != Transport::udp) {
        contact += flow.transport == Transport::tcp ? ";transport=tcp" : ";transport=tls";
    }
    auto writer =
        MessageWriter::request(method, fmt::format("{}:{}", scheme, is_name ? target.host : there));
    writer
        .header("Via", fmt::format("SIP/2.0/{} {};branch={};rport", via_name(flow.transport),
                                   flow.local.to_string(), branch))
        .header("Max-Forwards", 70)
        .header("From", fmt::format("<{}:{}>;tag={}", scheme, us,
                                    make_tag(context_.shard, context_.random)))
        .header("To", fmt::format("<{}:{}>", scheme, us))
        .header("Call-ID",
                make_call_id(context_.shard, flow.local.address.to_uri_host(), context_.random))
        .header("CSeq", fmt::format("1 {}", method))
        .header("Contact", contact + ">")
        .header("Allow", context_.allow)
        .header("Accept", "application/sdp")
        .header("User-Agent", config.user_agent);
    return writer.finish();
}

}  // namespace trunkline::sipstack
