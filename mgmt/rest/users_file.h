// The user information file of the appliance family: users who register by way of the appliance, as
// rows of comma-separated values that a FORMAT line names.
//
//   [ SBC ]
//   FORMAT LocalUser,UserName,Password,IPGroupName
//   alice,alice-auth,secret,ITSP
//   [ \SBC ]
//
// and `[ GW ]` likewise with PBXExtensionNum, GlobalPhoneNum, DisplayName, UserName, Password. A
// file that begins with the names of the columns, without section and FORMAT, is one of them alone.
// Lines that begin with ';' are comments; values with a comma or a quote stand in double quotes, in
// which a quote stands twice.
#pragma once

#include "mgmt/catalogue/catalogue.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// One section of the file, and the table of the configuration that it is.
struct UsersSection {
    std::string name;  ///< "GW", "SBC"
    const Table* table = nullptr;
    nlohmann::json rows = nlohmann::json::array();  ///< as REST has them, numbered from 0
    std::vector<std::size_t> lines = {};            ///< of the rows, from 1
};

struct UsersFileFault {
    std::size_t line = 0;
    std::string message;
};

/// The sections that `text` has, of GW and SBC, each once at most. `ip_groups` are the rows of the
/// table IP Groups as "configuration get" gives them, for files that have IPGroupID, the number of
/// a row.
std::expected<std::vector<UsersSection>, UsersFileFault> read_users_file(
    std::string_view text, const nlohmann::json& ip_groups, const Catalogue& catalogue);

/// Both sections; `configuration` is all of it, its secrets sealed.
std::string write_users_file(const nlohmann::json& configuration, const Catalogue& catalogue);

}  // namespace trunkline::mgmt
