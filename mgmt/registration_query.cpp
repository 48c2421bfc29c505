#include "mgmt/registration_query.h"

#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using sipstack::RegistrationState;

std::vector<std::string> state_names() {
    std::vector<std::string> names;
    for (std::size_t state = 0; state < sipstack::registration_state_count; ++state) {
        names.emplace_back(to_string(static_cast<RegistrationState>(state)));
    }
    return names;
}

/// false: it is there and no number of rows.
bool read_count(const json& request, const char* key, std::size_t& count) {
    const auto found = request.find(key);
    if (found == request.end()) {
        return true;
    }
    const bool is_count = found->is_number_integer() && number_in(request, key) >= 0;
    count = is_count ? static_cast<std::size_t>(number_in(request, key)) : count;
    return is_count;
}

constexpr std::array<std::string_view, 8> orders{
    "name",        "aor",        "state",           "last_status",
    "answered_by", "expires_in", "next_attempt_in", "consecutive_failures"};

board::Expected<void> read_order(const json& request, sipstack::RegistrationQuery& query) {
    if (const std::string sort = text_in(request, "sort"); !sort.empty()) {
        const auto found = std::ranges::find(orders, sort);
        if (found == orders.end()) {
            return std::unexpected(board::Error{fmt::format(
                "rows are not put in order by '{}'; there are {}", sort, fmt::join(orders, ", "))});
        }
        query.order =
            static_cast<sipstack::RegistrationOrder>(std::distance(orders.begin(), found) + 1);
    }
    const std::string order = text_in(request, "order");
    if (!order.empty() && order != "asc" && order != "desc") {
        return std::unexpected(
            board::Error{fmt::format("order is asc or desc, and found '{}'", order)});
    }
    query.descending = order == "desc";
    return {};
}

}  // namespace

std::span<const std::string_view> registration_orders() {
    return orders;
}

board::Expected<sipstack::RegistrationQuery> registration_query(const json& request) {
    sipstack::RegistrationQuery query;
    query.name = text_in(request, "name");
    query.text = text_in(request, "text");
    for (auto [key, count] :
         {std::pair{"offset", &query.offset}, std::pair{"limit", &query.limit}}) {
        if (!read_count(request, key, *count)) {
            return std::unexpected(
                board::Error{fmt::format("{} is a number of rows, 0 or more", key)});
        }
    }
    if (const auto read = read_order(request, query); !read) {
        return std::unexpected(read.error());
    }
    const std::string wanted = text_in(request, "state");
    if (wanted.empty()) {
        return query;
    }
    const auto names = state_names();
    for (std::size_t state = 0; state < names.size(); ++state) {
        if (names[state] == wanted) {
            query.state = static_cast<RegistrationState>(state);
            return query;
        }
    }
    return std::unexpected(board::Error{
        fmt::format("no state is called '{}'; there are {}", wanted, fmt::join(names, ", "))});
}

}  // namespace trunkline::mgmt
