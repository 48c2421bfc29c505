// Stream sockets that remember what they were told to do; the test plays the network.
#pragma once

#include "sipstack/transport/transport.h"

#include <map>
#include <string>
#include <vector>

namespace trunkline::sipstack::testing {

class FakeStreamSockets final : public StreamSockets {
public:
    void open(StreamId id, const StreamPeer& peer) override { opened.push_back({id, peer}); }
    bool write(StreamId id, std::string_view bytes) override {
        if (is_stuck) {
            return false;
        }
        written[id] += bytes;
        return true;
    }
    void close(StreamId id) override { closed.push_back(id); }

    struct Opened {
        StreamId id;
        StreamPeer peer;
    };
    std::vector<Opened> opened;
    std::map<StreamId, std::string> written;
    std::vector<StreamId> closed;
    bool is_stuck = false;
};

}  // namespace trunkline::sipstack::testing
