// Signing in at the console and over SSH with the appliance's users: what login(1) and sshd(8) ask
// through PAM, which works also while the appliance does not.
#pragma once

#include "mgmt/configuration/appliance_config.h"

#include <istream>
#include <ostream>
#include <string>

namespace trunkline::mgmt {

/// The names of the configuration's users that may be Unix users too, a line each; 'Admin' where
/// it has none. Tells those that may not.
int print_sign_in_names(const AdministrationConfig& config, std::ostream& out,
                        std::ostream& errors);

/// The addresses of IP interfaces that do not carry OAMP, a line each: nobody signs in there.
int print_closed_addresses(const dataplane::NetworkConfig& network, std::ostream& out);

/// Whether `user` has the password that `input` holds up to its end (pam_exec(8) ends it with a
/// zero byte). Exit code 0 when he has. Where the configuration has no user, 'Admin' is asked for
/// with the password that his first start made (first_administrator.h).
int check_sign_in(const AdministrationConfig& config, const std::string& user, std::istream& input);

}  // namespace trunkline::mgmt
