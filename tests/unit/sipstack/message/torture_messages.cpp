#include "tests/unit/sipstack/message/torture_messages.h"

#include <algorithm>
#include <utility>

namespace trunkline::sipstack::testing {

namespace {

using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;

using Rows = std::vector<std::pair<std::string, std::string>>;

/// Rows of the same name are replaced, those of other names appended; an empty value takes a row
/// away.
Rows changed(Rows rows, const Rows& changes) {
    for (const auto& [name, value] : changes) {
        const auto same = std::ranges::find(rows, name, &Rows::value_type::first);
        if (same == rows.end()) {
            rows.emplace_back(name, value);
        } else if (value.empty()) {
            rows.erase(same);
        } else {
            same->second = value;
        }
    }
    return rows;
}

std::string assembled(std::string_view start_line, const Rows& rows, std::string_view body) {
    std::string bytes = std::string(start_line) + "\r\n";
    for (const auto& [name, value] : rows) {
        bytes += name + ": " + value + "\r\n";
    }
    return bytes + "\r\n" + std::string(body);
}

Rows usual_rows(const std::string& method, std::string_view body) {
    return {{"Via", "SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw"},
            {"Max-Forwards", "70"},
            {"From", "<sip:caller@example.net>;tag=323"},
            {"To", "<sip:user@example.com>"},
            {"Call-ID", "torture.0ha0isndaksdj@192.0.2.1"},
            {"CSeq", "8 " + method},
            {"Contact", "<sip:caller@host5.example.net>"},
            {"Content-Length", std::to_string(body.size())}};
}

std::string request(const std::string& method, const std::string& uri, const Rows& changes = {},
                    std::string_view body = {}) {
    return assembled(method + " " + uri + " SIP/2.0", changed(usual_rows(method, body), changes),
                     body);
}

/// A request whose start line is odd.
std::string request_of_line(const std::string& method, std::string_view start_line,
                            const Rows& changes = {}) {
    return assembled(start_line, changed(usual_rows(method, {}), changes), {});
}

std::string response(std::string_view start_line, const Rows& changes = {}) {
    return assembled(start_line, changed(usual_rows("INVITE", {}), changes), {});
}

const std::string offer =
    "v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.4\r\n"
    "t=0 0\r\nm=audio 49217 RTP/AVP 0 12\r\nm=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC\r\n";
const Rows with_sdp{{"Content-Type", "application/sdp"}};

// 3.1.1: they look odd and are right.

const std::string wsinv =
    "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
    "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
    "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = "
    "98asjd8\r\n"
    "MaX-fOrWaRdS: 0068\r\n"
    "Call-ID: wsinv.ndaksdj@192.0.2.1\r\n"
    "Content-Length   : 7\r\n"
    "cseq: 0009\r\n  INVITE\r\n"
    "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
    "s :\r\n"
    "NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
    "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
    "Content-Type: application/sdp\r\n"
    "Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
    "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
    " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
    "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n"
    "  secondparam ; q = 0.33\r\n\r\nv=0\r\ns=";

const std::string intmeth =
    request("!interesting-Method0123456789_*+`.%indeed'~",
            "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too."
            "(doesn't-it)@example.com",
            {{"To",
              "\"BEL:\\\x07 NUL:\\"
              "\0"s
              " DEL:\\\x7f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>"},
             {"From",
              "token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;"
              "fromParam''~+*_!.-%=\"\xd1\x80\xd0\xb0\xd0\xb1\";tag=_token~1'+`*%!-."},
             {"Call-ID", "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"},
             {"extensionHeader-!.%*+_`'~", "\xef\xbb\xbf\xe5\xa4\xa7\xe5\x81\x9c\xe9\x9b\xbb"}});

const std::string mpart01 = request(
    "MESSAGE", "sip:kumiko@example.org",
    {{"Content-Type", "multipart/mixed;boundary=7a9cbec02ceef655"}},
    "--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\r\n--7a9cbec02ceef655\r\n"
    "Content-Type: application/octet-stream\r\n\r\n\0\x01\xff\x80\r\n\r\n\0\r\n--7a9cbec02ceef655--\r\n"sv);

std::string longreq() {
    const std::string many(60, 'v');
    std::string values;
    for (int i = 0; i < 34; ++i) {
        values += (i == 0 ? "" : ",\r\n ") + ("SIP/2.0/TCP sip" + std::to_string(i)) +
                  ".example.com;branch=z9hG4bK" + many;
    }
    return request(
        "INVITE", "sip:user@example.com",
        changed(
            with_sdp,
            {{"To", "\"I have a user name of " + many + many +
                        " proportion\" <sip:user@example.com:6000;" + many + "=" + many + ">"},
             {"From", "<sip:" + many + many + "@example.net>;tag=12982424;u" + many + "=" + many},
             {"Call-ID", "longreq.one" + many + many + "@host"},
             {"Contact", "<sip:" + many + many + "@host5.example.net>"},
             {"Via", values}}),
        offer);
}

std::vector<TortureMessage> valid_messages() {
    return {
        {"wsinv", is_message, 405, wsinv},
        {"intmeth", is_message, 405, intmeth},
        {"esc01", is_message, 405,
         request("INVITE", "sip:sips%3Auser%40example.com@example.net",
                 changed(with_sdp,
                         {{"To", "sip:%75se%72@example.com"},
                          {"From", "<sip:I%20have%20spaces@example.net>;tag=938"},
                          {"Contact",
                           "<sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>"}}),
                 offer)},
        {"escnull", is_message, 405,
         request("REGISTER", "sip:example.com",
                 {{"To", "sip:null-%00-null@example.com"},
                  {"From", "sip:null-%00-null@example.com;tag=839923423"},
                  {"Contact", "<sip:%00@host5.example.com>, <sip:%00%00@host5.example.com>"}})},
        {"esc02", is_message, 405,
         request("RE%47IST%45R", "sip:registrar.example.com",
                 {{"To", "\"%Z%45\" <sip:resource@example.com>"},
                  {"From", "\"%Z%45\" <sip:resource@example.com>;tag=f232jadfj23"}})},
        {"lwsdisp", is_message, 200,
         request("OPTIONS", "sip:user@example.com",
                 {{"From", "caller<sip:caller@example.com>;tag=323"}})},
        {"longreq", is_message, 405, longreq()},
        {"dblreq", is_message, 405,
         request("REGISTER", "sip:example.com") +
             request("INVITE", "sip:joe@example.com", with_sdp, offer)},
        {"semiuri", is_message, 200,
         request("OPTIONS", "sip:user;par=u%40example.net@example.com")},
        {"transports", is_message, 200,
         request("OPTIONS", "sip:user@example.com",
                 {{"Via",
                   "SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw, "
                   "SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf, "
                   "SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj, "
                   "SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en, "
                   "SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee"}})},
        {"mpart01", is_message, 405, mpart01},
        {"unreason", is_message, is_dropped,
         response("SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \xd1\x81\xd1\x82\xd0\xbe")},
        {"noreason", is_message, is_dropped, response("SIP/2.0 100 ")},
    };
}

// 3.1.2: they are wrong.

std::vector<TortureMessage> invalid_messages() {
    const std::string huge = "36893488147419103232";
    return {
        {"badinv01", 400, 400,
         request("INVITE", "sip:user@example.com",
                 {{"Via", "SIP/2.0/UDP 192.0.2.15;;,;,,"},
                  {"Contact", "\"Joe\" <sip:joe@example.org>;;;;"}})},
        {"clerr", 400, 400,
         request("INVITE", "sip:user@example.com", changed(with_sdp, {{"Content-Length", "9999"}}),
                 offer)},
        {"ncl", 400, 400,
         request("INVITE", "sip:user@example.com", changed(with_sdp, {{"Content-Length", "-999"}}),
                 offer)},
        {"scalar02", 400, 400,
         request("REGISTER", "sip:example.com",
                 {{"CSeq", huge + " REGISTER"},
                  {"Max-Forwards", "300"},
                  {"Expires", "1" + std::string(100, '0')},
                  {"Contact", "<sip:user@host129.example.com>;expires=280297596632815"}})},
        {"scalarlg", is_dropped, is_dropped,
         response("SIP/2.0 503 Service Unavailable",
                  {{"CSeq", "9292394834772304023312 OPTIONS"},
                   {"Retry-After", "949302838503028349304023988"},
                   {"Warning", "1812 overture \"In Progress\""}})},
        {"quotbal", 400, 400,
         request("INVITE", "sip:user@example.com",
                 {{"To", "\"Mr. J. User <sip:j.user@example.com>"}})},
        {"ltgtruri", 400, 400, request("INVITE", "<sip:user@example.com>")},
        {"lwsruri", 400, 400, request("INVITE", "sip:user@example.com; lr")},
        {"lwsstart", 400, 400, request_of_line("INVITE", "INVITE  sip:user@example.com  SIP/2.0")},
        {"trws", 400, 400, request_of_line("OPTIONS", "OPTIONS sip:user@example.com SIP/2.0  ")},
        {"escruri", is_message, 405,
         request("INVITE", "sip:user@example.com?Route=%3Csip:example.com%3E")},
        {"baddate", is_message, 405,
         request("INVITE", "sip:user@example.com", {{"Date", "Fri, 01 Jan 2010 16:00:00 EST"}})},
        {"regbadct", 400, 400,
         request("REGISTER", "sip:example.com",
                 {{"Contact", "sip:user@example.com?Route=%3Csip:sip.example.com%3E"}})},
        {"badaspec", 400, 400,
         request("OPTIONS", "sip:user@example.org",
                 {{"To", "\"Watson, Thomas\" < sip:t.watson@example.org >"}})},
        {"baddn", 400, 400,
         request("OPTIONS", "sip:t.watson@example.org",
                 {{"From", "Bell, Alexander <sip:a.g.bell@example.com>;tag=43"},
                  {"To", "Watson, Thomas <sip:t.watson@example.org>"}})},
        {"badvers", 505, 505,
         request_of_line("OPTIONS", "OPTIONS sip:t.watson@example.org SIP/7.0")},
        {"mismatch01", 400, 400,
         request("OPTIONS", "sip:user@example.com", {{"CSeq", "8 INVITE"}})},
        {"mismatch02", 400, 400,
         request("NEWMETHOD", "sip:user@example.com", {{"CSeq", "8 INVITE"}})},
        {"bigcode", is_dropped, is_dropped,
         response("SIP/2.0 4294967301 better not break the receiver")},
    };
}

// 3.2 to 3.4: transactions, what the layers above say, and the elder RFC 2543.

std::vector<TortureMessage> semantic_messages() {
    return {
        {"badbranch", is_message, 200,
         request("OPTIONS", "sip:user@example.com",
                 {{"Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK"}})},
        {"insuf", 400, 400,
         request("INVITE", "sip:user@example.com", {{"Call-ID", ""}, {"From", ""}, {"To", ""}})},
        {"unkscm", 416, 416, request("OPTIONS", "nobodyKnowsThisScheme:totallyopaquecontent")},
        {"novelsc", 416, 416, request("OPTIONS", "soap.beep://192.0.2.103:3002")},
        {"unksm2", is_message, 405,
         request("REGISTER", "sip:example.com",
                 {{"To", "isbn:2983792873"},
                  {"From", "<http://www.example.com>;tag=3234233"},
                  {"Contact", "<name:John_Smith>"}})},
        {"bext01", is_message, 420,
         request("OPTIONS", "sip:user@example.com",
                 {{"Require", "nothingSupportsThis, nothingSupportsThisEither"},
                  {"Proxy-Require", "noProxiesSupportThis, norDoAnyProxiesSupportThis"}})},
        {"invut", is_message, 405,
         request("INVITE", "sip:user@example.com", {{"Content-Type", "application/unknownformat"}},
                 "<audio/>")},
        {"regaut01", is_message, 405,
         request("REGISTER", "sip:example.com",
                 {{"Authorization", "NoOneKnowsThisScheme opaque-data=here"}})},
        {"multi01", 400, 400,
         request("INVITE", "sip:user@example.com",
                 {{"CSeq ", "59 INVITE"},
                  {"Call-ID ", "multi01.second"},
                  {"From ", "sip:another@example.net;tag=1"}})},
        {"mcl01", 400, 400,
         request("OPTIONS", "sip:user@example.com", {{"Content-Length", "13"}, {"L", "5"}},
                 "there's no way")},
        {"bcast", is_message, is_dropped,
         response("SIP/2.0 200 OK", {{"Via",
                                      "SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923, "
                                      "SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23"}})},
        {"zeromf", is_message, 200,
         request("OPTIONS", "sip:user@example.com", {{"Max-Forwards", "0"}})},
        {"cparam01", is_message, 405,
         request("REGISTER", "sip:example.com",
                 {{"Contact", "sip:+19725552222@gw1.example.net;unknownparam"}})},
        {"cparam02", is_message, 405,
         request("REGISTER", "sip:example.com",
                 {{"Contact", "<sip:+19725552222@gw1.example.net;unknownparam>"}})},
        {"regescrt", is_message, 405,
         request("REGISTER", "sip:example.com",
                 {{"Contact", "<sip:user@example.com?Route=%3Csip:sip.example.com%3E>"}})},
        {"sdp01", is_message, 405,
         request("INVITE", "sip:user@example.com",
                 changed(with_sdp, {{"Accept", "text/nobodyKnowsThis"}}), offer)},
        {"inv2543", is_message, 405,
         request("INVITE", "sip:UserB@example.com",
                 {{"Via", "SIP/2.0/UDP iftgw.example.com"},
                  {"From", "<sip:+13035551111@ift.client.example.net;user=phone>"},
                  {"Max-Forwards", ""},
                  {"Contact", ""},
                  {"Record-Route", "<sip:UserB@example.com;maddr=ss1.example.com>"},
                  {"Content-Length", ""},
                  {"Content-Type", "application/sdp"}},
                 offer)},
    };
}

std::string sdp_with(std::string_view connection) {
    return "v=0\r\no=assistant 971731711378798081 0 IN IP6 2001:db8::20\r\ns=Live video "
           "feed\r\nc=" +
           std::string(connection) + "\r\nt=3338481189 3370017201\r\nm=audio 6000 RTP/AVP 2\r\n";
}

}  // namespace

std::vector<TortureMessage> rfc4475_messages() {
    std::vector<TortureMessage> all = valid_messages();
    std::ranges::move(invalid_messages(), std::back_inserter(all));
    std::ranges::move(semantic_messages(), std::back_inserter(all));
    return all;
}

std::vector<TortureMessage> rfc5118_messages() {
    const auto register_at = [](const std::string& uri) {
        return request("REGISTER", uri,
                       {{"Via", "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111"},
                        {"Contact", "\"Caller\" <sip:caller@[2001:db8::1]>"}});
    };
    const auto received = [](const std::string& address) {
        return request("BYE", "sip:[2001:db8::10]",
                       {{"Via", "SIP/2.0/UDP [2001:db8::9:1];received=" + address +
                                    ";branch=z9hG4bKas3-111"}});
    };
    return {
        {"ipv6-good", is_message, 405, register_at("sip:[2001:db8::10]")},
        {"ipv6-bad", 400, 400, register_at("sip:2001:db8::10")},
        {"port-ambiguous", is_message, 405, register_at("sip:[2001:db8::10:5070]")},
        {"port-unambiguous", is_message, 405, register_at("sip:[2001:db8::10]:5070")},
        {"via-received-param-with-delim", is_message, 405, received("[2001:db8::9:255]")},
        {"via-received-param-no-delim", is_message, 405, received("2001:db8::9:255")},
        {"ipv6-in-sdp", is_message, 405,
         request("INVITE", "sip:user@[2001:db8::10]", with_sdp, sdp_with("IN IP6 2001:db8::20"))},
        {"mult-ip-in-header", is_message, 405,
         request("BYE", "sip:user@host.example.net",
                 {{"Via",
                   "SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111, "
                   "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144, "
                   "SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200"}})},
        {"mult-ip-in-sdp", is_message, 405,
         request("INVITE", "sip:user@[2001:db8::10]", with_sdp,
                 sdp_with("IN IP6 2001:db8::1") +
                     "m=video 6024 RTP/AVP 107\r\nc=IN IP4 192.0.2.1\r\n")},
        {"ipv4-mapped-ipv6", is_message, 405,
         request("INVITE", "sip:user@example.com",
                 changed(with_sdp, {{"Via",
                                     "SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19, "
                                     "SIP/2.0/UDP [::ffff:192.0.2.2]:5060;branch=z9hG4bKas3-111"},
                                    {"Contact", "\"T. desk phone\" <sip:ted@[::ffff:192.0.2.2]>"}}),
                 sdp_with("IN IP6 ::ffff:192.0.2.2"))},
        {"ipv6-bug-abnf-3-colons", is_message, 200,
         request("OPTIONS", "sip:user@[2001:db8:::192.0.2.1]")},
    };
}

}  // namespace trunkline::sipstack::testing
