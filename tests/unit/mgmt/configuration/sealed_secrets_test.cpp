// Sealed secrets on every surface: what left the box comes back the same to the byte.
#include "mgmt/configuration/sealed_secrets.h"

#include "../catalogue_sample.h"
#include "mgmt/cli/script.h"
#include "mgmt/configuration/incoming.h"
#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/json_tree.h"
#include "mgmt/configuration/outgoing.h"
#include "mgmt/configuration/yaml_writer.h"
#include "samples.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;
using testing::Not;

class SealedSecrets : public ConfigFolder {
protected:
    /// What comes in, opened by the box's own key.
    ConfigNodePtr taken_back(ConfigFormat format, const std::string& text,
                             const nlohmann::json* json = nullptr) const {
        ReadConfiguration read =
            read_incoming({format, json, text, "backup", false}, running_, catalogue_);
        open_sealed_secrets(read, "backup", catalogue_, sealing_);
        EXPECT_EQ(told(read.faults), "");
        return canonical(read.root, catalogue_);
    }
    std::string yaml(const ConfigNodePtr& root) const { return write_yaml(*root, catalogue_); }

    const Catalogue catalogue_ = built_in_catalogue();
    const ConfigNodePtr running_ = canonical(CatalogueSample(catalogue_).tree(), catalogue_);
    const board::Expected<Sealing> sealing_ =
        Sealing::open_or_make((folder_ / "sealing.key").string());
    const ConfigNodePtr sealed_ = with_sealed_secrets(running_, catalogue_, *sealing_);
};

TEST_F(SealedSecrets, EveryRowComesBackFromEveryFormat) {
    const std::string expected = yaml(running_);
    EXPECT_THAT(yaml(sealed_), Not(HasSubstr("p\"w; ,'x")));
    EXPECT_EQ(yaml(taken_back(ConfigFormat::yaml, yaml(sealed_))), expected);
    EXPECT_EQ(
        yaml(taken_back(ConfigFormat::ini, write_ini(sealed_, catalogue_, {}, secret_in_clear))),
        expected);
    EXPECT_EQ(
        yaml(taken_back(ConfigFormat::cli, write_script(sealed_, catalogue_, "", secret_in_clear))),
        expected);
    const nlohmann::json json = to_json(*sealed_, catalogue_, "");
    EXPECT_EQ(yaml(taken_back(ConfigFormat::json, "", &json)), expected);
}

TEST_F(SealedSecrets, HiddenOnesLeaveWhatThereIsInEveryFormat) {
    const std::string expected = yaml(running_);
    const ConfigNodePtr hidden = with_hidden_secrets(running_, catalogue_);
    EXPECT_THAT(yaml(hidden), Not(HasSubstr("p\"w; ,'x")));
    EXPECT_EQ(yaml(taken_back(ConfigFormat::yaml, yaml(hidden))), expected);
    EXPECT_EQ(
        yaml(taken_back(ConfigFormat::ini, write_ini(hidden, catalogue_, {}, secret_in_clear))),
        expected);
    EXPECT_EQ(
        yaml(taken_back(ConfigFormat::cli, write_script(hidden, catalogue_, "", secret_in_clear))),
        expected);
    const nlohmann::json json = to_json(*hidden, catalogue_, "");
    EXPECT_EQ(yaml(taken_back(ConfigFormat::json, "", &json)), expected);
}

TEST_F(SealedSecrets, FileWithSealedSecretsActsOnItsOwnBox) {
    const std::string sealed = sealing_->seal("Sesam0effne");
    const std::string key = (folder_ / "sealing.key").string();
    const std::string text =
        replaced(small_config, "password: Sesam0effne", "password: " + sealed) +
        "administration: {sealing_key: " + key + "}\n";
    const auto loaded = load_configuration(write("own.yaml", text), catalogue_);
    ASSERT_TRUE(loaded.has_value()) << told(loaded.error().faults);
    EXPECT_EQ(loaded->config.sip.accounts[0].password.reveal(), "Sesam0effne");
}

TEST_F(SealedSecrets, FileOfAnotherBoxTellsWhichRowsAreSealedThere) {
    const auto other = Sealing::open_or_make((folder_ / "other.key").string());
    const std::string text =
        replaced(small_config, "password: Sesam0effne", "password: " + other->seal("x"));
    const std::string own = (folder_ / "sealing.key").string();
    EXPECT_THAT(
        faults_of(text + "administration: {sealing_key: " + own + "}\n"),
        HasSubstr("f.yaml:19:75: signaling_and_media.accounts[0].password: found a secret that "
                  "another appliance sealed, or that was changed since; allowed: a secret in "
                  "clear, one that this appliance sealed"));
    const std::string missing = (folder_ / "missing.key").string();
    EXPECT_THAT(faults_of(text + "administration: {sealing_key: " + missing + "}\n"),
                HasSubstr("found a sealed secret, and there is no sealing key in " + missing));
}

TEST_F(SealedSecrets, KeyIsNotAskedForWhereNothingIsSealed) {
    EXPECT_EQ(faults_of(small_config + "administration: {sealing_key: /nowhere/key}\n"), "");
}

TEST_F(SealedSecrets, SealedTextInASecretsFileIsRefused) {
    write("office.secret", sealing_->seal("x"));
    EXPECT_THAT(faults_of(replaced(small_config, "password: Sesam0effne",
                                   "password: {file: office.secret}"),
                          folder_.string()),
                HasSubstr("a sealed secret elsewhere than in the configuration itself"));
}

}  // namespace
}  // namespace trunkline::mgmt
