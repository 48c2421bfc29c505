#include "tests/sim/simulated_registrar.h"

#include "sipstack/digest/digest.h"
#include "sipstack/transport/stun.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace trunkline::sim {
namespace {

using sipstack::Message;

/// Longer than an answer can be on its way, also to a shard that stalls.
constexpr Milliseconds transaction_lifetime = std::chrono::seconds(500);

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
                                       uint64_t seed, FastPaths& fast_paths)
    : endpoint_(endpoint),
      policy_(std::move(policy)),
      fast_paths_(fast_paths),
      random_(sipstack::Random::seed_from(seed)),
      notifier_(endpoint, seed + 1) {}

void SimulatedRegistrar::add_user(const std::string& user, const std::string& password) {
    passwords_[user] = password;
}

void SimulatedRegistrar::lose_memory() {
    bindings_.clear();
    nonces_.clear();
    notifier_.forget_all();
    for (auto& [branch, transaction] : transactions_) {
        transaction.response.clear();  // What was promised stays promised.
    }
}

std::optional<std::string> SimulatedRegistrar::receive(std::string_view bytes, Instant now,
                                                       const ReturnWay& way) {
    if (!is_running_) {
        return std::nullopt;
    }
    forget_old_transactions(now);
    if (sipstack::is_stun(bytes)) {
        return std::nullopt;  // it speaks SIP alone, and is left alone by and by
    }
    const auto request = Message::parse(bytes);
    if (request && request->is_request() && request->method() == "OPTIONS") {
        ++counters_.probes;
        return respond(*request, 200, "");
    }
    const bool is_subscribe = request && request->is_request() && request->method() == "SUBSCRIBE";
    if (!request || !request->is_request() || (request->method() != "REGISTER" && !is_subscribe)) {
        ++counters_.unreadable;
        return std::nullopt;
    }
    const std::string branch(request->vias().front().branch);
    if (const auto known = transactions_.find(branch);
        known != transactions_.end() && !known->second.response.empty()) {
        ++counters_.repetitions;
        return known->second.response;
    }
    ++counters_.requests;
    granted_until_.reset();
    auto response = is_subscribe ? serve_subscribe(*request, way, now) : serve(*request, now);
    if (!response) {
        return std::nullopt;
    }
    transactions_.insert_or_assign(branch, Transaction{*response, granted_until_});
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
    text += fmt::format("From: {}\r\nTo: {}{}\r\nCall-ID: {}\r\nCSeq: {} {}\r\n",
                        request.rows("From").at(0), request.rows("To").at(0),
                        request.to_tag().empty() ? ";tag=registrar" : "", request.call_id(),
                        request.cseq(), request.method());
    return text + extra + "Content-Length: 0\r\n\r\n";
}

std::string SimulatedRegistrar::challenge(const Message& request, bool is_stale, Instant now) {
    ++counters_.challenges;
    counters_.stale_challenges += is_stale ? 1 : 0;
    const ChallengeForm form = policy_.challenge_form;
    counters_.odd_challenges += form == ChallengeForm::plain ? 0 : 1;
    const std::string nonce = random_.hex(32);
    nonces_[nonce] = {now, 0, form};
    const bool is_proxy = form == ChallengeForm::proxy;
    const std::string_view header = is_proxy ? "Proxy-Authenticate" : "WWW-Authenticate";
    std::string rows;
    if (form == ChallengeForm::several) {
        rows = fmt::format(
            "{0}: Digest realm=\"{1}\", nonce=\"{2}\", qop=\"auth\", "
            "algorithm=SHA3-256\r\n{0}: Bearer realm=\"{1}\"\r\n",
            header, policy_.realm, nonce);
    }
    const std::string_view qop = form == ChallengeForm::legacy     ? ""
                                 : form == ChallengeForm::auth_int ? "qop=\"auth-int\", "
                                                                   : "qop=\"auth\", ";
    rows += fmt::format(
        "{}: Digest realm=\"{}\", nonce=\"{}\", {}opaque=\"sim\", algorithm={}{}\r\n", header,
        policy_.realm, nonce, qop, form == ChallengeForm::sha256 ? "SHA-256" : "MD5",
        is_stale && policy_.says_stale ? ", stale=true" : "");
    return respond(request, is_proxy ? 407 : 401, rows);
}

bool SimulatedRegistrar::is_right(const Message& request, std::string_view credentials,
                                  const std::string& nonce_text, ChallengeForm form) const {
    const auto password = passwords_.find(field(credentials, "username"));
    if (password == passwords_.end()) {
        return false;
    }
    const auto hash = [&](const std::string& text) {
        return form == ChallengeForm::sha256
                   ? sipstack::hash_hex(sipstack::DigestAlgorithm::sha256, text)
                   : fast_paths_.md5(text);
    };
    const std::string ha1 =
        hash(fmt::format("{}:{}:{}", password->first, policy_.realm, password->second));
    const std::string uri = fmt::format("{}:{}", request.method(), request.request_uri());
    const bool is_auth_int = form == ChallengeForm::auth_int;
    const std::string ha2 = hash(is_auth_int ? uri + ":" + hash("") : uri);
    const std::string session =
        form == ChallengeForm::legacy
            ? ""
            : fmt::format(":{}:{}:{}", field(credentials, "nc"), field(credentials, "cnonce"),
                          is_auth_int ? "auth-int" : "auth");
    return hash(ha1 + ":" + nonce_text + session + ":" + ha2) == field(credentials, "response") &&
           field(credentials, "realm") == policy_.realm && field(credentials, "opaque") == "sim" &&
           field(credentials, "uri") == request.request_uri();
}

SimulatedRegistrar::Check SimulatedRegistrar::check_digest(const Message& request, Instant now) {
    auto rows = request.rows("Authorization");
    for (const std::string_view row : request.rows("Proxy-Authorization")) {
        rows.push_back(row);
    }
    const auto known = std::ranges::find_if(
        rows, [&](std::string_view row) { return nonces_.contains(field(row, "nonce")); });
    if (known == rows.end()) {
        return Check::none;
    }
    if (!policy_.knows_passwords) {
        ++counters_.denials;
        return Check::wrong;
    }
    const auto nonce = nonces_.find(field(*known, "nonce"));
    used_form_ = nonce->second.form;
    if (!is_right(request, *known, nonce->first, nonce->second.form)) {
        ++counters_.wrong_digests;
        return Check::wrong;
    }
    if (nonce->second.form != ChallengeForm::legacy) {
        const std::string count = field(*known, "nc");
        const uint64_t uses = std::strtoull(count.c_str(), nullptr, 16);
        if (count.size() != 8 || uses <= nonce->second.last_count) {
            ++counters_.nonce_replays;
            return Check::wrong;
        }
        nonce->second.last_count = uses;
    }
    if (now >= nonce->second.issued + policy_.nonce_lifetime) {
        nonces_.erase(nonce);
        return Check::stale;
    }
    return Check::good;
}

std::string SimulatedRegistrar::refused_extension(const Message& request) {
    const auto required = request.rows("Require");
    const auto requires_tag = [&](std::string_view tag) {
        return std::ranges::find(required, tag) != required.end();
    };
    if (requires_tag("gin") && !policy_.knows_gin) {
        return respond(request, 420, "Unsupported: gin\r\n");
    }
    if (!policy_.knows_outbound && !request.contacts().empty() &&
        request.contacts()[0].reg_id != 0) {
        return respond(request, 439, "");
    }
    if (policy_.requires_path && !requires_tag("path")) {
        return respond(request, 421, "Require: path\r\n");
    }
    return {};
}

std::string SimulatedRegistrar::serve(const Message& request, Instant now) {
    if (policy_.refusal) {
        return refuse(request, *policy_.refusal);
    }
    if (std::string refused = refused_extension(request); !refused.empty()) {
        ++counters_.refused_extensions;
        return refused;
    }
    if (policy_.challenge_form == ChallengeForm::none) {
        ++counters_.odd_challenges;
        return store(request, now);
    }
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

std::string SimulatedRegistrar::refuse(const Message& request, const Refusal& refusal) {
    ++counters_.refusals;
    std::string headers = refusal.headers;
    if (const std::size_t mark = headers.find('#'); mark != std::string::npos) {
        headers.replace(mark, 1, std::to_string(counters_.refusals));
    }
    return respond(request, refusal.status, headers);
}

std::optional<std::string> SimulatedRegistrar::serve_subscribe(const Message& request,
                                                               const ReturnWay& way, Instant now) {
    if (policy_.refusal) {
        return refuse(request, *policy_.refusal);
    }
    if (policy_.refusal_of_subscriptions) {
        ++counters_.refused_subscriptions;
        const Refusal& refusal = *policy_.refusal_of_subscriptions;
        return refusal.status == 0
                   ? std::nullopt
                   : std::optional(respond(request, refusal.status, refusal.headers));
    }
    if (policy_.challenge_form == ChallengeForm::none) {
        return subscribe(request, way, now);
    }
    const Check check = check_digest(request, now);
    return check == Check::good ? subscribe(request, way, now)
                                : challenge(request, check == Check::stale, now);
}

std::string SimulatedRegistrar::subscribe(const Message& request, const ReturnWay& way,
                                          Instant now) {
    if (!request.to_tag().empty() && !notifier_.knows(request)) {
        return respond(request, 481, "");
    }
    const std::chrono::seconds asked(request.expires().value_or(3761));
    if (asked.count() != 0 && asked < policy_.min_expires) {
        ++counters_.too_brief;
        return respond(request, 423,
                       fmt::format("Min-Expires: {}\r\n", policy_.min_expires.count()));
    }
    const std::chrono::seconds granted = std::min(asked, policy_.max_expires);
    std::vector<NotifiedContact> contacts;
    for (const Binding& binding : bindings_[in_brackets(request.rows("To").at(0))]) {
        if (binding.until > now) {
            contacts.push_back({binding.contact, std::chrono::duration_cast<std::chrono::seconds>(
                                                     binding.until - now)});
        }
    }
    if (!notifier_.subscribed(request, way, granted, contacts, now)) {
        ++counters_.cseq_violations;
        return respond(request, 500, "");
    }
    counters_.subscriptions += granted.count() == 0 ? 0 : 1;
    return respond(request, 200,
                   fmt::format("Contact: <sip:{}>\r\nExpires: {}\r\n", endpoint_.to_string(),
                               granted.count()));
}

bool SimulatedRegistrar::change_binding(const std::string& aor, sipstack::BindingEvent event,
                                        std::chrono::seconds left, Instant now) {
    const auto found = bindings_.find(aor);
    if (found == bindings_.end() || found->second.empty() || found->second.back().until <= now) {
        return false;
    }
    Binding& binding = found->second.back();
    notifier_.tell(aor, {binding.contact, left}, event, left, now);
    if (event == sipstack::BindingEvent::shortened) {
        binding.until = std::min(binding.until, now + left);
    } else {
        found->second.pop_back();
    }
    return true;
}

std::string SimulatedRegistrar::next_nonce(Instant now) {
    if (!policy_.gives_next_nonce) {
        return {};
    }
    const std::string nonce = random_.hex(32);
    nonces_[nonce] = {now, 0, used_form_};
    return fmt::format("Authentication-Info: nextnonce=\"{}\"\r\n", nonce);
}

std::string SimulatedRegistrar::remove(const Message& request, Instant) {
    ++counters_.removals;
    auto& bindings = bindings_[in_brackets(request.rows("To").at(0))];
    const std::string contact = in_brackets(request.rows("Contact").at(0));
    const bool are_all = request.contacts().at(0).star;
    std::erase_if(bindings,
                  [&](const Binding& binding) { return are_all || binding.contact == contact; });
    return respond(request, 200, "");
}

std::string SimulatedRegistrar::store(const Message& request, Instant now) {
    const std::string contact = in_brackets(request.rows("Contact").at(0));
    const std::string call_id(request.call_id());
    auto& bindings = bindings_[in_brackets(request.rows("To").at(0))];
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
    if (asked.count() == 0) {
        return remove(request, now);
    }
    if (asked < policy_.min_expires) {
        ++counters_.too_brief;
        return respond(request, 423,
                       fmt::format("Min-Expires: {}\r\n", policy_.min_expires.count()));
    }
    if (own != bindings.end()) {
        bindings.erase(own);
    }
    counters_.odd_contacts += policy_.contact_form == ContactForm::plain ? 0 : 1;
    if (policy_.contact_form == ContactForm::missing) {
        return respond(request, 200, "");
    }
    ++counters_.grants;
    counters_.shortened += policy_.max_expires < asked ? 1 : 0;
    counters_.lengthened += policy_.lengthens && policy_.max_expires > asked ? 1 : 0;
    std::chrono::seconds granted =
        policy_.lengthens ? policy_.max_expires : std::min(asked, policy_.max_expires);
    if (policy_.contact_form == ContactForm::no_expires) {
        granted = asked;
    }
    granted_until_ = now + granted;
    bindings.push_back({contact, call_id, request.cseq(), now + granted});
    return respond(request, 200, name_bindings(request, bindings.back(), now) + next_nonce(now));
}

std::string SimulatedRegistrar::name_bindings(const Message& request, const Binding& own,
                                              Instant now) {
    const auto left = [&](const Binding& binding) {
        return std::chrono::duration_cast<std::chrono::seconds>(binding.until - now).count();
    };
    switch (policy_.contact_form) {
        case ContactForm::rewritten:
            if (request.contacts().at(0).uri.user.empty()) {
                break;  // of many numbers, which nothing but the address names
            }
            return fmt::format("Contact: <sip:{}@203.0.113.99:31337>;expires={}\r\n",
                               request.contacts().at(0).uri.user, left(own));
        case ContactForm::header_expires:
            return fmt::format("Contact: <{}>\r\nExpires: {}\r\n", own.contact, left(own));
        case ContactForm::no_expires:
            return fmt::format("Contact: <{}>\r\n", own.contact);
        default:
            break;
    }
    std::string rows;
    if (policy_.contact_form == ContactForm::among_others) {
        rows = fmt::format(
            "Contact: <sip:{}@203.0.113.5:5062>;expires=7200, "
            "<sip:desk@203.0.113.6>;expires=1\r\n",
            request.contacts().at(0).uri.user);
    }
    for (const Binding& binding : bindings_[in_brackets(request.rows("To").at(0))]) {
        rows += fmt::format("Contact: <{}>;expires={}\r\n", binding.contact, left(binding));
    }
    return rows;
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

bool SimulatedRegistrar::has_binding(const std::string& aor, Instant now) const {
    const auto found = bindings_.find(aor);
    return found != bindings_.end() &&
           std::ranges::any_of(found->second,
                               [&](const Binding& binding) { return binding.until > now; });
}

bool SimulatedRegistrar::has_binding(const std::string& aor, std::string_view call_id,
                                     Instant now) const {
    const auto found = bindings_.find(aor);
    return found != bindings_.end() &&
           std::ranges::any_of(found->second, [&](const Binding& binding) {
               return binding.until > now && binding.call_id == call_id;
           });
}

std::optional<Instant> SimulatedRegistrar::granted_until(std::string_view branch) const {
    const auto found = transactions_.find(std::string(branch));
    return found == transactions_.end() ? std::nullopt : found->second.granted_until;
}

}  // namespace trunkline::sim
