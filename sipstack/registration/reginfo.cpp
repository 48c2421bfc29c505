#include "sipstack/registration/reginfo.h"

#include "sipstack/message/lexical.h"
#include "sipstack/message/uri.h"

#include <pugixml.hpp>

#include <algorithm>
#include <array>

namespace trunkline::sipstack {
namespace {

constexpr std::array<std::string_view, 6> event_names{"deactivated", "probation", "unregistered",
                                                      "rejected",    "expired",   "shortened"};

/// Without its namespace prefix, which any peer chooses as it likes.
bool is_named(const pugi::xml_node& node, std::string_view wanted) {
    const std::string_view name = node.name();
    const std::size_t colon = name.find(':');
    return (colon == std::string_view::npos ? name : name.substr(colon + 1)) == wanted;
}

std::string_view attribute(const pugi::xml_node& node, const char* name) {
    return node.attribute(name).value();
}

std::optional<Seconds> seconds(const pugi::xml_node& node, const char* name) {
    const std::string_view text = attribute(node, name);
    return parse_number(text) ? std::optional(Seconds(parse_seconds(text))) : std::nullopt;
}

ReginfoContact read_contact(const pugi::xml_node& node) {
    ReginfoContact contact;
    contact.terminated = attribute(node, "state") == "terminated";
    const auto event = std::ranges::find(event_names, attribute(node, "event"));
    if (event != event_names.end()) {
        contact.event = static_cast<BindingEvent>(event - event_names.begin());
    }
    contact.retry_after = seconds(node, "retry-after");
    contact.expires = seconds(node, "expires");
    for (const pugi::xml_node& child : node.children()) {
        if (is_named(child, "uri")) {
            contact.uri = trim(child.text().get());
        }
    }
    return contact;
}

bool is_own(const ReginfoContact& contact, const SipUri& own) {
    const auto uri = parse_uri(contact.uri);
    return uri && equivalent(*uri, own);
}

const ReginfoContact* find_own(const ReginfoRegistration& registration, const SipUri& own) {
    const auto found = std::ranges::find_if(
        registration.contacts, [&](const ReginfoContact& one) { return is_own(one, own); });
    if (found != registration.contacts.end()) {
        return &*found;
    }
    if (registration.contacts.size() != 1) {
        return nullptr;
    }
    const auto only = parse_uri(registration.contacts.front().uri);
    return only && only->user == own.user ? &registration.contacts.front() : nullptr;
}

}  // namespace

std::string_view to_string(BindingEvent event) {
    return event_names.at(static_cast<std::size_t>(event));
}

std::expected<Reginfo, std::string_view> parse_reginfo(std::string_view document) {
    if (document.size() > max_reginfo_bytes) {
        return std::unexpected("the reginfo document is too large");
    }
    pugi::xml_document xml;
    if (!xml.load_buffer(document.data(), document.size(),
                         pugi::parse_minimal | pugi::parse_escapes, pugi::encoding_utf8)) {
        return std::unexpected("the reginfo document is no XML");
    }
    const pugi::xml_node root = xml.document_element();
    const auto version = parse_number(attribute(root, "version"));
    const std::string_view state = attribute(root, "state");
    if (!is_named(root, "reginfo") || !version || (state != "full" && state != "partial")) {
        return std::unexpected("the document is no reginfo with a version and a state");
    }
    Reginfo info{*version, state == "full", {}};
    std::size_t contacts = 0;
    for (const pugi::xml_node& node : root.children()) {
        if (!is_named(node, "registration")) {
            continue;
        }
        ReginfoRegistration& registration = info.registrations.emplace_back();
        registration.aor = trim(attribute(node, "aor"));
        registration.terminated = attribute(node, "state") == "terminated";
        for (const pugi::xml_node& child : node.children()) {
            if (!is_named(child, "contact")) {
                continue;
            }
            if (++contacts > max_reginfo_contacts) {
                return std::unexpected("the reginfo document has too many contacts");
            }
            registration.contacts.push_back(read_contact(child));
        }
    }
    return info;
}

std::optional<BindingChange> change_of_binding(const Reginfo& info, std::string_view aor,
                                               std::string_view contact_uri) {
    const auto own_aor = parse_uri(aor);
    const auto own = parse_uri(contact_uri);
    if (!own_aor || !own) {
        return std::nullopt;
    }
    for (const ReginfoRegistration& registration : info.registrations) {
        const auto its_aor = parse_uri(registration.aor);
        if (!its_aor || !equivalent(*its_aor, *own_aor)) {
            continue;
        }
        const ReginfoContact* contact = find_own(registration, *own);
        const bool is_shortened = contact != nullptr && contact->event == BindingEvent::shortened;
        if (registration.terminated || (contact != nullptr && contact->terminated)) {
            if (contact == nullptr || is_shortened) {
                return BindingChange{};
            }
            return BindingChange{contact->event.value_or(BindingEvent::deactivated),
                                 contact->retry_after};
        }
        if (is_shortened && contact->expires) {
            return BindingChange{BindingEvent::shortened, std::nullopt, *contact->expires};
        }
    }
    return std::nullopt;
}

}  // namespace trunkline::sipstack
