// A text that many owners have in common: it never changes, and copies of it are the same memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace trunkline::sipstack {

/// Copies may be made and dropped on any thread.
class SharedText {
public:
    SharedText() = default;
    explicit SharedText(std::string text)
        : text_(text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))) {}

    std::string_view view() const { return text_ ? std::string_view(*text_) : std::string_view(); }
    operator std::string_view() const { return view(); }
    friend bool operator==(const SharedText& a, std::string_view b) { return a.view() == b; }
    friend bool operator==(const SharedText& a, const SharedText& b) {
        return a.text_ == b.text_ || a.view() == b.view();
    }

private:
    std::shared_ptr<const std::string> text_;
};

}  // namespace trunkline::sipstack
