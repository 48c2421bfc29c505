#include "mgmt/catalogue/value_reader.h"

#include "board/pci.h"
#include "mgmt/access/sealing.h"
#include "mgmt/configuration/named.h"
#include "mgmt/configuration/secret_source.h"
#include "mgmt/regular_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace trunkline::mgmt {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter_or_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::optional<int64_t> parse_number(std::string_view text) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// Labels of letters, digits and '-' (RFC 1123 2.1), '_' as SRV names have it; the last one is no
/// number (RFC 3261 25.1), or a mistyped address would pass for a name.
bool is_host_name(std::string_view text) {
    if (text.ends_with('.')) {
        text.remove_suffix(1);
    }
    std::string_view label;
    for (;;) {
        const std::size_t dot = text.find('.');
        label = text.substr(0, dot);
        const bool right = !label.empty() && label.size() <= 63 && !label.starts_with('-') &&
                           !label.ends_with('-') &&
                           std::all_of(label.begin(), label.end(), [](char c) {
                               return is_letter_or_digit(c) || c == '-' || c == '_';
                           });
        if (!right) {
            return false;
        }
        if (dot == std::string_view::npos) {
            break;
        }
        text.remove_prefix(dot + 1);
    }
    return !std::all_of(label.begin(), label.end(), is_digit);
}

bool is_host(const std::string& text) {
    return dataplane::IpAddress::parse(text).has_value() || is_host_name(text);
}

bool is_file_name(std::string_view text) {
    return text != "." && text != ".." && text.find('/') == text.npos &&
           text.find(' ') == text.npos;
}

/// RFC 8141: "urn:" NID ":" NSS. It stands between '<' and '>' in a header.
bool is_urn(std::string_view text) {
    constexpr std::string_view scheme = "urn:";
    const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < '\x7f' && c != '<' && c != '>' && c != '"' && c != '\\';
    });
    if (!printable || !text.starts_with(scheme)) {
        return false;
    }
    const std::size_t colon = text.find(':', scheme.size());
    return colon != text.npos && colon > scheme.size() && colon + 1 < text.size();
}

bool has_format(TextFormat format, const std::string& text) {
    switch (format) {
        case TextFormat::free:
        case TextFormat::path:
        case TextFormat::file:
            return true;
        case TextFormat::host:
            return is_host(text);
        case TextFormat::interface:
            return is_file_name(text) && text.find(':') == std::string::npos;
        case TextFormat::name_space:
            return is_file_name(text);
        case TextFormat::pci:
            return board::pci_address(text).has_value();
        case TextFormat::hex:
            return std::all_of(text.begin(), text.end(), is_hex);
        case TextFormat::urn:
            return is_urn(text);
    }
    std::abort();
}

std::optional<HostPort> parse_host_port(const std::string& text) {
    if (dataplane::IpAddress::parse(text)) {
        return HostPort{text, std::nullopt};
    }
    std::string host = text, port;
    if (text.starts_with('[')) {
        const std::size_t bracket = text.find(']');
        if (bracket == std::string::npos) {
            return std::nullopt;
        }
        host = text.substr(1, bracket - 1);
        const auto address = dataplane::IpAddress::parse(host);
        if (!address || !address->is_v6()) {
            return std::nullopt;
        }
        if (bracket + 1 == text.size()) {
            return HostPort{host, std::nullopt};
        }
        if (text[bracket + 1] != ':') {
            return std::nullopt;
        }
        port = text.substr(bracket + 2);
    } else {
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos) {
            return is_host(text) ? std::optional(HostPort{text, std::nullopt}) : std::nullopt;
        }
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        if (!is_host(host)) {
            return std::nullopt;
        }
    }
    const auto number = parse_number(port);
    if (!number || *number < 1 || *number > 65535) {
        return std::nullopt;
    }
    return HostPort{host, static_cast<uint16_t>(*number)};
}

/// One value, with all that it is judged by.
class Reader {
public:
    Reader(const Parameter& parameter, const ConfigNode& node, const std::string& path,
           const RowKeys& rows, const std::string& folder, FaultCollector& faults)
        : parameter_(parameter),
          node_(node),
          path_(path),
          rows_(rows),
          folder_(folder),
          faults_(faults) {}

    std::optional<Value> read() const {
        if (parameter_.type == ValueType::secret) {
            return read_secret();
        }
        if (parameter_.type == ValueType::enumeration && node_.text == "null" &&
            node_.kind == ConfigNode::Kind::nothing) {
            return read_enum();
        }
        if (node_.kind != ConfigNode::Kind::scalar) {
            const bool nothing = node_.kind == ConfigNode::Kind::nothing;
            return refuse(kind_of(node_), nothing && !parameter_.required
                                              ? "take the key out for its default"
                                              : "");
        }
        if (has_control_character(node_.text)) {
            return refuse("text with a line end or control character");
        }
        return read_text();
    }

private:
    std::nullopt_t refuse(std::string found, std::string advice = "") const {
        faults_.add(node_, path_, std::move(found), parameter_.allowed(), std::move(advice));
        return std::nullopt;
    }

    template <typename Type>
    std::optional<Value> value_or_refuse(std::optional<Type> parsed) const {
        if (!parsed) {
            return refuse(in_quotes(node_.text));
        }
        return Value{*std::move(parsed)};
    }

    std::optional<Value> read_text() const {
        switch (parameter_.type) {
            case ValueType::boolean:
                return read_boolean();
            case ValueType::integer:
                return read_integer();
            case ValueType::range:
                return read_range();
            case ValueType::enumeration:
                return read_enum();
            case ValueType::text:
                return read_plain_text();
            case ValueType::ip:
                return value_or_refuse(dataplane::IpAddress::parse(node_.text));
            case ValueType::prefix:
                return value_or_refuse(read_prefix());
            case ValueType::mac:
                return value_or_refuse(dataplane::MacAddress::parse(node_.text));
            case ValueType::host_port:
                return read_host_port();
            case ValueType::reference:
                return read_reference();
            case ValueType::secret:
                break;
        }
        std::abort();
    }

    std::optional<Value> read_boolean() const {
        const std::string& text = node_.text;
        if (text == "true" || text == "True" || text == "TRUE") {
            return Value{true};
        }
        if (text == "false" || text == "False" || text == "FALSE") {
            return Value{false};
        }
        std::string lower = text;
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
        if (lower == "yes" || lower == "on" || lower == "y" || lower == "1" || lower == "enable") {
            return refuse(in_quotes(text), "write true");
        }
        if (lower == "no" || lower == "off" || lower == "n" || lower == "0" || lower == "disable") {
            return refuse(in_quotes(text), "write false");
        }
        return refuse(in_quotes(text),
                      faults_.nearest(text, std::vector<std::string>{"true", "false"}));
    }

    std::optional<Value> read_integer() const {
        const auto number = parse_number(node_.text);
        if (!number) {
            return refuse(in_quotes(node_.text));
        }
        const bool extra = std::find(parameter_.also.begin(), parameter_.also.end(), *number) !=
                           parameter_.also.end();
        if (!extra && (*number < parameter_.minimum || *number > parameter_.maximum)) {
            return refuse(node_.text);
        }
        return Value{*number};
    }

    std::optional<Value> read_range() const {
        const std::string_view text = node_.text;
        const std::size_t dash = text.find('-');
        const auto first = parse_number(text.substr(0, dash));
        const auto last = dash == text.npos ? first : parse_number(text.substr(dash + 1));
        if (!first || !last || *first < parameter_.minimum || *last > parameter_.maximum ||
            *first > *last) {
            return refuse(in_quotes(node_.text));
        }
        return Value{IntegerRange{*first, *last}};
    }

    std::optional<Value> read_enum() const {
        const EnumValue* value = parameter_.value(node_.text);
        if (value == nullptr) {
            const std::vector<std::string> names = parameter_.available_values();
            return refuse(in_quotes(node_.text), faults_.nearest(node_.text, names));
        }
        if (!value->available) {
            return refuse(in_quotes(node_.text),
                          fmt::format("'{}' is not available in this version", value->name));
        }
        return Value{EnumChoice{value->name, value->number}};
    }

    std::optional<Value> read_plain_text() const {
        const std::size_t length = characters(node_.text);
        if (length > parameter_.longest) {
            return refuse(fmt::format("{} characters, {}", length, in_quotes(node_.text)));
        }
        if (length < parameter_.shortest) {
            return refuse(in_quotes(node_.text));
        }
        if (length > 0 && !has_format(parameter_.format, node_.text)) {
            return refuse(in_quotes(node_.text));
        }
        if (length > 0 && parameter_.format == TextFormat::file) {
            return read_file_path();
        }
        return Value{node_.text};
    }

    /// The path as this process opens it, after it was opened once.
    std::optional<Value> read_file_path() const {
        const std::string whole = path_in(folder_, node_.text);
        const auto file = open_regular_file(whole);
        if (!file) {
            return refuse(
                fmt::format("the unreadable file {} ({})", in_quotes(whole), file.error()));
        }
        return Value{whole};
    }

    std::optional<dataplane::IpPrefix> read_prefix() const {
        // A length that is left out is not guessed.
        return node_.text.find('/') == std::string::npos ? std::nullopt
                                                         : dataplane::IpPrefix::parse(node_.text);
    }

    std::optional<Value> read_host_port() const {
        if (characters(node_.text) > parameter_.longest) {
            return refuse(in_quotes(node_.text));
        }
        return value_or_refuse(parse_host_port(node_.text));
    }

    std::optional<Value> read_reference() const {
        if (const auto row = rows_.find(parameter_.reference, node_.text)) {
            return Value{RowReference{*row, node_.text}};
        }
        const std::vector<std::string>& keys = rows_.keys(parameter_.reference);
        std::string advice = faults_.nearest(node_.text, keys);
        if (advice.empty()) {
            advice = (keys.empty() ? "there is none, add it to " : "add it to ") +
                     named(parameter_.reference);
        }
        std::string allowed = parameter_.allowed();
        if (!keys.empty()) {
            allowed += " (" + list_names(keys) + ")";
        }
        faults_.add(node_, path_, in_quotes(node_.text), allowed, advice);
        return std::nullopt;
    }

    std::optional<Value> read_secret() const {
        if (node_.kind == ConfigNode::Kind::scalar && is_sealed(node_.text)) {
            return Value{sipstack::Secret(node_.text)};  // what is in it, its owner alone can judge
        }
        if (node_.kind == ConfigNode::Kind::scalar) {
            return checked_secret(sipstack::Secret(node_.text), node_);
        }
        if (node_.kind != ConfigNode::Kind::map) {
            return refuse(kind_of(node_));
        }
        const bool one_source = node_.entries.size() == 1 &&
                                (node_.entries[0].key == "file" || node_.entries[0].key == "env");
        if (!one_source) {
            return refuse("a map without exactly one of the keys file and env");
        }
        const ConfigNode& source = *node_.entries[0].value;
        if (source.kind != ConfigNode::Kind::scalar || source.text.empty()) {
            return refuse(kind_of(source) + " as the value of " + node_.entries[0].key);
        }
        auto secret = node_.entries[0].key == "file" ? secret_from_file(source.text, folder_)
                                                     : secret_from_environment(source.text);
        if (!secret) {
            faults_.add(source, path_, secret.error().found, secret.error().allowed,
                        secret.error().advice);
            return std::nullopt;
        }
        if (is_sealed(secret->reveal())) {
            faults_.add(source, path_, "a sealed secret elsewhere than in the configuration itself",
                        "a secret in clear there", "put the sealed text here in its place");
            return std::nullopt;
        }
        return checked_secret(*std::move(secret), source);
    }

    std::optional<Value> checked_secret(sipstack::Secret secret, const ConfigNode& at) const {
        const std::size_t length = characters(secret.reveal());
        if (length < parameter_.shortest || length > parameter_.longest) {
            faults_.add(at, path_, fmt::format("a secret of {} characters", length),
                        parameter_.allowed());
            return std::nullopt;
        }
        if (has_control_character(secret.reveal())) {
            faults_.add(at, path_, "a secret with a line end or control character in it",
                        parameter_.allowed());
            return std::nullopt;
        }
        if (length > 0 && !has_format(parameter_.format, secret.reveal())) {
            faults_.add(at, path_, "a secret of another form", parameter_.allowed());
            return std::nullopt;
        }
        return Value{std::move(secret)};
    }

    const Parameter& parameter_;
    const ConfigNode& node_;
    const std::string& path_;
    const RowKeys& rows_;
    const std::string& folder_;
    FaultCollector& faults_;
};

std::optional<Value> read_list(const Parameter& parameter, const ConfigNode& node,
                               const std::string& path, const RowKeys& rows,
                               const std::string& folder, FaultCollector& faults) {
    const std::string allowed = fmt::format("a list of {}..{}, each: {}", parameter.shortest,
                                            parameter.longest, parameter.allowed());
    if (node.kind != ConfigNode::Kind::sequence) {
        faults.add(node, path, kind_of(node), allowed,
                   node.kind == ConfigNode::Kind::scalar ? "put it in brackets: [...]" : "");
        return std::nullopt;
    }
    if (node.items.size() < parameter.shortest || node.items.size() > parameter.longest) {
        faults.add(node, path, fmt::format("a list of {}", node.items.size()), allowed);
        return std::nullopt;
    }
    std::vector<Value> members;
    bool right = true;
    for (std::size_t at = 0; at < node.items.size(); ++at) {
        const ConfigNode& item = *node.items[at];
        const std::string item_path = fmt::format("{}[{}]", path, at);
        auto member = Reader(parameter, item, item_path, rows, folder, faults).read();
        if (!member) {
            right = false;
        } else if (std::find(members.begin(), members.end(), *member) != members.end()) {
            faults.add(item, item_path, in_quotes(item.text) + " a second time", "each once");
            right = false;
        } else {
            members.push_back(*std::move(member));
        }
    }
    return right ? std::optional(Value{std::move(members)}) : std::nullopt;
}

}  // namespace

void RowKeys::add(const std::string& table, const std::string& key, std::size_t row) {
    Keys& keys = tables_[table];
    if (keys.rows.emplace(key, row).second) {
        keys.in_order.push_back(key);
    }
}

std::optional<std::size_t> RowKeys::find(const std::string& table, const std::string& key) const {
    const auto keys = tables_.find(table);
    if (keys == tables_.end()) {
        return std::nullopt;
    }
    const auto row = keys->second.rows.find(key);
    return row == keys->second.rows.end() ? std::nullopt : std::optional(row->second);
}

const std::vector<std::string>& RowKeys::keys(const std::string& table) const {
    static const std::vector<std::string> none;
    const auto keys = tables_.find(table);
    return keys == tables_.end() ? none : keys->second.in_order;
}

std::optional<Value> read_value(const Parameter& parameter, const ConfigNode& node,
                                const std::string& path, const RowKeys& rows,
                                const std::string& folder, FaultCollector& faults) {
    if (parameter.list) {
        return read_list(parameter, node, path, rows, folder, faults);
    }
    return Reader(parameter, node, path, rows, folder, faults).read();
}

std::string kind_of(const ConfigNode& node) {
    switch (node.kind) {
        case ConfigNode::Kind::nothing:
            return "nothing";
        case ConfigNode::Kind::scalar:
            return "a single value";
        case ConfigNode::Kind::sequence:
            return "a list";
        case ConfigNode::Kind::map:
            return "a map";
    }
    std::abort();
}

}  // namespace trunkline::mgmt
