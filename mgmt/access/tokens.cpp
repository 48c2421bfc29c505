#include "mgmt/access/tokens.h"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace trunkline::mgmt {

namespace {

std::string digest_of(const std::string& token) {
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(),
           reinterpret_cast<unsigned char*>(digest.data()));
    return digest;
}

}  // namespace

std::string Tokens::issue(Holder holder, Time expires, Time now) {
    std::erase_if(entries_, [now](const auto& entry) { return entry.second.expires <= now; });
    if (entries_.size() >= most) {
        entries_.erase(std::ranges::min_element(
            entries_, {}, [](const auto& entry) { return entry.second.expires; }));
    }
    std::array<unsigned char, 32> random{};
    if (RAND_bytes(random.data(), random.size()) != 1) {
        std::abort();
    }
    std::string token;
    for (const unsigned char byte : random) {
        token += fmt::format("{:02x}", byte);
    }
    entries_.insert_or_assign(digest_of(token), Entry{std::move(holder), expires});
    return token;
}

std::optional<Tokens::Holder> Tokens::holder(const std::string& token, Time now) const {
    const auto found = entries_.find(digest_of(token));
    if (found == entries_.end() || found->second.expires <= now) {
        return std::nullopt;
    }
    return found->second.holder;
}

std::optional<Tokens::Holder> Tokens::renew(const std::string& token, Time expires, Time now) {
    const auto found = entries_.find(digest_of(token));
    if (found == entries_.end() || found->second.expires <= now) {
        return std::nullopt;
    }
    found->second.expires = expires;
    return found->second.holder;
}

void Tokens::end(const std::string& token) {
    entries_.erase(digest_of(token));
}

void Tokens::revoke(const std::string& user) {
    std::erase_if(entries_, [&](const auto& entry) { return entry.second.holder.user == user; });
}

}  // namespace trunkline::mgmt
