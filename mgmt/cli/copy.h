// `copy WHAT to|from URL`: configurations as files on other hosts.
#pragma once

#include "board/error.h"
#include "mgmt/cli/command.h"

#include <functional>
#include <string>

namespace trunkline::mgmt {

/// How files go and come. Empty: whoever runs the session has no way for them, and `copy` says so.
struct CliTransfer {
    std::function<board::Expected<std::string>(const std::string& url)> fetch;
    std::function<board::Expected<void>(const std::string& url, const std::string& content)> send;
};

/// `restarts` is called when a configuration was loaded that the appliance starts anew with.
void add_copies(CliCommandTable& table, CliTransfer transfer, std::function<void()> restarts);

}  // namespace trunkline::mgmt
