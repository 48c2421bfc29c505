// Records and clocks for the tests of the registration journal.
#pragma once

#include "sipstack/registration/journal_record.h"

#include <string>

namespace trunkline::sipstack::testing {

inline constexpr Instant journal_instant{Milliseconds(1'000'000)};
inline constexpr WallTime journal_wall{Milliseconds(1'700'000'000'123)};

/// A record with something in every field; registered 10 s ago for an hour at journal_instant.
inline RegistrationRecord full_record(const std::string& key) {
    RegistrationRecord record;
    record.key = key;
    record.call_id = "tl00" + key + "@192.0.2.10";
    record.from_tag = "tl00aaaa";
    record.contact_user = "100";
    record.cseq = 300;
    record.outstanding = true;
    record.raised = {3600, 7200};
    record.granted = Seconds(3600);
    record.expires_at = journal_instant + Seconds(3590);
    record.refresh_at = journal_instant + Seconds(1790);
    record.target = {{*dataplane::IpAddress::parse("2001:db8::5"), 5061},
                     Transport::tls,
                     10,
                     60,
                     "registrar.example.com"};
    record.is_elsewhere = true;
    record.request_uri = "sips:elsewhere.example.com";
    record.learnt = {true, true, true};
    record.local_port = 40000;
    record.service_route = {"<sip:a.example.com;lr>", "<sip:b.example.com;lr>"};
    DigestMemory memory;
    memory.challenge.from_proxy = true;
    memory.challenge.realm = "a \"realm\"";
    memory.challenge.realm_as_written = "a \\\"realm\\\"";
    memory.challenge.nonce = "84a4cc6f3082121f32b42a2187831a9e";
    memory.challenge.opaque = "";
    memory.challenge.stale = true;
    memory.challenge.algorithm = DigestAlgorithm::sha512_256;
    memory.challenge.session = true;
    memory.challenge.algorithm_given = true;
    memory.challenge.qop_auth = true;
    memory.challenge.qop_auth_int = true;
    memory.challenge.qop_given = true;
    memory.challenge.userhash = true;
    memory.cnonce = "0a4f113b";
    memory.nonce_count = 0xffffffff;
    memory.first_nonce = "11432d6bce58ddf02e3b5e1c77c010d2";
    DigestMemory basic;
    basic.challenge.basic = true;
    DigestMemory aka;
    aka.challenge.aka = true;
    aka.aka_sequence_number = (uint64_t{1} << 48) - 1;
    record.digests = {memory, basic, aka};
    return record;
}

}  // namespace trunkline::sipstack::testing
