// The user of an appliance whose configuration has none: made at the first start with a password of
// its own, so that no two boxes have the same.
#pragma once

#include "board/error.h"
#include "mgmt/access/local_users.h"

#include <functional>
#include <string>

namespace trunkline::mgmt {

/// Where the appliance whose files are in `folder` keeps the hash of his password.
std::string first_password_file(const std::string& folder);

/// 'Admin', Master, with the hash that the file at `path` keeps (mode 0600; its folder is made).
/// Where there is no such file yet, it is made, and `tell` is called once with the password;
/// nothing else ever has it. Removing the file gives a new password at the next start. Takes a good
/// part of a second when it makes one.
board::Expected<LocalUser> first_administrator(
    const std::string& path, const std::function<void(const std::string& password)>& tell);

}  // namespace trunkline::mgmt
