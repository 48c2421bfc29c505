#include "mgmt/configuration/convert.h"

#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;

class ConvertTest : public testing::Test {
protected:
    std::string path(const std::string& name) const { return folder_ + "/" + name; }
    std::string text(const std::string& name) const {
        std::ifstream file(path(name));
        std::stringstream all;
        all << file.rdbuf();
        return all.str();
    }
    int convert(const std::string& from, const std::string& to) {
        messages_.str("");
        return convert_configuration(from, to, messages_);
    }

    const tests::TemporaryFolder temporary_;
    std::string folder_ = temporary_.path();
    std::ostringstream messages_;
};

TEST_F(ConvertTest, TheLabsConfigurationToIniAndBack) {
    std::filesystem::copy(CONF_FOLDER "/secrets", path("secrets"));
    ASSERT_EQ(convert(CONF_FOLDER "/lab.yaml", path("lab.ini")), 0) << messages_.str();
    EXPECT_THAT(text("lab.ini"),
                HasSubstr("\r\n[ Account ]\r\n\r\nFORMAT Index = ServedTrunkGroup, "));
    ASSERT_EQ(convert(path("lab.ini"), path("one.yaml")), 0) << messages_.str();
    ASSERT_EQ(convert(path("one.yaml"), path("two.ini")), 0) << messages_.str();
    ASSERT_EQ(convert(path("two.ini"), path("two.yaml")), 0) << messages_.str();
    EXPECT_EQ(text("one.yaml"), text("two.yaml"));
    EXPECT_EQ(text("lab.ini"), text("two.ini"));
    EXPECT_EQ(messages_.str(), "");
}

TEST_F(ConvertTest, WhatIsWrongIsToldAndNothingIsWritten) {
    std::ofstream(path("bad.ini")) << "RegistrationTime = 5\n";
    EXPECT_EQ(convert(path("bad.ini"), path("out.yaml")), 1);
    EXPECT_THAT(messages_.str(), HasSubstr("bad.ini:1:20: RegistrationTime: found 5; "
                                           "allowed: 10..2000000 s"));
    EXPECT_FALSE(std::filesystem::exists(path("out.yaml")));
    std::ofstream(path("bad.ini")) << "RegistrationTime = 5\nUnheardOf = 1\n";
    EXPECT_EQ(convert(path("bad.ini"), path("out.yaml")), 1);
    EXPECT_THAT(messages_.str(), HasSubstr("bad.ini:1:20: RegistrationTime: found 5"));
    EXPECT_THAT(messages_.str(), HasSubstr("bad.ini:2:1: UnheardOf is not known here"));
    EXPECT_EQ(convert(path("none.yaml"), path("out.yaml")), 1);
    EXPECT_EQ(convert(CONF_FOLDER "/lab.yaml", path("no/such/folder.ini")), 1);
    EXPECT_THAT(messages_.str(), HasSubstr("cannot write " + path("no/such/folder.ini")));
}

}  // namespace
}  // namespace trunkline::mgmt
