#include "mgmt/file_writer.h"

#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace trunkline::mgmt {
namespace {

class FileWriter : public testing::Test {
protected:
    static std::string text(const std::string& path) {
        std::stringstream all;
        all << std::ifstream(path).rdbuf();
        return all.str();
    }
    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_),
                                                      std::filesystem::directory_iterator()));
    }

    const tests::TemporaryFolder temporary_;
    std::string folder_ = temporary_.path();
};

TEST_F(FileWriter, ReplacesTheTextForItsOwnerAlone) {
    const std::string path = folder_ + "/config.yaml";
    ASSERT_TRUE(write_file(path, "one").has_value());
    ASSERT_TRUE(write_file(path, "another").has_value());
    EXPECT_EQ(text(path), "another");
    EXPECT_EQ(files(), 1U);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(FileWriter, LetsTheGroupOfTheFolderRead) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root to give a folder away";
    }
    constexpr gid_t somebodys = 34;
    ASSERT_EQ(::chown(folder_.c_str(), static_cast<uid_t>(-1), somebodys), 0);
    const std::string path = folder_ + "/ini.ini";
    ASSERT_TRUE(write_file(path, "text", FileReaders::group_of_folder).has_value());
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0640U);
    EXPECT_EQ(status.st_gid, somebodys);
}

TEST_F(FileWriter, LeavesWhatWasThereWhenItCannotWrite) {
    const std::string path = folder_ + "/taken";
    std::filesystem::create_directory(path);
    std::ofstream(path + "/inside") << "kept";
    const auto written = write_file(path, "text");
    ASSERT_FALSE(written.has_value());
    EXPECT_THAT(written.error().message, testing::HasSubstr("cannot write " + path));
    EXPECT_EQ(text(path + "/inside"), "kept");
    EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace trunkline::mgmt
