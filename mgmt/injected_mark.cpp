#include "mgmt/injected_mark.h"

#include "mgmt/json_fields.h"

namespace trunkline::mgmt {

const char* injected_mark(board::Source source) {
    return source == board::Source::injected ? " (injected)" : "";
}

const char* injected_mark(const nlohmann::json& row) {
    return text_in(row, "source") == to_string(board::Source::injected)
               ? injected_mark(board::Source::injected)
               : "";
}

}  // namespace trunkline::mgmt
