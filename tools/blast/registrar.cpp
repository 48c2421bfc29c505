#include "tools/blast/registrar.h"

#include "tools/blast/hex.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace trunkline::blast {

namespace {

constexpr uint64_t second = 1'000'000'000;

std::string_view status_line(uint16_t status) {
    switch (status) {
        case 200:
            return "SIP/2.0 200 OK\r\n";
        case 401:
            return "SIP/2.0 401 Unauthorized\r\n";
        case 405:
            return "SIP/2.0 405 Method Not Allowed\r\nAllow: REGISTER, OPTIONS\r\n";
        case 500:
            return "SIP/2.0 500 CSeq Out Of Order\r\n";
        default:
            return "SIP/2.0 503 Service Unavailable\r\n";
    }
}

std::string password_of(std::string_view pattern, std::string_view user) {
    const std::size_t at = pattern.find("%s");
    return at == std::string_view::npos
               ? std::string(pattern)
               : fmt::format("{}{}{}", pattern.substr(0, at), user, pattern.substr(at + 2));
}

/// What the request asks for: the Contact's own time, the header's, or `otherwise`.
uint32_t wanted_expires(const ScannedMessage& message, uint32_t otherwise) {
    if (const auto own = parameter(message.contact, "expires"); own) {
        uint32_t seconds = 0;
        const auto [stop, error] = std::from_chars(own->data(), own->data() + own->size(), seconds);
        return error == std::errc() && stop == own->data() + own->size() ? seconds : otherwise;
    }
    return message.expires.value_or(otherwise);
}

/// Where a parameter "rport" without a value ends; npos: there is none.
std::size_t empty_rport_end(std::string_view via) {
    constexpr std::string_view name = "rport";
    for (std::size_t at = via.find(';'); at != std::string_view::npos; at = via.find(';', at)) {
        at = std::min(via.find_first_not_of(" \t", at + 1), via.size());
        const std::size_t end = at + name.size();
        if (same_word(via.substr(at, name.size()), name) &&
            (end == via.size() || via[end] == ';' || via[end] == ' ')) {
            return end;
        }
    }
    return std::string_view::npos;
}

}  // namespace

Registrar::Registrar(RegistrarSettings settings, Outlet& outlet)
    : settings_(std::move(settings)),
      outlet_(outlet),
      aors_(settings_.aors),
      challenge_head_(
          fmt::format("\r\nWWW-Authenticate: Digest realm=\"{}\", nonce=\"", settings_.realm)),
      random_(settings_.seed) {}

void Registrar::start(uint64_t now) {
    start_ = now;
}

uint32_t Registrar::second_of(uint64_t now) const {
    return static_cast<uint32_t>((now - start_) / second) + 1;
}

uint64_t Registrar::next_random() {
    // SplitMix64: good enough to part shares and to make nonces that nobody attacks.
    random_ += 0x9e3779b97f4a7c15ULL;
    uint64_t mixed = random_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
}

bool Registrar::falls_into(double share) {
    constexpr double whole = 9007199254740992.0;  // 2^53
    return share > 0 && static_cast<double>(next_random() >> 11) / whole < share;
}

void Registrar::receive(std::span<const Datagram> batch, uint64_t now) {
    // Three passes, so that the table's lines are on their way while the next request is scanned.
    batch_.resize(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        look(batch[i], batch_[i]);
        aors_.prefetch_slot(batch_[i].key);
    }
    for (const Request& request : batch_) {
        aors_.prefetch_record(request.key);
    }
    for (const Request& request : batch_) {
        handle(request, now);
    }
}

void Registrar::look(const Datagram& datagram, Request& request) {
    request.datagram = &datagram;
    request.wrong = scan(datagram.payload, request.message);
    request.aor = {};
    request.key = 0;
    if (request.wrong == nullptr && !request.message.is_request()) {
        request.wrong = "a response";
    } else if (request.wrong == nullptr && request.message.cseq_method != request.message.method) {
        request.wrong = "CSeq of another method";
    }
    if (request.wrong == nullptr && request.message.method == "REGISTER") {
        request.aor = user_and_host(uri_of(request.message.to));
        request.key = text_hash(request.aor);
        if (request.aor.empty()) {
            request.wrong = "To without an address";
        }
    }
}

void Registrar::handle(const Request& request, uint64_t now) {
    if (request.wrong != nullptr) {
        ++counts_.malformed;
        ++malformed_[request.wrong];
        return;
    }
    if (falls_into(settings_.drop_share)) {
        ++counts_.dropped;
        return;
    }
    if (request.message.method == "REGISTER") {
        handle_register(request, now);
    } else if (request.message.method == "OPTIONS") {
        ++counts_.options;
        answer(request, {}, now);
    } else if (request.message.method != "ACK") {
        ++counts_.other_methods;
        answer(request, {.status = 405}, now);
    }
}

void Registrar::handle_register(const Request& request, uint64_t now) {
    ++counts_.requests;
    Aor* aor = aors_.get(request.key, request.aor);
    if (aor == nullptr) {
        ++counts_.table_full;
        answer(request, {.status = 503}, now);
        return;
    }
    const uint64_t call_id = text_hash(request.message.call_id);
    const uint64_t branch =
        text_hash(parameter(request.message.vias[0], "branch").value_or(std::string_view()));
    const uint32_t cseq = request.message.cseq_number;
    const bool same_call = aor->answered != 0 && aor->call_id == call_id;
    if (same_call && aor->branch == branch && aor->cseq == cseq) {
        ++counts_.retransmissions;
        answer(request,
               {.status = aor->answered,
                .nonce = aor->nonce,
                .stale = aor->stale,
                .expires =
                    std::min(wanted_expires(request.message, settings_.expires), settings_.expires),
                .contact = request.message.contact_lines > 0},
               now);
        return;
    }
    if (same_call && cseq <= aor->cseq) {
        ++counts_.wrong_cseq;
        ++aor->wrong;
        answer(request, {.status = 500}, now);
        return;
    }
    counts_.call_id_changes += !same_call && aor->bound_until > swept_ ? 1 : 0;
    aor->call_id = call_id;
    aor->branch = branch;
    aor->cseq = cseq;
    register_aor(request, *aor, now);
}

void Registrar::register_aor(const Request& request, Aor& aor, uint64_t now) {
    if (falls_into(settings_.unavailable_share)) {
        ++counts_.unavailable;
        aor.answered = 503;
        answer(request, {.status = 503}, now);
        return;
    }
    if (!settings_.challenge) {
        grant(request, aor, now);
        return;
    }
    if (request.message.authorization.empty()) {
        challenge(request, aor, false, now);
        return;
    }
    switch (judge(request, aor)) {
        case Verdict::good:
            grant(request, aor, now);
            break;
        case Verdict::stale:
            challenge(request, aor, true, now);
            break;
        case Verdict::bad:
            ++aor.wrong;
            challenge(request, aor, false, now);
            break;
    }
}

Registrar::Verdict Registrar::judge(const Request& request, Aor& aor) {
    const auto digest = scan_digest(request.message.authorization);
    if (!digest) {
        ++counts_.bad_digest;
        return Verdict::bad;
    }
    const bool current =
        aor.nonce != 0 && digest->nonce.size() == 16 && read_hex(digest->nonce) == aor.nonce;
    if (!current || (settings_.nonce_uses > 0 && aor.nc >= settings_.nonce_uses)) {
        return Verdict::stale;
    }
    // A request that got lost for good takes its count with it, so there may be gaps.
    const auto nc = read_hex(digest->nc);
    if (!nc || digest->nc.size() != 8 || *nc <= aor.nc) {
        ++counts_.wrong_nc;
        return Verdict::bad;
    }
    aor.nc = static_cast<uint32_t>(*nc);
    if (!settings_.verify) {
        ++counts_.unverified;
        return Verdict::good;
    }
    if (!verify(request, *digest, aor)) {
        ++counts_.bad_digest;
        return Verdict::bad;
    }
    return Verdict::good;
}

bool Registrar::verify(const Request& request, const ScannedDigest& digest, Aor& aor) {
    const bool form = digest.realm == settings_.realm && digest.uri == request.message.uri &&
                      digest.qop == "auth" &&
                      (digest.algorithm.empty() || same_word(digest.algorithm, "MD5"));
    if (!form) {
        return false;
    }
    const uint64_t user = text_hash(digest.username);
    if (aor.digest_user != user) {
        aor.ha1 = digests_.ha1(digest.username, settings_.realm,
                               password_of(settings_.password, digest.username));
        aor.digest_user = user;
    }
    const HashText right = digests_.response(
        aor.ha1, {digest.nonce, digest.nc, digest.cnonce, digest.qop}, "REGISTER", digest.uri);
    return digest.response == view(right);
}

void Registrar::challenge(const Request& request, Aor& aor, bool stale, uint64_t now) {
    ++(stale ? counts_.stale : counts_.challenged);
    aor.nonce = next_random() | 1;
    aor.nc = 0;
    aor.stale = stale;
    aor.answered = 401;
    answer(request, {.status = 401, .nonce = aor.nonce, .stale = stale}, now);
}

void Registrar::grant(const Request& request, Aor& aor, uint64_t now) {
    const ScannedMessage& message = request.message;
    aor.answered = 200;
    if (message.contact_lines == 0) {  // a question for the bindings, none are told
        answer(request, {}, now);
        return;
    }
    const uint32_t expires =
        std::min(wanted_expires(message, settings_.expires), settings_.expires);
    if (expires == 0) {
        ++counts_.unregistered;
        ++aor.unregistered;
        bind_until(aor, 0);
    } else {
        const bool bound = aor.bound_until > swept_;
        ++(bound ? counts_.refreshed : counts_.registered);
        ++(bound ? aor.refreshed : aor.registered);
        bind_until(aor, second_of(now) + expires);
    }
    answer(request, {.expires = expires, .contact = true}, now);
}

void Registrar::bind_until(Aor& aor, uint32_t until) {
    if (aor.bound_until > swept_) {
        --ends_[aor.bound_until];
        --bound_;
    }
    aor.bound_until = until;
    if (until > swept_) {
        if (until >= ends_.size()) {
            ends_.resize(until + 1);
        }
        ++ends_[until];
        ++bound_;
    }
}

bool Registrar::poll(uint64_t now) {
    const uint32_t current = second_of(now);
    while (swept_ < current) {
        ++swept_;
        bound_ -= swept_ < ends_.size() ? ends_[swept_] : 0;
    }
    return false;
}

std::string_view Registrar::text_of(const dataplane::IpAddress& address) {
    if (address != last_peer_) {
        last_peer_ = address;
        last_peer_text_ = address.to_string();
    }
    return last_peer_text_;
}

/// All Via lines as they came; the topmost gets where the request came from (RFC 3581 4).
void Registrar::write_via(const Request& request, TextBuffer& text) {
    const ScannedMessage& message = request.message;
    const std::string_view top = message.vias[0].substr(0, message.vias[0].find(','));
    const std::size_t end = empty_rport_end(top);
    text << "Via: " << top.substr(0, end);
    if (end != std::string_view::npos) {
        const dataplane::Endpoint& peer = request.datagram->flow.remote;
        text << "=" << uint64_t{peer.port} << ";received=" << text_of(peer.address);
    }
    text << message.vias[0].substr(std::min(end, top.size()));
    for (unsigned i = 1; i < message.via_count; ++i) {
        text << "\r\nVia: " << message.vias[i];
    }
}

void Registrar::answer(const Request& request, const Answer& answer, uint64_t now) {
    const ScannedMessage& message = request.message;
    const std::span<char> room = outlet_.room(request.datagram->flow);
    TextBuffer text(room);
    text << status_line(answer.status);
    write_via(request, text);
    text << "\r\nFrom: " << message.from << "\r\nTo: " << message.to;
    if (!parameter(message.to, "tag")) {
        text << ";tag=" << view(hex<8>(text_hash(message.call_id)));
    }
    text << "\r\nCall-ID: " << message.call_id << "\r\nCSeq: " << message.cseq;
    if (answer.status == 401) {
        text << challenge_head_ << view(hex<16>(answer.nonce))
             << (answer.stale ? "\", algorithm=MD5, qop=\"auth\", stale=true"
                              : "\", algorithm=MD5, qop=\"auth\"");
    }
    if (answer.status == 503 && settings_.retry_after > 0) {
        text << "\r\nRetry-After: " << uint64_t{settings_.retry_after};
    }
    if (answer.status == 200 && answer.contact && answer.expires > 0) {
        text << "\r\nContact: <" << uri_of(message.contact)
             << ">;expires=" << uint64_t{answer.expires};
    }
    text << "\r\nContent-Length: 0\r\n\r\n";
    if (!text.complete()) {
        ++counts_.unsent;
        return;
    }
    outlet_.send(text.size(), settings_.answer_delay > 0 ? now + settings_.answer_delay : 0);
}

uint64_t Registrar::wrong() const {
    return counts_.malformed + counts_.wrong_cseq + counts_.wrong_nc + counts_.bad_digest;
}

std::string Registrar::progress(uint64_t) const {
    return fmt::format("bound {}, challenged {}, granted {}, retransmissions {}, wrong {}", bound_,
                       counts_.challenged + counts_.stale,
                       counts_.registered + counts_.refreshed + counts_.unregistered,
                       counts_.retransmissions, wrong());
}

nlohmann::ordered_json Registrar::report(uint64_t) const {
    nlohmann::ordered_json malformed = nlohmann::ordered_json::object();
    for (const auto& [reason, number] : malformed_) {
        malformed[std::string(reason)] = number;
    }
    return {{"role", "registrar"},
            {"aors", aors_.size()},
            {"bound", bound_},
            {"requests", counts_.requests},
            {"registered", counts_.registered},
            {"refreshed", counts_.refreshed},
            {"unregistered", counts_.unregistered},
            {"challenged", counts_.challenged},
            {"stale", counts_.stale},
            {"retransmissions", counts_.retransmissions},
            {"dropped", counts_.dropped},
            {"unavailable", counts_.unavailable},
            {"table_full", counts_.table_full},
            {"call_id_changes", counts_.call_id_changes},
            {"options", counts_.options},
            {"other_methods", counts_.other_methods},
            {"unverified", counts_.unverified},
            {"unsent", counts_.unsent},
            {"malformed", counts_.malformed},
            {"malformed_reasons", malformed},
            {"wrong_cseq", counts_.wrong_cseq},
            {"wrong_nc", counts_.wrong_nc},
            {"bad_digest", counts_.bad_digest},
            {"wrong", wrong()}};
}

}  // namespace trunkline::blast
