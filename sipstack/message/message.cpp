#include "sipstack/message/message.h"

#include "sipstack/message/general_message.h"
#include "sipstack/message/lexical.h"
#include "sipstack/message/name_addr.h"
#include "sipstack/message/plain_message.h"

#include <algorithm>

namespace trunkline::sipstack {

/// Never moved: the anatomy's views point into `bytes`. Allocated anew only when several messages
/// live at a time: a thread keeps the parts of the last one that went, with their memory.
struct Message::Parts {
    std::string bytes;
    Anatomy anatomy;
    bool is_plain = false;

    static thread_local std::unique_ptr<Parts> spare;
};
thread_local std::unique_ptr<Message::Parts> Message::Parts::spare;

namespace {

/// Bytes of a message whose memory is worth keeping: one of a datagram's usual size. A sanitizer
/// sees the memory of every message on its own.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t largest_spare = 0;
#else
constexpr std::size_t largest_spare = 4096;
#endif

/// A name-addr or addr-spec with the header parameters of Contact (20.10).
std::optional<Contact> parse_contact(std::string_view value) {
    auto parsed = parse_uri(uri_of(value));
    if (!parsed) {
        return std::nullopt;
    }
    Contact contact;
    contact.uri = std::move(*parsed);
    if (const auto expires = header_parameter(value, "expires")) {
        contact.expires = parse_seconds(*expires);
    }
    if (const auto instance = header_parameter(value, "+sip.instance")) {
        std::string urn = unquote(*instance);
        if (urn.size() >= 2 && urn.front() == '<' && urn.back() == '>') {
            urn = urn.substr(1, urn.size() - 2);
        }
        contact.instance = std::move(urn);
    }
    if (const auto reg_id = header_parameter(value, "reg-id")) {
        contact.reg_id = parse_seconds(*reg_id, 0);
    }
    return contact;
}

std::string_view leading_digits(std::string_view text) {
    return text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
}

/// The header's seconds when it begins with digits; what may follow is a comment or parameters.
std::optional<uint32_t> seconds_of(const std::optional<std::string_view>& row) {
    const std::string_view digits = leading_digits(row.value_or(std::string_view{}));
    return digits.empty() ? std::nullopt : std::optional(parse_seconds(digits));
}

/// `id` is identify(name).
bool is_named(const HeaderRow& row, HeaderId id, std::string_view name) {
    return row.id == id && (id != HeaderId::other || same_header(row.name, name));
}

}  // namespace

Message::Message(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Message::Message(Message&&) noexcept = default;
Message& Message::operator=(Message&&) noexcept = default;

Message::~Message() {
    if (parts_ && !Parts::spare && parts_->bytes.capacity() < largest_spare) {
        Parts::spare = std::move(parts_);
    }
}

std::expected<Message, ParseFault> Message::parse(std::string_view bytes) {
    auto parts = Parts::spare ? std::move(Parts::spare) : std::make_unique<Parts>();
    parts->bytes = bytes;
    parts->is_plain = read_plain_message(parts->bytes, parts->anatomy);
    if (!parts->is_plain) {
        if (const auto fault = read_general_message(parts->bytes, parts->anatomy)) {
            return std::unexpected(*fault);
        }
    }
    return Message(std::move(parts));
}

bool Message::is_request() const {
    return parts_->anatomy.is_request;
}

int Message::status() const {
    return parts_->anatomy.status;
}

std::string_view Message::reason_phrase() const {
    return parts_->anatomy.reason_phrase;
}

std::string_view Message::method() const {
    return parts_->anatomy.method;
}

std::string_view Message::request_uri() const {
    return parts_->anatomy.request_uri;
}

std::string_view Message::call_id() const {
    return parts_->anatomy.call_id;
}

uint32_t Message::cseq() const {
    return parts_->anatomy.cseq;
}

std::string_view Message::from_tag() const {
    return parts_->anatomy.routing.from_tag;
}

std::string_view Message::to_tag() const {
    return parts_->anatomy.routing.to_tag;
}

const std::vector<Via>& Message::vias() const {
    return parts_->anatomy.routing.vias;
}

std::vector<Contact> Message::contacts() const {
    std::vector<Contact> contacts;
    for (const HeaderRow& row : parts_->anatomy.rows) {
        if (row.id != HeaderId::contact) {
            continue;
        }
        std::string_view list = row.value;
        while (!list.empty()) {
            const std::string_view value = take_list_value(list);
            if (value == "*") {
                contacts.emplace_back().star = true;
            } else if (auto contact = parse_contact(value)) {
                contacts.push_back(std::move(*contact));
            }
        }
    }
    return contacts;
}

std::optional<uint32_t> Message::expires() const {
    const auto found = first_row("Expires");
    return found ? std::optional(parse_seconds(*found)) : std::nullopt;
}

std::optional<uint32_t> Message::min_expires() const {
    return seconds_of(first_row("Min-Expires"));
}

std::optional<uint32_t> Message::retry_after() const {
    return seconds_of(first_row("Retry-After"));
}

std::vector<std::string_view> Message::rows(std::string_view name) const {
    std::vector<std::string_view> values;
    const HeaderId id = identify(name);
    for (const HeaderRow& row : parts_->anatomy.rows) {
        if (is_named(row, id, name)) {
            values.push_back(row.value);
        }
    }
    return values;
}

std::optional<std::string_view> Message::first_row(std::string_view name) const {
    const HeaderId id = identify(name);
    for (const HeaderRow& row : parts_->anatomy.rows) {
        if (is_named(row, id, name)) {
            return row.value;
        }
    }
    return std::nullopt;
}

std::string_view Message::body() const {
    return parts_->anatomy.body;
}

std::string_view Message::bytes() const {
    return parts_->bytes;
}

bool Message::is_plain() const {
    return parts_->is_plain;
}

std::string_view Message::row(HeaderId id) const {
    const auto& rows = parts_->anatomy.rows;
    const auto found = std::ranges::find(rows, id, &HeaderRow::id);
    return found == rows.end() ? std::string_view{} : found->value;
}

}  // namespace trunkline::sipstack
