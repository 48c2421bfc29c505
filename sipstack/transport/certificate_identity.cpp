#include "sipstack/transport/certificate_identity.h"

#include "dataplane/address.h"
#include "sipstack/message/lexical.h"

#include <fmt/format.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace trunkline::sipstack {

namespace {

using dataplane::IpAddress;

struct NamesDeleter {
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
using AlternativeNames = std::unique_ptr<GENERAL_NAMES, NamesDeleter>;

AlternativeNames alternative_names(const X509* certificate) {
    return AlternativeNames(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
}

std::string_view text_of(const ASN1_STRING* string) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

/// The host of a sip: URI without a user; other URIs are nobody's SIP domain.
std::optional<std::string> host_of(std::string_view uri) {
    constexpr std::string_view scheme = "sip:";
    if (!equal_nocase(uri.substr(0, scheme.size()), scheme) ||
        uri.find('@') != std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view host = uri.substr(scheme.size());
    host = host.substr(0, host.find_first_of(";?"));
    if (host.starts_with('[')) {
        return std::string(host.substr(1, host.find(']') - 1));
    }
    return std::string(host.substr(0, host.find(':')));
}

std::vector<std::string> common_names(const X509* certificate) {
    const X509_NAME* const subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) {
        return {};
    }
    return {std::string(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))))};
}

bool names_address(const X509* certificate, const IpAddress& address) {
    const AlternativeNames names = alternative_names(certificate);
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_IPADD) {
            continue;
        }
        const auto size = static_cast<std::size_t>(ASN1_STRING_length(name->d.iPAddress));
        const uint8_t* const bytes = ASN1_STRING_get0_data(name->d.iPAddress);
        if ((size == 4 || size == 16) && IpAddress::from_bytes({bytes, size}) == address) {
            return true;
        }
    }
    return false;
}

std::string printable(std::string_view text) {
    constexpr std::size_t longest = 80;
    std::string clean(text.substr(0, longest));
    std::replace_if(
        clean.begin(), clean.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return clean;
}

}  // namespace

std::vector<std::string> sip_domains(const x509_st* certificate) {
    const AlternativeNames names = alternative_names(certificate);
    if (!names) {
        const bool is_absent = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) < 0;
        return is_absent ? common_names(certificate) : std::vector<std::string>();
    }
    std::vector<std::string> from_uris, from_dns;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_URI) {
            if (auto host = host_of(text_of(name->d.uniformResourceIdentifier))) {
                from_uris.push_back(std::move(*host));
            }
        } else if (name->type == GEN_DNS) {
            from_dns.emplace_back(text_of(name->d.dNSName));
        }
    }
    return from_uris.empty() ? from_dns : from_uris;
}

bool is_certificate_for(const x509_st* certificate, std::string_view host) {
    const auto address = IpAddress::parse(host);
    if (address && names_address(certificate, *address)) {
        return true;
    }
    return std::ranges::any_of(sip_domains(certificate), [&](const std::string& domain) {
        return equal_nocase(domain, host) || (address && IpAddress::parse(domain) == address);
    });
}

std::string describe_identities(const x509_st* certificate) {
    constexpr std::size_t most = 3;
    const std::vector<std::string> domains = sip_domains(certificate);
    std::string text;
    for (std::size_t i = 0; i < std::min(most, domains.size()); ++i) {
        text += text.empty() ? "" : ", ";
        text += printable(domains[i]);
    }
    if (domains.size() > most) {
        text += fmt::format(" and {} more", domains.size() - most);
    }
    return text.empty() ? "no SIP domain" : text;
}

std::string describe_certificate_fault(long verify_result, std::string_view peer) {
    switch (verify_result) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return fmt::format("TLS: certificate of {} has expired", peer);
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return fmt::format("TLS: certificate of {} is not valid yet", peer);
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return fmt::format("TLS: no trusted root for the certificate of {} ({})", peer,
                               X509_verify_cert_error_string(verify_result));
        default:
            return fmt::format("TLS: certificate of {} refused: {}", peer,
                               X509_verify_cert_error_string(verify_result));
    }
}

}  // namespace trunkline::sipstack
