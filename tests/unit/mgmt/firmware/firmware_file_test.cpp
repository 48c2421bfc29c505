#include "mgmt/firmware/firmware_file.h"

#include "signed_firmware.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;

std::string refusal_of(const std::string& file, const std::string& key) {
    std::istringstream stream(file);
    const auto manifest = read_firmware_manifest(stream, key);
    return manifest ? "" : manifest.error().message;
}

/// What reading all of it says; "" when all is well.
std::string trouble_with(const std::string& file, const std::string& key, std::string& content) {
    std::istringstream stream(file);
    const auto manifest = read_firmware_manifest(stream, key);
    if (!manifest) {
        return manifest.error().message;
    }
    const auto read = read_firmware_content(
        stream, *manifest, [&](std::span<const char> piece) -> board::Expected<void> {
            content.append(piece.begin(), piece.end());
            return {};
        });
    return read ? "" : read.error().message;
}

TEST(FirmwareFile, GivesTheContentThatWasSigned) {
    const FirmwareMaker maker;
    const std::string sent(3'000'000, 'x');
    std::string content;
    EXPECT_EQ(trouble_with(maker.file(sent), maker.public_key(), content), "");
    EXPECT_EQ(content, sent);
}

TEST(FirmwareFile, RefusesWhatIsNoFirmware) {
    const FirmwareMaker maker;
    EXPECT_EQ(
        refusal_of("", maker.public_key()),
        "this is no firmware file; one ends in .firmware and is what the image was built with");
    EXPECT_EQ(
        refusal_of(std::string(100'000, 'x'), maker.public_key()),
        "this is no firmware file; one ends in .firmware and is what the image was built with");
}

TEST(FirmwareFile, RefusesAnotherMakerAndAChangedManifest) {
    const FirmwareMaker maker, other;
    EXPECT_THAT(refusal_of(other.file("content"), maker.public_key()), HasSubstr("not signed"));
    std::string changed = maker.file("content");
    changed.replace(changed.find("2.0"), 3, "3.0");
    EXPECT_THAT(refusal_of(changed, maker.public_key()), HasSubstr("not signed"));
    EXPECT_THAT(refusal_of(maker.file("content"), "no key"), HasSubstr("not signed"));
    EXPECT_THAT(refusal_of("TRUNKLINE FIRMWARE 1\n{}\nnothex\n", maker.public_key()),
                HasSubstr("not signed"));
}

TEST(FirmwareFile, RefusesAManifestThatSaysTooLittle) {
    const FirmwareMaker maker;
    for (const char* manifest : {"{}", "[]", "x", R"({"version": 1, "size": 1, "sha256": "x"})",
                                 R"({"version": "1", "size": -1, "sha256": "x"})"}) {
        EXPECT_THAT(refusal_of(maker.file(manifest, ""), maker.public_key()),
                    HasSubstr("does not say"))
            << manifest;
    }
}

TEST(FirmwareFile, RefusesContentThatIsCutOrChanged) {
    const FirmwareMaker maker;
    std::string content;
    std::string file = maker.file("content");
    EXPECT_THAT(trouble_with(file.substr(0, file.size() - 3), maker.public_key(), content),
                HasSubstr("ends 3 bytes early"));
    file.back() = 'X';
    EXPECT_THAT(trouble_with(file + "x", maker.public_key(), content),
                HasSubstr("goes on behind its content"));
    EXPECT_THAT(trouble_with(file, maker.public_key(), content), HasSubstr("is damaged"));
}

}  // namespace
}  // namespace trunkline::mgmt
