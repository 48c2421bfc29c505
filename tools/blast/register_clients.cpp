#include "tools/blast/register_clients.h"

#include "tools/blast/aor_table.h"
#include "tools/blast/hex.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace trunkline::blast {

namespace {

constexpr std::string_view first_nc = "00000001";

bool offers_auth(std::string_view qop) {
    while (!qop.empty()) {
        const std::string_view one = qop.substr(0, qop.find(','));
        const std::size_t begin = std::min(one.find_first_not_of(' '), one.size());
        if (same_word(one.substr(begin, 4), "auth") && one.size() - begin == 4) {
            return true;
        }
        qop.remove_prefix(std::min(one.size() + 1, qop.size()));
    }
    return false;
}

}  // namespace

RegisterClients::RegisterClients(RegisterSettings settings, const Flow& flow, Outlet& outlet)
    : ClientRole("register", flow, settings.pace, settings.timers, outlet),
      settings_(std::move(settings)),
      call_ids_(settings_.run),
      uri_(fmt::format("sip:{}", settings_.domain)),
      begin_(fmt::format("REGISTER {} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=", uri_,
                         flow.local.to_string())),
      after_branch_(fmt::format(";rport\r\nMax-Forwards: 70\r\nFrom: <sip:{}", settings_.user)),
      at_domain_(fmt::format("@{}>", settings_.domain)),
      local_(flow.local.to_string()),
      at_local_(fmt::format("@{}>\r\nExpires: {}\r\n", local_, settings_.expires)),
      accounts_(settings_.accounts),
      credentials_(settings_.pace.window) {}

bool RegisterClients::assign(Transaction& transaction) {
    Account& account = accounts_[next_account_];
    if (account.busy) {
        return false;
    }
    account.busy = true;
    transaction.subject = next_account_;
    transaction.step = first;
    transaction.cseq = ++account.cseq;
    next_account_ = next_account_ + 1 == accounts_.size() ? 0 : next_account_ + 1;
    return true;
}

void RegisterClients::released(const Transaction& transaction) {
    accounts_[transaction.subject].busy = false;
}

void RegisterClients::write(uint32_t slot, TextBuffer& text) {
    const Transaction& transaction = transactions().at(slot);
    std::array<char, 10> room;
    TextBuffer digits(room);
    digits << uint64_t{transaction.subject};
    const std::string_view number = digits.text();
    const auto id = call_ids_.of(transaction.subject);
    text << begin_ << view(transactions().branch(slot)) << after_branch_ << number << at_domain_
         << ";tag=" << view(hex<8>(transaction.subject)) << "\r\nTo: <sip:" << settings_.user
         << number << at_domain_ << "\r\nCall-ID: " << view(id)
         << "\r\nCSeq: " << uint64_t{transaction.cseq}
         << " REGISTER\r\nContact: <sip:" << settings_.user << number << at_local_;
    if (transaction.step == with_credentials) {
        text << credentials_[slot];
    }
    text << "Content-Length: 0\r\n\r\n";
}

/// What every answer must have kept of its request (RFC 3261 8.2.6.2).
bool RegisterClients::fits(const Transaction& transaction, const ScannedMessage& answer) const {
    return answer.call_id == view(call_ids_.of(transaction.subject)) &&
           answer.cseq_number == transaction.cseq && answer.cseq_method == "REGISTER" &&
           parameter(answer.from, "tag") == view(hex<8>(transaction.subject)) &&
           parameter(answer.to, "tag").has_value();
}

/// A 200 names our binding and for how long it stands, or no longer names it (RFC 3261 10.3 step
/// 8).
bool RegisterClients::grants(const Transaction& transaction, const ScannedMessage& answer) const {
    if (settings_.expires == 0) {
        return true;
    }
    std::array<char, 256> room;
    TextBuffer wanted(room);
    wanted << "sip:" << settings_.user << uint64_t{transaction.subject} << "@" << local_;
    const auto own = parameter(answer.contact, "expires");
    return uri_of(answer.contact) == wanted.text() &&
           (own ? *own != "0" : answer.expires.value_or(0) > 0);
}

void RegisterClients::answered(uint32_t slot, const ScannedMessage& answer, uint64_t now) {
    Transaction& transaction = transactions().at(slot);
    if (!fits(transaction, answer)) {
        fail(slot, mutable_counts().mismatched);
    } else if (answer.status == 401 || answer.status == 407) {
        challenged(slot, answer, now);
    } else if (answer.status != 200) {
        refuse(slot, answer.status);
    } else if (!grants(transaction, answer)) {
        fail(slot, mutable_counts().mismatched);
    } else {
        complete(slot, now);
    }
}

void RegisterClients::challenged(uint32_t slot, const ScannedMessage& answer, uint64_t now) {
    Transaction& transaction = transactions().at(slot);
    const auto challenge = scan_digest(answer.challenge);
    const bool again =
        transaction.step == with_credentials && !(challenge && challenge->is_stale());
    if (again) {
        refuse(slot, answer.status);
        return;
    }
    const bool usable = challenge && !challenge->realm.empty() && !challenge->nonce.empty() &&
                        (challenge->algorithm.empty() || same_word(challenge->algorithm, "MD5")) &&
                        (challenge->qop.empty() || offers_auth(challenge->qop));
    if (!usable) {
        fail(slot, mutable_counts().mismatched);
        return;
    }
    Account& account = accounts_[transaction.subject];
    const uint64_t realm = text_hash(challenge->realm);
    std::array<char, 64> room;
    TextBuffer user(room);
    user << settings_.user << uint64_t{transaction.subject};
    if (account.realm != realm) {
        account.ha1 = digests_.ha1(user.text(), challenge->realm, settings_.password);
        account.realm = realm;
    }
    const auto cnonce = hex<16>(transactions().at(slot).sent ^ slot);
    const std::string_view qop = challenge->qop.empty() ? "" : "auth";
    const HashText response = digests_.response(
        account.ha1, {challenge->nonce, first_nc, view(cnonce), qop}, "REGISTER", uri_);
    std::array<char, 1024> line_room;
    TextBuffer line(line_room);
    line << (answer.status == 401 ? "Authorization" : "Proxy-Authorization")
         << ": Digest username=\"" << user.text() << "\", realm=\"" << challenge->realm
         << "\", nonce=\"" << challenge->nonce << "\", uri=\"" << uri_ << "\", response=\""
         << view(response) << "\", algorithm=MD5";
    if (!qop.empty()) {
        line << ", qop=auth, nc=" << first_nc << ", cnonce=\"" << view(cnonce) << "\"";
    }
    if (!challenge->opaque.empty()) {
        line << ", opaque=\"" << challenge->opaque << "\"";
    }
    line << "\r\n";
    if (!line.complete()) {
        fail(slot, mutable_counts().mismatched);
        return;
    }
    credentials_[slot] = line.text();
    transaction.step = with_credentials;
    transaction.cseq = ++account.cseq;
    next_request(slot, now);
}

}  // namespace trunkline::blast
