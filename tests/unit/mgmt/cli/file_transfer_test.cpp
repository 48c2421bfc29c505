// The child is a script of the test in the place of curl; with the real one it is a lab test.
#include "mgmt/cli/file_transfer.h"

#include "board/file_descriptor.h"
#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace trunkline::mgmt {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class FileTransferTest : public testing::Test {
protected:
    /// A transfer whose child runs `script`.
    FileTransfer with(const std::string& script, FileTransferLimits limits = {},
                      int interrupts = -1) const {
        const fs::path program = folder_ / "curl";
        std::ofstream(program) << "#!/bin/sh\n" << script << '\n';
        fs::permissions(program, fs::perms::owner_all);
        return FileTransfer({program.string(), limits, interrupts});
    }
    std::string kept(const char* name) const {
        std::ifstream file(folder_ / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::string in_folder(const char* name) const { return (folder_ / name).string(); }

    const tests::TemporaryFolder temporary_;
    fs::path folder_ = temporary_.path();
};

TEST_F(FileTransferTest, GivesWhatTheChildWrites) {
    const auto file = with("printf 'a\\r\\nb'").fetch("http://192.0.2.1/a");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(*file, "a\r\nb");
}

TEST_F(FileTransferTest, PasswordsAreInNoArgumentsAndInNoMessages) {
    const std::string script = "echo \"$@\" > " + in_folder("arguments") +
                               "; for word; do case $word in /dev/fd/*) cat $word > " +
                               in_folder("settings") +
                               ";; esac; done; echo 'curl: (7) no way' >&2; exit 7";
    const auto file = with(script).fetch("ftp://anna:secret@192.0.2.1/a");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().message, "ftp://192.0.2.1/a: no way");
    EXPECT_THAT(kept("arguments"), Not(HasSubstr("secret")));
    EXPECT_THAT(kept("arguments"), HasSubstr("--proto =http,https,ftp,ftps,tftp,scp,sftp "));
    EXPECT_EQ(kept("settings"), "url = \"ftp://anna:secret@192.0.2.1/a\"\n");
}

TEST_F(FileTransferTest, SendsTheContentAsAFile) {
    const std::string script =
        "while [ \"$1\" != --upload-file ]; do shift; done; cat $2 > " + in_folder("sent");
    const std::string content(200'000, 'x');
    const auto sent = with(script).send("http://192.0.2.1/a", content);
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_EQ(kept("sent"), content);
}

TEST_F(FileTransferTest, AFileThatIsTooLongEndsTheChild) {
    // Endless, so that the test ends only when the child is made to.
    const auto file = with("exec yes", {.bytes = 100'000}).fetch("http://192.0.2.1/a");
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().message, EndsWith("the file has more than 100000 bytes"));
    EXPECT_EQ(with("printf 12345", {.bytes = 5}).fetch("http://192.0.2.1/a").value(), "12345");
}

TEST_F(FileTransferTest, AnInterruptEndsTheChild) {
    const board::FileDescriptor interrupts(::eventfd(1, EFD_CLOEXEC));
    const auto file =
        with("exec tail -f /dev/null", {}, interrupts.get()).fetch("http://192.0.2.1/a");
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().message, EndsWith("interrupted"));
}

TEST_F(FileTransferTest, AChildThatTheInterruptReachedFirstWasInterrupted) {
    EXPECT_THAT(with("kill -INT $$").fetch("http://192.0.2.1/a").error().message,
                EndsWith("interrupted"));
}

TEST_F(FileTransferTest, WhatTakesTooLongIsEnded) {
    const auto file = with("exec tail -f /dev/null", {.whole = std::chrono::seconds(0)})
                          .fetch("scp://192.0.2.1/a");
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().message, EndsWith("it was not over after 0 s"));
}

TEST_F(FileTransferTest, AProgramThatIsNotThereIsNamedWithItsPackage) {
    const auto file = FileTransfer({.program = in_folder("none")}).fetch("http://192.0.2.1/a");
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().message, HasSubstr("No such file or directory"));
    EXPECT_THAT(file.error().message, HasSubstr("package curl"));
}

TEST_F(FileTransferTest, AFailureWithoutWordsIsToldByItsCode) {
    EXPECT_THAT(with("exit 3").fetch("http://192.0.2.1/a").error().message,
                EndsWith("ended with 3"));
    EXPECT_THAT(with("kill -9 $$").fetch("http://192.0.2.1/a").error().message,
                EndsWith("ended by signal 9"));
}

TEST_F(FileTransferTest, NoOtherUrlReachesTheChild) {
    const FileTransfer transfer = with("touch " + in_folder("ran"));
    for (const char* url : {"file:///etc/shadow", "192.0.2.1/a", "gopher://192.0.2.1/a", "", "://",
                            "http://192.0.2.1/a b", "http://192.0.2.1/\"\noutput = \"/tmp/x",
                            "http://192.0.2.1/\\x", "-o/tmp/x"}) {
        const auto file = transfer.fetch(url);
        ASSERT_FALSE(file) << url;
        EXPECT_THAT(file.error().message, HasSubstr("allowed: ")) << url;
    }
    const auto sent = transfer.send("http://192.0.2.1/folder/", "x");
    ASSERT_FALSE(sent);
    EXPECT_THAT(sent.error().message, HasSubstr("of a folder"));
    EXPECT_FALSE(fs::exists(folder_ / "ran"));
}

TEST(ShownUrl, HasNoUser) {
    EXPECT_EQ(shown_url("http://a:b@192.0.2.1:80/c@d"), "http://192.0.2.1:80/c@d");
    EXPECT_EQ(shown_url("http://a:b@c@192.0.2.1"), "http://192.0.2.1");
    EXPECT_EQ(shown_url("tftp://192.0.2.1/c@d"), "tftp://192.0.2.1/c@d");
    EXPECT_EQ(shown_url("nothing@all"), "nothing@all");
}

}  // namespace
}  // namespace trunkline::mgmt
