// Who registers: the configuration turned into the ordered list of registrants.
//
// Pure: the same configuration gives the same list, so every shard computes it and takes its part.
// Names and precedences are those of mediant-class appliances. What one of them is stands in
// registrant.h, what it then does in registration.h.
#pragma once

#include "sipstack/config.h"
#include "sipstack/registration/registrant.h"

#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// An inconsistency that only shows when the tables are read together.
struct ConfigProblem {
    std::string path;     ///< "signaling_and_media.accounts[0].contact_user"
    std::string problem;  ///< what is wrong
    std::string advice;   ///< what to write instead
};

/// In order: the device, the trunk groups with their endpoints, the accounts, the users whom the
/// SBC registers. Rows that check() complains about yield no registrant. The indices of `config`
/// must be in range.
std::vector<Registrant> registrants(const Config& config);

/// All that would make a registrant impossible or ambiguous; empty: the configuration can run.
std::vector<ConfigProblem> check(const Config& config);

/// `number` + 1 with its leading zeros and plus kept: "0099" -> "0100", "+99" -> "+100".
/// Precondition: is_countable(number).
std::string next_number(std::string_view number);
/// Digits, perhaps after one plus: a number that can count up.
bool is_countable(std::string_view number);

/// The user part of a SIP URI: what RFC 3261 25.1 does not allow there is percent-escaped.
std::string escape_user(std::string_view user);

/// An IPv6 literal gets its brackets, all else stays.
std::string uri_host(std::string_view host);

}  // namespace trunkline::sipstack
