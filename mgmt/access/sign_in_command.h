// Signing in at the console and over SSH with the appliance's users: what login(1) and sshd(8) ask
// through PAM, which works also while the appliance does not.
#pragma once

#include "mgmt/configuration/appliance_config.h"

#include <istream>
#include <ostream>
#include <string>

namespace trunkline::mgmt {

/// The names of the configuration's users that may be Unix users too, a line each; 'Admin' where
/// it has none.
int print_sign_in_names(const AdministrationConfig& config, std::ostream& out);

/// Whether `user` has the password that `input` holds up to its end (pam_exec(8) ends it with a
/// zero byte). Exit code 0 when he has. Where the configuration has no user, 'Admin' is asked for
/// with the password that his first start made (first_administrator.h).
int check_sign_in(const AdministrationConfig& config, const std::string& user, std::istream& input);

}  // namespace trunkline::mgmt
