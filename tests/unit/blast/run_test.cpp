#include "tools/blast/run.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace trunkline::blast {
namespace {

board::Device memif(const std::string& socket, bool server = false) {
    return board::MemifDevice{socket, server, 0};
}

TEST(MayCome, OnlyTheSocketOfAMemifsServerInAFolderThatIsThere) {
    const std::string folder = std::filesystem::temp_directory_path();
    EXPECT_TRUE(may_come(memif(folder + "/not-yet.sock")));
    EXPECT_TRUE(may_come(memif("not-yet.sock"))) << "in this folder";
    EXPECT_FALSE(may_come(memif(folder + "/no-such-folder/not-yet.sock")));
    EXPECT_FALSE(may_come(memif(folder + "/not-yet.sock", true)));
    EXPECT_FALSE(may_come(board::AfPacketDevice{"none0"}));
}

}  // namespace
}  // namespace trunkline::blast
