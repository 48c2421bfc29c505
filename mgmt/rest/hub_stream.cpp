#include "mgmt/rest/hub_stream.h"

#include "mgmt/rest/event_stream.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace trunkline::mgmt {

namespace {

std::optional<uint64_t> id_in(const std::string& text) {
    uint64_t id = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, id);
    return !text.empty() && error == std::errc{} && stop == end ? std::optional(id) : std::nullopt;
}

StreamPiece next_piece(EventHub::Listener& listener, std::chrono::milliseconds patience) {
    using Outcome = EventHub::Listener::Outcome;
    Event event;
    switch (listener.next(event, patience)) {
        case Outcome::event:
            return {event_text(fmt::format("{}", event.id), event.kind, event.data)};
        case Outcome::fell_behind:
            return {event_text("", "dropped",
                               R"({"description":"too many events waited for this client"})"),
                    true};
        case Outcome::nothing:
            return {};
        case Outcome::over:
            break;
    }
    return {"", true};
}

}  // namespace

std::function<HttpResponse(const RestCall&)> hub_stream(EventHub& hub, int most) {
    const auto places = std::make_shared<StreamPlaces>(most);
    return [&hub, places](const RestCall& call) {
        auto place = places->take();
        if (!place) {
            return places->busy();
        }
        const auto listener = hub.listen(id_in(call.request.last_event_id));
        return event_stream(
            [listener](std::chrono::milliseconds patience) {
                return next_piece(*listener, patience);
            },
            std::move(place));
    };
}

}  // namespace trunkline::mgmt
