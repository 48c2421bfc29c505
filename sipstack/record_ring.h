// Records of any length from one thread to another: a bounded ring of bytes that neither side waits
// for.
//
// One thread pushes, one other pops; each may be replaced by another thread as long as something
// orders the two. A record lies in the ring as its length and its bytes, and may go around the end.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

class RecordRing {
public:
    /// `capacity` in bytes, a power of two; 0: there is room for nothing. The kernel gives the
    /// memory page by page as it is written for the first time.
    explicit RecordRing(std::size_t capacity);

    /// One record made of both parts, each of which may be empty; false: there is no room. A record
    /// takes its size and up to 11 bytes.
    bool push(std::string_view front, std::string_view back);
    /// The oldest record into `record`, whose memory is used again; false: there is none.
    bool pop(std::string& record);

    std::size_t capacity() const { return capacity_; }

private:
    void write(uint64_t at, std::string_view bytes);
    void read(uint64_t at, char* to, std::size_t size) const;

    const std::size_t capacity_;
    const std::unique_ptr<char[]> bytes_;
    // Each counts all bytes that ever went through, and lies in a cache line of its own.
    alignas(64) std::atomic<uint64_t> pushed_{0};
    uint64_t popped_as_seen_ = 0;  ///< the pushing thread's own
    alignas(64) std::atomic<uint64_t> popped_{0};
};

}  // namespace trunkline::sipstack
