// What becomes of a configuration that somebody brings as a file, over REST or with `copy`.
#pragma once

#include <nlohmann/json.hpp>

#include <expected>
#include <functional>
#include <string>

namespace trunkline::mgmt {

struct ConfigurationUpload {
    std::string format;  ///< ini, cli
    std::string text;
    std::string origin;  ///< a name for messages
};

struct UploadedConfiguration {
    nlohmann::json notes = nlohmann::json::array();  ///< texts for people
    bool restarts = false;                           ///< the appliance starts anew now
};

/// A request of the control thread's (command_table.h) and its reply.
using AskControl = std::function<nlohmann::json(const nlohmann::json& request)>;

/// It replaces the running configuration, is saved, and where something of it acts after a restart
/// alone the appliance starts anew. The error: the reply that refused.
std::expected<UploadedConfiguration, nlohmann::json> replace_configuration(
    const ConfigurationUpload& upload, const AskControl& ask);
/// It adds to the running configuration and is not saved. The error likewise.
std::expected<UploadedConfiguration, nlohmann::json> merge_configuration(
    const ConfigurationUpload& upload, const AskControl& ask);

}  // namespace trunkline::mgmt
