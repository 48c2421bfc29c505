#include "sipstack/digest/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace trunkline::sipstack {

namespace {

bool is_base64_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string encode_base64(std::span<const uint8_t> bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL adds a NUL
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string encode_base64(std::string_view bytes) {
    return encode_base64(std::span(octets(bytes), bytes.size()));
}

std::optional<std::vector<uint8_t>> decode_base64(std::string_view text) {
    // OpenSSL skips blanks and takes '=' anywhere; so the text is judged first.
    const std::size_t digits = std::min(text.find('='), text.size());
    const std::size_t padding = text.size() - digits;
    if (text.size() % 4 != 0 || padding > 2 ||
        text.find_first_not_of('=', digits) != std::string_view::npos ||
        !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(digits),
                     is_base64_digit)) {
        return std::nullopt;
    }
    std::vector<uint8_t> bytes(text.size() / 4 * 3);
    if (EVP_DecodeBlock(bytes.data(), octets(text), static_cast<int>(text.size())) < 0) {
        return std::nullopt;
    }
    bytes.resize(bytes.size() - padding);
    return bytes;
}

}  // namespace trunkline::sipstack
