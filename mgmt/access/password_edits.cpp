#include "mgmt/access/password_edits.h"

#include "mgmt/access/password.h"
#include "mgmt/configuration/rows.h"
#include "mgmt/json_fields.h"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

/// A hash stands as it is, and so does what the appliance sealed itself.
bool is_in_the_clear(const std::string& password) {
    return !password.empty() && !is_password_hash(password) && !password.starts_with("$sealed$");
}

}  // namespace

void hash_passwords(json& edits) {
    for (json& edit : edits) {
        if (text_in(edit, "table") != local_users_table || !edit.contains("set") ||
            !edit["set"].is_object()) {
            continue;
        }
        const auto password = edit["set"].find("password");
        if (password != edit["set"].end() && password->is_string() &&
            is_in_the_clear(password->get<std::string>())) {
            *password = hash_password(password->get<std::string>());
        }
    }
}

ConfigNodePtr with_hashed_passwords(ConfigNodePtr root, const ConfigNodePtr& before) {
    const ConfigPath table = config_path(local_users_table);
    const ConfigNodePtr rows = node_at(root, table);
    if (!rows || rows->kind != ConfigNode::Kind::sequence) {
        return root;
    }
    const ConfigNodePtr old_rows = before ? node_at(before, table) : nullptr;
    const auto numbers = row_numbers(*rows);
    for (std::size_t at = 0; at < rows->items.size(); ++at) {
        const ConfigNode* const password = rows->items[at]->find("password");
        if (password == nullptr || password->kind != ConfigNode::Kind::scalar ||
            !is_in_the_clear(password->text)) {
            continue;
        }
        const auto old_at = old_rows ? position_of_row(*old_rows, numbers[at]) : std::nullopt;
        const ConfigNode* const old = old_at ? old_rows->items[*old_at]->find("password") : nullptr;
        if (old != nullptr && old->text == password->text) {
            continue;
        }
        const bool is_known = old != nullptr && password_matches(password->text, old->text);
        ConfigPath path = table;
        path.emplace_back(at);
        path.emplace_back(std::string("password"));
        root = with_node(root, path,
                         scalar_node(is_known ? old->text : hash_password(password->text),
                                     password->line, password->column));
    }
    return root;
}

}  // namespace trunkline::mgmt
