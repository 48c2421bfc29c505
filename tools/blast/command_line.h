// What the program is told: options read and checked, nothing done.
#pragma once

#include "tools/blast/link.h"
#include "tools/blast/options_sender.h"
#include "tools/blast/register_clients.h"
#include "tools/blast/registrar.h"
#include "tools/blast/rtp_peer.h"
#include "tools/blast/rtp_sender.h"
#include "tools/blast/run.h"

#include <optional>
#include <string>
#include <variant>

namespace trunkline::blast {

struct CommandLine {
    LinkSettings link;
    RunSettings run;
    std::optional<unsigned> cpu;  ///< to stay on
    bool json = false;
    std::string aor_file;        ///< of the registrar: a CSV line for each AOR; empty: none
    uint16_t local_port = 5060;  ///< of RTP, that of the first stream
    dataplane::Endpoint peer;    ///< of clients
    uint64_t patience = 0;       ///< nanoseconds that the peer may take to be there
    std::variant<RegistrarSettings, RegisterSettings, OptionsSettings, RtpSettings, RtpPeerSettings>
        role;
};

/// What to do instead: print `text` and end with `exit_code` (0 after --help, 2 on wrong usage).
struct Instead {
    std::string text;
    int exit_code = 0;
};

std::expected<CommandLine, Instead> parse_command_line(int argc, const char* const* argv);

/// "af_packet:veth0", "tap:blast0", "memif:/run/blast.sock[,server][,id=1]", "pci:0000:00:04.0".
/// nullopt: none of these.
std::optional<board::Device> parse_port(std::string_view text);

/// "192.0.2.1", "192.0.2.1:5080", "[2001:db8::1]:5060", "2001:db8::1"; `usual_port`
/// where none is told.
std::optional<dataplane::Endpoint> parse_endpoint(std::string_view text, uint16_t usual_port);

}  // namespace trunkline::blast
