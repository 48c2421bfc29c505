#include "mgmt/access/sealing.h"

#include "mgmt/file_writer.h"
#include "mgmt/regular_file.h"
#include "sipstack/digest/base64.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view mark = "$sealed$";
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

struct CipherDeleter {
    void operator()(EVP_CIPHER_CTX* cipher) const { EVP_CIPHER_CTX_free(cipher); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter>;

/// For what does not fail with arguments like these: without it nothing could be kept secret.
void demand(bool success, const char* what) {
    if (!success) {
        std::fprintf(stderr, "%s failed\n", what);
        std::abort();
    }
}

void fill_randomly(std::span<uint8_t> bytes) {
    demand(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
           "getrandom");
}

/// AES-256-GCM in one direction, up to the tag.
class Gcm {
public:
    Gcm(std::span<const uint8_t> key, std::span<const uint8_t> nonce, bool encrypts)
        : cipher_(EVP_CIPHER_CTX_new()) {
        demand(cipher_ != nullptr &&
                   EVP_CipherInit_ex(cipher_.get(), EVP_aes_256_gcm(), nullptr, key.data(),
                                     nonce.data(), encrypts ? 1 : 0) == 1,
               "AES-256-GCM");
    }

    std::vector<uint8_t> turn(std::span<const uint8_t> input) {
        std::vector<uint8_t> output(input.size() + 1);  // never empty: it is written to
        int size = 0;
        demand(EVP_CipherUpdate(cipher_.get(), output.data(), &size, input.data(),
                                static_cast<int>(input.size())) == 1,
               "EVP_CipherUpdate");
        output.resize(static_cast<std::size_t>(size));
        return output;
    }

    std::array<uint8_t, tag_bytes> tag() {
        std::array<uint8_t, tag_bytes> made{};
        std::array<uint8_t, 16> rest{};
        int size = 0;
        demand(EVP_CipherFinal_ex(cipher_.get(), rest.data(), &size) == 1 &&
                   EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes,
                                       made.data()) == 1,
               "the tag of AES-256-GCM");
        return made;
    }

    bool has_tag(std::span<const uint8_t> expected) {
        std::array<uint8_t, tag_bytes> copy{};
        std::ranges::copy(expected, copy.begin());
        std::array<uint8_t, 16> rest{};
        int size = 0;
        return EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, copy.data()) ==
                   1 &&
               EVP_CipherFinal_ex(cipher_.get(), rest.data(), &size) == 1;
    }

private:
    Cipher cipher_;
};

std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

board::Error unreadable(const std::string& path, const std::string& why) {
    return {
        fmt::format("no sealing key in {} ({}); bring the file there from a backup, or name it "
                    "in administration.sealing_key",
                    path, why)};
}

}  // namespace

bool is_sealed(std::string_view text) {
    return text.starts_with(mark);
}

board::Expected<Sealing> Sealing::open(const std::string& path) {
    const auto file = open_regular_file(path);
    if (!file) {
        return std::unexpected(unreadable(path, file.error()));
    }
    Key key{};
    std::array<char, 2 * sizeof(Key) + 2> text{};  // one more than a key with its line end
    const ssize_t size = ::read(file->get(), text.data(), text.size());
    std::string_view digits(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    if (digits.ends_with('\n')) {
        digits.remove_suffix(1);
    }
    bool is_right = digits.size() == 2 * key.size();
    for (std::size_t at = 0; is_right && at < key.size(); ++at) {
        const char* const begin = digits.data() + 2 * at;
        const auto [end, error] = std::from_chars(begin, begin + 2, key[at], 16);
        is_right = error == std::errc{} && end == begin + 2;
    }
    if (!is_right) {
        return std::unexpected(
            unreadable(path, fmt::format("it has no {} hexadecimal digits", 2 * key.size())));
    }
    return Sealing(key);
}

board::Expected<Sealing> Sealing::open_or_make(const std::string& path) {
    std::error_code error;
    if (std::filesystem::exists(path, error) || error) {
        return open(path);
    }
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) {
        std::filesystem::create_directories(folder, error);  // write_file() tells what is wrong
    }
    Key key{};
    fill_randomly(key);
    std::string text;
    for (const uint8_t byte : key) {
        text += fmt::format("{:02x}", byte);
    }
    if (auto written = write_file(path, text + "\n"); !written) {
        return std::unexpected(written.error());
    }
    return Sealing(key);
}

std::string Sealing::seal(std::string_view secret) const {
    std::vector<uint8_t> sealed(nonce_bytes);
    fill_randomly(sealed);
    Gcm gcm(key_, std::span(sealed).first(nonce_bytes), true);
    const auto text = gcm.turn(bytes_of(secret));
    const auto tag = gcm.tag();
    sealed.insert(sealed.end(), text.begin(), text.end());
    sealed.insert(sealed.end(), tag.begin(), tag.end());
    return std::string(mark) + sipstack::encode_base64(sealed);
}

std::expected<std::string, std::string> Sealing::unseal(std::string_view sealed) const {
    const auto bytes =
        sipstack::decode_base64(is_sealed(sealed) ? sealed.substr(mark.size()) : sealed);
    if (!is_sealed(sealed) || !bytes || bytes->size() < nonce_bytes + tag_bytes) {
        return std::unexpected("a sealed secret that is damaged: no base64, or cut off");
    }
    const std::span<const uint8_t> all(*bytes);
    Gcm gcm(key_, all.first(nonce_bytes), false);
    const auto text = gcm.turn(all.subspan(nonce_bytes, all.size() - nonce_bytes - tag_bytes));
    if (!gcm.has_tag(all.last(tag_bytes))) {
        return std::unexpected("a secret that another appliance sealed, or that was changed since");
    }
    return std::string(text.begin(), text.end());
}

}  // namespace trunkline::mgmt
