#include "board/open_descriptors.h"

#include "board/network_namespace.h"

#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace trunkline::board {

namespace {

/// Those that `fits`.
template <typename Predicate>
std::vector<int> find_descriptors(Predicate fits) {
    std::vector<int> found;
    std::error_code no_proc;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", no_proc)) {
        const std::string name = entry.path().filename();
        int fd = -1;
        std::from_chars(name.data(), name.data() + name.size(), fd);
        if (fd >= 0 && fits(fd)) {
            found.push_back(fd);
        }
    }
    return found;
}

/// The first of those that `fits`, or -1.
template <typename Predicate>
int find_descriptor(Predicate fits) {
    const std::vector<int> found = find_descriptors(fits);
    return found.empty() ? -1 : found.front();
}

/// Interface numbers repeat in every namespace. When the kernel does not tell a socket's (that
/// needs CAP_NET_ADMIN), it is taken for one of this namespace.
bool belongs_here(int socket_fd) {
    const int theirs = ioctl(socket_fd, SIOCGSKNS);
    if (theirs < 0) {
        return true;
    }
    const int ours = NetworkNamespaceScope::open_current();
    struct stat first {};
    struct stat second {};
    const bool known = ours >= 0 && fstat(theirs, &first) == 0 && fstat(ours, &second) == 0;
    close(theirs);
    if (ours >= 0) {
        close(ours);
    }
    return !known || (first.st_dev == second.st_dev && first.st_ino == second.st_ino);
}

bool is_socket_of(int fd, int family) {
    int domain = 0;
    socklen_t length = sizeof domain;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == family;
}

bool is_packet_socket(int fd, int interface_index) {
    sockaddr_ll bound{};
    socklen_t length = sizeof bound;
    return is_socket_of(fd, AF_PACKET) &&
           getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) == 0 &&
           bound.sll_ifindex == interface_index && belongs_here(fd);
}

bool is_tap_queue(int fd, const std::string& interface) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), gone);
    if (gone || target != "/dev/net/tun") {
        return false;
    }
    ifreq request{};
    // The driver's spare descriptor is a detached queue; a twin of the dataplane has one queue.
    return ioctl(fd, TUNGETIFF, &request) == 0 && interface == request.ifr_name &&
           (request.ifr_flags & IFF_MULTI_QUEUE) != 0 &&
           (request.ifr_flags & IFF_DETACH_QUEUE) == 0;
}

}  // namespace

int find_packet_socket(int interface_index) {
    return find_descriptor([&](int fd) { return is_packet_socket(fd, interface_index); });
}

std::vector<int> find_xdp_sockets() {
    return find_descriptors([](int fd) { return is_socket_of(fd, AF_XDP); });
}

int find_tap_queue(const std::string& interface) {
    return find_descriptor([&](int fd) { return is_tap_queue(fd, interface); });
}

}  // namespace trunkline::board
