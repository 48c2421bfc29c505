// The files of the web interface, read once: who asks for a path gets what was found at the start,
// and no path leads anywhere else.
#pragma once

#include "board/error.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

struct WebAsset {
    std::string content_type;
    std::string content;
    std::string packed;  ///< by gzip; empty where that saves nothing
    std::string etag;    ///< weak: the same for both
};

/// A file from elsewhere: "lib/bootstrap.min.css" of "/usr/share/javascript/...".
struct WebLibrary {
    std::string path;
    std::filesystem::path file;
};

class WebAssets {
public:
    WebAssets() = default;  ///< none

    /// Every file below `folder`, by its path there, and `libraries`. The error names the file that
    /// cannot be read, or is of no known type.
    static board::Expected<WebAssets> load(const std::filesystem::path& folder,
                                           std::span<const WebLibrary> libraries);

    /// By the path of a request: "/js/main.js", "/" for index.html; nullptr: there is none.
    const WebAsset* find(std::string_view request_path) const;

private:
    board::Expected<void> add(const std::string& path, const std::filesystem::path& file);

    std::map<std::string, WebAsset, std::less<>> assets_;
};

/// What Debian's packages libjs-bootstrap5 and libjs-chart.js bring.
std::span<const WebLibrary> web_libraries();

/// Where the files are: share/trunkline/web beside the folder of the program, or mgmt/web/page
/// where it was built inside its source.
std::filesystem::path web_folder(const std::filesystem::path& program);

}  // namespace trunkline::mgmt
