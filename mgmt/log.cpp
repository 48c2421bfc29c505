#include "mgmt/log.h"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <iterator>
#include <utility>

namespace trunkline::mgmt {

namespace {

/// The message with its control characters escaped: a peer's text cannot forge a line.
class OneLineMessage : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& out) override {
        for (const char c : message.payload) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 0x20 || byte == 0x7f) {
                fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
            } else {
                out.push_back(c);
            }
        }
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<OneLineMessage>();
    }
};

std::unique_ptr<spdlog::formatter> one_line_formatter() {
    auto formatter =
        std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc, "\n");
    formatter->add_flag<OneLineMessage>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %*");
    return formatter;
}

}  // namespace

std::shared_ptr<spdlog::logger> make_log(const std::string& level) {
    return make_log(level, std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
                               spdlog::color_mode::automatic));
}

std::shared_ptr<spdlog::logger> make_log(const std::string& level,
                                         std::shared_ptr<spdlog::sinks::sink> sink) {
    sink->set_formatter(one_line_formatter());
    auto log = std::make_shared<spdlog::logger>("trunkline", std::move(sink));
    log->set_level(spdlog::level::from_str(level));
    log->flush_on(spdlog::level::trace);
    return log;
}

}  // namespace trunkline::mgmt
