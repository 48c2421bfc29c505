// Hosts on the far side of a twin, in a test: they answer ARP and neighbour solicitations.
#pragma once

#include "dataplane/address.h"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

namespace trunkline::test {

using Frame = std::vector<uint8_t>;

/// RFC 826; `target` is asked for on behalf of `sender`.
Frame arp_request(const dataplane::MacAddress& mac, const dataplane::IpAddress& sender,
                  const dataplane::IpAddress& target);
/// A gratuitous one when `to` is the broadcast address.
Frame arp_reply(const dataplane::MacAddress& mac, const dataplane::IpAddress& sender,
                const dataplane::MacAddress& to, const dataplane::IpAddress& target);
/// RFC 4861 4.3, with the source's link-layer address.
Frame neighbour_solicitation(const dataplane::MacAddress& mac, const dataplane::IpAddress& sender,
                             const dataplane::IpAddress& target);
/// RFC 4861 4.4, solicited and overriding.
Frame neighbour_advertisement(const dataplane::MacAddress& mac, const dataplane::IpAddress& sender,
                              const dataplane::MacAddress& to, const dataplane::IpAddress& target);

/// What a frame says, when it is ARP or neighbour discovery.
struct Announcement {
    enum class Kind { none, arp_request, arp_reply, solicitation, advertisement };
    Kind kind = Kind::none;
    dataplane::MacAddress mac;  ///< of the sender
    dataplane::IpAddress sender, target;
};
Announcement read_announcement(std::span<const uint8_t> frame);

/// Reads and writes a twin's descriptor in the worker's place.
class FakeLan {
public:
    explicit FakeLan(int twin_fd) : fd_(twin_fd) {}

    void add_host(const dataplane::IpAddress& address, const dataplane::MacAddress& mac) {
        hosts_[address] = mac;
    }
    void remove_host(const dataplane::IpAddress& address) { hosts_.erase(address); }
    void send(const Frame& frame) const;
    /// Takes all frames that wait, answers those that ask for a host.
    void pump();
    /// Waits for a frame that fits; answers the others as pump() does. false after ten seconds.
    bool wait_for(const std::function<bool(const Announcement&)>& fits);
    /// How often the kernel has asked for the address.
    int questions(const dataplane::IpAddress& address) const;

private:
    void answer(const Announcement& question);
    int fd_;
    std::map<dataplane::IpAddress, dataplane::MacAddress> hosts_;
    std::map<dataplane::IpAddress, int> questions_;
};

}  // namespace trunkline::test
