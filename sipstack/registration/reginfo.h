// The body of a NOTIFY of the registration event package: application/reginfo+xml (RFC 3680 5).
// Pure; hostile XML is a returned fault. Neither DTDs nor entities of their own are expanded.
#pragma once

#include "sipstack/config.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// Why a binding is what it is; only those that end one, or its time sooner.
enum class BindingEvent : uint8_t {
    deactivated,
    probation,
    unregistered,
    rejected,
    expired,
    shortened
};
std::string_view to_string(BindingEvent event);  // as in the document

struct ReginfoContact {
    std::string uri;
    bool terminated = false;
    std::optional<BindingEvent> event;  ///< unset: one that ends nothing
    std::optional<Seconds> retry_after;
    std::optional<Seconds> expires;  ///< left of its time
};

struct ReginfoRegistration {
    std::string aor;
    bool terminated = false;
    std::vector<ReginfoContact> contacts;
};

struct Reginfo {
    uint64_t version = 0;
    bool full = false;  ///< all registrations, not the changed ones alone
    std::vector<ReginfoRegistration> registrations;
};

inline constexpr std::size_t max_reginfo_bytes = std::size_t{64} * 1024;
inline constexpr std::size_t max_reginfo_contacts = 1000;  ///< over all registrations

/// The fault says what is wrong, for an operator.
std::expected<Reginfo, std::string_view> parse_reginfo(std::string_view document);

/// What the registrar did to our binding `contact_uri` of `aor`, by that document; nullopt:
/// nothing. It is found by URI comparison or, where the registrar rewrote it, as the only contact
/// with our user. A registration that is terminated as a whole counts as deactivated where it does
/// not list us.
struct BindingChange {
    BindingEvent event = BindingEvent::deactivated;
    std::optional<Seconds> retry_after;
    Seconds left{0};  ///< of one that is shortened; any other one has ended
};
std::optional<BindingChange> change_of_binding(const Reginfo& info, std::string_view aor,
                                               std::string_view contact_uri);

}  // namespace trunkline::sipstack
