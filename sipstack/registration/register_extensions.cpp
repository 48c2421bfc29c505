#include "sipstack/registration/register_extensions.h"

#include "sipstack/registration/answer.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {
namespace {

const std::vector<std::string> outbound_tag{"outbound"};

}  // namespace

RegisterExtensions RegisterExtensions::without(std::span<const std::string> tags) const {
    const auto names = [&](std::string_view tag) {
        return std::ranges::find(tags, tag) != tags.end();
    };
    return {gin && !names("gin"), outbound && !names("outbound"), require_path && !names("path")};
}

std::optional<RegisterExtensions> RegisterExtensions::with(std::span<const std::string> tags,
                                                           bool has_instance) const {
    RegisterExtensions more = *this;
    for (const std::string& tag : tags) {
        if (tag == "path") {
            more.require_path = true;
        } else if (tag == "outbound" && has_instance) {
            more.outbound = true;
        } else {
            return std::nullopt;
        }
    }
    return tags.empty() ? std::nullopt : std::optional(more);
}

std::optional<RegisterExtensions> RegisterExtensions::after(const Message& answer,
                                                            bool has_instance) const {
    std::optional<RegisterExtensions> other;
    switch (action_for(answer.status())) {
        case AnswerAction::add_extension:
            other = with(option_tags(answer, "Require"), has_instance);
            break;
        case AnswerAction::drop_extension:
            other =
                without(answer.status() == 439 ? outbound_tag : option_tags(answer, "Unsupported"));
            break;
        default:
            break;
    }
    return other == *this ? std::nullopt : other;
}

}  // namespace trunkline::sipstack
