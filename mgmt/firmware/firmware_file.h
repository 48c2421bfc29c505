// A firmware file: what a slot of the disk holds, behind a manifest that its maker signed.
//
//     TRUNKLINE FIRMWARE 1
//     {"version": "0.2.0", "size": 61865984, "sha256": "9f86d0..."}
//     128 hexadecimal digits: Ed25519 (RFC 8032) of the two lines above
//     `size` bytes: the file system of the slot
#pragma once

#include "board/error.h"

#include <cstdint>
#include <functional>
#include <istream>
#include <span>
#include <string>

namespace trunkline::mgmt {

struct FirmwareManifest {
    std::string version;
    uint64_t size = 0;   ///< bytes of the content
    std::string sha256;  ///< of the content, 64 lower-case hexadecimal digits
};

/// Reads the three lines and judges them with the public key (PEM); the stream is then at the
/// content. Errors: no firmware file, signed by somebody else, damaged.
board::Expected<FirmwareManifest> read_firmware_manifest(std::istream& file,
                                                         const std::string& public_key);

/// Reads the content to its end in pieces and gives each to `take`. Errors: another size or hash
/// than the manifest says, or what `take` says.
board::Expected<void> read_firmware_content(
    std::istream& file, const FirmwareManifest& manifest,
    const std::function<board::Expected<void>(std::span<const char> piece)>& take);

}  // namespace trunkline::mgmt
