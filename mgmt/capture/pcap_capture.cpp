#include "mgmt/capture/pcap_capture.h"

#include <utility>

namespace trunkline::mgmt {

PcapCapture::PcapCapture(std::string folder, CaptureFilter filter, PcapFiles files, Failed failed)
    : folder_(std::move(folder)),
      filter_(std::move(filter)),
      failed_(std::move(failed)),
      files_(std::move(files)) {}

std::expected<std::shared_ptr<PcapCapture>, std::string> PcapCapture::begin(
    const std::string& folder, CaptureFilter filter, const PcapLimits& limits, Failed failed) {
    auto files = PcapFiles::begin(folder, limits);
    if (!files) {
        return std::unexpected(files.error());
    }
    return std::shared_ptr<PcapCapture>(
        new PcapCapture(folder, std::move(filter), std::move(*files), std::move(failed)));
}

void PcapCapture::take(const CapturedMessage& captured) {
    if (!filter_.matches(captured)) {
        return;
    }
    const std::lock_guard guard(lock_);
    if (!is_running_) {
        return;
    }
    for (const std::string& packet : packets_.of(captured.message)) {
        files_.add(captured.message.at, packet);
    }
    ++messages_;
}

void PcapCapture::flush() {
    {
        const std::lock_guard guard(lock_);
        if (!is_running_) {
            return;
        }
        const auto written = files_.write_out();
        if (written) {
            return;
        }
        is_running_ = false;
        trouble_ = written.error();
    }
    failed_(*this, trouble_);
}

void PcapCapture::end() {
    const std::lock_guard guard(lock_);
    is_running_ = false;
}

PcapCapture::Status PcapCapture::status() const {
    const std::lock_guard guard(lock_);
    return {is_running_, filter_.to_string(), started_at_, messages_, trouble_};
}

PcapDownload PcapCapture::download() const {
    const std::lock_guard guard(lock_);
    return PcapDownload(folder_);
}

}  // namespace trunkline::mgmt
