#include "mgmt/web/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace trunkline::mgmt {

namespace {

/// What is ahead of the first `mark`, without blanks around it; it is taken from the front of
/// `text`.
std::string_view cut_off(std::string_view& text, char mark) {
    constexpr std::string_view blanks = " \t";
    std::string_view part = text.substr(0, text.find(mark));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    part.remove_prefix(std::min(part.find_first_not_of(blanks), part.size()));
    part.remove_suffix(part.size() - (part.find_last_not_of(blanks) + 1));
    return part;
}

bool equals(std::string_view text, std::string_view lower_case) {
    return std::ranges::equal(text, lower_case, [](unsigned char one, unsigned char other) {
        return std::tolower(one) == other;
    });
}

/// Of one coding with its parameters. A weight of nothing but noughts refuses it.
bool is_gzip(std::string_view coding) {
    if (!equals(cut_off(coding, ';'), "gzip")) {
        return false;
    }
    const std::string_view weight = cut_off(coding, ';');
    return weight.empty() || (equals(weight.substr(0, 2), "q=") &&
                              weight.find_first_of("123456789") != std::string_view::npos);
}

}  // namespace

std::string gzip(std::string_view text, GzipEffort effort) {
    constexpr int with_gzip_header = 16;
    constexpr int default_memory = 8;
    z_stream stream{};
    if (deflateInit2(&stream, static_cast<int>(effort), Z_DEFLATED, MAX_WBITS + with_gzip_header,
                     default_memory, Z_DEFAULT_STRATEGY) != Z_OK) {
        std::abort();
    }
    std::string packed(deflateBound(&stream, text.size()), '\0');
    // zlib writes through next_out alone; its interface is older than const.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // NOLINT
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
        std::abort();
    }
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

bool accepts_gzip(std::string_view accept_encoding) {
    while (!accept_encoding.empty()) {
        const std::string_view coding = cut_off(accept_encoding, ',');
        if (is_gzip(coding)) {
            return true;
        }
    }
    return false;
}

}  // namespace trunkline::mgmt
