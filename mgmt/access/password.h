// Passwords of people as they are kept: salted and slow to guess (scrypt, RFC 7914). The text has
// its own parameters, so that old ones stay good when the cost rises.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// 2^`log2_n` x `block` x 128 bytes of memory, `lanes` times one after the other.
struct PasswordCost {
    unsigned log2_n = 14;
    unsigned block = 8;
    unsigned lanes = 5;
};

/// "$scrypt$ln=14,r=8,p=5$SALT$HASH", both in base64 without padding. Takes a good part of a second
/// and 16 MiB by default: never on the control thread. Any thread. Aborts when the kernel gives no
/// random bytes.
std::string hash_password(std::string_view password, PasswordCost cost = {});

/// Whether `text` was made by hash_password(), with a cost that password_matches() takes.
bool is_password_hash(std::string_view text);

/// `stored` is a hash, or the password as it stands. Takes the same time whatever differs. A hash
/// that wants more than 64 MiB, or is none, matches nothing.
bool password_matches(std::string_view password, std::string_view stored);

/// 20 characters that nobody mistakes for one another, 98 bits: "k7fq2-m9xrw-h4tdc-p6szn".
std::string random_password();

}  // namespace trunkline::mgmt
