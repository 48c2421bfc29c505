#include "mgmt/configuration/notes.h"

#include "dataplane/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trunkline::mgmt {

namespace {

constexpr std::size_t most_notes = 100;

bool is_name(const sipstack::ProxyAddress& address) {
    return !dataplane::IpAddress::parse(address.host).has_value();
}

class Notes {
public:
    explicit Notes(const ApplianceConfig& config)
        : sip_(config.sip), page_(config.sip.proxy_and_registration), notes_(config.notes) {}

    std::vector<std::string> run() && {
        for (std::size_t at = 0; at < sip_.sip_interfaces.size(); ++at) {
            note_certificate(sip_.sip_interfaces[at],
                             fmt::format("signaling_and_media.sip_interfaces[{}]", at));
        }
        for (std::size_t at = 0; at < sip_.proxy_sets.size(); ++at) {
            const std::string path = fmt::format("signaling_and_media.proxy_sets[{}]", at);
            note_homing(sip_.proxy_sets[at], path);
            note_weights(sip_.proxy_sets[at], path);
            note_registrar(sip_.proxy_sets[at], path);
        }
        for (std::size_t at = 0; at < sip_.accounts.size(); ++at) {
            note_search_mode(sip_.accounts[at],
                             fmt::format("signaling_and_media.accounts[{}]", at));
        }
        if (left_out_ > 0) {
            notes_.push_back(fmt::format("and {} more", left_out_));
        }
        return std::move(notes_);
    }

private:
    void add(const std::string& path, std::string_view text) {
        if (notes_.size() < most_notes) {
            notes_.push_back(fmt::format("{}: {}", path, text));
        } else {
            ++left_out_;
        }
    }

    void note_certificate(const sipstack::SipInterface& interface, const std::string& path) {
        if (interface.tls_port == 0 || sip_.tls_contexts.empty()) {
            return;
        }
        const auto& context = sip_.tls_contexts[interface.tls_context_index.value_or(0)];
        if (context.certificate_file.empty()) {
            add(path, fmt::format("TLS context '{}' has no certificate_file, so nobody can connect "
                                  "to the tls_port",
                                  context.name));
        }
    }

    void note_homing(const sipstack::ProxySet& set, const std::string& path) {
        if (!set.redundancy_mode && page_.redundancy_mode == sipstack::RedundancyMode::homing &&
            set.keep_alive == sipstack::KeepAlive::disable && set.addresses.size() > 1) {
            add(path, "it does not go home without keep_alive: using_options");
        }
    }

    void note_weights(const sipstack::ProxySet& set, const std::string& path) {
        if (set.load_balancing != sipstack::LoadBalancing::random_weights) {
            return;
        }
        const auto method = set.dns_resolve_method.value_or(page_.proxy_dns_query_type);
        if (set.addresses.size() == 1 && is_name(set.addresses.front())) {
            if (method == sipstack::DnsResolveMethod::a_record || set.addresses.front().port) {
                add(path, "random_weights come from SRV records, and none are asked for");
            }
            return;
        }
        const bool has_weights =
            std::any_of(set.addresses.begin(), set.addresses.end(),
                        [](const auto& address) { return address.weight != 0; });
        if (!has_weights) {
            add(path, "random_weights without a weight share alike");
        }
    }

    void note_registrar(const sipstack::ProxySet& set, const std::string& path) {
        // The registrar of the device has no proxy set; the first one stands for its hot swap.
        if (path.ends_with("[0]") && page_.enable_registration && page_.registrar &&
            is_name(*page_.registrar) && set.hot_swap &&
            set.keep_alive != sipstack::KeepAlive::disable) {
            add(path,
                "keep_alive is on, so a registrar_ip_address that is a name is not swapped "
                "for its next address");
        }
    }

    void note_search_mode(const sipstack::Account& account, const std::string& path) {
        if (account.registrar_search_mode == sipstack::RegistrarSearchMode::according_to_ims &&
            account.registrar_stickiness == sipstack::RegistrarStickiness::disable) {
            add(path, "registrar_search_mode does nothing without registrar_stickiness");
        }
    }

    const sipstack::Config& sip_;
    const sipstack::ProxyAndRegistration& page_;
    std::vector<std::string> notes_;
    std::size_t left_out_ = 0;
};

}  // namespace

std::vector<std::string> config_notes(const ApplianceConfig& config) {
    return Notes(config).run();
}

}  // namespace trunkline::mgmt
