// Writes a message into memory that is there already: the room of a packet.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace trunkline::blast {

/// What does not fit is left out and remembered: complete() is false then and the message no good.
class TextBuffer {
public:
    explicit TextBuffer(std::span<char> room) : room_(room) {}

    TextBuffer& operator<<(std::string_view text) {
        if (text.size() > room_.size() - size_) {
            complete_ = false;
        } else {
            std::copy(text.begin(), text.end(), room_.data() + size_);
            size_ += text.size();
        }
        return *this;
    }
    TextBuffer& operator<<(uint64_t number) {
        std::array<char, 20> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        return *this << std::string_view(digits.data(), end);
    }

    std::size_t size() const { return size_; }
    bool complete() const { return complete_; }
    std::string_view text() const { return {room_.data(), size_}; }

private:
    std::span<char> room_;
    std::size_t size_ = 0;
    bool complete_ = true;
};

template <std::size_t Size>
std::string_view view(const std::array<char, Size>& text) {
    return {text.data(), text.size()};
}

}  // namespace trunkline::blast
