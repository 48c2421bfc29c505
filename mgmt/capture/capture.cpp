#include "mgmt/capture/capture.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

Capture::Capture(std::shared_ptr<spdlog::logger> log, std::string folder)
    : log_(std::move(log)),
      folder_(std::move(folder)),
      export_(std::make_shared<HepExport>([log = log_](const std::string& trouble) {
          log->warn(
              "capture  the HEP server takes no messages; they wait, and are dropped when there "
              "are too many: {}",
              trouble);
      })) {}

void Capture::apply(const CaptureConfig& config) {
    limits_ = config.files;
    watch(export_, export_->apply(config.hep));
}

void Capture::watch(const std::shared_ptr<CaptureSink>& sink, bool wanted) {
    if (wanted) {
        messages_.add(sink);
    } else {
        messages_.remove(*sink);
    }
}

void Capture::open(MessageCapture::Taps taps, std::vector<std::string> sip_interfaces) {
    messages_.open(std::move(taps), std::move(sip_interfaces));
}

void Capture::add_to(CommandTable& table) {
    table.add("capture start", AccessLevel::administrator,
              [this](const json& request, const Caller& caller, const Reply& reply) {
                  start(request, caller, reply);
              });
    table.add(
        "capture stop", AccessLevel::administrator,
        [this](const json&, const Caller& caller, const Reply& reply) { stop(caller, reply); });
    table.add("capture status", AccessLevel::monitor,
              [this](const json&, const Caller&, const Reply& reply) { reply(status()); });
}

std::shared_ptr<PcapCapture> Capture::current() const {
    const std::lock_guard guard(lock_);
    return current_;
}

void Capture::start(const json& request, const Caller& caller, const Reply& reply) {
    const auto filter = read_capture_filter(request);
    if (!filter) {
        reply(refusal(filter.error()));
        return;
    }
    if (const auto running = current(); running && running->status().is_running) {
        reply(refusal("a capture is running; stop it first"));
        return;
    }
    auto begun = PcapCapture::begin(
        folder_, *filter, limits_, [this](const PcapCapture& capture, const std::string& trouble) {
            messages_.remove(capture);
            log_->error("capture  it ended, as its files cannot be written: {}", trouble);
        });
    if (!begun) {
        reply(refusal("no files can be written: " + begun.error()));
        return;
    }
    {
        const std::lock_guard guard(lock_);
        current_ = *begun;
    }
    messages_.add(*begun);
    log_->info("activity  {}: starts a capture of SIP messages: {}", caller.who,
               filter->to_string());
    reply({{"ok", true}, {"filter", filter->to_string()}});
}

void Capture::stop(const Caller& caller, const Reply& reply) {
    const auto running = current();
    if (!running || !running->status().is_running) {
        reply(refusal("no capture is running"));
        return;
    }
    messages_.remove(*running);
    running->end();
    log_->info("activity  {}: ends the capture of SIP messages", caller.who);
    reply(status());
}

json Capture::status() const {
    json answer{{"ok", true},    {"running", false}, {"filter", nullptr}, {"started_at", nullptr},
                {"messages", 0}, {"trouble", ""}};
    if (const auto last = current()) {
        const PcapCapture::Status facts = last->status();
        answer["running"] = facts.is_running;
        answer["filter"] = facts.filter;
        answer["started_at"] =
            fmt::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(facts.started_at));
        answer["messages"] = facts.messages;
        answer["trouble"] = facts.trouble;
    }
    uint64_t bytes = 0;
    const auto files = pcap_files(folder_);
    std::ranges::for_each(files, [&](const PcapFile& file) { bytes += file.bytes; });
    answer["files"] = files.size();
    answer["bytes"] = bytes;
    const auto counters = messages_.counters();
    answer["seen"] = counters.shown;
    answer["dropped"] = counters.dropped;
    answer["trace_dropped"] = trace_dropped_.load();
    const auto exported = export_->counters();
    answer["hep_sent"] = exported.sent;
    answer["hep_dropped"] = exported.dropped;
    return answer;
}

PcapDownload Capture::download() const {
    const auto last = current();
    return last ? last->download() : PcapDownload(folder_);
}

std::shared_ptr<LiveTrace> Capture::trace(CaptureFilter filter) {
    const auto made = std::make_shared<LiveTrace>(std::move(filter), trace_dropped_);
    {
        const std::lock_guard guard(lock_);
        std::erase_if(traces_, [](const auto& trace) { return trace.expired(); });
        traces_.push_back(made);
        if (traces_are_over_) {
            made->end();
        }
    }
    messages_.add(made);
    return {made.get(), [this, made](LiveTrace*) { messages_.remove(*made); }};
}

void Capture::end_traces() {
    const std::lock_guard guard(lock_);
    traces_are_over_ = true;
    for (const auto& weak : traces_) {
        if (const auto trace = weak.lock()) {
            trace->end();
        }
    }
}

}  // namespace trunkline::mgmt
