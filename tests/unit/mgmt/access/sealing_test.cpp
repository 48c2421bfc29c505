#include "mgmt/access/sealing.h"

#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;

class SealingTest : public testing::Test {
protected:
    SealingTest() { path_ = (folder_ / "state" / "sealing.key").string(); }

    Sealing made() const {
        auto sealing = Sealing::open_or_make(path_);
        EXPECT_TRUE(sealing.has_value()) << sealing.error().message;
        return *sealing;
    }

    const tests::TemporaryFolder temporary_;
    std::filesystem::path folder_ = temporary_.path();
    std::string path_;
};

TEST_F(SealingTest, OpensWhatItSealed) {
    const Sealing sealing = made();
    for (const std::string secret : {"", "x", "Sesam0effne \"'; {}", "\xc3\xa4\xf0\x9f\x98\x80"}) {
        const std::string sealed = sealing.seal(secret);
        EXPECT_TRUE(is_sealed(sealed));
        EXPECT_EQ(sealed.find("Sesam"), std::string::npos);
        EXPECT_EQ(sealing.unseal(sealed), secret);
    }
    EXPECT_EQ(sealing.unseal(sealing.seal(std::string(5000, 's'))), std::string(5000, 's'));
}

TEST_F(SealingTest, SealsTheSameSecretDifferentlyEachTime) {
    const Sealing sealing = made();
    EXPECT_NE(sealing.seal("same"), sealing.seal("same"));
}

TEST_F(SealingTest, KeyStaysOverARestart) {
    const std::string sealed = made().seal("secret");
    EXPECT_EQ(made().unseal(sealed), "secret");
    EXPECT_EQ(Sealing::open(path_)->unseal(sealed), "secret");
}

TEST_F(SealingTest, KeyFileIsItsOwnersAlone) {
    made();
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_EQ(status.st_size, 65);
}

TEST_F(SealingTest, RefusesASecretOfAnotherBox) {
    const std::string sealed = made().seal("secret");
    const auto other = Sealing::open_or_make((folder_ / "other.key").string());
    EXPECT_EQ(other->unseal(sealed).error(),
              "a secret that another appliance sealed, or that was changed since");
}

TEST_F(SealingTest, RefusesWhatWasChangedAtAnyPlace) {
    const Sealing sealing = made();
    const std::string sealed = sealing.seal("secret");
    const std::size_t head = std::string("$sealed$").size();
    for (std::size_t at = head; at < sealed.size(); ++at) {
        std::string changed = sealed;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        const auto opened = sealing.unseal(changed);
        // The last letter of base64 may have bits that mean nothing.
        EXPECT_TRUE(!opened || (at + 3 >= sealed.size() && *opened == "secret")) << at;
    }
}

TEST_F(SealingTest, RefusesWhatIsCutOffOrNoBase64) {
    const Sealing sealing = made();
    const std::string sealed = sealing.seal("s");
    for (std::size_t length = 0; length < sealed.size(); ++length) {
        EXPECT_FALSE(sealing.unseal(sealed.substr(0, length)).has_value()) << length;
    }
    EXPECT_FALSE(sealing.unseal("$sealed$!!!!").has_value());
    EXPECT_FALSE(sealing.unseal("plain").has_value());
}

TEST_F(SealingTest, MissingKeyFileIsToldAndNotMadeByWhoOnlyReads) {
    const auto missing = Sealing::open(path_);
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().message,
              "no sealing key in " + path_ +
                  " (No such file or directory); bring the file there from a backup, or name it in "
                  "administration.sealing_key");
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SealingTest, DamagedKeyFileIsToldAndNotReplaced) {
    std::filesystem::create_directories(folder_ / "state");
    for (const std::string& text :
         {std::string("short"), std::string(63, 'a'), std::string(64, 'x'), std::string(66, 'a'),
          std::string(64, 'a') + "\nmore"}) {
        std::ofstream(path_) << text;
        for (const auto& result : {Sealing::open(path_), Sealing::open_or_make(path_)}) {
            ASSERT_FALSE(result.has_value()) << text;
            EXPECT_THAT(result.error().message, HasSubstr("it has no 64 hexadecimal digits"));
        }
    }
}

TEST_F(SealingTest, KeyThatCannotBeWrittenIsTold) {
    std::ofstream(folder_ / "state") << "a file where a folder should be";
    const auto result = Sealing::open_or_make(path_);
    ASSERT_FALSE(result.has_value());
    EXPECT_THAT(result.error().message, HasSubstr(path_));
}

}  // namespace
}  // namespace trunkline::mgmt
