#include "mgmt/configuration/yaml_writer.h"

#include <yaml-cpp/emitter.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace trunkline::mgmt {

namespace {

/// Words that YAML 1.1 gives another type (https://yaml.org/type/bool.html, null.html).
bool is_word_of_yaml(std::string_view text) {
    constexpr std::array<std::string_view, 9> words = {"y",     "n",  "yes", "no",  "true",
                                                       "false", "on", "off", "null"};
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::ranges::find(words, lower) != words.end();
}

/// What looks like a number, a date or a time of day; more than is needed, never less.
bool looks_like_number(std::string_view text) {
    return !text.empty() && (std::isdigit(static_cast<unsigned char>(text.front())) != 0 ||
                             std::string_view("+-.").find(text.front()) != text.npos);
}

bool is_plainly_typed(ValueType type) {
    return type == ValueType::boolean || type == ValueType::integer || type == ValueType::ip ||
           type == ValueType::prefix || type == ValueType::range;
}

class Writer {
public:
    explicit Writer(const Catalogue& catalogue) : catalogue_(catalogue) {
        out_.SetIndent(2);
        out_.SetMapFormat(YAML::Block);
        out_.SetSeqFormat(YAML::Block);
    }

    std::string write(const ConfigNode& root) {
        if (root.entries.empty()) {
            return "{}\n";
        }
        map("", root);
        return std::string(out_.c_str(), out_.size()) + "\n";
    }

private:
    void map(const std::string& path, const ConfigNode& node) {
        const Table* table = catalogue_.table(path);
        out_ << YAML::BeginMap;
        for (const ConfigNode::Entry& entry : node.entries) {
            out_ << YAML::Key << entry.key << YAML::Value;
            const Parameter* parameter = table == nullptr ? nullptr : table->parameter(entry.key);
            if (parameter != nullptr) {
                value(parameter->type, *entry.value);
            } else {
                branch(path.empty() ? entry.key : path + "." + entry.key, *entry.value);
            }
        }
        out_ << YAML::EndMap;
    }

    void branch(const std::string& path, const ConfigNode& node) {
        if (node.kind == ConfigNode::Kind::map) {
            map(path, node);
        } else if (node.kind == ConfigNode::Kind::sequence) {
            out_ << YAML::BeginSeq;
            for (const ConfigNodePtr& item : node.items) {
                branch(path, *item);
            }
            out_ << YAML::EndSeq;
        } else {
            value(ValueType::integer, node);
        }
    }

    /// A scalar, a list of them, or the source of a secret.
    void value(ValueType type, const ConfigNode& node) {
        switch (node.kind) {
            case ConfigNode::Kind::nothing:
                scalar(ValueType::integer, node.text.empty() ? "~" : node.text);
                return;
            case ConfigNode::Kind::scalar:
                scalar(type, node.text);
                return;
            case ConfigNode::Kind::sequence:
                out_ << YAML::Flow << YAML::BeginSeq;
                for (const ConfigNodePtr& item : node.items) {
                    value(type, *item);
                }
                out_ << YAML::EndSeq;
                return;
            case ConfigNode::Kind::map:
                out_ << YAML::Flow << YAML::BeginMap;
                for (const ConfigNode::Entry& entry : node.entries) {
                    out_ << YAML::Key << entry.key << YAML::Value;
                    value(type, *entry.value);
                }
                out_ << YAML::EndMap;
                return;
        }
    }

    void scalar(ValueType type, const std::string& text) {
        const bool in_quotes =
            !is_plainly_typed(type) && (is_word_of_yaml(text) || looks_like_number(text));
        if (in_quotes) {
            out_ << YAML::DoubleQuoted;
        }
        out_ << text;
    }

    const Catalogue& catalogue_;
    YAML::Emitter out_;
};

}  // namespace

std::string write_yaml(const ConfigNode& root, const Catalogue& catalogue) {
    return Writer(catalogue).write(root);
}

}  // namespace trunkline::mgmt
