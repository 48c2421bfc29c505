#include "mgmt/catalogue/command_words.h"

#include <algorithm>
#include <string_view>

namespace trunkline::mgmt {

std::vector<std::string> split_words(std::string_view text, std::string_view between) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(between), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + between.size(), text.size()));
    }
    return parts;
}

CommandWords command_words(const Parameter& parameter) {
    constexpr std::string_view level = " > ";
    const std::size_t last = parameter.cli.rfind(level);
    CommandWords words{parameter.cli.substr(0, last), {}, {}};
    words.also = split_words(std::string_view(parameter.cli).substr(last + level.size()), " | ");
    words.parts = split_words(words.also.front(), " + ");
    words.also.erase(words.also.begin());
    return words;
}

}  // namespace trunkline::mgmt
