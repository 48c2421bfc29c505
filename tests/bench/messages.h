// The messages of a registration as they stand on the wire, for programs that measure.
#pragma once

#include <string_view>

namespace trunkline::bench {

inline constexpr std::string_view register_bytes =
    "REGISTER sip:lab.example SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bKtl00c1a5cf2f2a8a4b5d9a0b3c4d\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:office@lab.example>;tag=tl006d1ce7c3b2aa901f\r\n"
    "To: <sip:office@lab.example>\r\n"
    "Call-ID: tl0061b04e3a1c9a77d04f25bb7be1a2@192.0.2.10\r\n"
    "CSeq: 8 REGISTER\r\n"
    "Contact: <sip:office@192.0.2.10:5060>\r\n"
    "Expires: 3600\r\n"
    "Authorization: Digest username=\"office\", realm=\"lab.example\", "
    "nonce=\"Zh2sd2YdrEt7ZqfF8L1HfFBX2lB0d9aE\", uri=\"sip:lab.example\", "
    "response=\"7c9ef0a1d2b34c5566778899aabbccdd\", algorithm=MD5, cnonce=\"0a4f113b\", qop=auth, "
    "nc=00000001\r\n"
    "User-Agent: Trunkline/0.1.0\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

inline constexpr std::string_view challenge_bytes =
    "SIP/2.0 401 Unauthorized\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10:5060;rport=5060;received=192.0.2.10;"
    "branch=z9hG4bKtl00c1a5cf2f2a8a4b5d9a0b3c4d\r\n"
    "From: <sip:office@lab.example>;tag=tl006d1ce7c3b2aa901f\r\n"
    "To: <sip:office@lab.example>;tag=b27e1a1d33761e85846fc98f5f3a7e58.4c2c\r\n"
    "Call-ID: tl0061b04e3a1c9a77d04f25bb7be1a2@192.0.2.10\r\n"
    "CSeq: 7 REGISTER\r\n"
    "WWW-Authenticate: Digest realm=\"lab.example\", "
    "nonce=\"Zh2sd2YdrEt7ZqfF8L1HfFBX2lB0d9aE\", qop=\"auth\"\r\n"
    "Server: kamailio (5.6.3 (x86_64/linux))\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

inline constexpr std::string_view ok_bytes =
    "SIP/2.0 200 OK\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10:5060;rport=5060;received=192.0.2.10;"
    "branch=z9hG4bKtl00c1a5cf2f2a8a4b5d9a0b3c4d\r\n"
    "From: <sip:office@lab.example>;tag=tl006d1ce7c3b2aa901f\r\n"
    "To: <sip:office@lab.example>;tag=b27e1a1d33761e85846fc98f5f3a7e58.8a1d\r\n"
    "Call-ID: tl0061b04e3a1c9a77d04f25bb7be1a2@192.0.2.10\r\n"
    "CSeq: 8 REGISTER\r\n"
    "Contact: <sip:office@192.0.2.10:5060>;expires=1800\r\n"
    "Server: kamailio (5.6.3 (x86_64/linux))\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

}  // namespace trunkline::bench
