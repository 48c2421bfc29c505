// Files of captured packets in pcap's format (nanoseconds, raw IP: LINKTYPE_RAW), one behind the
// other in a folder of their own, so many and so large at most: the oldest is removed for the
// newest.
#pragma once

#include "board/file_descriptor.h"
#include "mgmt/capture/pcap_limits.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

struct PcapFile {
    std::string path;
    uint64_t bytes = 0;
};

/// What is in the folder, the oldest first.
std::vector<PcapFile> pcap_files(const std::string& folder);

class PcapFiles {
public:
    /// Makes the folder, removes what an earlier capture left there, and begins a file. The files
    /// are the owner's alone to read. The error says what cannot be done.
    static std::expected<PcapFiles, std::string> begin(const std::string& folder,
                                                       const PcapLimits& limits);

    /// Keeps the packet for write_out(). `at` is since 1970 (UTC).
    void add(std::chrono::nanoseconds at, std::string_view packet);
    /// Writes what was added. After an error the files are as long as they were and nothing more
    /// can be added.
    std::expected<void, std::string> write_out();

private:
    PcapFiles(std::string folder, const PcapLimits& limits);
    std::expected<void, std::string> next_file();

    std::string folder_;
    PcapLimits limits_;
    uint64_t number_ = 0;
    std::deque<std::string> paths_;
    board::FileDescriptor file_;
    uint64_t file_bytes_ = 0;
    std::string waiting_;
};

/// The files of a folder as a single one, which is read while a capture may go on.
class PcapDownload {
public:
    /// As long as the files are at this moment.
    explicit PcapDownload(const std::string& folder);
    bool is_empty() const { return parts_.empty(); }
    /// Piece by piece, until `sink` says that it takes no more.
    void write_to(const std::function<bool(std::string_view piece)>& sink) const;

private:
    struct Part {
        board::FileDescriptor file;
        uint64_t bytes;
    };
    std::vector<Part> parts_;
};

}  // namespace trunkline::mgmt
