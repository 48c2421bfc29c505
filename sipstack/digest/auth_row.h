// Reads the rows of digest authentication item by item: WWW-Authenticate, Authorization,
// Authentication-Info and their Proxy- kin, as the standards have them and as peers write them.
// What the items mean is told in challenge.h, authenticator.h and explain.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace trunkline::sipstack {

struct AuthItem {
    enum class Kind : uint8_t {
        scheme,     ///< "Digest": the parameters that follow are its own
        parameter,  ///< name=value
        more_qop,   ///< a further token of a qop without quotes: qop=auth,auth-int
    };
    Kind kind = Kind::parameter;
    std::string_view name;   ///< of the scheme or the parameter, in the case of the row
    std::string_view value;  ///< without its quotes, escapes kept; empty for a scheme
};

/// Walks a row once, in linear time, without allocation. Whatever the bytes are, each item is a
/// view into the row and the walk ends.
class AuthRowReader {
public:
    explicit AuthRowReader(std::string_view row) : rest_(row) {}
    /// nullopt: the row is read.
    std::optional<AuthItem> next();

private:
    template <typename Predicate>
    void skip(Predicate is_skipped);
    template <typename Predicate>
    std::string_view take_until(Predicate is_end);
    std::string_view take_value();
    std::optional<AuthItem> read_item();

    std::string_view rest_;
    bool in_bare_qop_ = false;
};

}  // namespace trunkline::sipstack
