// A client's connection to the appliance's local socket that stays for many questions.
#pragma once

#include "board/error.h"
#include "board/file_descriptor.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <expected>
#include <string>

namespace trunkline::mgmt {

/// For one thread. The appliance ends a connection that is silent for long; the next question makes
/// a new one, so that nobody notices.
class LocalSocketConnection {
public:
    struct Options {
        std::string path;  ///< administration.local_socket
        std::chrono::milliseconds patience{10'000};
        int interrupts = -1;  ///< a descriptor that ends the wait for an answer when it is readable
    };
    explicit LocalSocketConnection(Options options);

    /// Blocks for `patience` at most. The error says what to do when no appliance answers.
    board::Expected<nlohmann::json> ask(const nlohmann::json& request);
    /// The last question had no answer, and nobody interrupted it.
    bool is_lost() const { return is_lost_; }

private:
    using Deadline = std::chrono::steady_clock::time_point;

    board::Error no_answer(const std::string& reason);
    std::expected<void, std::string> connect();
    /// The reason when nothing came until `deadline`.
    std::expected<void, std::string> wait_for(short events, Deadline deadline) const;
    std::expected<void, std::string> send_all(std::string_view text, Deadline deadline) const;
    std::expected<std::string, std::string> receive_line(Deadline deadline) const;
    bool has_hung_up() const;

    const Options options_;
    board::FileDescriptor socket_;
    bool is_lost_ = false;
};

}  // namespace trunkline::mgmt
