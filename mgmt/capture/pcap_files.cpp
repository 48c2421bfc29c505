#include "mgmt/capture/pcap_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

namespace {

namespace fs = std::filesystem;

constexpr const char* stem = "sip-";
constexpr const char* extension = ".pcap";
constexpr std::size_t piece_bytes = 64 * 1024;

/// Both as the file has them, in this machine's byte order (draft-ietf-opsawg-pcap).
struct FileHeader {
    uint32_t magic = 0xa1b23c4d;  ///< times have nanoseconds
    uint16_t major = 2, minor = 4;
    uint32_t reserved[2] = {0, 0};
    uint32_t longest_packet = 65535;
    uint32_t link_type = 101;  ///< LINKTYPE_RAW: IPv4 or IPv6 begins at once
};
struct PacketHeader {
    uint32_t seconds, nanoseconds, kept_bytes, bytes;
};
static_assert(sizeof(FileHeader) == 24 && sizeof(PacketHeader) == 16);

template <typename Header>
std::string_view bytes_of(const Header& header) {
    return {reinterpret_cast<const char*>(&header), sizeof header};
}

std::unexpected<std::string> failure(const std::string& what, int error) {
    return std::unexpected(fmt::format("{}: {}", what, std::generic_category().message(error)));
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    return true;
}

}  // namespace

std::vector<PcapFile> pcap_files(const std::string& folder) {
    std::vector<PcapFile> files;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
        const std::string name = entry.path().filename();
        std::error_code trouble;
        if (name.starts_with(stem) && name.ends_with(extension) && entry.is_regular_file(trouble)) {
            files.push_back({entry.path(), entry.file_size(trouble)});
        }
    }
    std::ranges::sort(files, {}, &PcapFile::path);
    return files;
}

PcapFiles::PcapFiles(std::string folder, const PcapLimits& limits)
    : folder_(std::move(folder)), limits_(limits) {}

std::expected<PcapFiles, std::string> PcapFiles::begin(const std::string& folder,
                                                       const PcapLimits& limits) {
    std::error_code trouble;
    fs::create_directories(folder, trouble);
    if (trouble || ::chmod(folder.c_str(), S_IRWXU) != 0) {
        return failure(folder, trouble ? trouble.value() : errno);
    }
    for (const PcapFile& old : pcap_files(folder)) {
        if (!fs::remove(old.path, trouble)) {
            return failure(old.path, trouble.value());
        }
    }
    PcapFiles files(folder, limits);
    if (auto begun = files.next_file(); !begun) {
        return std::unexpected(begun.error());
    }
    return files;
}

std::expected<void, std::string> PcapFiles::next_file() {
    const std::string path = fmt::format("{}/{}{:08}{}", folder_, stem, ++number_, extension);
    board::FileDescriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!file || !write_all(file.get(), bytes_of(FileHeader{}))) {
        return failure(path, errno);
    }
    file_ = std::move(file);
    file_bytes_ = sizeof(FileHeader);
    paths_.push_back(path);
    if (paths_.size() > limits_.files) {
        if (::unlink(paths_.front().c_str()) != 0 && errno != ENOENT) {
            return failure(paths_.front(), errno);
        }
        paths_.pop_front();
    }
    return {};
}

void PcapFiles::add(std::chrono::nanoseconds at, std::string_view packet) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const auto size = static_cast<uint32_t>(packet.size());
    waiting_ += bytes_of(PacketHeader{static_cast<uint32_t>(seconds.count()),
                                      static_cast<uint32_t>((at - seconds).count()), size, size});
    waiting_ += packet;
}

std::expected<void, std::string> PcapFiles::write_out() {
    std::string_view left = waiting_;
    while (!left.empty()) {
        if (file_bytes_ >= limits_.file_bytes) {
            if (auto begun = next_file(); !begun) {
                return begun;
            }
        }
        // As many whole packets as the file takes.
        std::size_t size = 0;
        do {
            PacketHeader header{};
            std::memcpy(&header, left.data() + size, sizeof header);
            size += sizeof header + header.kept_bytes;
        } while (size < left.size() && file_bytes_ + size < limits_.file_bytes);
        if (!write_all(file_.get(), left.substr(0, size))) {
            const int error = errno;
            // Half a packet would spoil the file; where this fails, readers stop before it.
            [[maybe_unused]] const int cut =
                ::ftruncate(file_.get(), static_cast<off_t>(file_bytes_));
            return failure(paths_.back(), error);
        }
        file_bytes_ += size;
        left.remove_prefix(size);
    }
    waiting_.clear();
    return {};
}

PcapDownload::PcapDownload(const std::string& folder) {
    for (const PcapFile& file : pcap_files(folder)) {
        board::FileDescriptor opened(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat facts {};
        if (opened && ::fstat(opened.get(), &facts) == 0 &&
            facts.st_size >= static_cast<off_t>(sizeof(FileHeader))) {
            parts_.push_back({std::move(opened), static_cast<uint64_t>(facts.st_size)});
        }
    }
}

void PcapDownload::write_to(const std::function<bool(std::string_view)>& sink) const {
    if (!sink(bytes_of(FileHeader{}))) {
        return;
    }
    std::string piece(piece_bytes, '\0');
    for (const Part& part : parts_) {
        for (uint64_t at = sizeof(FileHeader); at < part.bytes;) {
            const ssize_t taken =
                ::pread(part.file.get(), piece.data(),
                        std::min<uint64_t>(piece.size(), part.bytes - at), static_cast<off_t>(at));
            if (taken <= 0 || !sink({piece.data(), static_cast<std::size_t>(taken)})) {
                return;
            }
            at += static_cast<uint64_t>(taken);
        }
    }
}

}  // namespace trunkline::mgmt
