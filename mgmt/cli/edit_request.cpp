#include "mgmt/cli/edit_request.h"

#include "mgmt/access/password_edits.h"
#include "mgmt/configuration/fault_place.h"
#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

json json_of(const ConfigNode& node) {
    switch (node.kind) {
        case ConfigNode::Kind::sequence: {
            json items = json::array();
            for (const ConfigNodePtr& item : node.items) {
                items.push_back(json_of(*item));
            }
            return items;
        }
        case ConfigNode::Kind::map: {
            json members = json::object();
            for (const ConfigNode::Entry& entry : node.entries) {
                members[entry.key] = json_of(*entry.value);
            }
            return members;
        }
        case ConfigNode::Kind::nothing:
            return nullptr;
        case ConfigNode::Kind::scalar:
            break;
    }
    return node.text;
}

}  // namespace

json edit_request(std::span<const ConfigEdit> edits) {
    json rows = json::array();
    for (const ConfigEdit& edit : edits) {
        json set = json::object();
        for (const ConfigNode::Entry& entry : edit.set) {
            set[entry.key] = json_of(*entry.value);
        }
        rows.push_back({{"table", edit.table},
                        {"rows", edit.rows},
                        {"set", std::move(set)},
                        {"left_out", edit.left_out},
                        {"removes_row", edit.removes_row}});
        for (const ConfigPart& part : edit.parts) {
            rows.back()["parts"].push_back({{"parameter", part.parameter},
                                            {"part", part.part},
                                            {"value", part.value ? json_of(*part.value) : json()}});
        }
    }
    hash_passwords(rows);  // here, where nobody but who typed it waits for it
    return {{"command", "configuration edit"}, {"edits", std::move(rows)}, {"words", "cli"}};
}

bool apply_edits(const CliCall& call, std::span<const ConfigEdit> edits) {
    SeenRevision any;
    return apply_edits(call, edits, any);
}

bool apply_edits(const CliCall& call, std::span<const ConfigEdit> edits, SeenRevision& seen) {
    if (edits.empty()) {
        return true;
    }
    json request = edit_request(edits);
    if (seen) {
        request["based_on"] = *seen;
    }
    const auto answer = call.ask(request);
    if (!answer) {
        return call.fail(answer.error().message);
    }
    if (!flag_in(*answer, "ok")) {
        call.refuse(*answer);
        if (flag_in(*answer, "conflict")) {
            seen.reset();
            call.errors.write(
                "  What was typed waits: 'activate' applies it to that, 'abort' "
                "forgets it\n");
        }
        return false;
    }
    if (seen) {
        seen = number_in(*answer, "revision");
    }
    for (const json& difference : list_in(*answer, "differences")) {
        if (flag_in(difference, "needs_reset")) {
            call.print(fmt::format(
                "Note: {} acts after a reload\n",
                place_in_words(text_in(difference, "path"), call.catalogue, ConfigWords::cli)));
        }
    }
    for (const json& note : list_in(*answer, "notes")) {
        call.print(fmt::format("Note: {}\n", note.is_string() ? note.get<std::string>() : ""));
    }
    return true;
}

}  // namespace trunkline::mgmt
