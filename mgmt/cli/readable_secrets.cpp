#include "mgmt/cli/readable_secrets.h"

#include "mgmt/json_fields.h"

namespace trunkline::mgmt {

using nlohmann::json;

std::optional<json> with_readable_secrets(const CliCall& call, json request) {
    request["secrets"] = "sealed";
    const auto sealed = call.ask(request);
    if (sealed && flag_in(*sealed, "ok")) {
        return *sealed;
    }
    if (sealed && flag_in(*sealed, "denied")) {
        request["secrets"] = "hidden";
    }
    return call.answer_to(request);
}

}  // namespace trunkline::mgmt
