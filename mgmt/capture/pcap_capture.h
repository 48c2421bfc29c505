// One capture of SIP messages into pcap files, from its start to its end.
#pragma once

#include "mgmt/capture/capture_filter.h"
#include "mgmt/capture/captured_message.h"
#include "mgmt/capture/message_packets.h"
#include "mgmt/capture/pcap_files.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace trunkline::mgmt {

/// Any thread.
class PcapCapture final : public CaptureSink {
public:
    /// The capture ended itself, as the disk takes no more; called once, on the capture's thread.
    using Failed = std::function<void(const PcapCapture& capture, const std::string& trouble)>;

    struct Status {
        bool is_running = true;
        std::string filter;
        std::chrono::system_clock::time_point started_at;
        uint64_t messages = 0;
        std::string trouble;  ///< why it ended itself
    };

    /// What PcapFiles::begin() does; the error is its.
    static std::expected<std::shared_ptr<PcapCapture>, std::string> begin(const std::string& folder,
                                                                          CaptureFilter filter,
                                                                          const PcapLimits& limits,
                                                                          Failed failed);

    void take(const CapturedMessage& message) override;
    void flush() override;
    /// Nothing more is written from now on.
    void end();
    Status status() const;
    /// What there is now, in whole packets.
    PcapDownload download() const;

private:
    PcapCapture(std::string folder, CaptureFilter filter, PcapFiles files, Failed failed);

    const std::string folder_;
    const CaptureFilter filter_;
    const std::chrono::system_clock::time_point started_at_ = std::chrono::system_clock::now();
    const Failed failed_;
    mutable std::mutex lock_;
    // Behind the lock:
    PcapFiles files_;
    MessagePackets packets_;
    bool is_running_ = true;
    uint64_t messages_ = 0;
    std::string trouble_;
};

}  // namespace trunkline::mgmt
