// The general way of MD5 past EVP, as in hash.cpp.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/sim/fast_paths.h"

#include "sipstack/digest/hash.h"
#include "sipstack/message/envelope.h"
#include "sipstack/message/header_rows.h"
#include "sipstack/message/response.h"
#include "sipstack/registration/grant.h"
#include "sipstack/registration/register_request.h"
#include "tests/message_readings.h"

#include <fmt/format.h>
#include <openssl/md5.h>

#include <algorithm>

namespace trunkline::sim {
namespace {

using sipstack::Message;
using sipstack::MessageWriter;

using BeginAnswer = MessageWriter(const Message& request, int status, std::string_view reason,
                                  std::string_view to_tag, const sipstack::Flow& came_from);

/// "<sip:user@host>;..." -> "sip:user@host"
std::string_view in_brackets(std::string_view row) {
    const std::size_t begin = row.find('<') + 1;
    return row.substr(begin, row.find('>') - begin);
}

bool is_credentials(std::string_view name) {
    return name == "Authorization" || name == "Proxy-Authorization";
}

bool has_row(const Message& request, std::string_view name, std::string_view value) {
    const auto rows = request.rows(name);
    return std::ranges::find(rows, value) != rows.end();
}

/// What a REGISTER says, for the general way to write again.
class RegisterForm {
public:
    explicit RegisterForm(const Message& request)
        : request_(request), contact_(request.contacts().front()) {
        const sipstack::Via& via = request.vias().front();
        flow_.transport =
            via.transport == "UDP" ? sipstack::Transport::udp : sipstack::Transport::tcp;
        flow_.local = {dataplane::IpAddress::parse(via.host).value_or(dataplane::IpAddress()),
                       via.port.value_or(0)};
        registrant_.aor = in_brackets(request.rows("From").front());
        if (!contact_.instance.empty()) {
            registrant_.instance_id = contact_.instance;
        }
    }

    MessageWriter begin(std::string_view branch, uint32_t cseq,
                        sipstack::RegisterSeams* seams = nullptr) const {
        sipstack::RegisterRequest form{registrant_,
                                       config_,
                                       flow_,
                                       target_,
                                       request_.request_uri(),
                                       contact_.uri.user,
                                       request_.call_id(),
                                       request_.from_tag(),
                                       branch,
                                       cseq};
        form.expires = sipstack::Seconds(request_.expires().value_or(0));
        form.all_bindings = contact_.star;
        form.extensions = {has_row(request_, "Require", "gin"),
                           has_row(request_, "Supported", "path, outbound"),
                           has_row(request_, "Require", "path")};
        return form.begin(seams);
    }

private:
    const Message& request_;
    const sipstack::Contact contact_;
    const sipstack::Config config_;
    sipstack::Registrant registrant_;
    sipstack::Flow flow_;
    sipstack::Target target_;
};

void copy_credentials(std::string_view request, MessageWriter& writer) {
    sipstack::HeaderRows rows(request);
    while (const auto row = rows.next()) {
        if (is_credentials(row->name)) {
            writer.header(row->name, row->value);
        }
    }
}

/// Where what follows the credentials begins.
std::size_t end_of_credentials(std::string_view request) {
    constexpr std::string_view next_row = "\r\nUser-Agent: ";
    return request.find(next_row) + 2;
}

/// Line ends as they are written in C.
std::string shown(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        text += c == '\r' ? "\\r" : c == '\n' ? "\\n" : std::string(1, c);
    }
    return text;
}

/// From some bytes before the first one that differs.
std::string excerpt(std::string_view bytes, std::size_t at) {
    constexpr std::size_t before = 16, length = 48;
    const std::size_t begin = at < before ? 0 : at - before;
    return shown(bytes.substr(std::min(begin, bytes.size()), length));
}

}  // namespace

std::string_view to_string(FastPath path) {
    switch (path) {
        case FastPath::repeated_register:
            return "REGISTERs sent again with credentials";
        case FastPath::grant:
            return "grants read";
        case FastPath::answer:
            return "answers begun";
        case FastPath::message:
            return "messages read";
        case FastPath::md5:
            break;
    }
    return "MD5 hashes of digests";
}

void FastPaths::note(FastPath path, std::string_view whose, std::string_view bytes,
                     std::string_view general) {
    if (difference_) {
        return;
    }
    const auto at =
        static_cast<std::size_t>(std::ranges::mismatch(bytes, general).in1 - bytes.begin());
    difference_ = fmt::format("{}: byte {} of {} differs, \"{}\" instead of \"{}\"",
                              to_string(path), at, whose, excerpt(bytes, at), excerpt(general, at));
}

void FastPaths::compare(FastPath path, std::string_view fast, std::string_view general) {
    ++counts_[std::to_underlying(path)];
    if (fast != general) {
        note(path, "the fast path", fast, general);
    }
}

void FastPaths::compare_sent(FastPath path, std::string_view sent, std::string_view general) {
    if (sent != general) {
        note(path, "what was sent", sent, general);
    }
}

void FastPaths::repeated(std::string_view challenged, std::string_view repetition) {
    const auto before = Message::parse(challenged);
    const auto after = Message::parse(repetition);
    if (!before || !after || before->contacts().empty() || after->vias().empty()) {
        compare_sent(FastPath::repeated_register, repetition, "a REGISTER that can be read");
        return;
    }
    const RegisterForm form(*before);
    sipstack::RegisterSeams seams;
    const MessageWriter first = form.begin(before->vias().front().branch, before->cseq(), &seams);
    compare_sent(FastPath::repeated_register, challenged.substr(0, first.text().size()),
                 first.text());
    const std::string_view branch = after->vias().front().branch;
    const uint32_t cseq = before->cseq() + 1;

    MessageWriter general = form.begin(branch, cseq);
    copy_credentials(repetition, general);
    const std::string whole =
        general.header("User-Agent", before->first_row("User-Agent").value_or("")).finish();

    const std::string_view rest = challenged.substr(end_of_credentials(challenged));
    MessageWriter fast = sipstack::begin_again(challenged, seams, branch, cseq);
    copy_credentials(repetition, fast);
    compare(FastPath::repeated_register, fast.finish_with(rest), whole);
    compare_sent(FastPath::repeated_register, repetition, whole);
}

void FastPaths::granted(std::string_view request, std::string_view answer) {
    const auto asked = Message::parse(request);
    const auto response = Message::parse(answer);
    if (!asked || !response || asked->contacts().empty() || asked->contacts().front().star) {
        return;
    }
    const std::string own(in_brackets(asked->rows("Contact").front()));
    const sipstack::Seconds requested(asked->expires().value_or(0));
    const auto plain = sipstack::plainly_granted_time(*response, own, requested);
    if (!plain) {
        return;
    }
    const auto general = sipstack::granted_time(*response, *sipstack::parse_uri(own),
                                                asked->contacts().front().instance, requested);
    compare(FastPath::grant, fmt::format("{} s", plain->count()),
            general ? fmt::format("{} s", general->count()) : "none");
}

void FastPaths::read(std::string_view message) {
    using testing::MessageReadings;
    const MessageReadings readings = testing::compare_readings(message);
    if (readings == MessageReadings::not_plain) {
        return;
    }
    ++counts_[std::to_underlying(FastPath::message)];
    if (readings == MessageReadings::differ && !difference_) {
        difference_ = fmt::format("{}: both ways differ on \"{}\"", to_string(FastPath::message),
                                  shown(message));
    }
}

void FastPaths::received(const dataplane::Endpoint& from, std::string_view message) {
    read(message);
    const auto envelope = sipstack::scan_envelope(message);
    if (envelope && envelope->is_request) {
        requests_.insert_or_assign(std::string(envelope->branch),
                                   Request{from, std::string(message)});
    }
}

void FastPaths::answered(std::string_view answer) {
    const auto envelope = sipstack::scan_envelope(answer);
    const auto found = envelope ? requests_.find(std::string(envelope->branch)) : requests_.end();
    if (found != requests_.end()) {
        answered(found->second, answer);
        requests_.erase(found);
    }
}

void FastPaths::answered(const Request& asked, std::string_view answer) {
    const auto request = Message::parse(asked.bytes);
    const auto response = Message::parse(answer);
    if (!request || !response) {
        return;  // of what is no message an envelope is answered
    }
    sipstack::Flow flow;
    flow.remote = asked.from;
    const auto begin = [&](BeginAnswer* way) {
        return way(*request, response->status(), response->reason_phrase(), response->to_tag(),
                   flow);
    };
    const MessageWriter general = begin(sipstack::general_response_to);
    if (request->is_plain() && request->vias().size() == 1 && !response->to_tag().empty()) {
        compare(FastPath::answer, begin(sipstack::response_to).text(), general.text());
    }
    compare_sent(FastPath::answer, answer.substr(0, general.text().size()), general.text());
}

std::string FastPaths::md5(std::string_view text) {
    std::array<unsigned char, MD5_DIGEST_LENGTH> bytes;
    MD5(reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data());
    std::string general = sipstack::to_hex(bytes);
    compare(FastPath::md5, sipstack::hash_hex(sipstack::DigestAlgorithm::md5, text), general);
    return general;
}

}  // namespace trunkline::sim
