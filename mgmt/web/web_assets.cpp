#include "mgmt/web/web_assets.h"

#include "mgmt/web/gzip.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

struct ContentType {
    std::string_view extension, type;
    bool packs;  ///< is a text
};
constexpr std::array<ContentType, 7> content_types{{
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".svg", "image/svg+xml", true},
    {".json", "application/json", true},
    {".png", "image/png", false},
}};

std::string etag_of(const std::string& content) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data());
    std::string text;
    for (std::size_t i = 0; i < 12; ++i) {
        text += fmt::format("{:02x}", digest.at(i));
    }
    return fmt::format("W/\"{}\"", text);
}

board::Error unreadable(const std::filesystem::path& path, const std::string& why) {
    return board::Error{fmt::format("{}: {}", path.string(), why)};
}

}  // namespace

board::Expected<void> WebAssets::add(const std::string& path, const std::filesystem::path& file) {
    const auto* const type = std::ranges::find(content_types, file.extension().string(),
                                               [](const auto& row) { return row.extension; });
    if (type == content_types.end()) {
        return std::unexpected(unreadable(file, "no content type is known for it"));
    }
    std::ifstream stream(file, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(stream), {}};
    if (!stream.is_open() || stream.bad()) {
        return std::unexpected(unreadable(file, "cannot be read"));
    }
    std::string packed = type->packs ? gzip(content, GzipEffort::thorough) : "";
    if (packed.size() >= content.size()) {
        packed.clear();
    }
    std::string etag = etag_of(content);
    assets_.insert_or_assign("/" + path, WebAsset{std::string(type->type), std::move(content),
                                                  std::move(packed), std::move(etag)});
    return {};
}

board::Expected<WebAssets> WebAssets::load(const std::filesystem::path& folder,
                                           std::span<const WebLibrary> libraries) {
    WebAssets assets;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator next(folder, error), end;
         !error && next != end; next.increment(error)) {
        if (!next->is_regular_file()) {
            continue;
        }
        const std::string path = next->path().lexically_relative(folder).generic_string();
        if (auto added = assets.add(path, next->path()); !added) {
            return std::unexpected(added.error());
        }
    }
    if (error) {
        return std::unexpected(unreadable(folder, error.message()));
    }
    for (const WebLibrary& library : libraries) {
        if (auto added = assets.add(library.path, library.file); !added) {
            return std::unexpected(added.error());
        }
    }
    return assets;
}

const WebAsset* WebAssets::find(std::string_view request_path) const {
    const auto found = assets_.find(request_path == "/" ? "/index.html" : request_path);
    return found == assets_.end() ? nullptr : &found->second;
}

std::span<const WebLibrary> web_libraries() {
    static const std::vector<WebLibrary> libraries{
        {"lib/bootstrap.min.css", "/usr/share/javascript/bootstrap5/css/bootstrap.min.css"},
        {"lib/chart.mjs", "/usr/share/javascript/chart.js/chart.mjs"},
        {"lib/chunks/helpers.segment.mjs",
         "/usr/share/javascript/chart.js/chunks/helpers.segment.mjs"},
    };
    return libraries;
}

std::filesystem::path web_folder(const std::filesystem::path& program) {
    const std::filesystem::path above = program.parent_path().parent_path();
    std::error_code error;
    const std::filesystem::path installed = above / "share/trunkline/web";
    return std::filesystem::is_directory(installed, error) ? installed : above / "mgmt/web/page";
}

}  // namespace trunkline::mgmt
