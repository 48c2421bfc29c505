// A journal file of any bytes; what is read of it is written and read again.
#include "sipstack/registration/journal_record.h"
#include "tests/fuzz/target.h"

namespace trunkline::fuzz {

using namespace sipstack;

void read(std::string_view bytes) {
    const ClockReading clock{WallTime(Milliseconds(1'700'000'000'000)),
                             Instant(Milliseconds(1'000'000)), Milliseconds(1'000'000), 17};
    JournalReader reader(bytes, clock);
    std::size_t entry_bytes = 0;
    while (const auto found = reader.next()) {
        entry_bytes += found->size;
        std::string written;
        check(append_journal_entry(written, found->entry, clock), "what was read fits an entry");
        const auto again = JournalReader(written, clock).next();
        check(again && again->entry == found->entry, "an entry comes back as it was");
    }
    check(entry_bytes + reader.damaged_bytes() == bytes.size(), "every byte is accounted for");
}

}  // namespace trunkline::fuzz
