#include "mgmt/cli/pager.h"

#include "board/file_descriptor.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>

namespace trunkline::mgmt {
namespace {

class PagerTest : public testing::Test {
protected:
    PagerTest() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        reader_ = board::FileDescriptor(ends[0]);
        writer_ = board::FileDescriptor(ends[1]);
        int keyboard = -1, terminal = -1;
        EXPECT_EQ(::openpty(&keyboard, &terminal, nullptr, nullptr, nullptr), 0);
        keyboard_ = board::FileDescriptor(keyboard);
        terminal_ = board::FileDescriptor(terminal);
        std::signal(SIGPIPE, SIG_IGN);
    }
    void press(const std::string& keys) const {
        ASSERT_EQ(::write(keyboard_.get(), keys.data(), keys.size()),
                  static_cast<ssize_t>(keys.size()));
    }
    PagerOptions pages(std::size_t height) const {
        return {writer_.get(), terminal_.get(), height, 20, -1};
    }
    /// All that was written; the writer is closed.
    std::string shown() {
        writer_ = {};
        std::string text;
        std::array<char, 4096> piece{};
        for (ssize_t size = 0; (size = ::read(reader_.get(), piece.data(), piece.size())) > 0;) {
            text.append(piece.data(), static_cast<std::size_t>(size));
        }
        return text;
    }

    board::FileDescriptor reader_, writer_, keyboard_, terminal_;
};

constexpr const char* gap = "--MORE--\r        \r";

TEST_F(PagerTest, StopsAtEachPageForAKey) {
    press(" \n q");  // a page, a line, a page, no more
    Pager pager(pages(4));
    EXPECT_FALSE(pager.write("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"));
    EXPECT_EQ(shown(), std::string("1\n2\n3\n") + gap + "4\n5\n6\n" + gap + "7\n" + gap +
                           "8\n9\n10\n" + gap);
}

TEST_F(PagerTest, CountsLinesThatComeInPiecesAndThoseThatWrap) {
    press("q");
    Pager pager(pages(4));
    EXPECT_TRUE(pager.write("ab"));
    EXPECT_TRUE(pager.write("c\n"));
    EXPECT_TRUE(pager.write(std::string(30, 'x') + "\n"));
    EXPECT_FALSE(pager.write("d\n"));
    EXPECT_EQ(shown(), "abc\n" + std::string(30, 'x') + "\n" + gap);
}

TEST_F(PagerTest, HasNoPagesWithoutAHeightOrAKeyboard) {
    Pager without_height(pages(0));
    EXPECT_TRUE(without_height.write("1\n2\n3\n4\n5\n"));
    Pager without_keys({writer_.get(), -1, 3, 20, -1});
    EXPECT_TRUE(without_keys.write("6\n7\n8\n9\n"));
    EXPECT_EQ(shown(), "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
}

TEST_F(PagerTest, EndsAtCtrlC) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const board::FileDescriptor interrupts(ends[0]), interrupter(ends[1]);
    Pager pager({writer_.get(), -1, 0, 0, interrupts.get()});
    EXPECT_TRUE(pager.write("1\n"));
    ASSERT_EQ(::write(interrupter.get(), "x", 1), 1);
    EXPECT_FALSE(pager.write("2\n"));
    EXPECT_EQ(shown(), "1\n");
    EXPECT_FALSE(pager.is_gone());
}

TEST_F(PagerTest, EndsAtCtrlCInsteadOfAKey) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const board::FileDescriptor interrupts(ends[0]);
    board::FileDescriptor interrupter(ends[1]);
    PagerOptions options = pages(3);
    options.interrupts = interrupts.get();
    Pager pager(options);
    std::thread later([&] {
        std::string page;  // may come in pieces
        for (char c = 0; !page.ends_with("--MORE--") && ::read(reader_.get(), &c, 1) == 1;) {
            page += c;
        }
        EXPECT_EQ(page, "1\n2\n--MORE--");
        interrupter = {};  // its end is readable
    });
    EXPECT_FALSE(pager.write("1\n2\n3\n"));
    later.join();
    EXPECT_EQ(shown(), "\r        \r");
}

TEST_F(PagerTest, EndsWhenNobodyReadsAnyMore) {
    reader_ = {};
    Pager pager(pages(0));
    EXPECT_FALSE(pager.write("1\n"));
    EXPECT_TRUE(pager.is_gone());
    EXPECT_FALSE(pager.write("2\n"));
}

TEST_F(PagerTest, EndsWhenTheKeyboardIsGone) {
    keyboard_ = {};
    Pager pager(pages(3));
    EXPECT_FALSE(pager.write("1\n2\n3\n4\n"));
    EXPECT_EQ(shown(), std::string("1\n2\n") + gap);
}

}  // namespace
}  // namespace trunkline::mgmt
