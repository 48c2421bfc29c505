// Every table and row of the catalogue read by REST and put back as it came: the same to the byte.
#include "../catalogue_sample.h"
#include "mgmt/configuration/incoming.h"
#include "mgmt/configuration/outgoing.h"
#include "mgmt/configuration/yaml_writer.h"
#include "mgmt/rest/table_paths.h"
#include "played_control.h"

namespace trunkline::mgmt {
namespace {

using nlohmann::json;

class EveryRow : public PlayedControl {
protected:
    json reply_to(const json& request) override {
        if (request["command"] == "configuration get") {
            const auto part = json_at(with_hidden_secrets(running_, catalogue_),
                                      request["path"].get<std::string>(), catalogue_);
            return part ? json{{"ok", true}, {"revision", 1}, {"configuration", *part}}
                        : json{{"ok", false}, {"missing", true}, {"error", part.error()}};
        }
        const auto edits = edits_of(request["edits"]);
        const auto root = edits ? apply_edits(running_, *edits, catalogue_)
                                : std::unexpected(edits.error().front());
        if (!root) {
            return {{"ok", false}, {"error", root.error().to_string()}};
        }
        running_ = canonical(*root, catalogue_);
        ++changes_;
        return {{"ok", true}, {"revision", 1}};
    }
    /// What is read there is put there.
    void put_back(const std::string& path) {
        const HttpResponse read = get(path);
        ASSERT_EQ(read.status, 200) << path << read.body;
        HttpRequest request;
        request.method = "PUT";
        request.path = path;
        request.body = read.body;
        const HttpResponse written = answer(request);
        EXPECT_EQ(written.status, 200) << path << written.body;
    }

    const Catalogue catalogue_ = built_in_catalogue();
    ConfigNodePtr running_ = canonical(CatalogueSample(catalogue_).tree(), catalogue_);
    std::size_t changes_ = 0;
};

TEST_F(EveryRow, IsTheSameAfterItWasReadAndPutBack) {
    const std::string before = write_yaml(*running_, catalogue_);
    std::size_t put = 0;
    for (const Table& table : catalogue_.tables()) {
        std::vector<std::string> paths{table_path(catalogue_, table)};
        if (table.path == "kept_aside" || catalogue_.list_above(table) != nullptr) {
            continue;
        }
        if (table.is_list) {
            paths.push_back(paths[0] + "/0");
            paths.push_back(fmt::format("{}/{}", paths[0], second_row));
        }
        for (const std::string& path : paths) {
            put_back(path);
            ++put;
            ASSERT_EQ(write_yaml(*running_, catalogue_), before) << path;
        }
    }
    EXPECT_EQ(changes_, put);
    EXPECT_GT(put, 40U);
}

}  // namespace
}  // namespace trunkline::mgmt
