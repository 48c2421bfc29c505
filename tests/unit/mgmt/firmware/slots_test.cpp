#include "mgmt/firmware/slots.h"

#include "board/file_descriptor.h"
#include "mgmt/firmware/boot_environment.h"
#include "mgmt/firmware/firmware_commands.h"
#include "signed_firmware.h"
#include "tests/temporary_folder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace trunkline::mgmt {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// An appliance's disk as files: slot a runs, the slots are of 64 KiB.
class Slots : public testing::Test {
protected:
    Slots() {
        paths_ = {folder_ + "/grubenv",    folder_ + "/slot-",  folder_ + "/cmdline",
                  folder_ + "/public.pem", folder_ + "/before", folder_ + "/factory-reset"};
        write(paths_.environment, grubenv("active=a\n"));
        write(paths_.public_key, maker_.public_key());
        write(paths_.slots + "a", std::string(65536, 'a'));
        write(paths_.slots + "b", std::string(65536, 'b'));
        run_slot("a");
    }

    static std::string grubenv(const std::string& variables) {
        std::string block = "# GRUB Environment Block\n" + variables;
        block.resize(1024, '#');
        return block;
    }
    static void write(const std::string& path, const std::string& text) {
        std::ofstream(path, std::ios::binary) << text;
    }
    static std::string read(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void run_slot(const std::string& slot) const {
        write(paths_.kernel_command_line, "quiet trunkline.slot=" + slot + " panic=10\n");
    }
    std::string install(const std::string& file) const {
        std::istringstream stream(file);
        const auto installed = install_firmware(stream, 0, paths_);
        return installed ? "" : installed.error().message;
    }
    BootEnvironment environment() const {
        return read_boot_environment(paths_.environment).value_or(BootEnvironment{"?", "?"});
    }
    /// As the loader does at a start.
    void boot() const {
        BootEnvironment now = environment();
        run_slot(now.trial.empty() ? now.active : now.trial);
        now.trial.clear();
        ASSERT_TRUE(write_boot_environment(paths_.environment, now));
    }

    FirmwareMaker maker_;
    const tests::TemporaryFolder temporary_;
    std::string folder_ = temporary_.path();
    FirmwarePaths paths_;
    std::ostringstream out_, errors_;
};

TEST_F(Slots, AnInstalledFirmwareIsTriedOnceAndThenTheOldOneBootsAgain) {
    EXPECT_EQ(install(maker_.file("new firmware")), "");
    EXPECT_THAT(read(paths_.slots + "b"), testing::StartsWith("new firmwarebbb"));
    EXPECT_EQ(read(paths_.slots + "a"), std::string(65536, 'a'));
    EXPECT_EQ(environment(), (BootEnvironment{"a", "b"}));
    boot();
    EXPECT_TRUE(slot_state(paths_)->on_trial());
    EXPECT_EQ(slot_state(paths_)->next, "a");
    boot();
    EXPECT_EQ(slot_state(paths_)->running, "a");
}

TEST_F(Slots, ACommittedFirmwareStays) {
    ASSERT_EQ(install(maker_.file("new firmware")), "");
    boot();
    ASSERT_TRUE(commit_firmware(paths_));
    boot();
    EXPECT_EQ(slot_state(paths_)->running, "b");
    EXPECT_FALSE(slot_state(paths_)->on_trial());
    // The next one goes to the slot that is free now.
    ASSERT_EQ(install(maker_.file("newer")), "");
    EXPECT_THAT(read(paths_.slots + "a"), testing::StartsWith("neweraaa"));
    EXPECT_EQ(environment(), (BootEnvironment{"b", "a"}));
}

TEST_F(Slots, ShowsTheVersionOfEachSlotsFirmwareThatIsWhole) {
    const auto shown = [this] {
        std::ostringstream out;
        EXPECT_EQ(firmware_show(paths_, out, errors_), 0);
        return out.str();
    };
    EXPECT_EQ(shown(),
              "running slot a, next start slot a\n"
              "slot a: no firmware that says its version\n"
              "slot b: no firmware that says its version\n");
    ASSERT_EQ(install(maker_.file(std::string(61'440, 'n'))), "") << "as much as there is room for";
    EXPECT_EQ(shown(),
              "running slot a, next start slot b\n"
              "slot a: no firmware that says its version\n"
              "slot b: firmware 2.0\n");
    const std::string next = maker_.file(std::string(40'000, 'n'));
    EXPECT_NE(install(next.substr(0, next.size() - 10)), "") << "as when the power goes";
    EXPECT_EQ(slot_version(paths_, "b"), std::nullopt);
}

TEST_F(Slots, ARefusedFirmwareLeavesTheSlotItsVersion) {
    ASSERT_EQ(install(maker_.file("new")), "");
    EXPECT_NE(install(maker_.file(std::string(61'441, 'n'))), "");
    EXPECT_NE(install(FirmwareMaker().file("foreign")), "");
    EXPECT_EQ(slot_version(paths_, "b"), "2.0");
}

TEST_F(Slots, AVersionIsWhatTheBuiltDiskHasAndNothingElse) {
    const auto labelled = [this](const std::string& label) {
        std::string slot(65536, 'a');
        slot.replace(65536 - 4096, 4096, label + std::string(4096 - label.size(), '\0'));
        write(paths_.slots + "a", slot);
        return slot_version(paths_, "a");
    };
    EXPECT_EQ(labelled("TRUNKLINE SLOT 1\n0.1.0\n"), "0.1.0");
    for (const char* const other :
         {"", "TRUNKLINE SLOT 1\n", "TRUNKLINE SLOT 1\n\n", "TRUNKLINE SLOT 1\n0.1.0",
          "TRUNKLINE SLOT 2\n0.1.0\n", "TRUNKLINE SLOT 1\n\x1b[2J\n"}) {
        EXPECT_EQ(labelled(other), std::nullopt) << other;
    }
    write(paths_.slots + "a", "short");
    EXPECT_EQ(slot_version(paths_, "a"), std::nullopt);
    fs::remove(paths_.slots + "a");
    EXPECT_EQ(slot_version(paths_, "a"), std::nullopt);
}

TEST_F(Slots, OneInstallationIsMadeAtATime) {
    {
        const board::FileDescriptor other(open(paths_.environment.c_str(), O_RDONLY | O_CLOEXEC));
        ASSERT_EQ(flock(other.get(), LOCK_EX), 0);
        EXPECT_THAT(install(maker_.file("new")), HasSubstr("another firmware is being installed"));
        EXPECT_EQ(environment(), (BootEnvironment{"a", ""}));
    }
    EXPECT_EQ(install(maker_.file("new")), "");
}

TEST_F(Slots, WhateverIsWrongWithAFirmwareTheNextStartIsThatOfBefore) {
    std::string damaged = maker_.file(std::string(40'000, 'n'));
    damaged.back() = 'X';
    EXPECT_THAT(install(damaged), HasSubstr("damaged"));
    EXPECT_EQ(environment(), (BootEnvironment{"a", ""}));
    EXPECT_THAT(install(maker_.file(std::string(70'000, 'n'))), HasSubstr("has room for 61440"));
    EXPECT_THAT(install(FirmwareMaker().file("foreign")), HasSubstr("not signed"));
    EXPECT_EQ(environment(), (BootEnvironment{"a", ""}));
    fs::remove(paths_.slots + "b");
    EXPECT_THAT(install(maker_.file("new")), HasSubstr("slot-b: No such file"));
    EXPECT_EQ(environment(), (BootEnvironment{"a", ""}));
}

TEST_F(Slots, AHalfWrittenFirmwareIsNotTriedWhereAnEarlierOneWasToBe) {
    ASSERT_EQ(install(maker_.file("first")), "");
    const std::string second = maker_.file(std::string(40'000, 'n'));
    EXPECT_NE(install(second.substr(0, second.size() - 10)), "") << "as when the power goes";
    EXPECT_EQ(environment(), (BootEnvironment{"a", ""}));
}

TEST_F(Slots, NothingIsInstalledWhileTheRunningFirmwareIsOnTrial) {
    ASSERT_EQ(install(maker_.file("new")), "");
    boot();
    EXPECT_THAT(install(maker_.file("newer")), HasSubstr("on trial itself"));
    EXPECT_EQ(read(paths_.slots + "a"), std::string(65536, 'a'));
}

TEST_F(Slots, ElsewhereThanOnTheImageNothingIsDone) {
    write(paths_.kernel_command_line, "quiet\n");
    EXPECT_THAT(install(maker_.file("new")), HasSubstr("not an appliance"));
    EXPECT_FALSE(commit_firmware(paths_));
    run_slot("a");
    write(paths_.environment, "something else\n");
    EXPECT_THAT(install(maker_.file("new")), HasSubstr("environment block"));
    EXPECT_EQ(read(paths_.slots + "b"), std::string(65536, 'b'));
}

TEST_F(Slots, TheEnvironmentKeepsItsSizeAndItsFirstSectorHasAll) {
    ASSERT_TRUE(write_boot_environment(paths_.environment, {"b", "a"}));
    const std::string block = read(paths_.environment);
    EXPECT_EQ(block.size(), 1024U);
    EXPECT_EQ(block.substr(0, 42), "# GRUB Environment Block\nactive=b\ntrial=a\n");
    EXPECT_EQ(block.find_first_not_of('#', 42), std::string::npos);
    EXPECT_FALSE(write_boot_environment(folder_ + "/none", {"a", ""}));
    EXPECT_FALSE(fs::exists(folder_ + "/none"));
}

/// A trial whose time goes by a second a look.
struct VirtualTrial {
    std::chrono::steady_clock::time_point time{};
    FirmwareTrial trial() {
        return {std::chrono::seconds(60), [this] { return time; },
                [this] { time += std::chrono::seconds(1); }};
    }
};

TEST_F(Slots, ATrialIsGoodOnceAsManyRegistrationsStandAsBefore) {
    write(folder_ + "/new.firmware", maker_.file("new"));
    const auto three = [] { return std::optional<std::size_t>(3); };
    ASSERT_EQ(firmware_install(folder_ + "/new.firmware", paths_, three, out_, errors_), 0);
    EXPECT_THAT(out_.str(), HasSubstr("firmware 2.0 is installed"));
    boot();
    std::size_t looks = 0;
    const auto coming = [&]() -> std::optional<std::size_t> {
        ++looks;
        return looks < 3 ? std::nullopt : std::optional<std::size_t>(looks - 2);
    };
    VirtualTrial time;
    EXPECT_EQ(firmware_on_trial(paths_), 0);
    int asked = 0;
    const TrialledAppliance appliance{coming, [&] { ++asked; }};
    EXPECT_EQ(firmware_commit(paths_, appliance, time.trial(), out_, errors_), 0);
    EXPECT_EQ(looks, 5U);
    EXPECT_EQ(asked, 1) << "to register all anew";
    EXPECT_EQ(environment(), (BootEnvironment{"b", ""}));
    EXPECT_EQ(firmware_on_trial(paths_), 1);
}

TEST_F(Slots, ATrialWithFewerRegistrationsOrNoAnswerIsNotCommitted) {
    write(folder_ + "/new.firmware", maker_.file("new"));
    const auto three = [] { return std::optional<std::size_t>(3); };
    ASSERT_EQ(firmware_install(folder_ + "/new.firmware", paths_, three, out_, errors_), 0);
    boot();
    VirtualTrial time;
    const auto two = [] { return std::optional<std::size_t>(2); };
    EXPECT_EQ(firmware_commit(paths_, {two, [] {}}, time.trial(), out_, errors_), 1);
    EXPECT_THAT(errors_.str(), HasSubstr("2 registrations are granted, 3 stood before"));
    const auto silent = [] { return std::optional<std::size_t>(); };
    EXPECT_EQ(firmware_commit(paths_, {silent, [] {}}, time.trial(), out_, errors_), 1);
    EXPECT_THAT(errors_.str(), HasSubstr("does not answer"));
    EXPECT_EQ(environment(), (BootEnvironment{"a", ""}));
}

TEST_F(Slots, ARefusedFirmwareLeavesTheOneThatWaitsWithWhatItHasToComeTo) {
    write(folder_ + "/new.firmware", maker_.file("new"));
    const auto three = [] { return std::optional<std::size_t>(3); };
    ASSERT_EQ(firmware_install(folder_ + "/new.firmware", paths_, three, out_, errors_), 0);
    write(folder_ + "/other.firmware", "no firmware");
    const auto none = [] { return std::optional<std::size_t>(0); };
    EXPECT_EQ(firmware_install(folder_ + "/other.firmware", paths_, none, out_, errors_), 1);
    boot();
    VirtualTrial time;
    EXPECT_THAT(errors_.str(), HasSubstr("other.firmware: "));
    EXPECT_EQ(firmware_commit(paths_, {none, [] {}}, time.trial(), out_, errors_), 1);
    EXPECT_THAT(errors_.str(), HasSubstr("0 registrations are granted, 3 stood before"));
}

TEST_F(Slots, AnInstallationWithoutAnApplianceSaysThatNothingIsMeasured) {
    write(folder_ + "/new.firmware", maker_.file("new"));
    const auto silent = [] { return std::optional<std::size_t>(); };
    ASSERT_EQ(firmware_install(folder_ + "/new.firmware", paths_, silent, out_, errors_), 0);
    EXPECT_THAT(out_.str(), HasSubstr("nobody knows how many registrations to ask for"));
}

TEST_F(Slots, AFileThatIsNotThereAndAFactoryResetAreTold) {
    const auto none = [] { return std::optional<std::size_t>(0); };
    EXPECT_EQ(firmware_install(folder_ + "/none", paths_, none, out_, errors_), 1);
    EXPECT_THAT(errors_.str(), HasSubstr("cannot be read"));
    EXPECT_EQ(firmware_factory_reset(paths_, out_, errors_), 0);
    EXPECT_TRUE(fs::exists(paths_.factory_reset));
    EXPECT_EQ(firmware_show(paths_, out_, errors_), 0);
    EXPECT_THAT(out_.str(), HasSubstr("running slot a, next start slot a"));
    fs::remove(paths_.factory_reset);
    write(paths_.kernel_command_line, "quiet\n");
    EXPECT_EQ(firmware_factory_reset(paths_, out_, errors_), 1);
    EXPECT_THAT(errors_.str(), HasSubstr("not an appliance that was booted from its image"));
    EXPECT_FALSE(fs::exists(paths_.factory_reset));
}

}  // namespace
}  // namespace trunkline::mgmt
