#include "mgmt/configuration/effective.h"

#include "../catalogue_sample.h"
#include "mgmt/configuration/difference.h"
#include "mgmt/configuration/validator.h"
#include "mgmt/configuration/yaml_reader.h"
#include "mgmt/configuration/yaml_writer.h"
#include "samples.h"

#include <gmock/gmock.h>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;
using testing::Not;

class Effective : public testing::Test {
protected:
    ConfigNodePtr read(const std::string& text) const {
        ConfigFaults faults;
        const ConfigNodePtr root = read_yaml(text, "f.yaml", faults);
        EXPECT_TRUE(faults.empty());
        return canonical(root, catalogue_);
    }
    std::string effective(const std::string& configured, const std::string& booted) const {
        return write_yaml(*effective_configuration(read(configured), read(booted), catalogue_),
                          catalogue_);
    }
    std::string yaml(const std::string& text) const { return write_yaml(*read(text), catalogue_); }

    const Catalogue catalogue_ = built_in_catalogue();
};

TEST_F(Effective, IsTheNewOneWhereNothingIsBoundAtPowerOn) {
    const std::string changed = replaced(small_config, "user_name: office", "user_name: other");
    EXPECT_EQ(effective(changed, small_config), yaml(changed));
}

TEST_F(Effective, KeepsMarkedParametersOfSettingsAndRows) {
    std::string changed = replaced(small_config, "hostname: sbc1", "hostname: sbc2");
    changed = replaced(changed, "udp_port: 5060", "udp_port: 5070");
    changed = replaced(changed, "user_name: office", "user_name: other");
    EXPECT_EQ(effective(changed, small_config),
              yaml(replaced(small_config, "user_name: office", "user_name: other")));
}

TEST_F(Effective, KeepsAMarkedParameterThatWasNotGiven) {
    EXPECT_EQ(effective(small_config + "administration: {log_level: debug}\n", small_config),
              yaml(small_config));
    EXPECT_EQ(effective(small_config, small_config + "administration: {log_level: debug}\n"),
              yaml(small_config + "administration: {log_level: debug}\n"));
}

TEST_F(Effective, KeepsTheRowsOfBoundTables) {
    const std::string added = replaced(
        small_config, "  proxy_sets:",
        "    - {row: 3, name: Other, network_interface: Voice, udp_port: 5070}\n  proxy_sets:");
    EXPECT_EQ(effective(added, small_config), yaml(small_config));
    EXPECT_EQ(effective(small_config, added), yaml(added));
}

TEST_F(Effective, TakesTheRowsOfOtherTables) {
    const std::string added =
        small_config +
        "    - {name: more, serving_ip_group: ITSP, user_name: m, contact_user: m}\n";
    EXPECT_EQ(effective(added, small_config), yaml(added));
    EXPECT_EQ(effective(small_config, added), yaml(small_config));
}

/// Of the whole catalogue: marked parameters stay as they were, all others are the new ones.
TEST_F(Effective, FollowsTheMarksOfEveryParameter) {
    const ConfigNodePtr full = canonical(CatalogueSample(catalogue_).tree(), catalogue_);
    for (const Table& table : catalogue_.tables()) {
        if (table.path == "kept_aside" || catalogue_.list_above(table) != nullptr) {
            continue;
        }
        ConfigPath place = config_path(table.path);
        if (table.is_list) {
            place.emplace_back(std::size_t{0});
        }
        for (const Parameter& parameter : table.parameters) {
            ConfigPath at = place;
            at.emplace_back(parameter.name);
            const ConfigNodePtr booted = canonical(without_node(full, at), catalogue_);
            const ConfigNodePtr acts = effective_configuration(full, booted, catalogue_);
            const bool stays = same_content(*acts, *booted), follows = same_content(*acts, *full);
            EXPECT_EQ(stays, parameter.reset) << to_text(at);
            EXPECT_EQ(follows, !parameter.reset) << to_text(at);
            EXPECT_EQ(needs_reset(difference(*booted, *full, catalogue_)), parameter.reset)
                << to_text(at);
        }
    }
}

/// What is bound at power-on; names and descriptions are labels that nothing is bound to.
struct Bound {
    explicit Bound(const ApplianceConfig& config)
        : board(config.board),
          network(config.network),
          sip_interfaces(config.sip.sip_interfaces),
          tls_contexts(config.sip.tls_contexts),
          shards(config.sip.shards),
          texts{config.administration.local_socket, config.administration.log_level,
                config.administration.registration_journal, config.administration.sealing_key,
                config.administration.folder} {
        network.static_routes.clear();  // the kernel's, which come and go
        for (auto& port : board.physical_ports) {
            port.description.clear();
            port.enabled = true;  // switched while it runs
        }
        for (auto& interface : sip_interfaces) {
            interface.name.clear();
        }
        for (auto& context : tls_contexts) {
            context.name.clear();
        }
    }
    bool operator==(const Bound&) const = default;

    board::BoardConfig board;
    dataplane::NetworkConfig network;
    std::vector<sipstack::SipInterface> sip_interfaces;
    std::vector<sipstack::TlsContext> tls_contexts;
    uint32_t shards;
    std::vector<std::string> texts;
};

/// What acts and is not marked touches nothing that is bound at power-on.
TEST_F(Effective, MarksAreThoseOfWhatIsBoundAtPowerOn) {
    const ConfigNodePtr full = canonical(CatalogueSample(catalogue_).tree(), catalogue_);
    const auto bound = [&](const ConfigNodePtr& root) {
        FaultCollector faults("");  // the sample makes no sense; what can be read is enough
        return Bound(read_config(*root, catalogue_, "", faults));
    };
    const Bound all = bound(full);
    for (const Table& table : catalogue_.tables()) {
        if (table.path == "kept_aside" || catalogue_.list_above(table) != nullptr) {
            continue;
        }
        ConfigPath place = config_path(table.path);
        if (table.is_list) {
            place.emplace_back(std::size_t{0});
        }
        for (const Parameter& parameter : table.parameters) {
            ConfigPath at = place;
            at.emplace_back(parameter.name);
            // A row that is renamed is renamed in what refers to it as well.
            if (!parameter.reset && parameter.waits_for.empty() && parameter.name != table.key) {
                EXPECT_TRUE(bound(without_node(full, at)) == all) << to_text(at);
            }
        }
    }
}

}  // namespace
}  // namespace trunkline::mgmt
