// Makes a compressed archive of files in memory: "tar.gz", POSIX ustar (IEEE 1003.1 pax) in gzip
// (RFC 1952).
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

class TarArchive {
public:
    /// What a name may have: ustar's field for it.
    static constexpr std::size_t longest_name = 100;

    /// `when` is what all its files were written at.
    explicit TarArchive(std::chrono::system_clock::time_point when);
    ~TarArchive();
    TarArchive(const TarArchive&) = delete;
    TarArchive& operator=(const TarArchive&) = delete;

    /// A file that its owner alone reads. The name is relative and of longest_name at most; aborts
    /// when it is not, as names are ours.
    void add(std::string_view name, std::string_view content);
    /// The archive, complete; nothing is added after it.
    std::string finish();

private:
    struct State;
    const std::unique_ptr<State> state_;
};

}  // namespace trunkline::mgmt
