#include "mgmt/alarms/alarm_table.h"

#include "mgmt/alarms/alarm_kinds.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace trunkline::mgmt {

namespace {

const std::string overflow(alarm_table_overflow.name);
const std::string manager = "System#0/AlarmManager#0";

/// `rows` are in the order of their numbers.
AlarmPage page_of(const std::vector<Alarm>& rows, const AlarmQuery& query) {
    std::size_t begin = 0, end = rows.size();
    if (query.after) {
        begin = static_cast<std::size_t>(
            std::ranges::upper_bound(rows, *query.after, {}, &Alarm::id) - rows.begin());
    }
    if (query.before) {
        end = std::max(begin, static_cast<std::size_t>(
                                  std::ranges::lower_bound(rows, *query.before, {}, &Alarm::id) -
                                  rows.begin()));
    }
    if (end - begin > query.limit) {
        // Ahead of a cursor the nearest ones are wanted, as behind one.
        (query.before && !query.after ? begin : end) =
            query.before && !query.after ? end - query.limit : begin + query.limit;
    }
    AlarmPage page;
    page.total = rows.size();
    page.alarms.assign(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                       rows.begin() + static_cast<std::ptrdiff_t>(end));
    if (!page.alarms.empty() && end < rows.size()) {
        page.after = page.alarms.back().id;
    }
    if (!page.alarms.empty() && begin > 0) {
        page.before = page.alarms.front().id;
    }
    return page;
}

}  // namespace

std::string_view to_string(AlarmSeverity severity) {
    constexpr std::array<std::string_view, 6> names{"cleared", "indeterminate", "warning",
                                                    "minor",   "major",         "critical"};
    return names.at(static_cast<std::size_t>(severity));
}

AlarmTable::AlarmTable(Clock clock, Listener listener)
    : clock_(std::move(clock)), listener_(std::move(listener)) {}

void AlarmTable::note(Alarm alarm) {
    listener_(alarm);
    history_.push_back(std::move(alarm));
    if (history_.size() > most_history) {
        history_.pop_front();
    }
}

bool AlarmTable::has_room(const std::string& name) const {
    const auto known = rows_.find(name);
    const std::size_t own = known == rows_.end() ? 0 : known->second;
    const std::size_t left_by_others = most_active - (active_.size() - own);
    return name == overflow || 4 * (own + 1) <= 3 * left_by_others;
}

/// false: there is no room for it.
bool AlarmTable::put(const std::string& name, const std::string& source, AlarmSeverity severity,
                     const std::string& description) {
    const Key key{name, source};
    const auto known = active_.find(key);
    if (known != active_.end() && known->second.severity == severity &&
        known->second.description == description) {
        return true;
    }
    if (known == active_.end() && !has_room(name)) {
        return false;
    }
    const Alarm alarm{next_id_++, name, source, description, severity, clock_()};
    rows_[name] += known == active_.end() ? 1 : 0;
    active_.insert_or_assign(key, alarm);
    note(alarm);
    return true;
}

/// false: it was not raised.
bool AlarmTable::take_away(const std::string& name, const std::string& source) {
    const auto known = active_.find({name, source});
    if (known == active_.end()) {
        return false;
    }
    Alarm alarm = std::move(known->second);
    active_.erase(known);
    --rows_[name];
    alarm.id = next_id_++;
    alarm.severity = AlarmSeverity::cleared;
    alarm.when = clock_();
    note(std::move(alarm));
    return true;
}

void AlarmTable::tell_overflow() {
    if (too_many_.empty()) {
        take_away(overflow, manager);
    } else {
        put(overflow, manager, AlarmSeverity::major, "The table of active alarms is full");
    }
}

void AlarmTable::raise(const std::string& name, const std::string& source, AlarmSeverity severity,
                       const std::string& description) {
    if (!put(name, source, severity, description)) {
        too_many_.insert(name);
    }
    tell_overflow();
}

void AlarmTable::follow(const std::string& name, std::span<const AlarmCondition> conditions) {
    std::unordered_set<std::string_view> there;
    for (const AlarmCondition& condition : conditions) {
        there.insert(condition.source);
    }
    std::vector<std::string> over;
    for (auto row = active_.lower_bound({name, ""}); row != active_.end(); ++row) {
        if (row->first.first != name) {
            break;
        }
        if (!there.contains(row->first.second)) {
            over.push_back(row->first.second);
        }
    }
    for (const std::string& source : over) {
        take_away(name, source);
    }
    too_many_.erase(name);
    for (const AlarmCondition& condition : conditions) {
        if (!put(name, condition.source, condition.severity, condition.description)) {
            too_many_.insert(name);
        }
    }
    tell_overflow();
}

bool AlarmTable::clear(const std::string& name, const std::string& source) {
    const bool was_active = take_away(name, source);
    if (was_active) {
        too_many_.erase(name);
        tell_overflow();
    }
    return was_active;
}

bool AlarmTable::is_active(const std::string& name, const std::string& source) const {
    return active_.contains({name, source});
}

AlarmPage AlarmTable::active(const AlarmQuery& query) const {
    std::vector<Alarm> rows;
    for (const auto& [key, alarm] : active_) {
        rows.push_back(alarm);
    }
    std::ranges::sort(rows, {}, &Alarm::id);
    return page_of(rows, query);
}

AlarmPage AlarmTable::history(const AlarmQuery& query) const {
    return page_of({history_.begin(), history_.end()}, query);
}

}  // namespace trunkline::mgmt
