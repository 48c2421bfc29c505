// Objects of SNMP and their values (RFC 2578), as a tree that is walked in order.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace trunkline::mgmt {

using Oid = std::vector<uint32_t>;

/// below({1, 3}, {6, 1}) is 1.3.6.1.
inline Oid below(Oid root, std::initializer_list<uint32_t> rest) {
    root.insert(root.end(), rest);
    return root;
}

struct Gauge32 {
    uint32_t value = 0;
    bool operator==(const Gauge32&) const = default;
};
struct Counter32 {
    uint32_t value = 0;
    bool operator==(const Counter32&) const = default;
};
struct Counter64 {
    uint64_t value = 0;
    bool operator==(const Counter64&) const = default;
};
/// A text is an OCTET STRING, a number alone an INTEGER.
using MibValue = std::variant<int32_t, std::string, Oid, Gauge32, Counter32, Counter64>;

/// Instances of objects; their order is that of GetNext (RFC 3416 4.2.2).
using Mib = std::map<Oid, MibValue>;

struct VarBind {
    Oid oid;
    MibValue value;
};

}  // namespace trunkline::mgmt
