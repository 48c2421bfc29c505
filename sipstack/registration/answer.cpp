#include "sipstack/registration/answer.h"

#include "sipstack/message/lexical.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace trunkline::sipstack {

AnswerAction action_for(int status) {
    switch (status) {
        case 305:
            return AnswerAction::use_proxy;
        case 380:
            return AnswerAction::failed;
        case 401:
        case 407:
            return AnswerAction::challenge;
        case 403:
        case 404:
        case 604:
            return AnswerAction::refused;
        case 408:
        case 503:
            return AnswerAction::try_next_server;
        case 420:
        case 439:
            return AnswerAction::drop_extension;
        case 421:
            return AnswerAction::add_extension;
        case 423:
            return AnswerAction::raise_interval;
        default:
            return status < 300   ? AnswerAction::grant
                   : status < 400 ? AnswerAction::redirect
                                  : AnswerAction::failed;
    }
}

std::vector<std::string> option_tags(const Message& response, std::string_view header) {
    std::vector<std::string> tags;
    for (std::string_view row : response.rows(header)) {
        while (!row.empty()) {
            const std::string_view tag = take_list_value(row);
            if (!tag.empty()) {
                tags.push_back(lower(tag));
            }
        }
    }
    return tags;
}

std::string shown(std::string_view text) {
    constexpr std::size_t longest = 200;
    std::string clean(text.substr(0, longest));
    std::replace_if(
        clean.begin(), clean.end(),
        [](char character) { return character < ' ' || character > '~'; }, '?');
    return clean;
}

std::string describe(const Message& response) {
    return fmt::format("{} {}", response.status(), shown(response.reason_phrase()));
}

std::vector<std::string> list_values(const Message& response, std::string_view header) {
    std::vector<std::string> values;
    for (std::string_view row : response.rows(header)) {
        while (!row.empty()) {
            const std::string_view value = take_list_value(row);
            if (!value.empty()) {
                values.push_back(shown(value));
            }
        }
    }
    return values;
}

}  // namespace trunkline::sipstack
