#include "mgmt/firmware/firmware_file.h"

#include "mgmt/firmware/sha256.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view magic = "TRUNKLINE FIRMWARE 1";
constexpr std::size_t longest_line = 4096;
constexpr std::size_t signature_bytes = 64;
constexpr std::size_t piece_bytes = 1U << 20;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::unexpected<board::Error> refusal(const std::string& reason) {
    return std::unexpected(board::Error{reason});
}

/// A line without its end; a long one is cut, and then nothing fits.
std::string line_of(std::istream& file) {
    std::string line;
    for (int c = file.get(); c != EOF && c != '\n' && line.size() < longest_line; c = file.get()) {
        line += static_cast<char>(c);
    }
    return line;
}

std::vector<unsigned char> bytes_of(std::string_view hex) {
    const auto digit = [](char c) { return std::string_view("0123456789abcdef").find(c); };
    std::vector<unsigned char> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const std::size_t high = digit(hex[i]);
        const std::size_t low = digit(hex[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            return {};
        }
        bytes.push_back(static_cast<unsigned char>(high << 4U | low));
    }
    return bytes;
}

bool is_signed(std::string_view text, std::string_view signature_hex,
               const std::string& public_key) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> pem(
        BIO_new_mem_buf(public_key.data(), static_cast<int>(public_key.size())), BIO_free);
    const Key key(PEM_read_bio_PUBKEY(pem.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const auto signature = bytes_of(signature_hex);
    return key && EVP_PKEY_is_a(key.get(), "ED25519") == 1 && signature.size() == signature_bytes &&
           EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                            reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
}

}  // namespace

board::Expected<FirmwareManifest> read_firmware_manifest(std::istream& file,
                                                         const std::string& public_key) {
    if (line_of(file) != magic) {
        return refusal(
            "this is no firmware file; one ends in .firmware and is what the image was built with");
    }
    const std::string text = line_of(file);
    const std::string signature = line_of(file);
    if (!is_signed(fmt::format("{}\n{}\n", magic, text), signature, public_key)) {
        return refusal(
            "the firmware is not signed by the maker of this box's own; build it with the key of "
            "that one");
    }
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("version") || !json["version"].is_string() ||
        !json.contains("size") || !json["size"].is_number_unsigned() || !json.contains("sha256") ||
        !json["sha256"].is_string()) {
        return refusal("the firmware's manifest does not say version, size and sha256");
    }
    return FirmwareManifest{json["version"], json["size"], json["sha256"]};
}

board::Expected<void> read_firmware_content(
    std::istream& file, const FirmwareManifest& manifest,
    const std::function<board::Expected<void>(std::span<const char> piece)>& take) {
    Sha256 hash;
    std::vector<char> piece(piece_bytes);
    uint64_t left = manifest.size;
    while (left > 0) {
        file.read(piece.data(),
                  static_cast<std::streamsize>(std::min<uint64_t>(left, piece.size())));
        const auto length = static_cast<std::size_t>(file.gcount());
        if (length == 0) {
            return refusal(fmt::format("the firmware file ends {} bytes early", left));
        }
        const std::span<const char> read(piece.data(), length);
        hash.add(read);
        if (auto taken = take(read); !taken) {
            return taken;
        }
        left -= length;
    }
    if (file.peek() != std::istream::traits_type::eof()) {
        return refusal("the firmware file goes on behind its content");
    }
    if (hash.hex() != manifest.sha256) {
        return refusal("the firmware's content is not what its maker signed: the file is damaged");
    }
    return {};
}

}  // namespace trunkline::mgmt
