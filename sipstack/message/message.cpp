#include "sipstack/message/message.h"

#include "sipstack/message/lexical.h"
#include "sipstack/message/osip_parser.h"
#include "sipstack/message/strict.h"

#include <algorithm>

namespace trunkline::sipstack {

/// Allocated once and never moved: the anatomy's views point into `bytes`.
struct Message::Parts {
    std::string bytes;
    Anatomy anatomy;
    RoutingHeaders routing;
};

namespace {

/// A name-addr or addr-spec with the header parameters of Contact (20.10).
std::optional<Contact> parse_contact(std::string_view value) {
    std::string_view uri = value.substr(0, value.find(';'));
    const std::size_t bracket = find_outside_quotes(value, '<');
    if (bracket != std::string_view::npos) {
        const std::size_t end = value.find('>', bracket);
        uri = value.substr(bracket + 1, end - bracket - 1);
    }
    auto parsed = parse_uri(uri);
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
std::optional<uint32_t> seconds_of(const std::vector<std::string_view>& rows) {
    if (rows.empty()) {
        return std::nullopt;
    }
    const std::string_view digits = leading_digits(rows.front());
    return digits.empty() ? std::nullopt : std::optional(parse_seconds(digits));
}

}  // namespace

Message::Message(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Message::Message(Message&&) noexcept = default;
Message& Message::operator=(Message&&) noexcept = default;
Message::~Message() = default;

std::expected<Message, ParseFault> Message::parse(std::string_view bytes) {
    auto parts = std::make_unique<Parts>();
    parts->bytes = bytes;
    auto anatomy = dissect(parts->bytes);
    if (!anatomy) {
        return std::unexpected(std::move(anatomy.error()));
    }
    parts->anatomy = std::move(*anatomy);
    auto routing = parts->anatomy.plain_routing ? std::move(parts->anatomy.plain_routing)
                                                : parse_routing_headers(parts->anatomy);
    if (!routing) {
        return std::unexpected(
            ParseFault{parts->anatomy.is_request ? 400 : 0, "routing header malformed"});
    }
    parts->routing = std::move(*routing);
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
    return parts_->routing.from_tag;
}

std::string_view Message::to_tag() const {
    return parts_->routing.to_tag;
}

const std::vector<Via>& Message::vias() const {
    return parts_->routing.vias;
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
    const auto found = rows("Expires");
    return found.empty() ? std::nullopt : std::optional(parse_seconds(found.front()));
}

std::optional<uint32_t> Message::min_expires() const {
    return seconds_of(rows("Min-Expires"));
}

std::optional<uint32_t> Message::retry_after() const {
    return seconds_of(rows("Retry-After"));
}

std::vector<std::string_view> Message::rows(std::string_view name) const {
    std::vector<std::string_view> values;
    const HeaderId id = identify(name);
    for (const HeaderRow& row : parts_->anatomy.rows) {
        if (row.id == id && (id != HeaderId::other || same_header(row.name, name))) {
            values.push_back(row.value);
        }
    }
    return values;
}

std::string_view Message::body() const {
    return parts_->anatomy.body;
}

std::string_view Message::bytes() const {
    return parts_->bytes;
}

}  // namespace trunkline::sipstack
