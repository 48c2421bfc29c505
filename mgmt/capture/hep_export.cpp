#include "mgmt/capture/hep_export.h"

#include <optional>
#include <utility>

namespace trunkline::mgmt {

HepExport::HepExport(std::function<void(const std::string&)> tell) : queue_(std::move(tell)) {}

bool HepExport::apply(const HepConfig& config) {
    const bool sends = config.enabled && config.server;
    const std::lock_guard guard(lock_);
    if (config == config_) {
        return sends;  // a server that is connected stays so
    }
    config_ = config;
    queue_.set_server(
        sends ? std::optional(DeliveryServer{
                    config.protocol, {*config.server, config.port}, nullptr, DeliveryFraming::none})
              : std::nullopt);
    return sends;
}

void HepExport::take(const CapturedMessage& message) {
    const std::lock_guard guard(lock_);
    auto bytes = hep_message(message, {config_.capture_id, config_.key});
    if (bytes) {
        queue_.send(std::move(*bytes));
    } else {
        ++too_long_;
    }
}

DeliveryQueue::Counters HepExport::counters() const {
    auto counters = queue_.counters();
    const std::lock_guard guard(lock_);
    counters.dropped += too_long_;
    return counters;
}

}  // namespace trunkline::mgmt
