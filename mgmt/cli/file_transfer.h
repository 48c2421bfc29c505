// Fetches files from other hosts and brings files to them, for `copy`: Debian's curl as a child of
// the command line. It is the Unix user of whoever runs that, and in the network that he is in.
#pragma once

#include "board/error.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

struct FileTransferLimits {
    /// Of a file that is fetched; with its escapes it has to fit a request of the local socket.
    std::size_t bytes = std::size_t{12} << 20;
    std::chrono::seconds connecting{10};
    std::chrono::seconds whole{120};  ///< from the start to the last byte
};

/// For one thread.
class FileTransfer {
public:
    struct Options {
        std::string program = "/usr/bin/curl";
        FileTransferLimits limits = {};
        int interrupts = -1;  ///< a descriptor that ends a transfer when it is readable
    };
    explicit FileTransfer(Options options);

    /// The file at `url`: http, https, ftp, ftps, tftp, scp or sftp. Redirections are followed,
    /// five at most and never from https to http. Whom a certificate belongs to is verified. The
    /// error has no password in it.
    board::Expected<std::string> fetch(const std::string& url) const;
    /// Makes or replaces the file that `url` names (PUT over HTTP).
    board::Expected<void> send(const std::string& url, std::string_view content) const;

private:
    board::Expected<std::string> run(const std::string& url, const std::string* content) const;

    const Options options_;
};

/// Without the user's name and password: for messages.
std::string shown_url(std::string_view url);

}  // namespace trunkline::mgmt
