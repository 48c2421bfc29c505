// The configuration that the appliance starts with as an ini file, its secrets sealed, where backup
// tools fetch it: over SFTP, as /configuration/ini.ini.
#pragma once

#include "board/error.h"
#include "mgmt/access/sealing.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/node.h"

#include <string>

namespace trunkline::mgmt {

class BackupFile {
public:
    /// In `folder`, which is made where it is missing; empty: there is no such file. Catalogue and
    /// sealing outlive it; without sealing nothing is written.
    BackupFile(const std::string& folder, const Catalogue& catalogue,
               const board::Expected<Sealing>& sealing);

    /// Replaces the file; `root` is canonical(). The error is for the log: whoever saved is not
    /// concerned.
    board::Expected<void> write(const ConfigNodePtr& root) const;

private:
    const std::string path_;  ///< empty: there is none
    const Catalogue& catalogue_;
    const board::Expected<Sealing>& sealing_;
};

}  // namespace trunkline::mgmt
