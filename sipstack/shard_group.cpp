#include "sipstack/shard_group.h"

#include <chrono>

namespace trunkline::sipstack {

ShardGroup::ShardGroup(board::EventLoop& loop)
    : loop_(loop), watch_(loop, control_bell_, [this] { collect(); }) {}

void ShardGroup::collect() {
    for (const auto& shard : shards_) {
        shard->collect();
    }
    // A shard that does not take its mail lets the others' wait, and at last be refused.
    for (const auto& shard : shards_) {
        if (mail_under_way_ < most_mail_under_way && shard->has_outbox()) {
            fetch_outbox(*shard);
        }
    }
}

/// The shard's own thread takes it out.
void ShardGroup::fetch_outbox(ShardThread& shard) {
    const auto outbox = std::make_shared<ShardOutbox>();
    shard.post({[outbox, &shard](Shard&, Instant) {
                    *outbox = shard.take_outbox();
                    return true;
                },
                [this, outbox, &shard] {
                    for (const RedirectionName& name : outbox->names) {
                        look_up(shard, name);
                    }
                    for (ShardMail& mail : outbox->mail) {
                        deliver(std::move(mail));
                    }
                }});
}

/// The answer goes back to that shard alone.
void ShardGroup::look_up(ShardThread& shard, const RedirectionName& name) {
    look_up_(name, [&shard](const RedirectionTargets& targets) {
        shard.post({[targets](Shard& core, Instant now) {
                        core.set_redirection(targets, now);
                        return true;
                    },
                    [] {}});
    });
}

void ShardGroup::deliver(ShardMail&& mail) {
    ++mail_under_way_;
    ShardThread& to = *shards_.at(mail.to);
    to.post({[mail = std::move(mail)](Shard& core, Instant now) {
                 core.take_mail(mail, now);
                 return true;
             },
             [this] { --mail_under_way_; }});
}

void ShardGroup::tell(const std::function<void(Shard&, Instant)>& action) {
    for (const auto& shard : shards_) {
        shard->post({[action](Shard& core, Instant now) {
                         action(core, now);
                         return true;
                     },
                     [] {}});
    }
}

void ShardGroup::ask(const Question& question, const std::function<void()>& finished) {
    const auto unanswered = std::make_shared<std::size_t>(shards_.size());
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        shards_[i]->post(
            {[question, i](Shard& core, Instant now) { return question(i, core, now); },
             [unanswered, finished] {
                 if (--*unanswered == 0) {
                     finished();
                 }
             }});
    }
}

void ShardGroup::set_administrative_state(AdministrativeState state,
                                          const std::function<void()>& finished) {
    ask(
        [state](std::size_t, Shard& shard, Instant now) {
            shard.set_administrative_state(state, now);
            return true;
        },
        finished);
}

void ShardGroup::share_server_news() {
    static constexpr std::chrono::milliseconds period{200};
    if (shards_.size() < 2) {
        return;
    }
    const auto found = std::make_shared<std::vector<std::vector<ServerNews>>>(shards_.size());
    ask(
        [this, found](std::size_t index, Shard&, Instant) {
            (*found)[index] = shards_[index]->take_server_news();
            return true;
        },
        [this, found] {
            for (std::size_t from = 0; from < shards_.size(); ++from) {
                for (const ServerNews& news : (*found)[from]) {
                    tell([news](Shard& shard, Instant now) { shard.take_news(news, now); });
                }
            }
            loop_.after(period, [this] { share_server_news(); });
        });
}

void ShardGroup::unregister_all(const Unregistered& finished) {
    tell([](Shard& core, Instant now) { core.unregister_all(now); });
    watch_unregistering(UnregisterWatch(monotonic_now()), finished);
}

void ShardGroup::watch_unregistering(UnregisterWatch watch, const Unregistered& finished) {
    static constexpr std::chrono::milliseconds period{50};
    const auto parts = std::make_shared<std::vector<UnregisterProgress>>(shards_.size());
    ask(
        [parts](std::size_t index, Shard& core, Instant) {
            (*parts)[index] = core.unregister_progress();
            return true;
        },
        [this, parts, watch, finished]() mutable {
            UnregisterProgress sum;
            for (const UnregisterProgress& part : *parts) {
                sum += part;
            }
            const auto verdict = watch.judge(sum, monotonic_now());
            if (verdict != UnregisterWatch::Verdict::wait) {
                finished(verdict, sum);
                return;
            }
            loop_.after(period, [this, watch, finished] { watch_unregistering(watch, finished); });
        });
}

}  // namespace trunkline::sipstack
