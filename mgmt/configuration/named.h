// How texts of faults and notes name tables, parameters and their values, so that each surface
// reads its own words there: fault_place.h puts them in.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// What stands around a path and before a value in what named() gives; no value that is configured
/// has them.
inline constexpr char name_begin = '\x01', name_value = '\x02', name_end = '\x03';

/// The table or parameter at `path` of the catalogue, with a value that it would have: "keep_alive:
/// using_options", "ProxySet_EnableProxyKeepAlive = 1", "proxy-enable-keep-alive using-options".
inline std::string named(std::string_view path, std::string_view value = "") {
    std::string text{name_begin};
    text += path;
    text += name_value;
    text += value;
    text += name_end;
    return text;
}

}  // namespace trunkline::mgmt
