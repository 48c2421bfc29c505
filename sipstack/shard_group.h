// All shards of the appliance, spoken to as one by the control thread.
#pragma once

#include "board/event_loop.h"
#include "dataplane/doorbell.h"
#include "dataplane/doorbell_watch.h"
#include "sipstack/shard_thread.h"
#include "sipstack/unregister_watch.h"

#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace trunkline::sipstack {

/// Shards are added before their threads start. All calls on the control thread; what is handed to
/// tell() and ask() runs on the shards' threads.
class ShardGroup {
public:
    /// Mail between shards that is delivered at a time; more stays where it is, see ShardOutbox.
    static constexpr std::size_t most_mail_under_way = 1024;

    explicit ShardGroup(board::EventLoop& loop);  ///< which outlives the group

    /// For ShardThread::Options::control_bell.
    dataplane::Doorbell& control_bell() { return control_bell_; }
    void add(std::unique_ptr<ShardThread> shard) { shards_.push_back(std::move(shard)); }
    std::span<const std::unique_ptr<ShardThread>> shards() const { return shards_; }

    void tell(const std::function<void(Shard& shard, Instant now)>& action);
    /// `question` is called with the shard's index until it returns true; `finished` once all did.
    using Question = std::function<bool(std::size_t index, Shard& shard, Instant now)>;
    void ask(const Question& question, const std::function<void()>& finished);
    /// `finished` once every shard goes by it; what it un-registers or registers then goes on.
    void set_administrative_state(AdministrativeState state, const std::function<void()>& finished);
    /// Has every shard know what another one found out about servers, again and again. Once, after
    /// the threads were started.
    void share_server_news();
    /// How a name that a redirection leads to is looked up, on the control thread; `answer` is
    /// called once or never. What was set last holds.
    using Answer = std::function<void(const RedirectionTargets& targets)>;
    using LookUp = std::function<void(const RedirectionName& name, Answer answer)>;
    void look_up_names_by(LookUp look_up) { look_up_ = std::move(look_up); }
    /// Un-registers everything; `finished` once, as soon as UnregisterWatch says to wait no longer,
    /// with what it said and how far everything was then.
    using Unregistered =
        std::function<void(UnregisterWatch::Verdict verdict, const UnregisterProgress& progress)>;
    void unregister_all(const Unregistered& finished);

private:
    void collect();
    void fetch_outbox(ShardThread& shard);
    void look_up(ShardThread& shard, const RedirectionName& name);
    void deliver(ShardMail&& mail);
    void watch_unregistering(UnregisterWatch watch, const Unregistered& finished);

    board::EventLoop& loop_;
    dataplane::Doorbell control_bell_;
    dataplane::DoorbellWatch watch_;
    LookUp look_up_ = [](const RedirectionName&, const Answer&) {};
    std::size_t mail_under_way_ = 0;
    std::vector<std::unique_ptr<ShardThread>> shards_;
};

}  // namespace trunkline::sipstack
