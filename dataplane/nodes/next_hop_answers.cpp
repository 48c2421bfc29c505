// next_hop_answers: takes the resolver's updates, and sends on or drops what waited for them.
#include "dataplane/nodes/ask.h"
#include "dataplane/nodes/give_back.h"
#include "dataplane/nodes/nodes.h"

#include <array>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge, to_next_hop };
constexpr const char* next[] = {"drop", "next_hop"};

class Answers {
public:
    Answers(Context& path, rte_graph* graph, rte_node* node)
        : path_(path), graph_(graph), node_(node) {}

    void apply(const NextHopUpdate& update) {
        switch (update.kind) {
            case NextHopUpdate::Kind::resolved:
                path_.next_hops.insert(update.destination, update.device, update.mac);
                send_on(update);
                break;
            case NextHopUpdate::Kind::unreachable:
                path_.next_hops.erase(update.destination, update.device);
                give_up(update);
                break;
            case NextHopUpdate::Kind::flush:
                path_.next_hops.clear();
                // An answer on its way may tell what was true before the flush: ask again.
                path_.held.for_each_destination(
                    [this](const IpAddress& destination, const IpAddress& source, uint16_t device) {
                        ask(path_, destination, source, device);
                    });
                break;
        }
    }

    void expire() {
        HeldPackets::Batch batch;
        while (path_.held.take_expired(path_.now, batch)) {
            give_up(batch, Counter::next_hop_hold_timeout);
        }
    }

    uint16_t moved() const { return moved_; }

private:
    void send_on(const NextHopUpdate& update) {
        HeldPackets::Batch batch;
        if (path_.held.take(update.destination, update.device, batch)) {
            emit(graph_, node_, to_next_hop, batch.packets.data(), batch.count);
            moved_ += batch.count;
        }
    }

    void give_up(const NextHopUpdate& update) {
        HeldPackets::Batch batch;
        if (path_.held.take(update.destination, update.device, batch)) {
            give_up(batch, Counter::next_hop_unreachable);
        }
    }

    void give_up(HeldPackets::Batch& batch, Counter reason) {
        path_.counters.add(reason, batch.count);
        for (rte_mbuf* packet : batch.span()) {
            if (!give_back(path_, packet)) {
                emit(graph_, node_, to_drop, &packet, 1);
            }
        }
        moved_ += batch.count;
    }

    Context& path_;
    rte_graph* graph_;
    rte_node* node_;
    uint16_t moved_ = 0;
};

uint16_t process(rte_graph* graph, rte_node* node, void**, uint16_t) {
    Context& path = context_of(node);
    Answers answers(path, graph, node);
    if (path.options.next_hops != nullptr) {
        std::array<NextHopUpdate, 16> updates;
        const uint32_t count = path.options.next_hops->updates.pop(updates);
        for (uint32_t i = 0; i < count; ++i) {
            answers.apply(updates[i]);
        }
        path.moved += count;
    }
    answers.expire();
    path.moved += answers.moved();
    return answers.moved();
}

}  // namespace

const NodeType next_hop_answers{"next_hop_answers", process, next, true};

}  // namespace trunkline::dataplane::nodes
