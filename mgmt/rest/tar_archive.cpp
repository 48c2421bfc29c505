#include "mgmt/rest/tar_archive.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <numeric>

namespace trunkline::mgmt {

namespace {

constexpr std::size_t block_size = 512;
/// 15 bits of window, and 16: with gzip's head and tail.
constexpr int gzip_window = 15 + 16;
constexpr int memory_level = 8;

using Block = std::array<char, block_size>;

void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "tar archive: %s\n", what);
        std::abort();
    }
}

void put(Block& block, std::size_t at, std::string_view text) {
    std::ranges::copy(text, block.begin() + static_cast<std::ptrdiff_t>(at));
}

/// Fields of ustar's header by their offsets.
Block header_of(std::string_view name, std::size_t size,
                std::chrono::system_clock::time_point when) {
    constexpr std::size_t mode_at = 100, owner_at = 108, group_at = 116, size_at = 124,
                          time_at = 136, sum_at = 148, type_at = 156, magic_at = 257,
                          version_at = 263;
    Block block{};
    put(block, 0, name);
    put(block, mode_at, "0000600");
    put(block, owner_at, "0000000");
    put(block, group_at, "0000000");
    put(block, size_at, fmt::format("{:011o}", size));
    put(block, time_at, fmt::format("{:011o}", std::chrono::system_clock::to_time_t(when)));
    put(block, sum_at, "        ");  // the sum is made of blanks in its own place
    block[type_at] = '0';
    put(block, magic_at, "ustar");
    put(block, version_at, "00");
    const unsigned sum =
        std::accumulate(block.begin(), block.end(), 0U,
                        [](unsigned before, char c) { return before + static_cast<uint8_t>(c); });
    put(block, sum_at, fmt::format("{:06o}", sum));
    block[sum_at + 6] = '\0';
    return block;
}

}  // namespace

struct TarArchive::State {
    explicit State(std::chrono::system_clock::time_point now) : when(now) {
        require(::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window,
                               memory_level, Z_DEFAULT_STRATEGY) == Z_OK,
                "no memory");
    }
    ~State() { ::deflateEnd(&stream); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void write(std::string_view bytes, int flush = Z_NO_FLUSH) {
        std::array<char, 65536> out;
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream.avail_in = static_cast<uInt>(bytes.size());
        do {
            stream.next_out = reinterpret_cast<Bytef*>(out.data());
            stream.avail_out = out.size();
            require(::deflate(&stream, flush) != Z_STREAM_ERROR, "it was finished before");
            archive.append(out.data(), out.size() - stream.avail_out);
        } while (stream.avail_out == 0);
    }

    const std::chrono::system_clock::time_point when;
    z_stream stream{};
    std::string archive;
};

TarArchive::TarArchive(std::chrono::system_clock::time_point when)
    : state_(std::make_unique<State>(when)) {}

TarArchive::~TarArchive() = default;

void TarArchive::add(std::string_view name, std::string_view content) {
    require(!name.empty() && name.size() <= longest_name && !name.starts_with('/'),
            "a file has no fit name");
    const Block header = header_of(name, content.size(), state_->when);
    state_->write({header.data(), header.size()});
    state_->write(content);
    const std::size_t rest = content.size() % block_size;
    state_->write(std::string(rest == 0 ? 0 : block_size - rest, '\0'));
}

std::string TarArchive::finish() {
    state_->write(std::string(2 * block_size, '\0'), Z_FINISH);
    return std::move(state_->archive);
}

}  // namespace trunkline::mgmt
