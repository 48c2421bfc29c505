// The SIP extensions that a REGISTER uses, and what a peer that wants others says of them. Pure.
#pragma once

#include "sipstack/message/message.h"

#include <optional>
#include <span>
#include <string>

namespace trunkline::sipstack {

struct RegisterExtensions {
    bool gin = false;           ///< RFC 6140
    bool outbound = false;      ///< RFC 5626
    bool require_path = false;  ///< RFC 3327, asked for by a 421

    /// Without those that `tags` names.
    RegisterExtensions without(std::span<const std::string> tags) const;
    /// With those that `tags` names; nullopt: there are none, or one is not known.
    std::optional<RegisterExtensions> with(std::span<const std::string> tags,
                                           bool has_instance) const;
    /// What to go on with after that answer: 420 (without what Unsupported names), 439 (without
    /// outbound) or 421 (with what Require names). nullopt: it would be the same again.
    std::optional<RegisterExtensions> after(const Message& answer, bool has_instance) const;

    /// What answers changed of those that are configured: gin or outbound is dropped, path
    /// required.
    RegisterExtensions learnt(const RegisterExtensions& configured) const {
        return {configured.gin && !gin, configured.outbound && !outbound, require_path};
    }
    /// These, as they are configured, after answers that taught that.
    RegisterExtensions changed_by(const RegisterExtensions& learnt) const {
        return {gin && !learnt.gin, outbound && !learnt.outbound, learnt.require_path};
    }

    bool operator==(const RegisterExtensions&) const = default;
};

}  // namespace trunkline::sipstack
