#include "mgmt/configuration/fault.h"

#include <fmt/format.h>

namespace trunkline::mgmt {

std::string ConfigFault::to_string() const {
    std::string text = file;
    if (line > 0) {
        text += fmt::format(":{}:{}", line, column);
    }
    text += text.empty() ? "" : ": ";
    if (!path.empty()) {
        text += path + ": ";
    }
    text += "found " + found;
    if (!allowed.empty()) {
        text += "; allowed: " + allowed;
    }
    if (!advice.empty()) {
        text += "; " + advice;
    }
    return text;
}

std::string in_quotes(const std::string& text) {
    constexpr std::size_t longest = 60;
    if (text.size() <= longest) {
        return "'" + text + "'";
    }
    // A character of several bytes is not cut in two.
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
        --end;
    }
    return "'" + text.substr(0, end) + "...'";
}

}  // namespace trunkline::mgmt
