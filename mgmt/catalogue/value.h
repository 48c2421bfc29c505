// A parameter's value after it was read and found right; binding.h puts it into the configuration.
#pragma once

#include "dataplane/address.h"
#include "sipstack/config.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace trunkline::mgmt {

/// "1-30": both ends belong to it, first <= last.
struct IntegerRange {
    int64_t first = 0, last = 0;
    bool operator==(const IntegerRange&) const = default;
};

/// A value of an enumeration.
struct EnumChoice {
    std::string name;
    int number = 0;  ///< as the appliance's ini files write it
    bool operator==(const EnumChoice&) const = default;
};

/// A host with an optional port; no brackets around an IPv6 address.
struct HostPort {
    std::string host;
    std::optional<uint16_t> port;
    bool operator==(const HostPort&) const = default;
};

/// A row of another table.
struct RowReference {
    std::size_t row = 0;  ///< position of the first row with this key
    std::string key;
    bool operator==(const RowReference&) const = default;
};

struct Value {
    std::variant<bool, int64_t, IntegerRange, EnumChoice, std::string, dataplane::IpAddress,
                 dataplane::IpPrefix, dataplane::MacAddress, HostPort, RowReference,
                 sipstack::Secret, std::vector<Value>>
        data;

    /// The value as a type that the parameter's row in the catalogue promises.
    template <typename Type>
    const Type& as() const {
        return std::get<Type>(data);
    }
    bool operator==(const Value&) const = default;
};

/// As a configuration file has it, for people; of a secret only that there is one.
std::string to_text(const Value& value);

}  // namespace trunkline::mgmt
