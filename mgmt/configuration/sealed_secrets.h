// Sealed secrets (access/sealing.h) in whole configurations. Inside the appliance a configuration
// has its secrets in clear; what comes in is opened before it is judged, what goes out is sealed.
#pragma once

#include "board/error.h"
#include "mgmt/access/sealing.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/node.h"
#include "mgmt/configuration/reader.h"

#include <string>

namespace trunkline::mgmt {

/// `root` with each secret that stands in it sealed; where it is (a file, a variable of the
/// environment) stays.
ConfigNodePtr with_sealed_secrets(const ConfigNodePtr& root, const Catalogue& catalogue,
                                  const Sealing& sealing);

/// Opens the sealed secrets of what was read. One that cannot be opened is a fault at its place;
/// `sealing` may be the reason why there is no key, which matters only where something is sealed.
/// `origin` stands in faults.
void open_sealed_secrets(ReadConfiguration& read, const std::string& origin,
                         const Catalogue& catalogue, const board::Expected<Sealing>& sealing);

/// The key file that a configuration names, or the default.
std::string sealing_key_path(const ConfigNodePtr& root, const Catalogue& catalogue);

}  // namespace trunkline::mgmt
