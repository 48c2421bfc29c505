#include "mgmt/rest/auxiliary_files.h"

#include "mgmt/file_writer.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

namespace {

std::string path_of(const std::string& folder, std::string_view kind) {
    return (std::filesystem::path(folder) / kind).string();
}

}  // namespace

AuxiliaryFiles::AuxiliaryFiles(std::string folder) : folder_(std::move(folder)) {}

board::Expected<void> AuxiliaryFiles::put(std::string_view kind, std::string_view content) const {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) {
        return std::unexpected(
            board::Error{fmt::format("cannot make the folder {} ({})", folder_, error.message())});
    }
    return write_file(path_of(folder_, kind), content);
}

bool AuxiliaryFiles::has(std::string_view kind) const {
    std::error_code error;
    return std::filesystem::exists(path_of(folder_, kind), error);
}

std::optional<std::string> AuxiliaryFiles::get(std::string_view kind) const {
    std::ifstream file(path_of(folder_, kind), std::ios::binary);
    if (!file) {
        return std::nullopt;
    }
    return std::string(std::istreambuf_iterator<char>(file), {});
}

bool AuxiliaryFiles::remove(std::string_view kind) const {
    std::error_code error;
    return std::filesystem::remove(path_of(folder_, kind), error);
}

}  // namespace trunkline::mgmt
