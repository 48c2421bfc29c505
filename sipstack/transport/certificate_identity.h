// Whom an X.509 certificate is for, as RFC 5922 7.1 and 7.2 read it, and what is wrong with one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

struct x509_st;

namespace trunkline::sipstack {

/// The SIP domains of a certificate: the hosts of its sip: URIs, without any its DNS names, without
/// any alternative name its common name.
std::vector<std::string> sip_domains(const x509_st* certificate);

/// Whole names, case aside; there are no wildcards (RFC 5922 7.2). For a numeric `host`, which is
/// no domain, an IP address among the alternative names serves too.
bool is_certificate_for(const x509_st* certificate, std::string_view host);

/// The same names for an operator: "a.example, b.example"; printable and not too long.
std::string describe_identities(const x509_st* certificate);

/// X509_V_ERR_... of the certificate of `peer` in words.
std::string describe_certificate_fault(long verify_result, std::string_view peer);

}  // namespace trunkline::sipstack
