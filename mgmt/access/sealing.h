// Secrets that leave the box are sealed: nobody reads them, and this box takes them back. So a
// backup or a `show running-config` holds all of a configuration and no password in clear.
//
// "$sealed$" and base64 of nonce (12 bytes), ciphertext and tag (16 bytes): AES-256-GCM (NIST SP
// 800-38D) under the box's own key, with a nonce from getrandom(2) each time. The key is a file of
// 64 hexadecimal digits; who has it reads every sealed secret of the box.
#pragma once

#include "board/error.h"

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// Whether a text says that it is a sealed secret.
bool is_sealed(std::string_view text);

class Sealing {
public:
    /// With the key in `path`. The error says why it cannot be read.
    static board::Expected<Sealing> open(const std::string& path);
    /// The same; where there is no such file, it is made with a new key (mode 0600, synchronised
    /// with the disk; its folder too).
    static board::Expected<Sealing> open_or_make(const std::string& path);

    std::string seal(std::string_view secret) const;
    /// The error, for people, says what is wrong with `sealed`: sealed elsewhere, changed, cut off.
    std::expected<std::string, std::string> unseal(std::string_view sealed) const;

private:
    using Key = std::array<uint8_t, 32>;
    explicit Sealing(const Key& key) : key_(key) {}

    Key key_{};
};

}  // namespace trunkline::mgmt
