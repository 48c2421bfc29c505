#include "mgmt/configuration/notes.h"

#include "dataplane/address.h"
#include "mgmt/configuration/fault_place.h"
#include "mgmt/configuration/named.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trunkline::mgmt {

namespace {

constexpr std::size_t most_notes = 100;
const std::string sip_interfaces = "signaling_and_media.sip_interfaces";
const std::string proxy_sets = "signaling_and_media.proxy_sets";
const std::string page = "signaling_and_media.sip_definitions.proxy_and_registration";

std::string random_weights() {
    return named(proxy_sets + ".load_balancing_method", "random_weights");
}

bool is_name(const sipstack::ProxyAddress& address) {
    return !dataplane::IpAddress::parse(address.host).has_value();
}

struct Note {
    std::string path;  ///< with positions in lists; empty: it is of no place
    std::string text;
};

class Notes {
public:
    explicit Notes(const ApplianceConfig& config)
        : sip_(config.sip),
          page_(config.sip.proxy_and_registration),
          defaults_(config.proxy_set_defaults) {}

    std::vector<Note> run() && {
        for (std::size_t at = 0; at < sip_.sip_interfaces.size(); ++at) {
            note_certificate(sip_.sip_interfaces[at], fmt::format("{}[{}]", sip_interfaces, at));
        }
        for (std::size_t at = 0; at < sip_.proxy_sets.size(); ++at) {
            const std::string path = fmt::format("{}[{}]", proxy_sets, at);
            note_homing(sip_.proxy_sets[at], path);
            note_weights(sip_.proxy_sets[at], path);
            note_registrar(sip_.proxy_sets[at], path);
        }
        if (sip_.proxy_sets.empty() && defaults_.hot_swap) {
            note_registrar(defaults_.keep_alive, page, page + ".enable_proxy_keep_alive");
        }
        if (left_out_ > 0) {
            notes_.push_back({"", fmt::format("and {} more", left_out_)});
        }
        return std::move(notes_);
    }

private:
    void add(const std::string& path, std::string text) {
        if (notes_.size() < most_notes) {
            notes_.push_back({path, std::move(text)});
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
            add(path, fmt::format("TLS context '{}' has no {}, so nobody can connect to the {}",
                                  context.name, named("ip_network.tls_contexts.certificate_file"),
                                  named(sip_interfaces + ".tls_port")));
        }
    }

    void note_homing(const sipstack::ProxySet& set, const std::string& path) {
        if (!set.redundancy_mode && page_.redundancy_mode == sipstack::RedundancyMode::homing &&
            set.keep_alive == sipstack::KeepAlive::disable && set.addresses.size() > 1) {
            add(path, "it does not go home without " +
                          named(proxy_sets + ".keep_alive", "using_options"));
        }
    }

    void note_weights(const sipstack::ProxySet& set, const std::string& path) {
        if (set.load_balancing != sipstack::LoadBalancing::random_weights) {
            return;
        }
        const auto method = set.dns_resolve_method.value_or(page_.proxy_dns_query_type);
        if (set.addresses.size() == 1 && is_name(set.addresses.front())) {
            if (method == sipstack::DnsResolveMethod::a_record || set.addresses.front().port) {
                add(path, random_weights() + " come from SRV records, and none are asked for");
            }
            return;
        }
        const bool has_weights =
            std::any_of(set.addresses.begin(), set.addresses.end(),
                        [](const auto& address) { return address.weight != 0; });
        if (!has_weights) {
            add(path, random_weights() + " without a weight share alike");
        }
    }

    void note_registrar(const sipstack::ProxySet& set, const std::string& path) {
        // The registrar of the device has no proxy set; the first one stands for its hot swap.
        if (path.ends_with("[0]") && set.hot_swap) {
            note_registrar(set.keep_alive, path, proxy_sets + ".keep_alive");
        }
    }

    void note_registrar(sipstack::KeepAlive keep_alive, const std::string& path,
                        const std::string& parameter) {
        if (page_.enable_registration && page_.registrar && is_name(*page_.registrar) &&
            keep_alive != sipstack::KeepAlive::disable) {
            add(path,
                fmt::format("{} is on, so a {} that is a name is not swapped for its next address",
                            named(parameter), named(page + ".registrar_ip_address")));
        }
    }

    const sipstack::Config& sip_;
    const sipstack::ProxyAndRegistration& page_;
    const ProxySetDefaults& defaults_;
    std::vector<Note> notes_;
    std::size_t left_out_ = 0;
};

}  // namespace

std::vector<std::string> config_notes(const LoadedConfiguration& loaded,
                                      const Catalogue& catalogue) {
    std::vector<std::string> lines = loaded.config.notes;
    RowNumbering rows(*loaded.root);
    for (const Note& note : Notes(loaded.config).run()) {
        const std::string place = place_in_words(rows.numbered(note.path), catalogue, loaded.words);
        lines.push_back(place + (place.empty() ? "" : ": ") +
                        text_in_words(note.text, catalogue, loaded.words));
    }
    return lines;
}

}  // namespace trunkline::mgmt
