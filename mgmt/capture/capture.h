// Everything that watches the SIP messages of the appliance: the capture into pcap files that
// operators start and stop, the live traces, and the export to a collector. docs/capture.md has
// what it looks like from outside.
#pragma once

#include "mgmt/capture/capture_filter.h"
#include "mgmt/capture/hep_export.h"
#include "mgmt/capture/live_trace.h"
#include "mgmt/capture/message_capture.h"
#include "mgmt/capture/pcap_capture.h"
#include "mgmt/capture/pcap_files.h"
#include "mgmt/command_table.h"

#include <nlohmann/json_fwd.hpp>
#include <spdlog/logger.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace trunkline::mgmt {

class Capture {
public:
    /// `folder` is for the files, and is theirs alone. A collector is reached from the network
    /// namespace of the thread that makes this.
    Capture(std::shared_ptr<spdlog::logger> log, std::string folder);

    /// The settings from now on. Control thread.
    void apply(const CaptureConfig& config);
    /// Whether the sink, which is not this one's own, gets every message from now on. Any thread.
    void watch(const std::shared_ptr<CaptureSink>& sink, bool wanted);
    /// As MessageCapture::open() says.
    void open(MessageCapture::Taps taps, std::vector<std::string> sip_interfaces);

    /// On the control thread: "capture start" with the fields of a filter (capture_filter.h): one
    /// at a time, and what an earlier one left is removed; "capture stop"; "capture status" ->
    /// running, filter, started_at (null: none was started since power-on), messages, trouble (why
    /// it ended itself), files and bytes that are there to be fetched; `seen` and `dropped` of the
    /// taps, trace_dropped of the live traces, hep_sent and hep_dropped of the export.
    void add_to(CommandTable& table);

    /// The files as one. Any thread.
    PcapDownload download() const;

    /// What matches from now on, until the pointer is let go. Any thread.
    std::shared_ptr<LiveTrace> trace(CaptureFilter filter);
    /// Ends all traces, now and later.
    void end_traces();

private:
    void start(const nlohmann::json& request, const Caller& caller, const Reply& reply);
    void stop(const Caller& caller, const Reply& reply);
    nlohmann::json status() const;
    std::shared_ptr<PcapCapture> current() const;

    const std::shared_ptr<spdlog::logger> log_;
    const std::string folder_;
    PcapLimits limits_;  ///< the control thread's
    std::atomic<uint64_t> trace_dropped_{0};
    const std::shared_ptr<HepExport> export_;
    mutable std::mutex lock_;
    // Behind the lock:
    std::shared_ptr<PcapCapture> current_;  ///< the last one, running or not
    std::vector<std::weak_ptr<LiveTrace>> traces_;
    bool traces_are_over_ = false;

    MessageCapture messages_;  ///< last: its thread uses all of the above
};

}  // namespace trunkline::mgmt
