// Messages that several tests need, and a way to change one row of them.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::sipstack::testing {

inline std::string sample_request() {
    return "REGISTER sip:registrar.example.com SIP/2.0\r\n"
           "Via: SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bKtl00abcdef\r\n"
           "Max-Forwards: 70\r\n"
           "From: \"Trunk, one\" <sip:trunk1@example.com>;tag=tl00aaaa\r\n"
           "To: <sip:trunk1@example.com>\r\n"
           "Call-ID: tl00bbbb@192.0.2.10\r\n"
           "CSeq: 7 REGISTER\r\n"
           "Contact: <sip:trunk1@192.0.2.10:5060>\r\n"
           "Expires: 3600\r\n"
           "Content-Length: 0\r\n"
           "\r\n";
}

inline std::string sample_challenge() {
    return "SIP/2.0 401 Unauthorized\r\n"
           "Via: SIP/2.0/UDP 192.0.2.10:5060;rport=5060;received=192.0.2.10;"
           "branch=z9hG4bKtl00abcdef\r\n"
           "From: \"Trunk, one\" <sip:trunk1@example.com>;tag=tl00aaaa\r\n"
           "To: <sip:trunk1@example.com>;tag=b27e1a1d33761e85846fc98f5f3a7e58.4c2c\r\n"
           "Call-ID: tl00bbbb@192.0.2.10\r\n"
           "CSeq: 7 REGISTER\r\n"
           "WWW-Authenticate: Digest realm=\"example.com\", "
           "nonce=\"84a4cc6f3082121f32b42a2187831a9e\", qop=\"auth\"\r\n"
           "Server: registrar\r\n"
           "Content-Length: 0\r\n"
           "\r\n";
}

inline std::string sample_ok() {
    return "SIP/2.0 200 OK\r\n"
           "Via: SIP/2.0/UDP 192.0.2.10:5060;rport=5060;received=192.0.2.10;"
           "branch=z9hG4bKtl00abcdef\r\n"
           "From: \"Trunk, one\" <sip:trunk1@example.com>;tag=tl00aaaa\r\n"
           "To: <sip:trunk1@example.com>;tag=b27e1a1d33761e85846fc98f5f3a7e58.8a1d\r\n"
           "Call-ID: tl00bbbb@192.0.2.10\r\n"
           "CSeq: 8 REGISTER\r\n"
           "Contact: <sip:trunk1@192.0.2.99>;expires=60, "
           "<sip:trunk1@192.0.2.10:5060>;expires=1800;q=0.5\r\n"
           "Content-Length: 0\r\n"
           "\r\n";
}

/// `message` with the first `from` replaced by `to`.
inline std::string with(std::string message, std::string_view from, std::string_view to) {
    return message.replace(message.find(from), from.size(), to);
}

}  // namespace trunkline::sipstack::testing
