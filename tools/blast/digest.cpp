#include "tools/blast/digest.h"

#include "tools/blast/hex.h"
#include "tools/blast/text_buffer.h"

// EVP's way to MD5 allocates for each hash, and costs as much again as the hash itself.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>

#include <cstring>

namespace trunkline::blast {

namespace {

HashText to_text(const std::array<unsigned char, 16>& bytes) {
    HashText text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::memcpy(&text[2 * i], hex_tables::digits[bytes[i]].data(), 2);
    }
    return text;
}

}  // namespace

HashText DigestMaker::hash(std::initializer_list<std::string_view> parts) {
    // One update of the whole is cheaper than one of each part; what is longer goes in pieces.
    std::array<char, 512> room;
    TextBuffer whole(room);
    for (const std::string_view* part = parts.begin(); part != parts.end(); ++part) {
        whole << (part == parts.begin() ? "" : ":") << *part;
    }
    std::array<unsigned char, MD5_DIGEST_LENGTH> bytes{};
    MD5_CTX context;
    MD5_Init(&context);
    if (whole.complete()) {
        MD5_Update(&context, whole.text().data(), whole.size());
    } else {
        for (const std::string_view* part = parts.begin(); part != parts.end(); ++part) {
            MD5_Update(&context, ":", part == parts.begin() ? 0 : 1);
            MD5_Update(&context, part->data(), part->size());
        }
    }
    MD5_Final(bytes.data(), &context);
    return to_text(bytes);
}

HashText DigestMaker::ha1(std::string_view user, std::string_view realm,
                          std::string_view password) {
    return hash({user, realm, password});
}

HashText DigestMaker::response(const HashText& ha1, const DigestInput& input,
                               std::string_view method, std::string_view uri) {
    const std::size_t size = method.size() + 1 + uri.size();
    const bool kept = size == a2_size_ && a2_text().starts_with(method) &&
                      a2_text()[method.size()] == ':' && a2_text().ends_with(uri);
    if (!kept) {
        ha2_ = hash({method, uri});
        TextBuffer a2(a2_);
        a2 << method << ":" << uri;
        a2_size_ = a2.complete() ? size : 0;
    }
    if (input.qop.empty()) {
        return hash({view(ha1), input.nonce, view(ha2_)});
    }
    return hash({view(ha1), input.nonce, input.nc, input.cnonce, input.qop, view(ha2_)});
}

}  // namespace trunkline::blast
