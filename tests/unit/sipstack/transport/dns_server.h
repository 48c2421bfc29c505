// A DNS server on loopback that runs in the loop under test, over UDP and TCP (RFC 1035 4.2).
#pragma once

#include "board/event_loop.h"
#include "dns_message.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::sipstack::test {

class DnsServer {
public:
    explicit DnsServer(board::EventLoop& loop) : loop_(loop) {
        constexpr int attempts = 50;  // the TCP port of the same number may be taken
        for (int i = 0; i < attempts && !bind_both(); ++i) {
        }
        EXPECT_NE(listener_, -1);
        loop_.watch(udp_, EPOLLIN, [this](uint32_t) { answer_datagram(); });
        loop_.watch(listener_, EPOLLIN, [this](uint32_t) { accept_stream(); });
    }
    ~DnsServer() {
        for (const int fd : streams_) {
            loop_.unwatch(fd);
            close(fd);
        }
        for (const int fd : {udp_, listener_}) {
            loop_.unwatch(fd);
            close(fd);
        }
    }
    DnsServer(const DnsServer&) = delete;
    DnsServer& operator=(const DnsServer&) = delete;

    dataplane::Endpoint endpoint() const {
        return {dataplane::IpAddress::v4(INADDR_LOOPBACK), port_};
    }

    /// Replaces the records of a name.
    void set(const std::string& name, DnsType type, std::vector<Bytes> data) {
        zone_[{name, type}] = std::move(data);
    }
    void set_addresses(const std::string& name, const std::vector<std::string>& texts) {
        std::vector<Bytes> data;
        for (const auto& text : texts) {
            data.push_back(address_data(text));
        }
        set(name, DnsType::a, std::move(data));
    }
    /// Of all types.
    void remove(const std::string& name) {
        std::erase_if(zone_, [&name](const auto& entry) { return entry.first.name == name; });
    }

    bool silent = false;
    bool failing = false;         ///< SERVFAIL to everything
    bool truncating = false;      ///< over UDP all answers are cut
    uint32_t time_to_live = 0;    ///< seconds
    uint32_t denial_minimum = 0;  ///< seconds; of the SOA record that comes with a "no"

    int questions = 0;
    int over_tcp = 0;
    std::map<DnsQuestion, int> asked;

private:
    bool bind_both() {
        udp_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* raw = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof(address);
        if (bind(udp_, raw, size) == 0 && getsockname(udp_, raw, &size) == 0 &&
            bind(listener_, raw, size) == 0 && listen(listener_, 8) == 0) {
            port_ = ntohs(address.sin_port);
            return true;
        }
        close(std::exchange(udp_, -1));
        close(std::exchange(listener_, -1));
        return false;
    }

    void answer_datagram() {
        Bytes packet(512);
        sockaddr_in from{};
        socklen_t from_size = sizeof(from);
        const ssize_t size = recvfrom(udp_, packet.data(), packet.size(), 0,
                                      reinterpret_cast<sockaddr*>(&from), &from_size);
        if (size < 12) {
            return;
        }
        packet.resize(static_cast<std::size_t>(size));
        Bytes reply = answer(packet);
        if (truncating && !reply.empty()) {
            reply.resize(question_end(packet));
            reply[2] |= 0x02;
            std::fill(reply.begin() + 6, reply.begin() + 12, uint8_t{0});
        }
        sendto(udp_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), from_size);
    }

    void accept_stream() {
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
        if (fd < 0) {
            return;
        }
        streams_.insert(fd);
        loop_.watch(fd, EPOLLIN, [this, fd](uint32_t) { answer_stream(fd); });
    }

    /// One segment is one question here: loopback does not cut it.
    void answer_stream(int fd) {
        Bytes packet(512);
        const ssize_t size = recv(fd, packet.data(), packet.size(), 0);
        if (size < 14) {
            loop_.unwatch(fd);
            close(fd);
            streams_.erase(fd);
            return;
        }
        ++over_tcp;
        packet.resize(static_cast<std::size_t>(size));
        packet.erase(packet.begin(), packet.begin() + 2);
        const Bytes reply = answer(packet);
        Bytes framed;
        put16(framed, static_cast<unsigned>(reply.size()));
        put(framed, reply);
        EXPECT_EQ(send(fd, framed.data(), framed.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(framed.size()));
    }

    static std::size_t question_end(const Bytes& query) {
        std::size_t end = 12;
        while (query[end] != 0) {
            end += query[end] + 1U;
        }
        return end + 5;
    }

    static DnsQuestion question_of(const Bytes& query) {
        DnsQuestion question;
        std::size_t position = 12;
        for (; query[position] != 0; position += query[position] + 1U) {
            question.name += question.name.empty() ? "" : ".";
            question.name.append(
                query.begin() + static_cast<std::ptrdiff_t>(position) + 1,
                query.begin() + static_cast<std::ptrdiff_t>(position) + 1 + query[position]);
        }
        question.type = static_cast<DnsType>(query[position + 1] << 8 | query[position + 2]);
        return question;
    }

    /// Nothing = silence.
    Bytes answer(const Bytes& query) {
        const auto question = question_of(query);
        ++questions;
        ++asked[question];
        if (silent) {
            return {};
        }
        std::vector<Bytes> records, authority;
        bool exists = false;
        for (const auto& [known, all] : zone_) {
            exists = exists || known.name == question.name;
            if (known == question) {
                for (const auto& data : all) {
                    records.push_back(record(known.name, known.type, time_to_live, data));
                }
            }
        }
        if (records.empty()) {
            authority.push_back(record("example", soa_type, 3600, soa_data(denial_minimum)));
        }
        Bytes reply = response(question,
                               failing  ? server_failure
                               : exists ? success
                                        : name_error,
                               records, authority);
        reply[0] = query[0];
        reply[1] = query[1];
        return reply;
    }

    board::EventLoop& loop_;
    int udp_ = -1;
    int listener_ = -1;
    uint16_t port_ = 0;
    std::set<int> streams_;
    std::map<DnsQuestion, std::vector<Bytes>> zone_;
};

}  // namespace trunkline::sipstack::test
