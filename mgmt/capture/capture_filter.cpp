#include "mgmt/capture/capture_filter.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

constexpr std::size_t longest_text = 255;

std::optional<dataplane::IpPrefix> host_of(const std::string& text) {
    if (const auto address = dataplane::IpAddress::parse(text)) {
        return dataplane::IpPrefix{*address, static_cast<uint8_t>(address->is_v4() ? 32 : 128)};
    }
    return dataplane::IpPrefix::parse(text);
}

std::optional<uint16_t> port_of(const std::string& text) {
    uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    return error == std::errc{} && stop == end && port != 0 ? std::optional(port) : std::nullopt;
}

/// Methods are tokens (RFC 3261 25.1).
bool is_method(const std::string& text) {
    return std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("-.!%*_+`'~").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

/// Whether `text` stands in the display name or the URI of a From or To; a tag may look like
/// anything.
bool names(std::string_view row, const std::string& text) {
    const std::size_t end = row.find('>');
    row = row.substr(0, end != std::string_view::npos ? end : row.find(';'));
    return row.find(text) != std::string_view::npos;
}

}  // namespace

bool CaptureFilter::matches(const CapturedMessage& captured) const {
    const auto& [message, envelope, interface] = captured;
    return (!host || host->contains(message.flow.remote.address)) &&
           (!port || *port == message.flow.remote.port || *port == message.flow.local.port) &&
           (method.empty() || envelope.method == method) &&
           (call_id.empty() || envelope.call_id == call_id) &&
           (user.empty() || names(envelope.from, user) || names(envelope.to, user));
}

std::string CaptureFilter::to_string() const {
    std::string text;
    const auto add = [&text](const char* word, const std::string& value) {
        if (!value.empty()) {
            text += fmt::format("{}{} {}", text.empty() ? "" : " ", word, value);
        }
    };
    if (host) {
        const bool is_one = host->length == (host->address.is_v4() ? 32 : 128);
        add("host", is_one ? host->address.to_string() : host->to_string());
    }
    add("port", port ? fmt::format("{}", *port) : "");
    add("method", method);
    add("call-id", call_id);
    add("user", user);
    return text.empty() ? "all" : text;
}

std::expected<CaptureFilter, std::string> read_capture_filter(const json& fields) {
    CaptureFilter filter;
    for (const char* const name : capture_filter_fields) {
        const auto found = fields.find(name);
        if (found == fields.end() ||
            (found->is_string() && found->get_ref<const std::string&>() == std::string())) {
            continue;
        }
        const std::string text = found->is_string() ? found->get<std::string>() : found->dump();
        const auto wrong = [&](const char* allowed) {
            return std::unexpected(fmt::format("{}: found '{}'; allowed: {}", name, text, allowed));
        };
        if (text.size() > longest_text) {
            return std::unexpected(fmt::format("{}: it is longer than {}", name, longest_text));
        }
        const std::string_view field = name;
        if (field == "host" && !(filter.host = host_of(text))) {
            return wrong("an IP address, or a prefix as 192.0.2.0/24");
        }
        if (field == "port" && !(filter.port = port_of(text))) {
            return wrong("1 to 65535");
        }
        if (field == "method" && !is_method(text)) {
            return wrong("a method as REGISTER");
        }
        if (field == "method") {
            filter.method = text;
        } else if (field == "call_id") {
            filter.call_id = text;
        } else if (field == "user") {
            filter.user = text;
        }
    }
    return filter;
}

}  // namespace trunkline::mgmt
