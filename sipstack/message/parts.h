// Text put together of parts: each request of ours is, several times over.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

/// Appends them one behind the other; the text grows once. No part is of the text itself.
inline void append_parts(std::string& text, std::initializer_list<std::string_view> parts) {
    const std::size_t begin = text.size();
    std::size_t end = begin;
    for (const std::string_view part : parts) {
        end += part.size();
    }
    text.resize_and_overwrite(end, [&](char* characters, std::size_t) {
        char* at = characters + begin;
        for (const std::string_view part : parts) {
            at = std::copy(part.begin(), part.end(), at);
        }
        return end;
    });
}

inline std::string joined(std::initializer_list<std::string_view> parts) {
    std::string text;
    append_parts(text, parts);
    return text;
}

}  // namespace trunkline::sipstack
