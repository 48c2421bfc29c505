#include "mgmt/delivery/delivery_queue.h"

#include <algorithm>
#include <utility>

namespace trunkline::mgmt {

DeliveryQueue::DeliveryQueue(std::function<void(const std::string&)> tell)
    : tell_(std::move(tell)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

DeliveryQueue::~DeliveryQueue() {
    {
        const std::lock_guard guard(lock_);
        end_ = std::chrono::steady_clock::now() + farewell;
    }
    thread_.request_stop();
    thread_.join();
}

void DeliveryQueue::set_server(std::optional<DeliveryServer> server) {
    const std::lock_guard guard(lock_);
    server_ = std::move(server);
    ++server_number_;
    if (!server_) {
        waiting_.clear();
        bytes_waiting_ = 0;
    }
    wake_.notify_all();
}

void DeliveryQueue::send(std::string message, Room room) {
    const std::lock_guard guard(lock_);
    if (!server_) {
        return;
    }
    const std::size_t share = room == Room::half ? 2 : 1;
    if (waiting_.size() >= most_waiting / share ||
        bytes_waiting_ + message.size() > most_bytes_waiting / share) {
        ++counters_.dropped;
        return;
    }
    bytes_waiting_ += message.size();
    waiting_.push_back(std::move(message));
    wake_.notify_all();
}

DeliveryQueue::Counters DeliveryQueue::counters() const {
    const std::lock_guard guard(lock_);
    return counters_;
}

void DeliveryQueue::run(const std::stop_token& stop) {
    while (auto work = wait_for_work(stop)) {
        const uint64_t number = work->server_number;
        if (deliver(*work)) {
            continue;
        }
        if (stop.stop_requested()) {
            return;
        }
        take_back(*std::move(work));
        pause(stop, number);
    }
}

std::optional<DeliveryQueue::Work> DeliveryQueue::wait_for_work(const std::stop_token& stop) {
    std::unique_lock guard(lock_);
    wake_.wait(guard, stop, [this] { return !waiting_.empty(); });
    if (waiting_.empty() || std::chrono::steady_clock::now() > end_) {
        return std::nullopt;
    }
    Work work{*server_, server_number_, std::move(waiting_.front())};
    waiting_.pop_front();
    bytes_waiting_ -= work.message.size();
    return work;
}

bool DeliveryQueue::deliver(const Work& work) {
    if (connected_to_ != work.server_number) {
        connection_.reset();
        pause_ = first_pause;
    }
    std::expected<void, std::string> delivered;
    if (!connection_) {
        connected_to_ = work.server_number;
        auto connection = DeliveryConnection::open(work.server);
        if (connection) {
            connection_ = std::move(*connection);
        } else {
            delivered = std::unexpected(connection.error());
        }
    }
    if (connection_) {
        delivered = connection_->send(work.message);
    }
    if (delivered) {
        pause_ = first_pause;
        is_in_trouble_ = false;
        const std::lock_guard guard(lock_);
        ++counters_.sent;
        return true;
    }
    connection_.reset();
    if (!std::exchange(is_in_trouble_, true)) {
        tell_(delivered.error());
    }
    return false;
}

/// The oldest waits in front; if there is no more room, it is the one that is dropped.
void DeliveryQueue::take_back(Work work) {
    const std::lock_guard guard(lock_);
    if (server_ && waiting_.size() < most_waiting) {
        bytes_waiting_ += work.message.size();
        waiting_.push_front(std::move(work.message));
    } else {
        ++counters_.dropped;
    }
}

void DeliveryQueue::pause(const std::stop_token& stop, uint64_t server_number) {
    std::unique_lock guard(lock_);
    wake_.wait_for(guard, stop, pause_, [&] { return server_number_ != server_number; });
    pause_ = std::min(2 * pause_, longest_pause);
}

}  // namespace trunkline::mgmt
