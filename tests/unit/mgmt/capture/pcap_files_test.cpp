#include "mgmt/capture/pcap_files.h"

#include "mgmt/capture/pcap_capture.h"
#include "tests/unit/mgmt/capture/captured.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

namespace trunkline::mgmt {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::size_t file_header = 24, packet_header = 16;

class PcapFilesTest : public ::testing::Test {
protected:
    ~PcapFilesTest() override { std::filesystem::remove_all(parent_); }

    PcapFiles begin(const PcapLimits& limits = {}) {
        auto files = PcapFiles::begin(folder_, limits);
        EXPECT_TRUE(files.has_value()) << files.error();
        return std::move(*files);
    }
    static void write(PcapFiles& files, const std::string& packet) {
        files.add(100s + 7ns, packet);
        const auto written = files.write_out();
        EXPECT_TRUE(written.has_value()) << written.error();
    }
    static std::string content(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::string downloaded() const {
        std::string all;
        PcapDownload(folder_).write_to([&](std::string_view piece) {
            all += piece;
            return true;
        });
        return all;
    }

    const std::filesystem::path parent_ =
        std::filesystem::temp_directory_path() / ("pcap-files-" + std::to_string(::getpid()));
    const std::string folder_ = parent_ / "capture";
};

/// Numbers as the packet's header has them.
std::vector<uint32_t> numbers_at(const std::string& bytes, std::size_t at) {
    std::vector<uint32_t> numbers(4);
    std::memcpy(numbers.data(), bytes.data() + at, packet_header);
    return numbers;
}

TEST_F(PcapFilesTest, APacketHasItsTimeAndItsLength) {
    auto files = begin();
    write(files, "packet");
    const auto there = pcap_files(folder_);
    ASSERT_EQ(there.size(), 1U);
    const std::string bytes = content(there[0].path);
    EXPECT_EQ(bytes.size(), there[0].bytes);
    EXPECT_EQ(numbers_at(bytes, 0)[0], 0xa1b23c4d);
    EXPECT_THAT(numbers_at(bytes, file_header), testing::ElementsAre(100, 7, 6, 6));
    EXPECT_EQ(bytes.substr(file_header + packet_header), "packet");
}

TEST_F(PcapFilesTest, OthersCannotReadIt) {
    begin();
    struct stat facts {};
    ASSERT_EQ(::stat(pcap_files(folder_).at(0).path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600U);
    ASSERT_EQ(::stat(folder_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0700U);
}

TEST_F(PcapFilesTest, TheOldestGoesForTheNewest) {
    auto files = begin({.file_bytes = 1000, .files = 3});
    for (int i = 0; i < 100; ++i) {
        write(files, std::string(100, static_cast<char>('a' + i % 26)));
        const auto there = pcap_files(folder_);
        ASSERT_LE(there.size(), 3U);
        for (const PcapFile& file : there) {
            ASSERT_LE(file.bytes, 1000U + 116U);
        }
    }
    EXPECT_EQ(pcap_files(folder_).size(), 3U);
    EXPECT_EQ(downloaded().back(), 'a' + 99 % 26) << "the newest are kept";
}

TEST_F(PcapFilesTest, PacketsThatComeTogetherAreSpreadOverFiles) {
    auto files = begin({.file_bytes = 1000, .files = 3});
    for (int i = 0; i < 16; ++i) {
        files.add(100s, std::string(100, 'x'));
    }
    ASSERT_TRUE(files.write_out().has_value());
    EXPECT_EQ(pcap_files(folder_).size(), 2U);
    EXPECT_EQ(downloaded().size(), file_header + 16 * (packet_header + 100));
}

TEST_F(PcapFilesTest, ADownloadIsAllFilesAsOne) {
    EXPECT_TRUE(PcapDownload(folder_).is_empty());
    auto files = begin({.file_bytes = 100, .files = 5});
    write(files, std::string(90, 'a'));
    write(files, std::string(90, 'b'));
    const PcapDownload download(folder_);
    write(files, "written later");
    std::string all;
    download.write_to([&](std::string_view piece) {
        all += piece;
        return true;
    });
    EXPECT_EQ(pcap_files(folder_).size(), 3U);
    EXPECT_EQ(all.size(), file_header + 2 * (packet_header + 90));
    EXPECT_THAT(numbers_at(all, file_header + packet_header + 90),
                testing::ElementsAre(100, 7, 90, 90));
    EXPECT_EQ(all.back(), 'b');
}

TEST_F(PcapFilesTest, WhatWasThereBeforeIsRemoved) {
    auto files = begin();
    write(files, "old");
    begin();
    EXPECT_EQ(downloaded().size(), file_header);
}

TEST_F(PcapFilesTest, AFolderThatCannotBeIsTold) {
    std::filesystem::create_directories(parent_);
    std::ofstream(folder_) << "a file is in the way";
    const auto files = PcapFiles::begin(folder_, {});
    ASSERT_FALSE(files.has_value());
    EXPECT_THAT(files.error(), HasSubstr(folder_));
}

/// A limit on files stands for a disk that is full: half a packet fits.
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    void (*handler_)(int);
    rlimit before_{};
};

TEST_F(PcapFilesTest, ADiskThatTakesNoMoreEndsTheCaptureOnceAndLeavesWholePackets) {
    std::vector<std::string> troubles;
    const auto capture = PcapCapture::begin(
        folder_, {}, {},
        [&](const PcapCapture&, const std::string& trouble) { troubles.push_back(trouble); });
    ASSERT_TRUE(capture.has_value()) << capture.error();
    const auto message = sent_message();
    const auto take = [&] {
        (*capture)->take(captured(message));
        (*capture)->flush();
    };
    take();
    const std::size_t whole = downloaded().size();
    {
        const FullDisk full(whole + 100);
        take();
        take();
    }
    ASSERT_EQ(troubles.size(), 1U);
    EXPECT_THAT(troubles[0], HasSubstr("sip-00000001.pcap: "));
    EXPECT_FALSE((*capture)->status().is_running);
    EXPECT_EQ((*capture)->status().trouble, troubles[0]);
    take();
    EXPECT_EQ(downloaded().size(), whole);
}

TEST_F(PcapFilesTest, ACaptureHasWhatItsFilterLetsThroughUntilItsEnd) {
    CaptureFilter filter;
    filter.method = "REGISTER";
    const auto capture =
        PcapCapture::begin(folder_, filter, {}, [](const PcapCapture&, const std::string&) {});
    ASSERT_TRUE(capture.has_value()) << capture.error();
    const auto take = [&](const std::string& bytes) {
        const auto message = sent_message(bytes);
        (*capture)->take(captured(message));
        (*capture)->flush();
    };
    take(captured_register);
    take("no SIP");
    EXPECT_EQ((*capture)->status().messages, 1U);
    EXPECT_TRUE((*capture)->status().is_running);
    EXPECT_EQ((*capture)->status().filter, "method REGISTER");
    (*capture)->end();
    take(captured_register);
    EXPECT_EQ((*capture)->status().messages, 1U);
    EXPECT_FALSE((*capture)->status().is_running);
    EXPECT_EQ((*capture)->status().trouble, "");
    EXPECT_EQ(downloaded().size(),
              file_header + packet_header + 28 + std::strlen(captured_register));
}

}  // namespace
}  // namespace trunkline::mgmt
