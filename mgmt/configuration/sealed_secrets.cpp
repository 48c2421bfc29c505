#include "mgmt/configuration/sealed_secrets.h"

#include "mgmt/configuration/value_map.h"

namespace trunkline::mgmt {

ConfigNodePtr with_sealed_secrets(const ConfigNodePtr& root, const Catalogue& catalogue,
                                  const Sealing& sealing) {
    return with_changed_values(
        root, catalogue, is_secret, [&](const ConfigNodePtr& value, const std::string&) {
            return value->kind == ConfigNode::Kind::scalar
                       ? scalar_node(sealing.seal(value->text), value->line, value->column)
                       : value;
        });
}

void open_sealed_secrets(ReadConfiguration& read, const std::string& origin,
                         const Catalogue& catalogue, const board::Expected<Sealing>& sealing) {
    const auto open = [&](const ConfigNodePtr& value, const std::string& path) {
        if (value->kind != ConfigNode::Kind::scalar || !is_sealed(value->text)) {
            return value;
        }
        const auto opened =
            sealing ? sealing->unseal(value->text) : std::unexpected(sealing.error().message);
        if (!opened) {
            read.faults.push_back(
                {origin, value->line, value->column, path,
                 sealing ? opened.error() : "a sealed secret, and there is " + opened.error(),
                 "a secret in clear, one that this appliance sealed, {file: ...}, {env: ...}",
                 "give the secret again, or bring the sealing key of the box that it is from"});
            return value;
        }
        return scalar_node(*opened, value->line, value->column);
    };
    read.root = with_changed_values(read.root, catalogue, is_secret, open);
}

std::string sealing_key_path(const ConfigNodePtr& root, const Catalogue& catalogue) {
    const ConfigNodePtr given = node_at(root, config_path("administration.sealing_key"));
    if (given && given->kind == ConfigNode::Kind::scalar) {
        return given->text;
    }
    const Table* table = catalogue.table("administration");
    const Parameter* parameter = table == nullptr ? nullptr : table->parameter("sealing_key");
    return parameter == nullptr || !parameter->default_value ? "" : parameter->default_value->text;
}

}  // namespace trunkline::mgmt
