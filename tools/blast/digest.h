// HTTP digest with MD5 as SIP uses it (RFC 2617 3.2.2), by OpenSSL's MD5. The appliance
// has its own elsewhere; the two share no line.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace trunkline::blast {

/// 32 lower-case hexadecimal digits.
using HashText = std::array<char, 32>;

/// What goes into a response beside the two hashes; `nc` as it stands in the message. Without
/// `qop` the response is RFC 2069's, of the nonce alone.
struct DigestInput {
    std::string_view nonce, nc, cnonce, qop;
};

/// One a thread: it keeps a hash.
class DigestMaker {
public:
    /// Of the parts with a ':' between each two.
    HashText hash(std::initializer_list<std::string_view> parts);
    /// H(A1): user, realm, password.
    HashText ha1(std::string_view user, std::string_view realm, std::string_view password);
    /// The response; H(A2) of the last method and URI is kept, as all requests of a run have one.
    HashText response(const HashText& ha1, const DigestInput& input, std::string_view method,
                      std::string_view uri);

private:
    std::string_view a2_text() const { return {a2_.data(), a2_size_}; }

    std::array<char, 256> a2_{};  ///< "REGISTER:sip:host", whose hash is kept
    std::size_t a2_size_ = 0;
    HashText ha2_{};
};

}  // namespace trunkline::blast
