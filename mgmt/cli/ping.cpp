#include "mgmt/cli/actions.h"
#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

constexpr unsigned usual_count = 4;
constexpr unsigned most = 1000;

double mean_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) {
        sum += value;
    }
    return sum / static_cast<double>(values.size());
}

/// min/avg/max/mdev as ping(8) has them.
std::string round_trips(const std::vector<double>& times) {
    const double mean = mean_of(times);
    std::vector<double> squares;
    for (const double time : times) {
        squares.push_back((time - mean) * (time - mean));
    }
    const auto [least, greatest] = std::ranges::minmax(times);
    return fmt::format("rtt min/avg/max/mdev = {:.3f}/{:.3f}/{:.3f}/{:.3f} ms\n", least, mean,
                       greatest, std::sqrt(mean_of(squares)));
}

/// The appliance sends one echo request a question, so that each answer shows at once.
bool ping(const CliCall& call) {
    const std::string& host = call.arguments.front();
    unsigned count = usual_count;
    if (call.arguments.size() > 1) {
        const std::string& text = call.arguments[1];
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc{} || stop != text.data() + text.size() || count == 0 ||
            count > most) {
            return call.fail(fmt::format("repeat: allowed: 1..{}", most));
        }
    }
    std::vector<double> times;
    unsigned sent = 0;
    for (bool heard = call.output.write(fmt::format("PING {} 56 data bytes\n", host));
         heard && sent < count;) {
        const auto answer =
            call.answer_to({{"command", "ping"}, {"host", host}, {"sequence", sent}});
        if (!answer) {
            return false;
        }
        ++sent;
        const auto time = answer->find("round_trip_ms");
        if (time == answer->end() || !time->is_number()) {
            heard = call.output.write(
                fmt::format("no answer to icmp_seq={}: {}\n", sent, text_in(*answer, "reason")));
            continue;
        }
        times.push_back(time->get<double>());
        heard = call.output.write(fmt::format("64 bytes from {}: icmp_seq={} time={:.3f} ms\n",
                                              text_in(*answer, "from"), sent, times.back()));
    }
    call.print(fmt::format("{} packets transmitted, {} received, {}% packet loss\n", sent,
                           times.size(), sent == 0 ? 0 : 100 * (sent - times.size()) / sent));
    return times.empty() ? false : call.print(round_trips(times));
}

}  // namespace

void add_ping(CliCommandTable& table) {
    table.add({"ping", "ask a host for an echo", false, {}});
    table.add({"ping <host>", "its address", false, ping});
    table.add({"ping <host> repeat", "more than once", false, {}});
    table.add({"ping <host> repeat <count>", "so often", false, ping});
}

}  // namespace trunkline::mgmt
