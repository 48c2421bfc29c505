// What the KPIs were: intervals of 15 minutes, as the appliance family keeps them. In memory alone:
// a restart begins anew.
#pragma once

#include "mgmt/rest/kpi_tree.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// "sbc/otherStats/global/registerOutTotal" -> value.
using KpiValues = std::map<std::string, int64_t, std::less<>>;

struct KpiInterval {
    uint64_t id = 0;  ///< counts from 1
    std::chrono::system_clock::time_point start, end;
    KpiValues values;
};

/// What an interval has of a KPI; -1: nothing of that kind.
struct KpiMeasure {
    int64_t value = -1;                           ///< as the interval's values have it
    int64_t least = -1, most = -1, average = -1;  ///< of one that does not count
    int64_t volume = -1;                          ///< what one that counts grew by
    int64_t total = -1;                           ///< what it had come to
    bool operator==(const KpiMeasure&) const = default;
};

/// Any thread.
class KpiHistory {
public:
    static constexpr std::chrono::minutes length{15};
    static constexpr std::size_t most_intervals = 200;
    /// KPIs of an interval; those behind them are left out.
    static constexpr std::size_t most_values = 1000;

    /// A look at all KPIs, to be had about once a minute; of an interval that `now` is not in any
    /// more the values are made: the average of a KPI, or what it grew by where it counts. A KPI of
    /// -1 has none.
    void add(const KpiNode& tree, std::chrono::system_clock::time_point now);

    /// Those that are over, the oldest first, with the values of `kpis` alone.
    std::vector<KpiInterval> intervals(std::span<const std::string> kpis = {}) const;
    std::optional<KpiInterval> find(uint64_t id) const;

    /// Of the KPI at `path`, in the interval that is open and in the last one that is over.
    /// nullopt: nothing was seen of it then.
    std::optional<KpiMeasure> open_measure(std::string_view path) const;
    std::optional<KpiMeasure> last_measure(std::string_view path) const;

private:
    struct Seen {
        bool counts = false;
        int64_t before = 0;  ///< the last value of the interval before, or the first of this one
        int64_t last = 0, sum = 0, looks = 0;
        int64_t least = 0, most = 0;  ///< with a look alone
        std::optional<KpiMeasure> measure() const;
    };
    void close();

    mutable std::mutex lock_;
    std::chrono::system_clock::time_point start_;  ///< of the interval that is open
    std::map<std::string, Seen, std::less<>> seen_;
    uint64_t next_id_ = 1;
    std::deque<KpiInterval> intervals_;
    std::map<std::string, KpiMeasure, std::less<>> last_;  ///< of the last of them
};

/// The same tree with these values; -1 where there is none.
KpiNode with_values(KpiNode tree, const KpiValues& values);

}  // namespace trunkline::mgmt
