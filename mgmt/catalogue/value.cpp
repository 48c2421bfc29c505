#include "mgmt/catalogue/value.h"

#include <fmt/format.h>

namespace trunkline::mgmt {

namespace {

struct ToText {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(const IntegerRange& value) const {
        return fmt::format("{}-{}", value.first, value.last);
    }
    std::string operator()(const EnumChoice& value) const { return value.name; }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const dataplane::IpAddress& value) const { return value.to_string(); }
    std::string operator()(const dataplane::IpPrefix& value) const { return value.to_string(); }
    std::string operator()(const dataplane::MacAddress& value) const { return value.to_string(); }
    std::string operator()(const HostPort& value) const {
        const bool brackets = value.host.find(':') != std::string::npos;
        const std::string host = brackets ? "[" + value.host + "]" : value.host;
        return value.port ? fmt::format("{}:{}", host, *value.port) : host;
    }
    std::string operator()(const RowReference& value) const { return value.key; }
    std::string operator()(const sipstack::Secret&) const { return "(a secret)"; }
    std::string operator()(const std::vector<Value>& values) const {
        std::string text;
        for (const Value& value : values) {
            text += (text.empty() ? "" : ", ") + to_text(value);
        }
        return "[" + text + "]";
    }
};

}  // namespace

std::string to_text(const Value& value) {
    return std::visit(ToText{}, value.data);
}

}  // namespace trunkline::mgmt
