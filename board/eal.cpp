#include "board/eal.h"

#include "board/dpdk_log.h"
#include "board/file_descriptor.h"

#include <fmt/format.h>
#include <pthread.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_interrupts.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <semaphore>
#include <system_error>
#include <utility>
#include <vector>

namespace trunkline::board {

namespace {

namespace fs = std::filesystem;

uint64_t number_in(const fs::path& file) {
    uint64_t number = 0;
    std::ifstream(file) >> number;
    return number;
}

uint64_t free_hugepage_bytes(const std::string& sysfs) {
    constexpr std::string_view prefix = "hugepages-";
    uint64_t bytes = 0;
    std::error_code no_folder;  // a kernel without hugepages: zero is right
    for (const auto& size : fs::directory_iterator(sysfs + "/kernel/mm/hugepages", no_folder)) {
        const std::string name = size.path().filename();
        uint64_t kilobytes = 0;
        if (name.starts_with(prefix)) {
            std::from_chars(name.data() + prefix.size(), name.data() + name.size(), kilobytes);
        }
        const uint64_t free = number_in(size.path() / "free_hugepages");
        const uint64_t reserved = number_in(size.path() / "resv_hugepages");
        bytes += kilobytes * 1024 * (free - std::min(free, reserved));
    }
    return bytes;
}

/// Keeps the calling thread, and the threads that it makes, on one CPU for a scope.
class OneCpu {
public:
    explicit OneCpu(unsigned cpu) {
        CPU_ZERO(&before_);
        valid_ = pthread_getaffinity_np(pthread_self(), sizeof before_, &before_) == 0;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        if (valid_) {
            valid_ = pthread_setaffinity_np(pthread_self(), sizeof one, &one) == 0;
        }
    }
    ~OneCpu() {
        if (valid_) {
            pthread_setaffinity_np(pthread_self(), sizeof before_, &before_);
        }
    }
    OneCpu(const OneCpu&) = delete;
    OneCpu& operator=(const OneCpu&) = delete;

private:
    cpu_set_t before_;
    bool valid_ = false;
};

/// EAL makes a folder for this process even when it puts nothing in; removes it, and the folder
/// above when that was not there before.
class RuntimeFolder {
public:
    RuntimeFolder() : existed_(fs::exists("/var/run/dpdk", ignored_)) {}
    ~RuntimeFolder() {
        const char* folder = rte_eal_get_runtime_dir();
        if (folder == nullptr || folder[0] == '\0') {
            return;
        }
        // remove() takes empty folders only; one with files is somebody else's.
        fs::remove(folder, ignored_);
        if (!existed_) {
            fs::remove(fs::path(folder).parent_path(), ignored_);
        }
    }
    RuntimeFolder(const RuntimeFolder&) = delete;
    RuntimeFolder& operator=(const RuntimeFolder&) = delete;

private:
    std::error_code ignored_;
    bool existed_;
};

std::string advice_for(int error, MemoryMode mode) {
    if (error == EALREADY) {
        return "DPDK starts once in a process";
    }
    if (error == EACCES || error == EPERM) {
        return "run as root, or give the process CAP_NET_RAW, CAP_NET_ADMIN and CAP_SYS_ADMIN";
    }
    if (error == ENOMEM) {
        return mode == MemoryMode::hugepages ? "free hugepages, or lower appliance.memory_megabytes"
                                             : "free memory, or lower appliance.memory_megabytes";
    }
    return "are /dev, /proc and /sys mounted?";
}

/// Returns when DPDK's interrupt thread has done what it had before the call: callbacks, and the
/// watching of its descriptors anew that closed ports ask it for. rte_eal_cleanup() takes the
/// memory away that both read (a memif's listener is watched to the end), and waits for nobody.
void let_interrupt_thread_finish() {
    struct Rendezvous {
        FileDescriptor event{eventfd(0, EFD_CLOEXEC)};
        std::binary_semaphore reached{0};
    } rendezvous;
    const auto tell = [](void* argument) {
        auto& mine = *static_cast<Rendezvous*>(argument);
        eventfd_t number = 0;
        eventfd_read(mine.event.get(), &number);
        mine.reached.release();
    };
    rte_intr_handle* handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
    if (handle == nullptr) {
        return;
    }
    rte_intr_type_set(handle, RTE_INTR_HANDLE_EXT);
    rte_intr_fd_set(handle, rendezvous.event.get());
    if (rte_intr_callback_register(handle, tell, &rendezvous) == 0) {
        // It takes events in batches, one of each descriptor: what came with the first is done when
        // the second comes. The callback stays; taking it back would be one more thing to wait for.
        for (int batch = 0; batch < 2; ++batch) {
            eventfd_write(rendezvous.event.get(), 1);
            rendezvous.reached.acquire();
        }
    }
    rte_intr_instance_free(handle);
}

}  // namespace

Expected<std::unique_ptr<Eal>> Eal::start(const BoardConfig& config) {
    EalSurroundings surroundings;
    surroundings.free_hugepage_bytes = free_hugepage_bytes(surroundings.sysfs);
    surroundings.cpu = static_cast<unsigned>(std::max(sched_getcpu(), 0));
    surroundings.process = getpid();
    auto plan = plan_eal(config, surroundings);
    if (!plan) {
        return std::unexpected(plan.error());
    }
    std::vector<char*> argv;
    for (std::string& argument : plan->arguments) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);

    catch_dpdk_log();
    take_dpdk_complaints();
    int result = 0;
    {
        const OneCpu one_cpu(surroundings.cpu);
        const RuntimeFolder folder;
        const CaughtStandardError caught;
        result = rte_eal_init(static_cast<int>(argv.size()) - 1, argv.data());
    }
    if (result < 0) {
        const int error = rte_errno;
        const std::string complaints = take_dpdk_complaints();
        const std::string reason = complaints.empty() ? rte_strerror(error) : complaints;
        return std::unexpected(Error{fmt::format("cannot start DPDK: {}; {}", reason,
                                                 advice_for(error, plan->memory_mode))});
    }
    return std::unique_ptr<Eal>(new Eal(plan->memory_mode));
}

Eal::~Eal() {
    let_interrupt_thread_finish();
    rte_eal_cleanup();
    release_dpdk_log();
}

void Eal::forward_log(std::function<void(std::string_view line)> receiver) {
    forward_dpdk_complaints(std::move(receiver));
}

}  // namespace trunkline::board
