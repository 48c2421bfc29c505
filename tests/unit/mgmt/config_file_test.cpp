#include "mgmt/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

std::string told(const ConfigFaults& faults) {
    std::string text;
    for (const ConfigFault& fault : faults) {
        text += fault.to_string() + "\n";
    }
    return text;
}

TEST(ConfigFile, FilesOfConfAreRight) {
    for (const std::string name : {"lab", "vm", "hardware"}) {
        const auto config = load_config_file(CONF_FOLDER "/" + name + ".yaml");
        ASSERT_TRUE(config.has_value()) << told(config.error());
    }
}

}  // namespace
}  // namespace trunkline::mgmt
