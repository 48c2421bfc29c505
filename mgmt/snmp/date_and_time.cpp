#include "mgmt/snmp/date_and_time.h"

#include <charconv>
#include <cstddef>

namespace trunkline::mgmt {

std::string date_and_time(std::string_view utc) {
    const auto number = [utc](std::size_t at, std::size_t digits) {
        int value = 0;
        if (at + digits <= utc.size()) {
            std::from_chars(utc.data() + at, utc.data() + at + digits, value);
        }
        return value;
    };
    const auto byte = [&](std::size_t at, std::size_t digits) {
        return static_cast<char>(number(at, digits));
    };
    const int year = number(0, 4);
    return {static_cast<char>(year >> 8),
            static_cast<char>(year & 0xff),
            byte(5, 2),   // month
            byte(8, 2),   // day
            byte(11, 2),  // hour
            byte(14, 2),  // minute
            byte(17, 2),  // second
            byte(20, 1),  // tenth
            '+',
            0,
            0};
}

}  // namespace trunkline::mgmt
