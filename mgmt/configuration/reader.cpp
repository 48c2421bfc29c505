#include "mgmt/configuration/reader.h"

#include "mgmt/configuration/ini/ini_document.h"
#include "mgmt/configuration/ini/ini_reader.h"
#include "mgmt/configuration/yaml_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

namespace {

/// Any file that can be read to its end; pipes too ("trunkline check /dev/stdin").
std::expected<std::string, std::string> read_whole_file(const std::string& path) {
    const auto reason = [] { return std::error_code(errno, std::generic_category()).message(); };
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return std::unexpected(reason());
    }
    std::string text;
    std::array<char, 65536> piece{};
    ssize_t size = 0;
    // One byte above the limit is enough for the reader to refuse it.
    while (text.size() <= largest_ini_text) {
        size = ::read(fd, piece.data(), piece.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            break;
        }
        text.append(piece.data(), static_cast<std::size_t>(size));
    }
    if (size < 0) {
        const std::string why = reason();
        ::close(fd);
        return std::unexpected(why);
    }
    ::close(fd);
    return text;
}

}  // namespace

std::expected<std::string, ConfigFaults> read_configuration_text(const std::string& path) {
    auto text = read_whole_file(path);
    if (!text) {
        return std::unexpected(ConfigFaults{
            {path, 0, 0, "", fmt::format("no readable file ({})", text.error()),
             "a YAML or ini file that this user may read", "name another one, as conf/lab.yaml"}});
    }
    return *std::move(text);
}

ReadConfiguration read_configuration(std::string_view text, const std::string& origin,
                                     const Catalogue& catalogue) {
    ReadConfiguration result;
    if (is_ini(origin, text)) {
        result.words = ConfigWords::ini;
        auto read = read_ini(text, origin, catalogue);
        if (read) {
            result.root = std::move(read->root);
            result.notes = std::move(read->notes);
        } else {
            result.faults = std::move(read.error().faults);
            result.notes = std::move(read.error().notes);
        }
    } else {
        result.root = read_yaml(text, origin, result.faults);
    }
    return result;
}

}  // namespace trunkline::mgmt
