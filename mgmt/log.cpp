#include "mgmt/log.h"

#include "mgmt/utc_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <iterator>
#include <mutex>
#include <utility>

namespace trunkline::mgmt {

namespace {

/// The message with its control characters escaped: a peer's text cannot forge a line.
class OneLineMessage : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& out) override {
        const std::string line = one_line({message.payload.data(), message.payload.size()});
        out.append(line.data(), line.data() + line.size());
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

std::string time_text(std::chrono::system_clock::time_point time) {
    return utc_text(std::chrono::floor<std::chrono::milliseconds>(time));
}

/// An object a line, on a terminal, too.
class JsonFormatter : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const std::string_view payload(message.payload.data(), message.payload.size());
        const std::size_t gap = payload.find(part_end);
        const auto level = spdlog::level::to_string_view(message.level);
        nlohmann::ordered_json line{{"time", time_text(message.time)},
                                    {"level", std::string_view(level.data(), level.size())}};
        if (gap != std::string_view::npos) {
            line["part"] = payload.substr(0, gap);
        }
        line["text"] =
            gap == std::string_view::npos ? payload : payload.substr(gap + part_end.size());
        const std::string text =
            line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
        out.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<JsonFormatter>();
    }

private:
    static constexpr std::string_view part_end = "  ";
};

std::unique_ptr<spdlog::formatter> formatter_for(LogFormat format) {
    if (format == LogFormat::json) {
        return std::make_unique<JsonFormatter>();
    }
    return one_line_formatter();
}

/// Keeps the last lines, and tells each to those who listen.
class KeptLines : public spdlog::sinks::base_sink<std::mutex> {
public:
    EventHub& events() { return events_; }

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const auto level = spdlog::level::to_string_view(message.level);
        events_.publish("line",
                        {{"time", time_text(message.time)},
                         {"level", std::string_view(level.data(), level.size())},
                         {"text", one_line({message.payload.data(), message.payload.size()})}});
    }
    void flush_() override {}

private:
    EventHub events_;
};

}  // namespace

std::string one_line(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            fmt::format_to(std::back_inserter(line), "\\x{:02x}", byte);
        } else {
            line += c;
        }
    }
    return line;
}

std::shared_ptr<spdlog::logger> make_log(const std::string& level, LogFormat format) {
    auto log = make_log(
        level, std::make_shared<spdlog::sinks::stderr_color_sink_mt>(spdlog::color_mode::automatic),
        format);
    log->sinks().push_back(std::make_shared<KeptLines>());
    return log;
}

std::shared_ptr<spdlog::logger> make_log(const std::string& level,
                                         std::shared_ptr<spdlog::sinks::sink> sink,
                                         LogFormat format) {
    sink->set_formatter(formatter_for(format));
    auto log = std::make_shared<spdlog::logger>("trunkline", std::move(sink));
    log->set_level(spdlog::level::from_str(level));
    log->flush_on(spdlog::level::trace);
    return log;
}

EventHub* line_events(const spdlog::logger& log) {
    for (const auto& sink : log.sinks()) {
        if (const auto kept = std::dynamic_pointer_cast<KeptLines>(sink)) {
            return &kept->events();
        }
    }
    return nullptr;
}

std::vector<std::string> last_lines(const spdlog::logger& log) {
    std::vector<std::string> lines;
    EventHub* const events = line_events(log);
    if (events == nullptr) {
        return lines;
    }
    const auto kept = events->listen(0);
    Event event;
    while (kept->next(event, {}) == EventHub::Listener::Outcome::event) {
        const auto line = nlohmann::json::parse(event.data);
        lines.push_back(fmt::format("{} {:<7} {}\n", line["time"].get<std::string>(),
                                    line["level"].get<std::string>(),
                                    line["text"].get<std::string>()));
    }
    return lines;
}

}  // namespace trunkline::mgmt
