#include "board/nearest_name.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

namespace trunkline::board {

namespace {

std::string folded(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c != '-' && c != '_') {
            result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return result;
}

/// Optimal string alignment distance; quadratic, for words of a configuration.
std::size_t edits(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last, last(b.size() + 1), current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({last[j] + 1, current[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                current[j] = std::min(current[j], before_last[j - 2] + 1);
            }
        }
        before_last = last;
        last = current;
    }
    return last[b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view typo, std::span<const std::string> names) {
    // A word longer than any name of ours is no typo, and must not cost time.
    constexpr std::size_t longest_word = 128;
    if (typo.empty() || typo.size() > longest_word) {
        return std::nullopt;
    }
    const std::string wanted = folded(typo);
    const std::string* best = nullptr;
    std::size_t best_edits = 0;
    for (const std::string& name : names) {
        const std::string candidate = folded(name);
        const std::size_t distance = edits(wanted, candidate);
        const std::size_t longer = std::max(wanted.size(), candidate.size());
        if (distance * 3 <= longer && (best == nullptr || distance < best_edits)) {
            best = &name;
            best_edits = distance;
        }
    }
    return best == nullptr ? std::nullopt : std::optional(*best);
}

std::string join_names(std::span<const std::string> names) {
    std::string result;
    for (const std::string& name : names) {
        result += (result.empty() ? "" : ", ") + name;
    }
    return result;
}

}  // namespace trunkline::board
