// Server-sent events (WHATWG HTML 9.2): a response that goes on, and holds a thread of the server's
// meanwhile.
#pragma once

#include "mgmt/rest/http.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// An event's text; `data` has no line end. `id`: "" where it has none.
std::string event_text(std::string_view id, std::string_view kind, std::string_view data);

/// So many clients may listen at once.
class StreamPlaces {
public:
    explicit StreamPlaces(int most) : most_(most) {}
    /// Held by a stream; nullptr: all are taken.
    std::shared_ptr<void> take();
    /// What a client is told then: 503 with Retry-After.
    HttpResponse busy() const;

private:
    const int most_;
    const std::shared_ptr<std::atomic<int>> open_ = std::make_shared<std::atomic<int>>(0);
};

struct StreamPiece {
    std::string text;  ///< of some events; empty: there was none
    bool is_last = false;
};
/// Waits for what comes next, for `patience` at most.
using NextPiece = std::function<StreamPiece(std::chrono::milliseconds patience)>;

/// The response that writes what `next` gives until that ends or the client has gone. Comments keep
/// it alive meanwhile.
HttpResponse event_stream(NextPiece next, std::shared_ptr<void> place);

}  // namespace trunkline::mgmt
