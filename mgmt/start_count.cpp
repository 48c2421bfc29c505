#include "mgmt/start_count.h"

#include "mgmt/file_writer.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace trunkline::mgmt {

uint32_t count_start(const std::string& folder, spdlog::logger& log) {
    const std::string path = (std::filesystem::path(folder) / "starts").string();
    uint32_t before = 0;
    std::ifstream(path) >> before;
    std::error_code trouble;  // write_file() says what is wrong with the folder
    std::filesystem::create_directories(folder, trouble);
    if (const auto written = write_file(path, fmt::format("{}\n", before + 1)); !written) {
        log.warn("management  the next start will count as this one: {}", written.error().message);
    }
    return before + 1;
}

}  // namespace trunkline::mgmt
