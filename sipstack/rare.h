// A value that few owners have: it costs the others a pointer.
#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace trunkline::sipstack {

/// As std::optional, but with its T in memory of its own. Copies are deep.
template <typename T>
class Rare {
public:
    Rare() = default;
    Rare(T value) : value_(std::make_unique<T>(std::move(value))) {}
    Rare(std::optional<T> value)
        : value_(value ? std::make_unique<T>(*std::move(value)) : nullptr) {}
    Rare(const Rare& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
    Rare(Rare&&) noexcept = default;
    Rare& operator=(Rare other) noexcept {
        value_ = std::move(other.value_);
        return *this;
    }
    ~Rare() = default;

    void reset() { value_.reset(); }
    explicit operator bool() const { return value_ != nullptr; }
    /// Preconditions: there is one.
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return value_.get(); }
    const T* operator->() const { return value_.get(); }

    friend bool operator==(const Rare& a, const Rare& b) { return a && b ? *a == *b : !a && !b; }

private:
    std::unique_ptr<T> value_;
};

}  // namespace trunkline::sipstack
