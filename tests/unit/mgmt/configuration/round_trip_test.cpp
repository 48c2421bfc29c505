// Every row of the catalogue through every format and back: the same to the byte.
#include "../catalogue_sample.h"
#include "mgmt/cli/script.h"
#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/ini/ini_reader.h"
#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/yaml_reader.h"
#include "mgmt/configuration/yaml_writer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace trunkline::mgmt {
namespace {

TEST(RoundTrip, EveryRowThroughYamlAndIniAndBack) {
    const Catalogue catalogue = built_in_catalogue();
    const ConfigNodePtr root = canonical(CatalogueSample(catalogue).tree(), catalogue);
    const std::string yaml = write_yaml(*root, catalogue);

    ConfigFaults faults;
    const ConfigNodePtr from_yaml = read_yaml(yaml, "sample.yaml", faults);
    ASSERT_TRUE(faults.empty()) << faults.front().to_string();
    EXPECT_EQ(write_yaml(*canonical(from_yaml, catalogue), catalogue), yaml);

    const std::string ini = write_ini(root, catalogue, {"sample"}, secret_in_clear);
    const auto from_ini = read_ini(ini, "sample.ini", catalogue);
    ASSERT_TRUE(from_ini.has_value()) << from_ini.error().faults.front().to_string();
    EXPECT_TRUE(from_ini->notes.empty()) << from_ini->notes.front();
    const ConfigNodePtr back = canonical(from_ini->root, catalogue);
    EXPECT_EQ(write_yaml(*back, catalogue), yaml);
    EXPECT_EQ(write_ini(back, catalogue, {"sample"}, secret_in_clear), ini);
}

TEST(RoundTrip, EveryRowThroughAScriptOfTheCommandLineAndBack) {
    const Catalogue catalogue = built_in_catalogue();
    const ConfigNodePtr root = canonical(CatalogueSample(catalogue).tree(), catalogue);
    const std::string script = write_script(root, catalogue, "", secret_in_clear);
    const auto edits = read_script(script, "running-config", catalogue);
    ASSERT_TRUE(edits.has_value()) << edits.error().front().to_string();
    const auto back = apply_edits(map_node({}), *edits, catalogue);
    ASSERT_TRUE(back.has_value()) << back.error().to_string();
    EXPECT_EQ(write_yaml(*canonical(*back, catalogue), catalogue), write_yaml(*root, catalogue));
    EXPECT_EQ(write_script(canonical(*back, catalogue), catalogue, "", secret_in_clear), script);
}

TEST(RoundTrip, EveryParameterHasANameOnEverySurface) {
    const Catalogue catalogue = built_in_catalogue();
    for (const Table& table : catalogue.tables()) {
        for (const Parameter& parameter : table.parameters) {
            const std::string path = table.path + "." + parameter.name;
            EXPECT_FALSE(ini_names(parameter).empty()) << path;
            EXPECT_TRUE(parameter.cli.starts_with("configure ")) << path << ": " << parameter.cli;
            EXPECT_FALSE(parameter.web.empty()) << path;
        }
    }
}

}  // namespace
}  // namespace trunkline::mgmt
