// An appliance for tests of the command line: it keeps a configuration and answers as the real one
// does; answers to other requests are given by the test.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/cli/command.h"
#include "mgmt/cli/script.h"
#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/config_file.h"
#include "mgmt/configuration/edit.h"
#include "mgmt/configuration/incoming.h"
#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/json_tree.h"
#include "mgmt/configuration/validator.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace trunkline::mgmt {

class PlayedAppliance {
public:
    using json = nlohmann::json;

    explicit PlayedAppliance(const Catalogue& catalogue) : catalogue_(catalogue) {}

    CliAsk ask() {
        return [this](const json& request) -> board::Expected<json> {
            if (is_gone) {
                return std::unexpected(board::Error{"the appliance is gone"});
            }
            requests.push_back(request);
            return answer(request);
        };
    }

    std::map<std::string, json> answers;  ///< by command; they come before its own
    std::vector<json> requests;
    bool is_gone = false;
    bool save_needed = false;
    bool level_allows_enable = true;
    ConfigNodePtr running = map_node({});

private:
    json answer(const json& request) {
        const auto command = request.at("command").get<std::string>();
        if (answers.contains(command)) {
            return answers.at(command);
        }
        if (command == "configuration prompt") {
            return {{"ok", true}, {"hostname", "LAB 1"}, {"save_needed", save_needed}};
        }
        if (command == "configuration save") {
            save_needed = false;
            return {{"ok", true}};
        }
        if (command == "configuration edit") {
            return edit(request.at("edits"));
        }
        if (command == "configuration get") {
            const auto path = request.at("path").get<std::string>();
            const ConfigNodePtr node = path.empty() ? running : node_at(running, config_path(path));
            return node ? json{{"ok", true},
                               {"configuration",
                                to_json(*node, catalogue_, path.substr(0, path.find('[')))}}
                        : json{{"ok", false}, {"missing", true}, {"error", "nothing is there"}};
        }
        if (command == "configuration text") {
            return {{"ok", true},
                    {"text", write_script(canonical(running, catalogue_), catalogue_,
                                          request.at("area").get<std::string>(), secret_in_clear)}};
        }
        if (command == "enable") {
            return level_allows_enable
                       ? json{{"ok", true}}
                       : json{{"ok", false}, {"denied", true}, {"error", "needs Administrator"}};
        }
        return {{"ok", false}, {"error", "unknown command '" + command + "'"}};
    }

    json edit(const json& rows) {
        const auto edits = edits_of(rows);
        if (!edits) {
            return refusal_of(edits.error());
        }
        const auto root = apply_edits(running, *edits, catalogue_);
        if (!root) {
            return refusal_of({root.error()});
        }
        running = canonical(*root, catalogue_);
        save_needed = true;
        return {{"ok", true}, {"differences", json::array()}};
    }

    static json refusal_of(const ConfigFaults& faults) {
        json list = json::array();
        for (const ConfigFault& fault : faults) {
            list.push_back({{"path", fault.path},
                            {"line", fault.line},
                            {"column", fault.column},
                            {"message", fault.to_string()}});
        }
        return {{"ok", false}, {"error", "1 fault, nothing was applied"}, {"faults", list}};
    }

    const Catalogue& catalogue_;
};

}  // namespace trunkline::mgmt
