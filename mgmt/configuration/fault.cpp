#include "mgmt/configuration/fault.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace trunkline::mgmt {

std::string ConfigFault::to_string() const {
    std::string text = file;
    if (line > 0) {
        text += fmt::format(":{}:{}", line, column);
    }
    text += text.empty() ? "" : ": ";
    if (const std::string& where = place.empty() ? path : place; !where.empty()) {
        text += where + ": ";
    }
    std::string_view between;
    for (const auto& [words, part] :
         {std::pair("found ", &found), std::pair("allowed: ", &allowed), std::pair("", &advice)}) {
        if (!part->empty()) {
            text += fmt::format("{}{}{}", std::exchange(between, "; "), words, *part);
        }
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
