// The resources of the REST interface before a control thread that the test plays.
#pragma once

#include "mgmt/capture/capture.h"
#include "mgmt/rest/resources.h"
#include "mgmt/rest/router.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::mgmt {

class PlayedControl : public ::testing::Test {
protected:
    PlayedControl() { identity_ = std::move(*TlsIdentity::open(folder_, {"sbc1"})); }
    ~PlayedControl() override { std::filesystem::remove_all(folder_); }

    /// The control thread's reply to a request.
    virtual nlohmann::json reply_to(const nlohmann::json& request) = 0;

    HttpResponse get(const std::string& path,
                     const std::multimap<std::string, std::string>& query = {}) {
        HttpRequest request;
        request.method = "GET";
        request.path = path;
        request.query = query;
        return answer(request);
    }
    /// What the route of the request answers; there is one.
    HttpResponse answer(const HttpRequest& request) {
        if (!router_) {
            router_.emplace(rest_routes({ask_, users_, *identity_, catalogue_, events_, capture_,
                                         debug_file_, auxiliary_files_, kpi_history_, log_lines_}));
        }
        const auto match = router_->find(request.method, request.path);
        if (match.route == nullptr) {
            ADD_FAILURE() << "no route " << request.method << " " << request.path;
            return {};
        }
        return match.route->answer({request, caller_, "ann", match.in_path});
    }

    std::vector<nlohmann::json> requests;  ///< that the control thread was asked
    KpiHistory kpi_history_;
    LocalUsers users_;

private:
    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("played-control-" + std::to_string(::getpid()));
    const Caller caller_{"ann (REST 192.0.2.7)", AccessLevel::master};
    const Catalogue catalogue_ = built_in_catalogue();
    const DebugFile::Ask ask_ = [this](const nlohmann::json& asked, const Caller&) {
        requests.push_back(asked);
        return reply_to(asked);
    };
    EventHub events_, log_lines_;
    Capture capture_{std::make_shared<spdlog::logger>("played"), (folder_ / "capture").string()};
    DebugFile debug_file_{ask_, [] { return std::vector<std::string>{"the log\n"}; }};
    AuxiliaryFiles auxiliary_files_{(folder_ / "files").string()};
    std::unique_ptr<TlsIdentity> identity_;
    std::optional<Router> router_;
};

}  // namespace trunkline::mgmt
