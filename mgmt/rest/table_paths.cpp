#include "mgmt/rest/table_paths.h"

#include "mgmt/access/password_edits.h"

#include <algorithm>

namespace trunkline::mgmt {

std::string table_path(const Catalogue& catalogue, const Table& table) {
    const Table* const above = catalogue.list_above(table);
    std::string tail = above == nullptr ? "/" + table.path : table.path.substr(above->path.size());
    std::ranges::replace(tail, '.', '/');
    return above == nullptr ? "/api/v1/config" + tail
                            : table_path(catalogue, *above) + "/{row}" + tail;
}

AccessLevel writer_of(const Table& table) {
    return table.path == local_users_table ? AccessLevel::security_administrator
                                           : AccessLevel::administrator;
}

}  // namespace trunkline::mgmt
