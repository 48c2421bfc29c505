#include "mgmt/configuration_upload.h"

#include "mgmt/json_fields.h"

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

json load(const ConfigurationUpload& upload, const AskControl& ask, const char* mode) {
    return ask({{"command", "configuration load"},
                {"format", upload.format},
                {"text", upload.text},
                {"mode", mode},
                {"origin", upload.origin}});
}

UploadedConfiguration with_notes_of(const json& loaded) {
    UploadedConfiguration uploaded;
    for (const json& note : list_in(loaded, "notes")) {
        uploaded.notes.push_back(note);
    }
    return uploaded;
}

}  // namespace

std::expected<UploadedConfiguration, json> replace_configuration(const ConfigurationUpload& upload,
                                                                 const AskControl& ask) {
    const json loaded = load(upload, ask, "replace");
    if (!flag_in(loaded, "ok")) {
        return std::unexpected(loaded);
    }
    if (const json saved = ask({{"command", "configuration save"}}); !flag_in(saved, "ok")) {
        return std::unexpected(saved);
    }
    UploadedConfiguration uploaded = with_notes_of(loaded);
    if (flag_in(loaded, "reset_needed")) {
        const json reset =
            ask({{"command", "reload"}, {"when", "without-saving"}, {"graceful_s", 0}});
        if (!flag_in(reset, "ok")) {
            return std::unexpected(reset);
        }
        uploaded.restarts = true;
    }
    return uploaded;
}

std::expected<UploadedConfiguration, json> merge_configuration(const ConfigurationUpload& upload,
                                                               const AskControl& ask) {
    const json loaded = load(upload, ask, "merge");
    if (!flag_in(loaded, "ok")) {
        return std::unexpected(loaded);
    }
    return with_notes_of(loaded);
}

}  // namespace trunkline::mgmt
