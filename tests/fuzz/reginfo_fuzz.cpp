// The body of a NOTIFY of the registration event package, of any bytes.
#include "sipstack/registration/reginfo.h"
#include "tests/fuzz/target.h"

namespace trunkline::fuzz {

using namespace sipstack;

void read(std::string_view bytes) {
    const auto info = parse_reginfo(bytes);
    if (!info) {
        check(!info.error().empty(), "a fault says what is wrong");
        return;
    }
    check(bytes.size() <= max_reginfo_bytes, "a document is bounded");
    std::size_t contacts = 0;
    for (const ReginfoRegistration& registration : info->registrations) {
        contacts += registration.contacts.size();
    }
    check(contacts <= max_reginfo_contacts, "its contacts are bounded");
    for (const ReginfoRegistration& registration : info->registrations) {
        const auto end = change_of_binding(*info, registration.aor, "sip:100@192.0.2.10");
        check(!end || !to_string(end->event).empty(), "an end has a name");
    }
}

}  // namespace trunkline::fuzz
