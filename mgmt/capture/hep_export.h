// Sends every SIP message to a collector as HEP version 3 (hep_message.h). What the collector does
// not take in time is dropped and counted.
#pragma once

#include "mgmt/capture/capture_config.h"
#include "mgmt/capture/captured_message.h"
#include "mgmt/capture/hep_message.h"
#include "mgmt/delivery/delivery_queue.h"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace trunkline::mgmt {

/// Any thread.
class HepExport final : public CaptureSink {
public:
    /// As DeliveryQueue has both: its namespace, and `tell`.
    explicit HepExport(std::function<void(const std::string& trouble)> tell);

    /// From now on. Whether anything is to be sent: who owns this lets it watch then.
    bool apply(const HepConfig& config);

    void take(const CapturedMessage& message) override;

    /// Dropped are, beside those that found no room, those that are too long for HEP.
    DeliveryQueue::Counters counters() const;

private:
    mutable std::mutex lock_;
    // Behind the lock:
    HepConfig config_;
    uint64_t too_long_ = 0;

    DeliveryQueue queue_;
};

}  // namespace trunkline::mgmt
