#include "mgmt/snmp/agentx.h"

#include "board/file_descriptor.h"

// The library's headers need this order.
// clang-format off
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/agent/agent_callbacks.h>
#include <net-snmp/library/large_fd_set.h>
// clang-format on
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace trunkline::mgmt {

namespace {

constexpr const char* library_name = "trunkline";
/// Between two looks whether the master is there.
constexpr int ping_seconds = 5;
/// Our objects go before those of the same name that snmpd has of the host (lower goes first).
constexpr int priority = 100;
/// While traps wait for the master to take more.
constexpr timeval full_wait{0, 20'000};
/// What the master may still take when the agent ends.
constexpr std::chrono::seconds ending_patience{2};
/// The library's parser looks for MIB files, which nothing here needs.
constexpr std::string_view mib_complaint = "Cannot find module";

std::vector<oid> library_oid(const Oid& from) {
    return {from.begin(), from.end()};
}

Oid own_oid(const oid* begin, std::size_t length) {
    Oid own(length);
    std::transform(begin, begin + length, own.begin(),
                   [](oid part) { return static_cast<uint32_t>(part); });
    return own;
}

/// Calls `use` with the library's type of the value, its bytes and their number.
template <typename Use>
void with_bytes(const MibValue& value, Use use) {
    struct Visitor {
        Use& use;
        void operator()(int32_t number) const {
            const long wide = number;
            use(ASN_INTEGER, &wide, sizeof wide);
        }
        void operator()(const std::string& text) const {
            use(ASN_OCTET_STR, text.data(), text.size());
        }
        void operator()(const Oid& own) const {
            const auto wide = library_oid(own);
            use(ASN_OBJECT_ID, wide.data(), wide.size() * sizeof(oid));
        }
        void operator()(Gauge32 gauge) const { unsigned_number(ASN_GAUGE, gauge.value); }
        void operator()(Counter32 counter) const { unsigned_number(ASN_COUNTER, counter.value); }
        void operator()(Counter64 counter) const {
            const struct counter64 parts {
                static_cast<u_long>(counter.value >> 32),
                    static_cast<u_long>(counter.value & 0xffffffff)
            };
            use(ASN_COUNTER64, &parts, sizeof parts);
        }
        void unsigned_number(u_char type, uint32_t number) const {
            const u_long wide = number;
            use(type, &wide, sizeof wide);
        }
    };
    std::visit(Visitor{use}, value);
}

Mib::const_iterator found_by(const Mib& mib, const netsnmp_request_info& request, int mode) {
    const netsnmp_variable_list& asked = *request.requestvb;
    const Oid from = own_oid(asked.name, asked.name_length);
    if (mode == MODE_GET) {
        return mib.find(from);
    }
    const auto next = request.inclusive != 0 ? mib.lower_bound(from) : mib.upper_bound(from);
    if (next == mib.end() || request.range_end == nullptr) {
        return next;
    }
    return next->first < own_oid(request.range_end, request.range_end_len) ? next : mib.end();
}

void answer(const Mib& mib, netsnmp_request_info& request, int mode) {
    const auto found = found_by(mib, request, mode);
    if (found == mib.end()) {
        if (mode == MODE_GET) {
            request.requestvb->type = SNMP_NOSUCHINSTANCE;
        }
        return;  // the next subtree is asked
    }
    const auto name = library_oid(found->first);
    snmp_set_var_objid(request.requestvb, name.data(), name.size());
    with_bytes(found->second, [&](u_char type, const void* bytes, std::size_t size) {
        snmp_set_var_typed_value(request.requestvb, type, bytes, size);
    });
}

using VarBinds = std::unique_ptr<netsnmp_variable_list, decltype(&snmp_free_varbind)>;

VarBinds varbinds_of(const Trap& trap) {
    const Oid trap_oid_object{1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};  // snmpTrapOID.0
    netsnmp_variable_list* list = nullptr;
    const auto add = [&list](const Oid& own, const MibValue& value) {
        const auto name = library_oid(own);
        with_bytes(value, [&](u_char type, const void* bytes, std::size_t size) {
            snmp_varlist_add_variable(&list, name.data(), name.size(), type, bytes, size);
        });
    };
    add(trap_oid_object, trap.oid);
    for (const VarBind& varbind : trap.varbinds) {
        add(varbind.oid, varbind.value);
    }
    return {list, snmp_free_varbind};
}

}  // namespace

struct AgentX::State {
    explicit State(Options given) : options(std::move(given)) {}

    static int on_request(netsnmp_mib_handler* handler, netsnmp_handler_registration*,
                          netsnmp_agent_request_info* about, netsnmp_request_info* first) {
        const auto& self = *static_cast<const State*>(handler->myvoid);
        const auto mib = self.options.mib();
        for (auto* request = first; request != nullptr; request = request->next) {
            if (request->processed == 0) {
                answer(*mib, *request, about->mode);
            }
        }
        return SNMP_ERR_NOERROR;
    }

    static int on_log(int, int, void* message, void* self) {
        std::string line(static_cast<const snmp_log_message*>(message)->msg);
        line.erase(std::min(line.find_last_not_of('\n') + 1, line.size()));
        if (!line.starts_with(mib_complaint)) {
            static_cast<const State*>(self)->options.tell(line);
        }
        return SNMP_ERR_NOERROR;
    }

    static int on_master(int, int, void* session, void* self) {
        auto* const transport =
            snmp_sess_transport(snmp_sess_pointer(static_cast<netsnmp_session*>(session)));
        static_cast<State*>(self)->master = transport == nullptr ? -1 : transport->sock;
        return SNMP_ERR_NOERROR;
    }

    static int on_no_master(int, int, void*, void* self) {
        static_cast<State*>(self)->master = -1;
        return SNMP_ERR_NOERROR;
    }

    /// It reads and keeps no files, and uses no signals.
    void start_library() {
        netsnmp_set_mib_directory("");
        netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_MIB_ERRORS, 0);
        const auto set = [](int store, int which) { netsnmp_ds_set_boolean(store, which, 1); };
        set(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS);
        set(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE);
        set(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_ALARM_DONT_USE_SIG);
        set(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE);
        set(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_CONNECTION_WARNINGS);
        netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL,
                           ping_seconds);
        netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET,
                              options.socket.c_str());
        snmp_disable_log();
        netsnmp_register_loghandler(NETSNMP_LOGHANDLER_CALLBACK, LOG_INFO);
        for (const Callback& callback : callbacks) {
            snmp_register_callback(callback.major, callback.minor, callback.call, this);
        }
        init_agent(library_name);
        for (const Oid& subtree : options.subtrees) {
            serve(subtree);
        }
        init_snmp(library_name);
    }

    void serve(const Oid& subtree) {
        const auto root = library_oid(subtree);
        auto* const registration = netsnmp_create_handler_registration(
            library_name, on_request, root.data(), root.size(), HANDLER_CAN_RONLY);
        registration->handler->myvoid = this;
        registration->priority = priority;
        netsnmp_register_handler(registration);
    }

    void run() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
        start_library();
        while (!has_ended()) {
            send_next();
            wait_and_serve();
        }
        leave_master();
        // First, as the library would free what a callback is registered with.
        for (const Callback& callback : callbacks) {
            snmp_unregister_callback(callback.major, callback.minor, callback.call, this, 1);
        }
        snmp_shutdown(library_name);
    }

    bool has_ended() {
        const std::lock_guard guard(lock);
        return is_ending && (waiting.empty() || std::chrono::steady_clock::now() >= give_up);
    }

    /// One at a time, with a look at the master's answers in between: who only sends and who only
    /// answers wait for each other for good once the sockets between them are full.
    void send_next() {
        std::optional<Trap> trap;
        if (takes_more()) {
            const std::lock_guard guard(lock);
            if (!waiting.empty()) {
                trap = std::move(waiting.front());
                waiting.pop_front();
            }
        }
        if (trap) {
            send_v2trap(varbinds_of(*trap).get());
        }
    }

    /// A socket has room for a whole trap when it says that it has room. Without a master the
    /// library drops what it is given.
    bool takes_more() const {
        pollfd wanted{master, POLLOUT, 0};
        return master < 0 || ::poll(&wanted, 1, 0) > 0;
    }

    /// A master that takes nothing is not told: that would wait for it.
    void leave_master() const {
        if (!takes_more()) {
            ::shutdown(master, SHUT_RDWR);
        }
    }

    /// How long nothing may happen before a trap that waits is tried.
    timeval longest_wait() {
        const std::lock_guard guard(lock);
        if (waiting.empty()) {
            return {ping_seconds, 0};
        }
        return takes_more() ? timeval{0, 0} : full_wait;
    }

    void wait_and_serve() {
        netsnmp_large_fd_set readable;
        netsnmp_large_fd_set_init(&readable, FD_SETSIZE);
        int descriptors = wake.get() + 1;
        int blocks = 0;  // the library shortens the wait where it has something to do earlier
        timeval timeout = longest_wait();
        netsnmp_large_fd_setfd(wake.get(), &readable);
        snmp_select_info2(&descriptors, &readable, &timeout, &blocks);
        const int ready =
            netsnmp_large_fd_set_select(descriptors, &readable, nullptr, nullptr, &timeout);
        if (ready > 0) {
            snmp_read2(&readable);
        }
        netsnmp_large_fd_set_cleanup(&readable);
        eventfd_t count = 0;
        ::eventfd_read(wake.get(), &count);
        snmp_timeout();
        run_alarms();
        netsnmp_check_outstanding_agent_requests();
    }

    struct Callback {
        int major, minor;
        SNMPCallback* call;
    };
    static constexpr Callback callbacks[] = {
        {SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, on_log},
        {SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START, on_master},
        {SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP, on_no_master}};

    const Options options;
    board::FileDescriptor wake;  ///< readable when something waits, or it shall end
    int master = -1;             ///< the agent thread's: the library's socket; -1: none is there
    std::mutex lock;             ///< guards what follows
    std::deque<Trap> waiting;
    bool is_ending = false;
    std::chrono::steady_clock::time_point give_up;  ///< once it is ending
    std::thread thread;
};

AgentX::AgentX(std::unique_ptr<State> state) : state_(std::move(state)) {}

board::Expected<std::unique_ptr<AgentX>> AgentX::start(Options options) {
    auto state = std::make_unique<State>(std::move(options));
    state->wake = board::FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!state->wake) {
        return std::unexpected(
            board::Error{"no SNMP agent: eventfd: " +
                         std::error_code(errno, std::generic_category()).message()});
    }
    state->thread = std::thread([self = state.get()] { self->run(); });
    return std::unique_ptr<AgentX>(new AgentX(std::move(state)));
}

AgentX::~AgentX() {
    {
        const std::lock_guard guard(state_->lock);
        state_->is_ending = true;
        state_->give_up = std::chrono::steady_clock::now() + ending_patience;
    }
    ::eventfd_write(state_->wake.get(), 1);
    state_->thread.join();
}

void AgentX::send(Trap trap) {
    {
        const std::lock_guard guard(state_->lock);
        if (state_->waiting.size() >= most_waiting) {
            return;
        }
        state_->waiting.push_back(std::move(trap));
    }
    ::eventfd_write(state_->wake.get(), 1);
}

}  // namespace trunkline::mgmt
