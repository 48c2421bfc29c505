#include "sipstack/registration/answer.h"

#include "sipstack/message/lexical.h"

#include <algorithm>
#include <string>

namespace trunkline::sipstack {

AnswerAction action_for(int status) {
    switch (status) {
        case 300:
        case 301:
        case 302:
            return AnswerAction::redirect;
        case 305:
            return AnswerAction::use_proxy;
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
            return status < 300 ? AnswerAction::grant : AnswerAction::failed;
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

std::vector<SipUri> redirections(const Message& response) {
    std::vector<SipUri> uris;
    for (Contact& contact : response.contacts()) {
        if (!contact.star && (contact.uri.scheme == "sip" || contact.uri.scheme == "sips")) {
            uris.push_back(std::move(contact.uri));
        }
    }
    return uris;
}

}  // namespace trunkline::sipstack
