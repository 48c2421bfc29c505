#include "tests/sim/subscriptions.h"

#include "sipstack/message/envelope.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace trunkline::sim {
namespace {

using namespace std::chrono_literals;

/// A repetition of a request gets the same answer for so long (timer J, RFC 3261 17.2.2).
constexpr std::chrono::seconds memory = 30s;
/// An answer that comes later is nobody's (timer F).
constexpr std::chrono::seconds patience = 32s;

bool ends(std::string_view subscribe) {
    return subscribe.find("\r\nExpires: 0\r\n") != std::string_view::npos;
}

}  // namespace

std::optional<std::string> Subscriptions::sent(const Departure& way, std::string_view aor,
                                               std::string_view bytes, Instant now) {
    const auto envelope = sipstack::scan_envelope(bytes);
    if (!envelope) {
        return "a SUBSCRIBE that nobody can read";
    }
    Dialog& dialog = dialogs_[std::string(aor)];
    if (dialog.branch == envelope->branch) {
        if (dialog.bytes != bytes || way.stream != 0 || !dialog.is_outstanding) {
            return "a SUBSCRIBE is sent again, but differs, is on a stream or has its answer";
        }
        return std::nullopt;
    }
    const uint64_t cseq = std::strtoull(std::string(envelope->cseq).c_str(), nullptr, 10);
    const bool is_new = dialog.call_id != envelope->call_id;
    const bool overlaps = !is_new && dialog.is_outstanding && now < dialog.until && !ends(bytes);
    const uint64_t expected = is_new ? 1 : dialog.cseq + 1;
    const bool was_used = is_new && !call_ids_.insert(std::string(envelope->call_id)).second;
    const bool has_used_branch = !branches_.insert(std::string(envelope->branch)).second;
    dialog = {std::string(envelope->call_id),
              std::string(envelope->branch),
              std::string(bytes),
              cseq,
              true,
              now - way.waited + patience};
    if (was_used || has_used_branch) {
        return "a SUBSCRIBE with a Call-ID or branch of before";
    }
    if (overlaps) {
        return "a SUBSCRIBE while one of the same dialog is out";
    }
    return cseq == expected
               ? std::nullopt
               : std::optional(fmt::format("CSeq {} instead of {} of a SUBSCRIBE", cseq, expected));
}

bool Subscriptions::is_repeated(const std::string& aor, std::string_view branch) const {
    const auto known = dialogs_.find(aor);
    return known != dialogs_.end() && known->second.branch == branch;
}

void Subscriptions::delivered(std::string_view bytes) {
    const auto envelope = sipstack::scan_envelope(bytes);
    if (!envelope) {
        return;
    }
    const std::string branch(envelope->branch);
    if (envelope->is_request) {
        const auto known = notifies_.find(branch);
        if (known != notifies_.end() && !known->second.may_be_ignored) {
            owed_ = branch;
        }
        return;
    }
    if (envelope->status < 200 || !envelope->cseq.ends_with("SUBSCRIBE")) {
        return;
    }
    const std::size_t begin = envelope->to.find('<') + 1;
    const auto found =
        dialogs_.find(std::string(envelope->to.substr(begin, envelope->to.find('>') - begin)));
    if (found != dialogs_.end() && found->second.branch == branch) {
        found->second.is_outstanding = false;
    }
}

void Subscriptions::restarted() {
    dialogs_.clear();
    for (auto& [branch, notified] : notifies_) {
        notified.answer.clear();
    }
}

void Subscriptions::expect(const SentNotify& notify, bool may_be_ignored) {
    notifies_[notify.branch] = {notify, may_be_ignored, {}, {}};
}

const SentNotify* Subscriptions::notify_of(std::string_view answer) const {
    const auto envelope = sipstack::scan_envelope(answer);
    const auto known = envelope ? notifies_.find(std::string(envelope->branch)) : notifies_.end();
    return known == notifies_.end() ? nullptr : &known->second.notify;
}

bool Subscriptions::is_answered(const SentNotify& notify) const {
    return !notifies_.at(notify.branch).answer.empty();
}

std::optional<std::string> Subscriptions::answered(const SentNotify& notify,
                                                   std::string_view answer, bool is_subscriber,
                                                   Instant now) {
    Notified& notified = notifies_.at(notify.branch);
    if (owed_ == notify.branch) {
        owed_.clear();
    }
    const int status = sipstack::scan_envelope(answer)->status;
    if (!notified.answer.empty() && now < notified.answered_at + memory) {
        return notified.answer == answer
                   ? std::nullopt
                   : std::optional<std::string>("another answer to the same NOTIFY");
    }
    notified.answer = answer;
    notified.answered_at = now;
    uint32_t& last = last_notified_[notify.call_id];
    const bool is_in_order = notify.cseq > last;
    if (status == 200) {
        last = std::max(last, notify.cseq);
        ++accepted_;
    }
    const bool finds_nobody = status == 481 || (status == 405 && !is_subscriber);
    if (!finds_nobody && status != (is_in_order ? 200 : 500)) {
        return fmt::format("{} to NOTIFY {} after {}", status, notify.cseq, last);
    }
    return std::nullopt;
}

std::optional<std::string> Subscriptions::settle() {
    if (owed_.empty()) {
        return std::nullopt;
    }
    const SentNotify& notify = notifies_.at(std::exchange(owed_, {})).notify;
    return fmt::format("no answer to NOTIFY {} of {}", notify.cseq, notify.aor);
}

}  // namespace trunkline::sim
