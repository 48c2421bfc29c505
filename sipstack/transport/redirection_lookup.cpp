#include "sipstack/transport/redirection_lookup.h"

#include "sipstack/shard_thread.h"
#include "sipstack/transport/server_location.h"

#include <map>
#include <utility>

namespace trunkline::sipstack {

struct RedirectionLookup::Search {
    RedirectionName name;
    ServerAddress address;
    Answer answer;
    std::map<DnsQuestion, NameResolver::Subscription> followed = {};
};

RedirectionLookup::RedirectionLookup(std::shared_ptr<const Config> config, NameResolver& resolver)
    : config_(std::move(config)), resolver_(resolver) {}

RedirectionLookup::~RedirectionLookup() = default;

std::size_t RedirectionLookup::under_way() const {
    return searches_.size();
}

void RedirectionLookup::look_up(const RedirectionName& name, Answer answer) {
    const SipInterface& interface = config_->sip_interfaces.at(name.sip_interface_index);
    searches_.push_back(
        {name,
         ServerAddress::of(*config_, interface, {name.host, name.port, name.transport},
                           config_->proxy_and_registration.dns_query_type),
         std::move(answer)});
    follow(std::prev(searches_.end()));
}

void RedirectionLookup::follow(std::list<Search>::iterator search) {
    const auto known = [this](const DnsQuestion& question) { return resolver_.known(question); };
    ServerLocation location;
    bool anything_new = true;
    // An answer that is known already leads to the next question at once.
    while (anything_new) {
        anything_new = false;
        location = locate_servers(search->address, known);
        for (const DnsQuestion& question : location.questions) {
            auto& subscription = search->followed[question];
            if (!subscription) {
                subscription =
                    resolver_.follow(question, Seconds(0), [this, search] { follow(search); });
                anything_new = true;
            }
        }
    }
    if (!location.complete) {
        return;
    }
    const Instant now = monotonic_now();
    const RedirectionTargets found{
        search->name, std::move(location.targets),
        location.valid_until ? *location.valid_until - now : Milliseconds(0)};
    const Answer answer = std::move(search->answer);
    searches_.erase(search);
    answer(found);
}

}  // namespace trunkline::sipstack
