#include "sipstack/message/envelope.h"

#include "sipstack/message/header_rows.h"
#include "sipstack/message/lexical.h"

namespace trunkline::sipstack {

namespace {

constexpr std::string_view version_prefix = "SIP/";

bool starts_with_version(std::string_view text) {
    return equal_nocase(text.substr(0, version_prefix.size()), version_prefix);
}

/// "INVITE sip:a@b SIP/2.0" or "SIP/2.0 200 OK", blanks of any number between.
bool scan_start_line(std::string_view line, Envelope& envelope) {
    line = trim(line);
    const std::size_t first_blank = line.find_first_of(" \t");
    if (first_blank == std::string_view::npos) {
        return false;
    }
    const std::string_view rest = trim(line.substr(first_blank));
    if (starts_with_version(line)) {
        const std::string_view status = rest.substr(0, rest.find_first_of(" \t"));
        const auto number = parse_number(status);
        envelope.status = number && *number <= 999 ? static_cast<int>(*number) : 0;
        return true;
    }
    const std::size_t last_blank = rest.find_last_of(" \t");
    if (last_blank == std::string_view::npos || !starts_with_version(rest.substr(last_blank + 1))) {
        return false;
    }
    envelope.is_request = true;
    envelope.method = line.substr(0, first_blank);
    envelope.request_uri = trim(rest.substr(0, last_blank));
    return true;
}

void keep_first(std::string_view& field, std::string_view value) {
    if (field.data() == nullptr) {
        field = value;
    }
}

}  // namespace

std::optional<Envelope> scan_envelope(std::string_view bytes) {
    HeaderRows rows(bytes);
    Envelope envelope;
    if (!scan_start_line(rows.start_line(), envelope)) {
        return std::nullopt;
    }
    while (const auto row = rows.next()) {
        switch (row->id) {
            case HeaderId::via: {
                std::string_view list = row->value;
                keep_first(envelope.top_via, take_list_value(list));
                break;
            }
            case HeaderId::from:
                keep_first(envelope.from, row->value);
                break;
            case HeaderId::to:
                keep_first(envelope.to, row->value);
                break;
            case HeaderId::call_id:
                keep_first(envelope.call_id, row->value);
                break;
            case HeaderId::cseq:
                keep_first(envelope.cseq, row->value);
                break;
            default:
                break;
        }
    }
    envelope.branch = header_parameter(envelope.top_via, "branch").value_or(std::string_view{});
    if (!envelope.is_request) {
        const std::size_t blank = envelope.cseq.find_last_of(" \t");
        if (blank != std::string_view::npos) {
            envelope.method = envelope.cseq.substr(blank + 1);
        }
    }
    return envelope;
}

}  // namespace trunkline::sipstack
