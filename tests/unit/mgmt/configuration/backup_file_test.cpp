#include "mgmt/configuration/backup_file.h"

#include "../catalogue_sample.h"
#include "mgmt/configuration/canonical.h"
#include "samples.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace trunkline::mgmt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class BackupFileTest : public ConfigFolder {
protected:
    std::string backup() const { return (folder_ / "sftp" / "configuration").string(); }
    std::string text() const {
        std::stringstream all;
        all << std::ifstream(backup() + "/ini.ini").rdbuf();
        return all.str();
    }

    const Catalogue catalogue_ = built_in_catalogue();
    const ConfigNodePtr root_ = canonical(CatalogueSample(catalogue_).tree(), catalogue_);
    const board::Expected<Sealing> sealing_ =
        Sealing::open_or_make((folder_ / "sealing.key").string());
};

TEST_F(BackupFileTest, HasTheConfigurationWithItsSecretsSealed) {
    ASSERT_TRUE(BackupFile(backup(), catalogue_, sealing_).write(root_).has_value());
    EXPECT_THAT(text(), AllOf(HasSubstr("[ Account ]"), HasSubstr("$sealed$"),
                              Not(HasSubstr("p\"w; ,'x"))));
}

TEST_F(BackupFileTest, IsNotThereWhereNoFolderIsGiven) {
    ASSERT_TRUE(BackupFile("", catalogue_, sealing_).write(root_).has_value());
    EXPECT_FALSE(std::filesystem::exists("ini.ini"));
}

TEST_F(BackupFileTest, HoldsNoSecretInClearWhenNothingCanBeSealed) {
    const board::Expected<Sealing> none = std::unexpected(board::Error{"no key"});
    const auto written = BackupFile(backup(), catalogue_, none).write(root_);
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().message, "no key");
    EXPECT_EQ(text(), "");
}

TEST_F(BackupFileTest, SaysWhyItCannotBeWritten) {
    std::ofstream((folder_ / "sftp").string()) << "a file in the way";
    const auto written = BackupFile(backup(), catalogue_, sealing_).write(root_);
    ASSERT_FALSE(written.has_value());
    EXPECT_THAT(written.error().message, HasSubstr("cannot write " + backup() + "/ini.ini"));
}

}  // namespace
}  // namespace trunkline::mgmt
