#include "mgmt/configuration/backup_file.h"

#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/sealed_secrets.h"
#include "mgmt/file_writer.h"

#include <filesystem>
#include <system_error>

namespace trunkline::mgmt {

BackupFile::BackupFile(const std::string& folder, const Catalogue& catalogue,
                       const board::Expected<Sealing>& sealing)
    : path_(folder.empty() ? "" : (std::filesystem::path(folder) / "ini.ini").string()),
      catalogue_(catalogue),
      sealing_(sealing) {}

board::Expected<void> BackupFile::write(const ConfigNodePtr& root) const {
    if (path_.empty()) {
        return {};
    }
    if (!sealing_) {
        return std::unexpected(sealing_.error());
    }
    std::error_code trouble;  // write_file() says what is wrong with the folder
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), trouble);
    return write_file(path_,
                      write_ini(with_sealed_secrets(root, catalogue_, *sealing_), catalogue_,
                                ini_header(root), secret_in_clear),
                      FileReaders::group_of_folder);
}

}  // namespace trunkline::mgmt
