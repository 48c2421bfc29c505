#include "tests/sim/simulated_registrar.h"

#include "sipstack/digest/digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace trunkline::sim {
namespace {

using sipstack::Message;

constexpr Milliseconds transaction_lifetime = std::chrono::seconds(32);

std::string md5(const std::string& text) {
    return sipstack::hash_hex(sipstack::DigestAlgorithm::md5, text);
}

/// name="value" or name=value of an Authorization row. Values of the tests hold no comma or quote.
std::string field(std::string_view row, const std::string& name) {
    for (const std::string& lead : {" " + name + "=", "," + name + "="}) {
        const std::size_t found = row.find(lead);
        if (found == std::string_view::npos) {
            continue;
        }
        std::string_view value = row.substr(found + lead.size());
        value = value.substr(0, value.find(','));
        if (value.size() >= 2 && value.front() == '"') {
            value = value.substr(1, value.rfind('"') - 1);
        }
        return std::string(value);
    }
    return {};
}

/// "<sip:user@host>;tag=..." -> "sip:user@host"
std::string in_brackets(std::string_view row) {
    const std::size_t begin = row.find('<');
    const std::size_t end = row.find('>');
    return begin == std::string_view::npos || end == std::string_view::npos
               ? std::string()
               : std::string(row.substr(begin + 1, end - begin - 1));
}

}  // namespace

SimulatedRegistrar::SimulatedRegistrar(dataplane::Endpoint endpoint, RegistrarPolicy policy,
                                       uint64_t seed)
    : endpoint_(endpoint), policy_(std::move(policy)), random_(sipstack::Random::seed_from(seed)) {}

void SimulatedRegistrar::add_user(const std::string& user, const std::string& password) {
    passwords_[user] = password;
}

void SimulatedRegistrar::lose_memory() {
    bindings_.clear();
    nonces_.clear();
    transactions_.clear();
    transaction_ends_.clear();
}

std::optional<std::string> SimulatedRegistrar::receive(std::string_view bytes, Instant now) {
    if (!is_running_) {
        return std::nullopt;
    }
    forget_old_transactions(now);
    const auto request = Message::parse(bytes);
    if (!request || !request->is_request() || request->method() != "REGISTER") {
        ++counters_.unreadable;
        return std::nullopt;
    }
    const std::string branch = request->vias().front().branch;
    if (const auto known = transactions_.find(branch); known != transactions_.end()) {
        ++counters_.repetitions;
        return known->second;
    }
    ++counters_.requests;
    std::string response = serve(*request, now);
    transactions_.emplace(branch, response);
    transaction_ends_.emplace_back(now + transaction_lifetime, branch);
    return response;
}

void SimulatedRegistrar::forget_old_transactions(Instant now) {
    while (!transaction_ends_.empty() && transaction_ends_.front().first <= now) {
        transactions_.erase(transaction_ends_.front().second);
        transaction_ends_.pop_front();
    }
}

std::string SimulatedRegistrar::respond(const Message& request, int status,
                                        const std::string& extra) {
    std::string text = fmt::format("SIP/2.0 {} {}\r\n", status, status == 200 ? "OK" : "Refused");
    for (const std::string_view via : request.rows("Via")) {
        text += fmt::format("Via: {}\r\n", via);
    }
    text += fmt::format("From: {}\r\nTo: {};tag=registrar\r\nCall-ID: {}\r\nCSeq: {} REGISTER\r\n",
                        request.rows("From").at(0), request.rows("To").at(0), request.call_id(),
                        request.cseq());
    return text + extra + "Content-Length: 0\r\n\r\n";
}

std::string SimulatedRegistrar::challenge(const Message& request, bool is_stale, Instant now) {
    ++counters_.challenges;
    counters_.stale_challenges += is_stale ? 1 : 0;
    const std::string nonce = random_.hex(32);
    nonces_[nonce] = {now, 0};
    return respond(
        request, 401,
        fmt::format("WWW-Authenticate: Digest realm=\"{}\", nonce=\"{}\", qop=\"auth\", "
                    "opaque=\"sim\", algorithm=MD5{}\r\n",
                    policy_.realm, nonce, is_stale && policy_.says_stale ? ", stale=true" : ""));
}

SimulatedRegistrar::Check SimulatedRegistrar::check_digest(const Message& request, Instant now) {
    const auto rows = request.rows("Authorization");
    if (rows.empty()) {
        return Check::none;
    }
    const std::string_view row = rows.front();
    const std::string nonce_text = field(row, "nonce");
    const auto nonce = nonces_.find(nonce_text);
    const auto password = passwords_.find(field(row, "username"));
    if (nonce == nonces_.end() || password == passwords_.end()) {
        return Check::none;
    }
    const std::string count = field(row, "nc");
    const std::string ha1 =
        md5(fmt::format("{}:{}:{}", password->first, policy_.realm, password->second));
    const std::string ha2 = md5(fmt::format("REGISTER:{}", request.request_uri()));
    const std::string expected =
        md5(fmt::format("{}:{}:{}:{}:auth:{}", ha1, nonce_text, count, field(row, "cnonce"), ha2));
    if (expected != field(row, "response") || field(row, "realm") != policy_.realm ||
        field(row, "opaque") != "sim" || field(row, "uri") != request.request_uri()) {
        ++counters_.wrong_digests;
        return Check::wrong;
    }
    const uint64_t uses = std::strtoull(count.c_str(), nullptr, 16);
    if (count.size() != 8 || uses <= nonce->second.last_count) {
        ++counters_.nonce_replays;
        return Check::wrong;
    }
    nonce->second.last_count = uses;
    if (now >= nonce->second.issued + policy_.nonce_lifetime) {
        nonces_.erase(nonce);
        return Check::stale;
    }
    return Check::good;
}

std::string SimulatedRegistrar::serve(const Message& request, Instant now) {
    switch (check_digest(request, now)) {
        case Check::good:
            return store(request, now);
        case Check::stale:
            return challenge(request, true, now);
        case Check::none:
        case Check::wrong:
            return challenge(request, false, now);
    }
    return {};
}

std::string SimulatedRegistrar::store(const Message& request, Instant now) {
    const std::string aor = in_brackets(request.rows("To").at(0));
    const std::string contact = in_brackets(request.rows("Contact").at(0));
    const std::string call_id(request.call_id());
    auto& bindings = bindings_[aor];
    std::erase_if(bindings, [&](const Binding& binding) { return binding.until <= now; });
    const auto own = std::find_if(bindings.begin(), bindings.end(), [&](const Binding& binding) {
        return binding.contact == contact;
    });
    if (own != bindings.end() && own->call_id == call_id && own->cseq >= request.cseq()) {
        ++counters_.cseq_violations;
        return respond(request, 500, "");
    }
    const std::chrono::seconds asked(
        request.contacts().at(0).expires.value_or(request.expires().value_or(3600)));
    if (asked.count() > 0 && asked < policy_.min_expires) {
        ++counters_.too_brief;
        return respond(request, 423,
                       fmt::format("Min-Expires: {}\r\n", policy_.min_expires.count()));
    }
    if (own != bindings.end()) {
        bindings.erase(own);
    }
    if (asked.count() == 0) {
        ++counters_.removals;
        promises_.erase(aor);
    } else {
        ++counters_.grants;
        const Instant until = now + std::min(asked, policy_.max_expires);
        bindings.push_back({contact, call_id, request.cseq(), until});
        promises_[aor] = until;
    }
    std::string contacts;
    for (const Binding& binding : bindings) {
        contacts += fmt::format(
            "Contact: <{}>;expires={}\r\n", binding.contact,
            std::chrono::duration_cast<std::chrono::seconds>(binding.until - now).count());
    }
    return respond(request, 200, contacts);
}

std::size_t SimulatedRegistrar::bindings(Instant now) const {
    std::size_t count = 0;
    for (const auto& [aor, bindings] : bindings_) {
        count += static_cast<std::size_t>(
            std::count_if(bindings.begin(), bindings.end(),
                          [&](const Binding& binding) { return binding.until > now; }));
    }
    return count;
}

std::optional<Instant> SimulatedRegistrar::promised_until(const std::string& aor) const {
    const auto found = promises_.find(aor);
    return found == promises_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace trunkline::sim
