#include "tools/blast/command_line.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sched.h>

#include <charconv>
#include <chrono>
#include <limits>
#include <utility>

namespace trunkline::blast {

namespace {

constexpr double second = 1e9, millisecond = 1e6, microsecond = 1e3;
constexpr uint16_t sip_port = 5060, rtp_port = 6000;

/// Options as text, before they are settings.
struct Words {
    std::string port, mac, peer_mac, to, aor_file;
    std::vector<std::string> addresses, gateways;
    double seconds = 0, nap = 0, patience = 30, delay = 0, t1 = 500, rate = 0, interval = 1000;
    double packet_time = 20;
    uint32_t window = 64, rounds = 0;
    uint16_t local_port = 0;
    uint16_t payload_type = 0;  // a uint8_t would be shown as a character
    uint64_t count = 0;
    int cpu = -1;
    bool no_challenge = false, no_verify = false, one_way = false, count_only = false;
    bool quiet = false;
};

/// CLI11's own takes "nan" for a number, and tells of a range without an end in 309 digits.
template <typename Number>
CLI::Validator in_range(Number least, Number most) {
    const std::string range = fmt::format("{} to {}", least, most);
    const auto judge = [=](const std::string& text) {
        Number number{};
        const bool fits = CLI::detail::lexical_cast(text, number) && number >= least &&
                          number <= most;  // which no NaN is
        return fits ? std::string()
                    : fmt::format("'{}' is none; write a number from {}", text, range);
    };
    return {judge, range};
}

CLI::Validator share() {
    return in_range(0.0, 1.0);
}

/// Decades of it in nanoseconds are far from the end of 64 bits.
CLI::Validator duration(double least = 0) {
    return in_range(least, 1e9);
}

CLI::Validator any_of_32_bits(uint32_t least = 0) {
    return in_range(least, std::numeric_limits<uint32_t>::max());
}

void add_common(CLI::App& app, Words& words, CommandLine& line) {
    app.add_option("--port", words.port,
                   "af_packet:INTERFACE, tap:INTERFACE, memif:SOCKET[,server][,id=N] or "
                   "pci:ADDRESS")
        ->required();
    app.add_option("--address", words.addresses, "own IP address with its prefix: 192.0.2.1/24")
        ->required();
    app.add_option("--gateway", words.gateways, "next hop to other networks");
    app.add_option("--mac", words.mac, "own MAC address; the port's unless told");
    app.add_option("--peer-mac", words.peer_mac,
                   "MAC address of the next hop; asked for by ARP or ND unless told");
    app.add_option("--local-port", words.local_port,
                   "own UDP port, of RTP the first stream's; 5060, and 6000 for RTP, unless told")
        ->check(in_range(1, 65535));
    app.add_option("--seconds", words.seconds,
                   "end after this time; without it, a server runs until Ctrl-C")
        ->check(duration());
    app.add_option("--cpu", words.cpu, "stay on this CPU")->check(in_range(0, CPU_SETSIZE - 1));
    app.add_option("--nap", words.nap,
                   "microseconds to sleep when there is nothing to do; 0 polls on")
        ->check(duration())
        ->capture_default_str();
    app.add_option("--packets", line.link.packets, "packet buffers")
        ->check(in_range(1024, 4194304))
        ->capture_default_str();
    app.add_option("--wait", words.patience, "seconds that the peer may take to be there")
        ->check(duration(0.001))
        ->capture_default_str();
    app.add_flag("--json", line.json, "the summary as JSON on standard output");
    app.add_option("--interval", words.interval, "milliseconds between two lines of progress")
        ->check(in_range(1.0, 1e6))
        ->capture_default_str();
    app.add_flag("--quiet", words.quiet, "no lines of progress");
}

void add_registrar(CLI::App& app, RegistrarSettings& registrar, Words& words) {
    app.add_option("--aors", registrar.aors, "addresses of record that it has room for")
        ->check(in_range(1, 100000000))
        ->capture_default_str();
    app.add_option("--realm", registrar.realm)->capture_default_str();
    app.add_option("--password", registrar.password,
                   "of every user; %s in it stands for the user's name");
    app.add_flag("--no-challenge", words.no_challenge, "grant without credentials");
    app.add_flag("--no-verify", words.no_verify, "take any credentials that name the nonce");
    app.add_option("--nonce-uses", registrar.nonce_uses,
                   "requests that a nonce is good for; 0: any number")
        ->check(any_of_32_bits())
        ->capture_default_str();
    app.add_option("--expires", registrar.expires, "the most that is granted, seconds")
        ->check(in_range(1, 10000000))
        ->capture_default_str();
    app.add_option("--delay", words.delay, "milliseconds before each answer")->check(duration());
    app.add_option("--drop", registrar.drop_share, "share of the requests to lose, 0 to 1")
        ->check(share());
    app.add_option("--unavailable", registrar.unavailable_share,
                   "share of the requests to answer with 503, 0 to 1")
        ->check(share());
    app.add_option("--retry-after", registrar.retry_after, "seconds, in each 503")
        ->check(any_of_32_bits());
    app.add_option("--seed", registrar.seed, "of nonces, losses and 503")->capture_default_str();
    app.add_option("--aor-csv", words.aor_file,
                   "write a line for each AOR to this file at the end");
}

void add_client(CLI::App& app, Words& words) {
    app.add_option("--to", words.to, "the peer: 192.0.2.10:5060")->required();
    app.add_option("--rate", words.rate, "operations to begin a second (open loop)")
        ->check(in_range(0.001, 1e9));
    app.add_option("--window", words.window,
                   "operations under way at once; without --rate, that many always are (closed "
                   "loop)")
        ->check(in_range(1, 4000000))
        ->capture_default_str();
    app.add_option("--t1", words.t1, "milliseconds to the first retransmission")
        ->check(in_range(1.0, 10000.0))
        ->capture_default_str();
}

void add_register(CLI::App& app, RegisterSettings& settings, Words& words) {
    add_client(app, words);
    app.add_option("--accounts", settings.accounts)
        ->check(in_range(1, 100000000))
        ->capture_default_str();
    app.add_option("--user", settings.user, "start of the user names; a number from 0 on follows")
        ->check(CLI::TypeValidator<std::string>())
        ->capture_default_str();
    app.add_option("--password", settings.password, "of every user");
    app.add_option("--domain", settings.domain,
                   "of the addresses of record; the peer's address "
                   "unless told");
    app.add_option("--expires", settings.expires, "seconds to ask for; 0 un-registers")
        ->check(any_of_32_bits())
        ->capture_default_str();
    app.add_option("--rounds", words.rounds,
                   "times that each account registers; 1 unless --seconds is told")
        ->check(any_of_32_bits(1));
}

void add_options(CLI::App& app, OptionsSettings& settings, Words& words) {
    add_client(app, words);
    app.add_option("--uri", settings.uri, "Request-URI; sip: and the peer's address unless told");
    app.add_option("--count", words.count, "OPTIONS to send in all; 1000 unless --seconds is told")
        ->check(in_range(uint64_t{1}, uint64_t{1'000'000'000'000}));
}

CLI::Option* add_streams(CLI::App& app, uint32_t& streams, uint32_t& clock_rate) {
    app.add_option("--clock-rate", clock_rate, "RTP timestamps a second")
        ->check(in_range(1000, 192000))
        ->capture_default_str();
    return app.add_option("--streams", streams)->check(in_range(1, 32767))->capture_default_str();
}

void add_rtp(CLI::App& app, RtpSettings& settings, Words& words) {
    add_streams(app, settings.streams, settings.clock_rate);
    app.add_option("--to", words.to, "the peer and its port for the first stream: 192.0.2.10:6000")
        ->required();
    app.add_option("--ptime", words.packet_time, "milliseconds of sound in a packet")
        ->check(in_range(0.01, 1000.0))
        ->capture_default_str();
    app.add_option("--payload", settings.payload, "bytes of sound in a packet")
        ->check(in_range(static_cast<int>(least_rtp_payload), 1400))
        ->capture_default_str();
    app.add_option("--payload-type", words.payload_type)
        ->check(in_range(0, 127))
        ->capture_default_str();
    app.add_flag("--one-way", words.one_way, "the peer sends nothing back");
}

void add_rtp_peer(CLI::App& app, RtpPeerSettings& settings, Words& words) {
    add_streams(app, settings.streams, settings.clock_rate);
    app.add_flag("--count-only", words.count_only, "send nothing back");
}

/// Throws CLI::ValidationError with what is wrong.
template <typename Value>
Value need(std::optional<Value> value, const char* option, const std::string& text,
           const char* form) {
    if (!value) {
        throw CLI::ValidationError(option, fmt::format("'{}' is none; write it as {}", text, form));
    }
    return *std::move(value);
}

uint64_t nanoseconds(double number, double unit) {
    return static_cast<uint64_t>(number * unit);
}

void set_link(const Words& words, CommandLine& line) {
    line.link.device = need(parse_port(words.port), "--port", words.port,
                            "af_packet:veth0, tap:blast0, memif:/run/blast.sock,server or "
                            "pci:0000:00:04.0");
    for (const std::string& text : words.addresses) {
        line.link.addresses.push_back(
            need(dataplane::IpPrefix::parse(text), "--address", text, "192.0.2.1/24"));
    }
    for (const std::string& text : words.gateways) {
        line.link.gateways.push_back(
            need(dataplane::IpAddress::parse(text), "--gateway", text, "192.0.2.254"));
    }
    const auto mac = [](const std::string& text, const char* option) {
        return need(dataplane::MacAddress::parse(text), option, text, "02:00:00:00:00:01");
    };
    if (!words.mac.empty()) {
        line.link.mac = mac(words.mac, "--mac");
    }
    if (!words.peer_mac.empty()) {
        line.link.peer_mac = mac(words.peer_mac, "--peer-mac");
    }
    line.local_port = words.local_port != 0 ? words.local_port : sip_port;
    line.link.first_port = line.link.last_port = line.local_port;
}

void set_run(const Words& words, CommandLine& line) {
    line.run.nap = nanoseconds(words.nap, microsecond);
    line.run.progress = !words.quiet;
    line.run.interval = nanoseconds(words.interval, millisecond);
    line.patience = nanoseconds(words.patience, second);
    if (words.cpu >= 0) {
        line.cpu = static_cast<unsigned>(words.cpu);
    }
    line.aor_file = words.aor_file;
}

Pace pace_of(const Words& words, uint64_t total) {
    return {words.rate, words.window, total, nanoseconds(words.seconds, second)};
}

TimerSettings timers_of(const Words& words) {
    const uint64_t t1 = nanoseconds(words.t1, millisecond);
    return {t1, 8 * t1};
}

/// Tells this run's Call-IDs from those of all others.
uint64_t run_number() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<uint64_t>(std::chrono::nanoseconds(now).count());
}

void set_client(const Words& words, CommandLine& line) {
    line.peer = need(parse_endpoint(words.to, sip_port), "--to", words.to, "192.0.2.10:5060");
}

/// Every second port from `first` on belongs to a stream; those between are of RTCP.
uint16_t last_rtp_port(uint16_t first, uint32_t streams, const char* option) {
    const uint32_t last = first + 2 * streams - 1;
    if (last > 65535) {
        throw CLI::ValidationError(
            option, fmt::format("{} streams from port {} on end beyond 65535; take fewer --streams "
                                "or a lower port",
                                streams, first));
    }
    return static_cast<uint16_t>(last);
}

void set_rtp_ports(const Words& words, uint32_t streams, CommandLine& line) {
    line.local_port = words.local_port != 0 ? words.local_port : rtp_port;
    line.link.first_port = line.local_port;
    line.link.last_port = last_rtp_port(line.local_port, streams, "--local-port");
}

void set_rtp(const Words& words, RtpSettings& settings, CommandLine& line) {
    line.peer = need(parse_endpoint(words.to, rtp_port), "--to", words.to, "192.0.2.10:6000");
    last_rtp_port(line.peer.port, settings.streams, "--to");
    set_rtp_ports(words, settings.streams, line);
    settings.packet_time = nanoseconds(words.packet_time, millisecond);
    settings.nanoseconds = nanoseconds(words.seconds, second);
    settings.payload_type = static_cast<uint8_t>(words.payload_type);
    settings.comes_back = !words.one_way;
    settings.seed = run_number();
}

}  // namespace

std::optional<board::Device> parse_port(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon + 1 == text.size()) {
        return std::nullopt;
    }
    const std::string_view kind = text.substr(0, colon);
    const std::string rest(text.substr(colon + 1));
    if (kind == "af_packet") {
        return board::AfPacketDevice{rest};
    }
    if (kind == "tap") {
        return board::TapDevice{rest};
    }
    if (kind == "pci") {
        return board::PciDevice{rest};
    }
    if (kind != "memif") {
        return std::nullopt;
    }
    board::MemifDevice memif;
    std::string_view words = rest;
    memif.socket = words.substr(0, words.find(','));
    words.remove_prefix(memif.socket.size());
    while (!words.empty()) {
        words.remove_prefix(1);
        const std::string_view word = words.substr(0, words.find(','));
        words.remove_prefix(word.size());
        if (word == "server") {
            memif.server = true;
        } else if (word.starts_with("id=")) {
            const char* end = word.data() + word.size();
            const auto [stop, error] = std::from_chars(word.data() + 3, end, memif.id);
            if (error != std::errc() || stop != end) {
                return std::nullopt;
            }
        } else {
            return std::nullopt;
        }
    }
    return memif;
}

std::optional<dataplane::Endpoint> parse_endpoint(std::string_view text, uint16_t usual_port) {
    std::string_view host = text, port;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) {
            return std::nullopt;
        }
        host = text.substr(1, close - 1);
        port = text.substr(close + 1);
    } else if (text.find(':') == text.rfind(':')) {
        host = text.substr(0, text.find(':'));
        port = text.substr(host.size());
    }
    const auto address = dataplane::IpAddress::parse(host);
    uint16_t number = usual_port;
    if (!port.empty()) {
        const char* end = port.data() + port.size();
        const auto [stop, error] = std::from_chars(port.data() + 1, end, number);
        if (port[0] != ':' || error != std::errc() || stop != end || number == 0) {
            return std::nullopt;
        }
    }
    if (!address) {
        return std::nullopt;
    }
    return dataplane::Endpoint{*address, number};
}

std::expected<CommandLine, Instead> parse_command_line(int argc, const char* const* argv) {
    CommandLine line;
    Words words;
    RegistrarSettings registrar;
    RegisterSettings clients;
    OptionsSettings options;
    RtpSettings rtp;
    RtpPeerSettings rtp_peer;
    CLI::App app(
        "Plays the peers of a SIP appliance over a DPDK port, fast, and judges it.\n"
        "Exit codes: 0 all well, 1 wrong answers, none in time, none at all or no start, 2 wrong "
        "usage.",
        "blast");
    app.require_subcommand(1);
    app.fallthrough();
    add_common(app, words, line);
    CLI::App* as_registrar =
        app.add_subcommand("registrar", "challenge, verify, grant and count REGISTERs");
    add_registrar(*as_registrar, registrar, words);
    CLI::App* as_clients = app.add_subcommand("register", "register accounts with digest");
    add_register(*as_clients, clients, words);
    CLI::App* as_options = app.add_subcommand("options", "send OPTIONS and wait for the 200");
    add_options(*as_options, options, words);
    CLI::App* as_rtp = app.add_subcommand("rtp", "send RTP streams and judge what comes back");
    add_rtp(*as_rtp, rtp, words);
    CLI::App* as_rtp_peer = app.add_subcommand("rtp-peer", "count RTP streams and send them back");
    add_rtp_peer(*as_rtp_peer, rtp_peer, words);
    try {
        app.parse(argc, argv);
        set_link(words, line);
        set_run(words, line);
        if (as_registrar->parsed()) {
            registrar.challenge = !words.no_challenge;
            registrar.verify = !words.no_verify;
            registrar.answer_delay = nanoseconds(words.delay, millisecond);
            line.run.nanoseconds = nanoseconds(words.seconds, second);
            line.link.holds_back = true;
            line.role = std::move(registrar);
        } else if (as_clients->parsed()) {
            set_client(words, line);
            const uint64_t rounds = words.rounds == 0 && words.seconds <= 0 ? 1 : words.rounds;
            clients.pace = pace_of(words, rounds * clients.accounts);
            clients.timers = timers_of(words);
            clients.run = run_number();
            if (clients.domain.empty()) {
                clients.domain = line.peer.address.to_uri_host();
            }
            line.role = std::move(clients);
        } else if (as_rtp->parsed()) {
            set_rtp(words, rtp, line);
            line.role = rtp;
        } else if (as_rtp_peer->parsed()) {
            set_rtp_ports(words, rtp_peer.streams, line);
            rtp_peer.first_port = line.local_port;
            rtp_peer.reflect = !words.count_only;
            line.run.nanoseconds = nanoseconds(words.seconds, second);
            line.link.holds_back = true;
            line.role = rtp_peer;
        } else {
            set_client(words, line);
            options.pace =
                pace_of(words, words.count == 0 && words.seconds <= 0 ? 1000 : words.count);
            options.timers = timers_of(words);
            options.run = run_number();
            if (options.uri.empty()) {
                options.uri = fmt::format("sip:{}", line.peer.address.to_uri_host());
            }
            line.role = std::move(options);
        }
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        const int code = app.exit(error, out, out);
        return std::unexpected(Instead{out.str(), code == 0 ? 0 : 2});
    }
    return line;
}

}  // namespace trunkline::blast
