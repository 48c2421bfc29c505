// The bytes of a stream, cut into segments where the first bytes say: what comes out does not
// depend on the cuts.
#include "sipstack/transport/stream_framer.h"
#include "tests/fuzz/target.h"

#include <algorithm>
#include <string>
#include <vector>

namespace trunkline::fuzz {

using sipstack::StreamFramer;

namespace {

struct Frames {
    std::vector<std::pair<StreamFramer::Item::Kind, std::string>> items;

    /// false: nothing more comes out of this stream.
    bool take(StreamFramer& framer) {
        for (;;) {
            const auto item = framer.next();
            if (item.kind == StreamFramer::Item::Kind::nothing) {
                return true;
            }
            items.emplace_back(item.kind, item.text);
            if (item.kind == StreamFramer::Item::Kind::fault) {
                return false;
            }
        }
    }
};

Frames frames_of(std::string_view bytes, std::string_view cuts) {
    StreamFramer framer;
    Frames frames;
    while (!bytes.empty()) {
        const std::size_t wanted = cuts.empty() ? bytes.size() : 1U + (cuts[0] & 0x3f);
        cuts.remove_prefix(cuts.empty() ? 0 : 1);
        framer.append(bytes.substr(0, wanted));
        bytes.remove_prefix(std::min(wanted, bytes.size()));
        if (!frames.take(framer)) {
            break;
        }
    }
    return frames;
}

}  // namespace

void read(std::string_view bytes) {
    const std::size_t cuts = std::min<std::size_t>(bytes.size() / 2, 8);
    const std::string_view stream = bytes.substr(cuts);
    check(frames_of(stream, bytes.substr(0, cuts)).items == frames_of(stream, {}).items,
          "segments make no difference");
}

}  // namespace trunkline::fuzz
