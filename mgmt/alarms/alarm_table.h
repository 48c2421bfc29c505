// What is wrong with the appliance now, and what was: alarms with their numbers, in the order in
// which they came. On the control thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

/// The numbers are those of the appliance family's MIBs.
enum class AlarmSeverity : uint8_t { cleared, indeterminate, warning, minor, major, critical };
std::string_view to_string(AlarmSeverity severity);  // "major"

struct Alarm {
    uint64_t id = 0;                                  ///< counts from 1, over both tables
    std::string name;                                 ///< "acAccountRegistrationAlarm"
    std::string source;                               ///< "Board#1/IPGroup#0/Account#3"
    std::string description;                          ///< for people
    AlarmSeverity severity = AlarmSeverity::cleared;  ///< cleared: in the history alone
    std::chrono::system_clock::time_point when;
};

/// Something that is wrong at this moment.
struct AlarmCondition {
    std::string source;
    AlarmSeverity severity = AlarmSeverity::minor;
    std::string description;
};

/// Rows by their numbers, and where others follow and precede.
struct AlarmPage {
    std::vector<Alarm> alarms;
    std::size_t total = 0;                  ///< rows of the table
    std::optional<uint64_t> after, before;  ///< for the next page, and the one before
};

/// Which rows are wanted: those behind `after`, or the last ones ahead of `before`.
struct AlarmQuery {
    std::optional<uint64_t> after, before;
    std::size_t limit = 20;
};

class AlarmTable {
public:
    /// Alarms of one name take three quarters of what those of other names leave, at most: so
    /// however many there are, others still find room. One more is not raised, but that there are
    /// too many is, which is an alarm itself and counted here.
    static constexpr std::size_t most_active = 1000;
    static constexpr std::size_t most_history = 1000;

    using Clock = std::function<std::chrono::system_clock::time_point()>;
    using Listener = std::function<void(const Alarm& alarm)>;

    /// `listener` hears of everything that is raised, changed or cleared.
    explicit AlarmTable(
        Clock clock = std::chrono::system_clock::now, Listener listener = [](const Alarm&) {});

    /// One alarm a name and source: raised again with another severity or text it is a new row,
    /// with the same ones it stays.
    void raise(const std::string& name, const std::string& source, AlarmSeverity severity,
               const std::string& description);
    /// What is wrong by now, of alarms of that name: raises these, and clears the others.
    void follow(const std::string& name, std::span<const AlarmCondition> conditions);
    /// false: it was not raised.
    bool clear(const std::string& name, const std::string& source);

    std::size_t active_count() const { return active_.size(); }
    bool is_active(const std::string& name, const std::string& source) const;
    AlarmPage active(const AlarmQuery& query) const;
    AlarmPage history(const AlarmQuery& query) const;

private:
    using Key = std::pair<std::string, std::string>;  ///< name and source

    void note(Alarm alarm);
    bool has_room(const std::string& name) const;
    bool put(const std::string& name, const std::string& source, AlarmSeverity severity,
             const std::string& description);
    bool take_away(const std::string& name, const std::string& source);
    void tell_overflow();

    const Clock clock_;
    const Listener listener_;
    uint64_t next_id_ = 1;
    std::map<Key, Alarm> active_;
    std::map<std::string, std::size_t> rows_;  ///< of `active_`, by name
    std::set<std::string> too_many_;           ///< names with alarms that found no room
    std::deque<Alarm> history_;
};

}  // namespace trunkline::mgmt
