#include "tools/blast/digest.h"

#include "tools/blast/hex.h"
#include "tools/blast/text_buffer.h"

#include <openssl/evp.h>

#include <cstdlib>
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

DigestMaker::DigestMaker()
    : md5_(EVP_MD_fetch(nullptr, "MD5", nullptr)), context_(EVP_MD_CTX_new()) {
    // A machine in FIPS mode has no MD5; nothing here works then.
    if (md5_ == nullptr || context_ == nullptr ||
        EVP_DigestInit_ex2(context_, md5_, nullptr) != 1) {
        std::abort();
    }
}

DigestMaker::~DigestMaker() {
    EVP_MD_CTX_free(context_);
    EVP_MD_free(md5_);
}

HashText DigestMaker::hash(std::initializer_list<std::string_view> parts) {
    // One update of the whole is cheaper than one of each part; what is longer goes in pieces.
    std::array<char, 512> room;
    TextBuffer whole(room);
    for (const std::string_view* part = parts.begin(); part != parts.end(); ++part) {
        whole << (part == parts.begin() ? "" : ":") << *part;
    }
    std::array<unsigned char, 16> bytes{};
    EVP_DigestInit_ex2(context_, nullptr, nullptr);
    if (whole.complete()) {
        EVP_DigestUpdate(context_, whole.text().data(), whole.size());
    } else {
        for (const std::string_view* part = parts.begin(); part != parts.end(); ++part) {
            EVP_DigestUpdate(context_, ":", part == parts.begin() ? 0 : 1);
            EVP_DigestUpdate(context_, part->data(), part->size());
        }
    }
    EVP_DigestFinal_ex(context_, bytes.data(), nullptr);
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
