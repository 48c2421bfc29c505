// The words by which the appliance family names its parameters on the command line: each is taken.
#include "mgmt/cli/mode_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <vector>

namespace trunkline::mgmt {
namespace {

struct FamilyMode {
    const char* path;
    const char* words;
};

constexpr FamilyMode family[] = {
    {"configure voip > sip-definition proxy-and-registration",
     "enable-proxy proxy-name use-proxy-ip-as-host redundancy-mode "
     "proxy-ip-lst-rfrsh-time fallback-to-routing prefer-routing-table "
     "always-use-proxy sip-rerouting-mode dns-query proxy-dns-query "
     "nb-of-rtx-b4-hot-swap use-rand-user unreg-on-startup gw-name enable-registration "
     "registrar-name ip-addr-rgstrr registration-time re-registration-timing "
     "registration-retry-time max-registration-backoff-time registration-time-thres "
     "reg-on-invite-fail reg-on-conn-failure gw-registration-name "
     "set-oos-on-reg-failure expl-un-reg add-init-rte-hdr max-gen-reg-rate gen-reg-int "
     "subscription-mode user-name-4-auth password-4-auth cnonce-4-auth "
     "challenge-caching mutual-authentication"},
    {"configure voip > sip-definition settings",
     "use-gw-name-for-opt registrar-transport authentication-mode add-empty-author-hdr "
     "ping-pong-keep-alive ping-pong-keep-alive-time sync-ims-accounts "
     "account-invite-failure-trigger-codes t1-re-tx-time t2-re-tx-time sip-max-rtx "
     "tcp-timeout retry-aftr-time fake-retry-after session-exp-time "
     "min-session-expires enbl-non-inv-408 app-sip-transport-type sip-dst-port "
     "enable-sips tcp-conn-reuse reliable-conn-persistent user-agent-info "
     "sdp-session-owner use-tel-uri-for-asserted classify-by-proxy-set-mode "
     "reject-on-ovrld display-default-sip-port enable-gruu"},
    {"configure voip > sip-definition account <i>",
     "account-name served-trunk-group served-ip-group-name serving-ip-group-name "
     "host-name contact-user register registrar-stickiness registrar-search-mode "
     "re-register-on-invite-failure reg-event-package-subscription "
     "reg-by-served-ipg-status udp-port-assignment user-name password"},
    {"configure voip > gateway trunk-group <i>",
     "module first-trunk-id last-trunk-id first-b-channel last-b-channel "
     "first-phone-number trunk-group-id tel-profile-name"},
    {"configure voip > gateway trunk-group-setting <i>",
     "trunk-group-name trunk-group-id channel-select-mode registration-mode "
     "serving-ip-group gateway-name contact-user mwi-interrogation-type "
     "used-by-routing-server"},
    {"configure voip > proxy-set <i>",
     "proxy-name srd-name gwipv4-sip-int-name sbcipv4-sip-int-name gwipv6-sip-int-name "
     "sbcipv6-sip-int-name tls-context-name proxy-enable-keep-alive "
     "proxy-keep-alive-time keepalive-fail-resp success-detect-retries "
     "success-detect-int fail-detect-rtx proxy-redundancy-mode is-proxy-hot-swap "
     "proxy-load-balancing-method min-active-serv-lb classification-input "
     "dns-resolve-method accept-dhcp-proxy-list"},
    {"configure voip > proxy-set <i> > proxy-ip <j>",
     "proxy-address transport-type priority weight"},
    {"configure voip > ip-group <i>",
     "name topology-location type proxy-set-name ip-profile-name media-realm-name "
     "internal-media-realm-name contact-user sip-group-name sip-source-host-name "
     "used-by-routing-server srd-name voice-ai-connector-name classify-by-proxy-set "
     "sbc-operation-mode enable-sbc-client-forking cac-profile local-host-name "
     "uui-format always-use-source-addr msg-man-user-defined-string1 "
     "msg-man-user-defined-string2 proxy-keepalive-use-ipg sip-re-routing-mode "
     "always-use-route-table sip-connect sbc-psap-mode use-requri-port dtls-context "
     "sbc-keep-call-id sbc-dial-plan-name call-setup-rules-set-id tags "
     "sbc-alt-route-reasons-set teams-local-media-optimization "
     "teams-local-mo-initial-behavior max-num-of-reg-users registration-mode "
     "sbc-user-stickiness user-udp-port-assignment authentication-mode "
     "authentication-method-list sbc-server-auth-type oauth-http-service username "
     "password inbound-mesg-manipulation-set outbound-mesg-manipulation-set "
     "src-uri-input dst-uri-input qoe-profile bandwidth-profile"},
    {"configure voip > sip-interface <i>",
     "interface-name topology-location network-interface sctp-second-network-interface "
     "application-type udp-port tcp-port tls-port sctp-port additional-udp-ports "
     "additional-udp-ports-mode encapsulating-protocol tcp-keepalive-enable "
     "used-by-routing-server pre-parsing-man-set cac-profile srd-name "
     "classification-fail-response-type preclassification-manset "
     "call-setup-rules-set-id media-realm-name sbc-direct-media tls-context-name "
     "tls-mutual-auth message-policy-name block-un-reg-users enable-un-auth-registrs "
     "max-reg-users"},
    {"configure voip > srd <i>",
     "name sharing-policy sbc-operation-mode sbc-routing-policy-name "
     "sbc-dial-plan-name cac-profile used-by-routing-server block-un-reg-users "
     "max-reg-users enable-un-auth-registrs"},
    {"configure network > interface network-if <i>",
     "name application-type underlying-dev mode ip-address prefix-length gateway "
     "primary-dns secondary-dns"},
    {"configure network > interface network-dev <i>", "name vlan-id underlying-if tagging mtu"},
    {"configure network > ether-group <i>", "mode member1 member2"},
    {"configure network > physical-port <i>", "mode speed-duplex port-description"},
    {"configure voip > realm <i>",
     "name topology-location ipv4if ipv6if remote-ipv4if remote-ipv6if "
     "port-range-start session-leg port-range-end tcp-port-range-start "
     "tcp-port-range-end is-default qoe-profile bw-profile"},
    {"configure network > tls <i>",
     "name tls-version dtls-version ciphers-server ciphers-client require-strict-cert "
     "dh-key-size tls-renegotiation ocsp-server ocsp-server-primary "
     "ocsp-server-secondary ocsp-port ocsp-default-response"},
    {"configure voip > sbc classification <i>",
     "classification-name srd-name message-condition-name src-sip-interface-name "
     "src-ip-address src-port src-transport-type src-user-name-pattern src-host "
     "dst-user-name-pattern dst-host action-type dest-routing-policy "
     "ip-group-selection src-ip-group-name ip-group-tag-name ip-profile-id"},
    {"configure voip > sbc routing ip2ip-routing <i>",
     "route-name sbc-routing-policy-name alt-route-options src-ip-group-name "
     "request-type src-user-name-pattern src-host src-tags dst-user-name-pattern "
     "dst-host dest-tags message-condition-name trigger reroute-ip-group-name dst-type "
     "dst-ip-group-name dest-sip-interface-name dst-address dst-port "
     "dst-transport-type ipgroupset-name call-setup-rules-set-id group-policy "
     "cost-group routing-tag-name internal-action modified-dest-user-name"},
    {"configure voip > gateway routing tel2ip-routing <i>",
     "route-name src-trunk-group-id src-phone-prefix dst-phone-prefix "
     "call-setup-rules-set-id dst-ip-group-name dest-sip-interface-name dst-ip-address "
     "dst-port transport-type ip-profile-name forking-group cost-group-id "
     "charge-code-name"},
    {"configure voip > gateway routing ip2tel-routing <i>",
     "route-name src-sip-interface-name src-ip-address src-phone-prefix "
     "src-host-prefix dst-phone-prefix dst-host-prefix call-setup-rules-set-id "
     "dst-type trunk-group-id trunk-id src-ip-group-name ip-profile-name"},
    {"configure voip > gateway user-info-table > user <i>",
     "pbx-ext global-phone-num display-name username password"},
    {"configure voip > sbc settings",
     "sbc-proxy-registration-time sbc-usr-reg-time sbc-surv-reg-time "
     "sbc-usr-reg-grace-time configure-sbc-rand-expire sbc-db-route-mode "
     "keep-contact-user-in-reg sbc-shared-line-reg-mode gruu-mode lifetime-of-nonce "
     "auth-chlng-mthd auth-qop sbc-bye-auth"},
    {"configure voip > ids global-parameters", "enable-ids alarm-clear-period excluded-responses"},
    {"configure voip > message message-policy <i>",
     "name max-message-length max-header-length max-body-length max-num-headers "
     "max-num-bodies send-rejection method-list method-list-type signature-db-enable"},
    {"configure network > access-list <i>",
     "source-ip src-port prefixLen start-port end-port protocol use-specific-interface "
     "network-interface-name packet-size byte-rate byte-burst allow-type"},
    {"configure troubleshoot > syslog",
     "syslog syslog-ip syslog-port log-level debug-level syslog-optimization "
     "syslog-cpu-protection"},
    {"configure troubleshoot > cdr", "cdr-report-level cdr-srvr-ip-adrr"},
    {"configure system > automatic-update",
     "aupd-interface update-firmware update-frequency-sec predefined-time "
     "voice-configuration firmware cli-script startup-script incremental-ini-file "
     "sbc-user-info crc-check"},
};

std::vector<std::string> split(std::string text, const std::string& between) {
    std::vector<std::string> parts;
    for (std::size_t end = 0; (end = text.find(between)) != text.npos;) {
        parts.push_back(text.substr(0, end));
        text.erase(0, end + between.size());
    }
    parts.push_back(text);
    return parts;
}

/// "proxy-set <i>" is entered by the word and a number.
const CliMode* mode_at(const ModeTree& tree, const std::string& path) {
    const CliMode* mode = &tree.root();
    for (const std::string& segment : split(path, " > ")) {
        std::vector<std::string> words = split(segment, " ");
        std::erase_if(words, [](const std::string& word) { return word.starts_with('<'); });
        mode = mode == nullptr ? nullptr : mode->mode(words);
    }
    return mode;
}

TEST(FamilyWords, AreTakenInTheModesOfTheFamily) {
    const Catalogue catalogue = built_in_catalogue();
    const ModeTree tree(catalogue);
    for (const auto& [path, words] : family) {
        const CliMode* const mode = mode_at(tree, path);
        ASSERT_NE(mode, nullptr) << path;
        std::istringstream all(words);
        for (std::string word; all >> word;) {
            EXPECT_NE(mode->parameter(word), nullptr) << path << " > " << word;
        }
    }
}

}  // namespace
}  // namespace trunkline::mgmt
