// Documents of the registration event package, sound and hostile.
#include "sipstack/registration/reginfo.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;

const std::string aor = "sip:100@lab.example";
const std::string own = "sip:100@192.0.2.10";

std::string document(const std::string& registrations, const std::string& state = "partial") {
    return fmt::format(
        "<?xml version=\"1.0\"?>\n<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"1\" "
        "state=\"{}\">{}</reginfo>",
        state, registrations);
}

std::string registration(const std::string& state, const std::string& contacts) {
    return fmt::format("<registration aor=\"{}\" id=\"a7\" state=\"{}\">{}</registration>", aor,
                       state, contacts);
}

std::string contact(const std::string& uri, const std::string& state, const std::string& event,
                    const std::string& more = "") {
    return fmt::format("<contact id=\"76\" state=\"{}\" event=\"{}\" {}><uri>{}</uri></contact>",
                       state, event, more, uri);
}

std::optional<BindingChange> change_in(const std::string& text) {
    const auto info = parse_reginfo(text);
    EXPECT_TRUE(info) << text;
    return info ? change_of_binding(*info, aor, own) : std::nullopt;
}

// The example of RFC 3680 6, with the prefix that another peer may choose.
TEST(Reginfo, IsReadWhateverItsPrefix) {
    const auto info = parse_reginfo(
        "<?xml version=\"1.0\"?><r:reginfo xmlns:r=\"urn:ietf:params:xml:ns:reginfo\" "
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" version=\"0\" state=\"full\">"
        "<r:registration aor=\"sip:joe@example.com\" id=\"as9\" state=\"active\">"
        "<r:contact id=\"76\" state=\"active\" event=\"registered\" duration-registered=\"7322\" "
        "q=\"0.8\"><r:uri> sip:joe@pc887.example.com </r:uri></r:contact>"
        "</r:registration></r:reginfo>");
    ASSERT_TRUE(info);
    EXPECT_EQ(info->version, 0U);
    EXPECT_TRUE(info->full);
    ASSERT_EQ(info->registrations.size(), 1U);
    EXPECT_EQ(info->registrations[0].aor, "sip:joe@example.com");
    ASSERT_EQ(info->registrations[0].contacts.size(), 1U);
    EXPECT_EQ(info->registrations[0].contacts[0].uri, "sip:joe@pc887.example.com");
    EXPECT_FALSE(info->registrations[0].contacts[0].terminated);
}

TEST(Reginfo, TellsHowOurBindingEnded) {
    const std::vector<std::pair<std::string, BindingEvent>> events{
        {"deactivated", BindingEvent::deactivated},   {"probation", BindingEvent::probation},
        {"unregistered", BindingEvent::unregistered}, {"rejected", BindingEvent::rejected},
        {"expired", BindingEvent::expired},           {"unheard-of", BindingEvent::deactivated}};
    for (const auto& [name, event] : events) {
        const auto end =
            change_in(document(registration("active", contact(own, "terminated", name))));
        ASSERT_TRUE(end) << name;
        EXPECT_EQ(end->event, event);
    }
    const auto end = change_in(document(
        registration("active", contact(own, "terminated", "probation", "retry-after=\"77\""))));
    EXPECT_EQ(end->retry_after, 77s);
}

// RFC 3680 5.3
TEST(Reginfo, TellsWhatIsLeftOfABindingThatIsShortened) {
    const auto change = change_in(
        document(registration("active", contact(own, "active", "shortened", "expires=\"600\""))));
    ASSERT_TRUE(change);
    EXPECT_EQ(change->event, BindingEvent::shortened);
    EXPECT_EQ(change->left, 600s);
    EXPECT_FALSE(change_in(
        document(registration("active", contact(own, "active", "refreshed", "expires=\"600\"")))));
    EXPECT_FALSE(change_in(document(registration("active", contact(own, "active", "shortened")))));
    const auto ended = change_in(document(
        registration("active", contact(own, "terminated", "shortened", "expires=\"600\""))));
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->event, BindingEvent::deactivated);
}

TEST(Reginfo, FindsOurBindingByUriComparison) {
    for (const std::string uri : {"sip:100@192.0.2.10;foo=bar", "SIP:100@192.0.2.10"}) {
        EXPECT_TRUE(change_in(
            document(registration("active", contact("sip:100@192.0.2.11", "active", "registered") +
                                                contact(uri, "terminated", "expired")))))
            << uri;
    }
    EXPECT_TRUE(change_in(document(
        registration("active", contact("sip:100@203.0.113.9:77", "terminated", "expired")))))
        << "rewritten, and the only one";
}

TEST(Reginfo, IgnoresWhatIsNotOurs) {
    const std::string ended = contact(own, "terminated", "deactivated");
    std::string elsewhere = document(registration("terminated", ended));
    elsewhere.replace(elsewhere.find("sip:100@lab"), 7, "sip:200");
    EXPECT_FALSE(change_in(elsewhere));
    EXPECT_FALSE(change_in(
        document(registration("active", contact("sip:200@192.0.2.10", "terminated", "expired")))));
    EXPECT_FALSE(change_in(
        document(registration("active", contact("sip:100@192.0.2.11", "terminated", "expired") +
                                            contact(own, "active", "registered")))));
    EXPECT_FALSE(change_in(document(registration("init", ""), "full")));
    EXPECT_FALSE(change_in(document("")));
}

TEST(Reginfo, ARegistrationThatIsTerminatedAsAWholeEndsOurBinding) {
    auto end = change_in(document(registration("terminated", "")));
    ASSERT_TRUE(end);
    EXPECT_EQ(end->event, BindingEvent::deactivated);
    end = change_in(document(registration("terminated", contact(own, "terminated", "rejected"))));
    ASSERT_TRUE(end);
    EXPECT_EQ(end->event, BindingEvent::rejected);
}

TEST(Reginfo, RefusesWhatIsNone) {
    const std::string whole = document(registration("active", contact(own, "active", "created")));
    for (const std::string& bad :
         {std::string(), std::string("x"), std::string("<reginfo"), std::string("<other/>"),
          std::string("<reginfo version=\"-1\" state=\"full\"/>"),
          std::string("<reginfo version=\"1\"/>"), std::string("<reginfo state=\"full\"/>"),
          std::string("<reginfo version=\"1\" state=\"whole\"/>"),
          std::string("<reginfo version=\"99999999999999999999\" state=\"full\"/>"),
          std::string(max_reginfo_bytes + 1, ' '), std::string(1000, '\0')}) {
        EXPECT_FALSE(parse_reginfo(bad)) << bad.substr(0, 60);
    }
    for (std::size_t length = 0; length < whole.size(); ++length) {
        (void)parse_reginfo(whole.substr(0, length));
        std::string holed = whole;
        holed[length] = '\0';
        (void)parse_reginfo(holed);
        holed[length] = '<';
        (void)parse_reginfo(holed);
    }
}

TEST(Reginfo, ExpandsNoEntityOfItsOwn) {
    const auto info = parse_reginfo(
        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">"
        "<!ENTITY f SYSTEM \"file:///etc/passwd\">]>" +
        document(registration("active", contact("sip:&b;&f;@x", "active", "created"))).substr(21));
    ASSERT_TRUE(info);
    EXPECT_EQ(info->registrations[0].contacts[0].uri, "sip:&b;&f;@x");
}

TEST(Reginfo, IsBoundedInDepthAndNumber) {
    std::string deep;
    for (int level = 0; level < 9000; ++level) {
        deep += "<a>";
    }
    EXPECT_FALSE(parse_reginfo(deep));
    std::string closed = deep;
    for (int level = 0; level < 9000; ++level) {
        closed += "</a>";
    }
    EXPECT_FALSE(parse_reginfo(closed));
    std::string many;
    for (std::size_t number = 0; number <= max_reginfo_contacts; ++number) {
        many += "<contact/>";
    }
    EXPECT_FALSE(parse_reginfo(document(registration("active", many))));
}

}  // namespace
}  // namespace trunkline::sipstack
