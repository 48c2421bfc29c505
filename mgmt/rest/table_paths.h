// Where the tables of the catalogue are in the REST interface, and who may change them.
#pragma once

#include "mgmt/access/caller.h"
#include "mgmt/catalogue/catalogue.h"

#include <string>

namespace trunkline::mgmt {

/// "signaling_and_media.proxy_sets" -> "/api/v1/config/signaling_and_media/proxy_sets"; a table in
/// the rows of another has "{row}" in its path.
std::string table_path(const Catalogue& catalogue, const Table& table);

AccessLevel writer_of(const Table& table);

}  // namespace trunkline::mgmt
