#include "mgmt/syslog/syslog.h"

#include "mgmt/log.h"

#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <optional>
#include <utility>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view activity = "activity  ";
/// In bytes; what is longer is cut. More than any line has, and well within a datagram.
constexpr std::size_t longest_message = 8192;
/// Of a SIP message in one of syslog: leaves room for the title.
constexpr std::size_t longest_piece = 7168;

/// "Activity Log: ..." of a line of the activity log; the others as they stand.
std::string family_text(std::string_view line) {
    return line.starts_with(activity) ? "Activity Log: " + one_line(line.substr(activity.size()))
                                      : one_line(line);
}

/// The last three bytes: "1a2b3c".
std::string tail_of(std::string mac) {
    std::erase(mac, ':');
    std::ranges::transform(mac, mac.begin(), [](unsigned char c) { return std::tolower(c); });
    return mac.size() > 6 ? mac.substr(mac.size() - 6) : mac;
}

}  // namespace

/// spdlog's mutex guards what is here.
class Syslog::Sink : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit Sink(std::function<void(const std::string&)> tell)
        : sender_(std::make_unique<DeliveryQueue>(std::move(tell))) {}

    void set_server(std::optional<DeliveryServer> server, SyslogSeverity least) {
        {
            const std::lock_guard guard(mutex_);
            least_ = least;
        }
        sender_->set_server(std::move(server));
    }
    void set_board(SyslogBoard board) {
        const std::lock_guard guard(mutex_);
        board_ = std::move(board);
    }
    void tell_alarm(SyslogSeverity severity, const std::string& text,
                    std::chrono::system_clock::time_point when) {
        const std::lock_guard guard(mutex_);
        send({severity, 0, std::nullopt, text, when}, DeliveryQueue::Room::all);
    }
    void tell_sip_message(const std::string& title, uint32_t session, std::string_view bytes,
                          std::chrono::system_clock::time_point when) {
        const std::lock_guard guard(mutex_);
        std::string_view text = title;
        do {
            SyslogMessage piece{SyslogSeverity::notice,        0, 0, text, when, session,
                                bytes.substr(0, longest_piece)};
            bytes.remove_prefix(piece.body.size());
            text = "(continued)";
            count(piece, DeliveryQueue::Room::half);
        } while (!bytes.empty());
    }
    DeliveryQueue::Counters counters() const { return sender_->counters(); }
    /// What comes later goes nowhere. The sender's own last words come here while it ends.
    void end() {
        std::unique_ptr<DeliveryQueue> ending;
        {
            const std::lock_guard guard(mutex_);
            ending = std::move(sender_);
        }
    }

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const std::string text = family_text({message.payload.data(), message.payload.size()});
        count({syslog_severity(message.level), 0, 0, text, message.time}, DeliveryQueue::Room::all);
    }
    void flush_() override {}

private:
    /// Gives the message its number.
    void count(SyslogMessage message, DeliveryQueue::Room room) {
        message.number = ++number_;
        send(message, room);
    }
    void send(SyslogMessage message, DeliveryQueue::Room room) {
        if (message.severity <= least_ && sender_) {
            message.sequence = ++sequence_;
            std::string text = to_text(message, board_);
            text.resize(std::min(text.size(), longest_message));
            sender_->send(std::move(text), room);
        }
    }

    std::unique_ptr<DeliveryQueue> sender_;  ///< set from the beginning to the end
    SyslogSeverity least_ = SyslogSeverity::notice;
    SyslogBoard board_;
    uint64_t sequence_ = 0, number_ = 0;
};

Syslog::Syslog(const std::shared_ptr<spdlog::logger>& log)
    : log_(log), sink_(std::make_shared<Sink>([log = log_.get()](const std::string& trouble) {
          log->warn(
              "syslog  the server takes no messages; they wait, and are dropped when there "
              "are too many: {}",
              trouble);
      })) {
    log_->sinks().push_back(sink_);
}

Syslog::~Syslog() {
    sink_->end();
}

void Syslog::apply(const ApplianceConfig& config) {
    const SyslogConfig& wanted = config.administration.syslog;
    if (!wanted.sends()) {
        sink_->set_server(std::nullopt, wanted.least);
        return;
    }
    DeliveryServer server{
        wanted.protocol, {*wanted.server, wanted.port}, nullptr, DeliveryFraming::lengths};
    if (wanted.protocol == DeliveryProtocol::tls) {
        const auto& rows = config.sip.tls_contexts;
        auto context = sipstack::LoadedTlsContext::load(
            rows.empty() ? sipstack::TlsContext{} : rows.at(wanted.tls_context_index));
        if (!context) {
            log_->error("syslog  nothing is sent: {}", context.error().message);
            sink_->set_server(std::nullopt, wanted.least);
            return;
        }
        server.tls = std::make_shared<const sipstack::LoadedTlsContext>(*std::move(context));
    }
    sink_->set_server(std::move(server), wanted.least);
}

void Syslog::set_board(const std::string& mac, uint32_t starts) {
    sink_->set_board({tail_of(mac), starts});
}

void Syslog::tell(const Alarm& alarm) {
    sink_->tell_alarm(syslog_severity(alarm.severity), one_line(alarm_text(alarm)), alarm.when);
}

void Syslog::tell_sip_message(const std::string& title, uint32_t session, std::string_view bytes,
                              std::chrono::system_clock::time_point when) const {
    sink_->tell_sip_message(title, session, bytes, when);
}

DeliveryQueue::Counters Syslog::counters() const {
    return sink_->counters();
}

}  // namespace trunkline::mgmt
