#include "mgmt/cli/file_transfer.h"

#include "board/file_descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <expected>
#include <system_error>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array<std::string_view, 7> schemes = {"http", "https", "ftp", "ftps",
                                                     "tftp", "scp",   "sftp"};
constexpr std::string_view scheme_end = "://";
constexpr std::size_t most_told = 4096;  ///< of what the child says about a failure

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
    });
    return result;
}

/// The error: what is wrong with it.
std::expected<void, std::string> check_url(std::string_view url, bool names_a_file) {
    const std::size_t end = url.find(scheme_end);
    const std::string scheme = lower(url.substr(0, std::min(end, url.size())));
    if (end == url.npos || std::ranges::find(schemes, scheme) == schemes.end()) {
        return std::unexpected(fmt::format("found no URL that can be used; allowed: {}://HOST/FILE",
                                           fmt::join(schemes, ", ")));
    }
    const auto stands_in_no_url = [](unsigned char c) {
        return c <= ' ' || c == 0x7f || c == '"' || c == '\\';
    };
    if (std::ranges::any_of(url, stands_in_no_url)) {
        return std::unexpected(
            "found a blank, a quote, a backslash or a control character in the URL; allowed: "
            "%20 and the like in their place");
    }
    if (names_a_file && url.ends_with('/')) {
        return std::unexpected("found the URL of a folder; allowed: that of a file");
    }
    return {};
}

/// A file in memory that a child reads as /dev/fd/N.
std::expected<board::FileDescriptor, std::error_code> file_for_child(std::string_view content) {
    board::FileDescriptor file(::memfd_create("copy", 0));
    while (file && !content.empty()) {
        const ssize_t size = ::write(file.get(), content.data(), content.size());
        if (size < 0 && errno != EINTR) {
            break;
        }
        content.remove_prefix(size < 0 ? 0 : static_cast<std::size_t>(size));
    }
    if (!file || !content.empty()) {
        return std::unexpected(std::error_code(errno, std::generic_category()));
    }
    return file;
}

/// A program under way, with what it writes.
class Child {
public:
    static std::expected<Child, std::error_code> start(const std::string& program,
                                                       const std::vector<std::string>& words) {
        Child child;
        std::array<board::FileDescriptor, 2> ends;
        for (std::size_t at = 0; at < ends.size(); ++at) {
            std::array<int, 2> pipe{};
            if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
                return std::unexpected(std::error_code(errno, std::generic_category()));
            }
            child.reads_[at] = board::FileDescriptor(pipe[0]);
            ends[at] = board::FileDescriptor(pipe[1]);
        }
        std::vector<char*> arguments;
        for (const std::string& word : words) {
            arguments.push_back(const_cast<char*>(word.c_str()));
        }
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&files, ends[0].get(), STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&files, ends[1].get(), STDERR_FILENO);
        // A session blocks Ctrl-C and ignores what would end it; its child does not.
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        sigset_t none, usual;
        sigemptyset(&none);
        sigemptyset(&usual);
        for (const int signal : {SIGINT, SIGPIPE, SIGQUIT, SIGTSTP}) {
            sigaddset(&usual, signal);
        }
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &usual);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        const int failed = ::posix_spawn(&child.pid_, program.c_str(), &files, &attributes,
                                         arguments.data(), environ);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&files);
        if (failed != 0) {
            child.pid_ = -1;
            return std::unexpected(std::error_code(failed, std::generic_category()));
        }
        return child;
    }

    ~Child() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            end();
        }
    }
    Child(Child&& other) noexcept
        : pid_(std::exchange(other.pid_, -1)), reads_(std::move(other.reads_)) {}
    Child& operator=(Child&&) = delete;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Reads until the child has closed both of its outputs. The error: why not to the end.
    std::expected<void, std::string> read(const FileTransferLimits& limits, int interrupts,
                                          std::string& output, std::string& told) {
        const auto deadline = Clock::now() + limits.whole;
        const std::array<std::pair<std::string*, std::size_t>, 2> kept = {
            {{&output, limits.bytes}, {&told, most_told}}};
        while (reads_[0] || reads_[1]) {
            std::array<pollfd, 3> waits{{{interrupts, POLLIN, 0},
                                         {reads_[0].get(), POLLIN, 0},
                                         {reads_[1].get(), POLLIN, 0}}};
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
            const int ready = left.count() <= 0 ? 0
                                                : ::poll(waits.data(), waits.size(),
                                                         static_cast<int>(left.count()));
            if (ready == 0) {
                return std::unexpected(
                    fmt::format("it was not over after {} s", limits.whole.count()));
            }
            if (ready > 0 && waits[0].revents != 0) {
                return std::unexpected("interrupted");
            }
            for (std::size_t at = 0; ready > 0 && at < kept.size(); ++at) {
                if (waits[at + 1].revents != 0 && !read_piece(at, kept[at])) {
                    return std::unexpected(
                        fmt::format("the file has more than {} bytes", limits.bytes));
                }
            }
        }
        return {};
    }

    /// Waits; what waitpid(2) says.
    int end() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return status;
    }

private:
    Child() = default;

    /// false: the file is too long. Of what is told, what is too long is left out.
    bool read_piece(std::size_t at, std::pair<std::string*, std::size_t> kept) {
        std::array<char, 65536> piece{};
        const ssize_t size = ::read(reads_[at].get(), piece.data(), piece.size());
        if (size == 0 || (size < 0 && errno != EINTR)) {
            reads_[at] = {};
            return true;
        }
        kept.first->append(piece.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
        const bool is_too_long = kept.first->size() > kept.second;
        kept.first->resize(std::min(kept.first->size(), kept.second));
        return at != 0 || !is_too_long;
    }

    pid_t pid_ = -1;
    std::array<board::FileDescriptor, 2> reads_;  ///< its output, and what it says of failures
};

/// Ctrl-C at a terminal is for the child, too, which may be gone before it is seen here.
bool is_interrupted(int status) {
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGINT;
}

/// "curl: (22) The requested URL returned error: 404" without its beginning, on one line.
std::string reason_in(std::string told) {
    constexpr std::string_view between = ") ";
    if (const std::size_t end = told.find(between);
        told.starts_with("curl: (") && end != told.npos) {
        told.erase(0, end + between.size());
    }
    told.erase(std::min(told.find('\n'), told.size()));
    return told;
}

}  // namespace

FileTransfer::FileTransfer(Options options) : options_(std::move(options)) {}

board::Expected<std::string> FileTransfer::fetch(const std::string& url) const {
    return run(url, nullptr);
}

board::Expected<void> FileTransfer::send(const std::string& url, std::string_view content) const {
    const std::string sent(content);
    const auto done = run(url, &sent);
    return done ? board::Expected<void>{} : std::unexpected(done.error());
}

board::Expected<std::string> FileTransfer::run(const std::string& url,
                                               const std::string* content) const {
    const auto failed = [&](std::string_view why) {
        return std::unexpected(board::Error{fmt::format("{}: {}", shown_url(url), why)});
    };
    if (const auto fits = check_url(url, content != nullptr); !fits) {
        return failed(fits.error());
    }
    // Everybody may read a program's arguments, and a URL may have a password.
    const auto settings = file_for_child(fmt::format("url = \"{}\"\n", url));
    const auto body = file_for_child(content != nullptr ? *content : "");
    if (!settings || !body) {
        return failed("no memory for it (" +
                      (settings ? body.error() : settings.error()).message() + ")");
    }
    const FileTransferLimits& limits = options_.limits;
    const bool is_secure = lower(url).starts_with("https:");
    // It has the limit of time itself, too: nobody looks at it when this session is ended.
    std::vector<std::string> words = {"curl",
                                      "--disable",
                                      "--silent",
                                      "--show-error",
                                      "--fail",
                                      "--globoff",  //
                                      "--proto",
                                      fmt::format("={}", fmt::join(schemes, ",")),  //
                                      "--connect-timeout",
                                      std::to_string(limits.connecting.count()),  //
                                      "--max-time",
                                      std::to_string(limits.whole.count()),  //
                                      "--config",
                                      fmt::format("/dev/fd/{}", settings->get())};
    const std::vector<std::string> more =
        content != nullptr
            ? std::vector<std::string>{"--upload-file", fmt::format("/dev/fd/{}", body->get())}
            : std::vector<std::string>{"--location",
                                       "--max-redirs",
                                       "5",
                                       "--proto-redir",
                                       is_secure ? "=https" : "=http,https",
                                       "--max-filesize",
                                       std::to_string(limits.bytes)};
    words.insert(words.end(), more.begin(), more.end());
    auto child = Child::start(options_.program, words);
    if (!child) {
        return failed(fmt::format("cannot run {} ({}); Debian's package curl has it",
                                  options_.program, child.error().message()));
    }
    std::string output, told;
    if (const auto read = child->read(limits, options_.interrupts, output, told); !read) {
        return failed(read.error());
    }
    if (const int status = child->end(); status != 0) {
        const std::string reason = reason_in(std::move(told));
        return failed(is_interrupted(status) ? "interrupted"
                      : !reason.empty()      ? reason
                      : WIFEXITED(status)
                          ? fmt::format("curl ended with {}", WEXITSTATUS(status))
                          : fmt::format("curl was ended by signal {}", WTERMSIG(status)));
    }
    return output;
}

std::string shown_url(std::string_view url) {
    const std::size_t scheme = url.find(scheme_end);
    if (scheme == url.npos) {
        return std::string(url);
    }
    const std::size_t host = scheme + scheme_end.size();
    const std::size_t host_end = std::min(url.find_first_of("/?#", host), url.size());
    const std::size_t at = url.substr(0, host_end).rfind('@');
    return at == url.npos || at < host
               ? std::string(url)
               : fmt::format("{}{}", url.substr(0, host), url.substr(at + 1));
}

}  // namespace trunkline::mgmt
