#include "mgmt/rest/rest_server.h"

#include "mgmt/access/first_administrator.h"
#include "mgmt/capture/capture.h"
#include "mgmt/log.h"
#include "mgmt/rest/kpi_looks.h"
#include "mgmt/rest/resources.h"
#include "mgmt/rest/rest_service.h"
#include "mgmt/rest/tls_identity.h"
#include "mgmt/web/web_service.h"

#include <fmt/format.h>

#include <filesystem>
#include <future>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

constexpr uint16_t https_port = 443;
/// For a reply of the control thread: it may have a large configuration to judge.
constexpr std::chrono::seconds patience{30};
/// Of a session of the web interface.
constexpr std::chrono::minutes session_idle{15};
/// How late the activity log hears that a session has ended by itself.
constexpr std::chrono::seconds expiry_period{10};

std::vector<std::string> names_of(const ApplianceConfig& config) {
    std::vector<std::string> names{config.board.hostname};
    for (const auto& interface : config.network.ip_interfaces) {
        names.push_back(interface.address.address.to_string());
    }
    if (config.administration.listen) {
        names.push_back(config.administration.listen->host);
    }
    return names;
}

/// None where they cannot be read: the REST interface serves all the same.
WebAssets web_assets(spdlog::logger& log) {
    const auto folder = web_folder(std::filesystem::read_symlink("/proc/self/exe"));
    auto assets = WebAssets::load(folder, web_libraries());
    if (!assets) {
        log.error("management  the web interface is not served: {}", assets.error().message);
        return {};
    }
    return std::move(*assets);
}

}  // namespace

struct RestServer::State {
    const std::shared_ptr<spdlog::logger> log;
    const std::string folder;
    const std::function<void(const std::string& line)> tell;
    LocalUsers users;
    std::unique_ptr<TlsIdentity> identity;
    board::FileDescriptor listener;
    std::string where;  ///< address and port
    /// Reading and packing them takes long enough to hold up the control thread, which answers for
    /// next hops when the first requests leave.
    std::future<WebAssets> web_files;

    // Once started; in the order of destruction the gate stops before the threads are joined.
    const Catalogue catalogue = built_in_catalogue();
    EventHub* events = nullptr;
    Capture* capture = nullptr;
    EventHub* log_lines = nullptr;
    EventHub no_lines;  ///< of a log that keeps none
    std::optional<ControlGate> gate;
    std::optional<DebugFile> debug_file;
    std::optional<AuxiliaryFiles> auxiliary_files;
    const std::shared_ptr<KpiHistory> kpi_history = std::make_shared<KpiHistory>();
    std::optional<KpiLooks> kpi_looks;
    std::optional<SignInActivity> rest_activity, web_activity;
    std::optional<RestService> service;
    std::optional<WebService> web;
    board::EventLoop* loop = nullptr;
    board::EventLoop::TimerId expiry = 0;  ///< of the loop
    std::unique_ptr<HttpsServer> server;

    board::Expected<void> take_users(const ApplianceConfig& config) {
        if (!config.administration.local_users.empty()) {
            users.set(config.administration.local_users);
            return {};
        }
        const std::string path = first_password_file(folder);
        auto admin = first_administrator(path, [&](const std::string& password) {
            tell(
                fmt::format("first start: sign in at {} as 'Admin' with the password '{}'. It is "
                            "told this once; remove {} for another one, or give the "
                            "configuration users.",
                            where, password, path));
        });
        if (!admin) {
            return std::unexpected(admin.error());
        }
        users.set({std::move(*admin)});
        return {};
    }
};

RestServer::RestServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

RestServer::~RestServer() {
    if (state_->gate) {
        state_->loop->cancel(state_->expiry);
        state_->gate->stop();
        state_->events->close();
        state_->capture->end_traces();
        state_->log_lines->close();
    }
    state_->server.reset();
}

board::Expected<std::unique_ptr<RestServer>> RestServer::open(
    const ApplianceConfig& config, std::shared_ptr<spdlog::logger> log,
    const std::function<void(const std::string& line)>& tell) {
    const auto& listen = config.administration.listen;
    if (!listen) {
        return nullptr;
    }
    auto socket = listen_https(listen->host, listen->port.value_or(https_port));
    if (!socket) {
        return std::unexpected(socket.error());
    }
    const std::string& folder = config.administration.folder;
    auto identity = TlsIdentity::open(folder, names_of(config));
    if (!identity) {
        return std::unexpected(identity.error());
    }
    const bool is_ip6 = listen->host.contains(':');
    const std::string where = fmt::format("{}{}{}:{}", is_ip6 ? "[" : "", listen->host,
                                          is_ip6 ? "]" : "", listen->port.value_or(https_port));
    auto state = std::make_unique<State>(std::move(log), folder, tell);
    state->identity = std::move(*identity);
    state->listener = std::move(*socket);
    state->where = where;
    state->web_files =
        std::async(std::launch::async, [log = state->log] { return web_assets(*log); });
    if (auto taken = state->take_users(config); !taken) {
        return std::unexpected(taken.error());
    }
    return std::unique_ptr<RestServer>(new RestServer(std::move(state)));
}

void RestServer::start(const CommandTable& commands, board::EventLoop& loop, EventHub& events,
                       Capture& capture) {
    State& own = *state_;
    own.gate.emplace(commands, loop);
    const auto ask = [&gate = *own.gate](const nlohmann::json& request, const Caller& caller) {
        return gate.ask(request, caller, patience);
    };
    own.debug_file.emplace(ask, [log = own.log] { return last_lines(*log); });
    own.auxiliary_files.emplace((std::filesystem::path(own.folder) / "files").string());
    own.kpi_looks.emplace(loop, commands, own.kpi_history);
    EventHub* const lines = line_events(*own.log);
    own.log_lines = lines == nullptr ? &own.no_lines : lines;
    const RestSources sources{
        ask,     own.users,       *own.identity,        own.catalogue,    events,
        capture, *own.debug_file, *own.auxiliary_files, *own.kpi_history, *own.log_lines};
    own.events = &events;
    own.capture = &capture;
    own.rest_activity.emplace(own.log, "REST", own.where);
    own.web_activity.emplace(own.log, "Web", own.where);
    own.service.emplace(Router(rest_routes(sources)), own.users, *own.rest_activity);
    own.web.emplace(own.web_files.get(), own.users, *own.service, *own.web_activity, session_idle);
    own.loop = &loop;
    own.expiry = loop.every(expiry_period, [&web = *own.web] { web.tell_expired_sessions(); });
    own.server = std::make_unique<HttpsServer>(
        std::move(own.listener), [&identity = *own.identity] { return identity.context(); },
        [&web = *own.web](const HttpRequest& head) { return web.judge(head); });
    own.log->info("management  ready https={}", own.where);
}

void RestServer::set_users(const ApplianceConfig& config) {
    if (const auto taken = state_->take_users(config); !taken) {
        state_->log->error("management  {}", taken.error().message);
    }
}

std::optional<AccessLevel> RestServer::level_of(const std::string& user_name) const {
    return state_->users.level_of(user_name);
}

}  // namespace trunkline::mgmt
