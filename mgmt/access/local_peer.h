// Who is at the other end of a local socket: the kernel says which Unix user (SO_PEERCRED,
// unix(7)), this says what he may do here.
#pragma once

#include "mgmt/access/caller.h"

#include <sys/types.h>

#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace trunkline::mgmt {

/// The level of the appliance's own user of that name; nothing: there is none.
using UserLevels = std::function<std::optional<AccessLevel>(const std::string& name)>;

/// The Unix user at the other end of a connected local socket; nothing with errno.
std::optional<uid_t> peer_user(int socket);

/// Root and `own`, the user that the appliance runs as, are Master; another Unix user has the level
/// of the appliance's user of the same name. The error says why there is none. May read the
/// system's user database (getpwuid(3)).
std::expected<Caller, std::string> caller_of(uid_t user, uid_t own, const UserLevels& users);

}  // namespace trunkline::mgmt
