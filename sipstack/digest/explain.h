// Tells an operator how an answer to a challenge was computed, line by line as an appliance's
// manual prints it, from the row that was sent alone: no secret is needed, and none is shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// `row` is the value of an Authorization or Proxy-Authorization header of a request with this
/// method and body. What depends on the secret is named in <> instead of shown: "<password>". The
/// lines hold no control characters, whatever the row holds; a row that is no answer gives one line
/// that says so.
std::vector<std::string> explain_authorization(std::string_view row, std::string_view method,
                                               std::string_view body);

/// A whole message, fit to be shown: credentials of Authorization and Proxy-Authorization that are
/// not Digest (Basic holds the password itself) are written as "<not shown>". All else is kept.
std::string mask_credentials(std::string_view message);

}  // namespace trunkline::sipstack
