// What happens in the appliance, told to whoever listens at the moment: registrations, alarms, the
// configuration's revision. Published on the control thread, heard on others; nobody who listens
// slowly holds anybody up.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::mgmt {

struct Event {
    uint64_t id = 0;   ///< counts from 1
    std::string kind;  ///< "registration", "proxySet", "alarm", "configuration"
    std::string data;  ///< JSON
};

class EventHub {
public:
    /// What was told last, for those who come back; and what may wait for one who listens.
    static constexpr std::size_t most_kept = 1024, most_waiting = 1024;

    class Listener {
    public:
        enum class Outcome { event, nothing, fell_behind, over };
        /// Waits for the next event, for `patience` at most. fell_behind: too many waited, and this
        /// listener hears no more; over: the hub is closed.
        Outcome next(Event& event, std::chrono::milliseconds patience);

    private:
        friend class EventHub;
        std::mutex lock_;
        std::condition_variable wake_;
        std::deque<Event> waiting_;
        bool fell_behind_ = false;
        bool over_ = false;
    };

    void publish(const std::string& kind, const nlohmann::json& data);
    /// With what came after `last_id`, as far as it is kept. Listening ends with the pointer.
    std::shared_ptr<Listener> listen(std::optional<uint64_t> last_id);
    std::size_t listeners() const;
    /// Ends all listening, now and later.
    void close();

private:
    mutable std::mutex lock_;
    uint64_t next_id_ = 1;
    bool is_closed_ = false;
    std::deque<Event> kept_;
    std::vector<std::weak_ptr<Listener>> listeners_;
};

}  // namespace trunkline::mgmt
