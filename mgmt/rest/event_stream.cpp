#include "mgmt/rest/event_stream.h"

#include "mgmt/rest/answers.h"

#include <fmt/format.h>

#include <utility>

namespace trunkline::mgmt {

namespace {

/// So that a client, and whatever is between, knows that the stream still stands.
constexpr std::chrono::seconds heart_beat{15};
constexpr std::chrono::milliseconds look_around{500};

void write(const NextPiece& next, const HttpSink& sink) {
    auto last = std::chrono::steady_clock::now();
    if (!sink(": the stream begins\n\n")) {
        return;
    }
    for (;;) {
        auto [text, is_last] = next(look_around);
        const auto now = std::chrono::steady_clock::now();
        if (text.empty() && now - last >= heart_beat) {
            text = ": still here\n\n";
        }
        last = text.empty() ? last : now;
        if (!sink(text) || is_last) {
            return;
        }
    }
}

}  // namespace

std::string event_text(std::string_view id, std::string_view kind, std::string_view data) {
    return fmt::format("{}event: {}\ndata: {}\n\n", id.empty() ? "" : fmt::format("id: {}\n", id),
                       kind, data);
}

/// The place is free again with the last copy of the response, written or not.
std::shared_ptr<void> StreamPlaces::take() {
    if (open_->fetch_add(1) >= most_) {
        open_->fetch_sub(1);
        return nullptr;
    }
    return {this, [open = open_](void*) { open->fetch_sub(1); }};
}

HttpResponse StreamPlaces::busy() const {
    HttpResponse busy = description(503, fmt::format("{} clients listen already", most_));
    busy.headers.emplace_back("Retry-After", "30");
    return busy;
}

HttpResponse event_stream(NextPiece next, std::shared_ptr<void> place) {
    return {200,
            "text/event-stream",
            "",
            {{"Cache-Control", "no-store"}},
            [next = std::move(next), place = std::move(place)](const HttpSink& sink) {
                write(next, sink);
            }};
}

}  // namespace trunkline::mgmt
