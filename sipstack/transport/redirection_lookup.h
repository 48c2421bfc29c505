// Looks up names that redirections lead to, for the shards: RFC 3263, as far as the
// page's dns_query_type goes, once through the resolver, on the control thread. What is kept of an
// answer, and for how long, is the shard's (registration/redirection_names.h).
#pragma once

#include "sipstack/config.h"
#include "sipstack/registration/redirection_names.h"
#include "sipstack/transport/name_resolver.h"

#include <functional>
#include <list>
#include <memory>

namespace trunkline::sipstack {

class RedirectionLookup {
public:
    /// Called once, perhaps within look_up(); not at all when the look-up is destroyed before.
    using Answer = std::function<void(const RedirectionTargets& answer)>;

    /// `resolver` outlives the object.
    RedirectionLookup(std::shared_ptr<const Config> config, NameResolver& resolver);
    ~RedirectionLookup();
    RedirectionLookup(const RedirectionLookup&) = delete;
    RedirectionLookup& operator=(const RedirectionLookup&) = delete;

    /// The shards bound how many are under way: RedirectionNames::max_names each.
    void look_up(const RedirectionName& name, Answer answer);
    std::size_t under_way() const;

private:
    struct Search;
    void follow(std::list<Search>::iterator search);

    const std::shared_ptr<const Config> config_;
    NameResolver& resolver_;
    std::list<Search> searches_;
};

}  // namespace trunkline::sipstack
