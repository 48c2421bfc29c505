#include "sipstack/digest/digest.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

Challenge challenge_of(std::string_view row) {
    const auto challenges = parse_challenges(row, false);
    EXPECT_EQ(challenges.size(), 1U) << row;
    return challenges.empty() ? Challenge{} : challenges.front();
}

Credentials credentials_of(std::string user_name, std::string password) {
    return {.user_name = std::move(user_name), .password = Secret(std::move(password))};
}

TEST(DigestResponse, Rfc2617Section35) {
    const Challenge challenge = challenge_of(
        R"(Digest realm="testrealm@host.com", qop="auth,auth-int", )"
        R"(nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41")");
    EXPECT_EQ(digest_response(challenge, credentials_of("Mufasa", "Circle Of Life"), "GET",
                              "/dir/index.html", "0a4f113b", 1),
              "6629fae49393a05397450978507c4ef1");
}

TEST(DigestResponse, Rfc7616Section391) {
    const auto response = [](std::string_view algorithm) {
        const Challenge challenge = challenge_of(
            R"(Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=)" +
            std::string(algorithm) +
            R"(, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", )"
            R"(opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")");
        return digest_response(challenge, credentials_of("Mufasa", "Circle of Life"), "GET",
                               "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                               1);
    };
    EXPECT_EQ(response("MD5"), "8ca523f5e9506fed4657c9700eebdbec");
    EXPECT_EQ(response("SHA-256"),
              "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

// RFC 7616 3.9.2 prints SHA-512 cut to 256 bits; with the real SHA-512/256 it is this.
// T105
TEST(DigestResponse, Rfc7616Section392WithRealSha512256) {
    const Challenge challenge = challenge_of(
        R"(Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, )"
        R"(nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", )"
        R"(opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true)");
    const std::string user_name = "J\xc3\xa4s\xc3\xb8n Doe";
    EXPECT_EQ(hash_hex(challenge.algorithm, user_name + ":api@example.org"),
              "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
    EXPECT_EQ(digest_response(challenge, credentials_of(user_name, "Secret, or not?"), "GET",
                              "/doe.json", "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm", 1),
              "7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c");
}

struct SipVector {
    std::string_view algorithm, with_qop, without_qop, second_use;
};

// T83, T86, T87, T89: a REGISTER with each algorithm, with and without qop.
TEST(DigestResponse, SipVectors) {
    constexpr SipVector vectors[] = {
        {"MD5", "27bb2d69f801ec7548e2ed61f17be408", "627d83112cc8f288246431f9187cac72",
         "16f089de92ff3815ec7ae2a25123d695"},
        {"SHA-256", "cf23c10e8ca67f09f5b543638e719f9b869a0f70d9dbb9b11577de79629428aa",
         "4303f74f584f3957ed0cb7abea3270be0114ca941f0473cc8a8170f2bec9f2be",
         "fb416e20623577a24cf3bb2baa2b636b210aa2494d69514b62bb08bdd2c3694f"},
        {"SHA-512-256", "9e5361e7a587bbdc02c6c89f3fb280db48c205a07589e3499270860cda62d453",
         "5ec5dc58ca3275b36c78a89dca77e9cd1dc52d419e14f286bbf951e6b436cdc6",
         "603dd997bf42672801ee3fc311fb2ee02082d38735bf98d8cc103412b6e72806"},
    };
    const Credentials credentials = credentials_of("trunk1", "s3cret");
    for (const SipVector& vector : vectors) {
        const std::string row =
            "Digest realm=\"example.com\", nonce=\"84a4cc6f3082121f32b42a2187831a9e\", algorithm=" +
            std::string(vector.algorithm);
        const auto response = [&](std::string_view qop, uint32_t nonce_count) {
            return digest_response(challenge_of(row + std::string(qop)), credentials, "REGISTER",
                                   "sip:registrar.example.com", "0a4f113b", nonce_count);
        };
        EXPECT_EQ(response(", qop=\"auth\"", 1), vector.with_qop) << vector.algorithm;
        EXPECT_EQ(response("", 1), vector.without_qop) << vector.algorithm;
        EXPECT_EQ(response(", qop=\"auth\"", 2), vector.second_use) << vector.algorithm;
    }
}

// T88: echoed as written, hashed as meant.
TEST(DigestSession, HashesTheRealmWithoutItsEscapes) {
    const std::string value =
        DigestSession(challenge_of(R"(Digest realm="a\"b\\c", nonce="n")"), "c")
            .authorize(credentials_of("u", "p"), "REGISTER", "sip:r");
    EXPECT_NE(value.find(R"(realm="a\"b\\c")"), std::string::npos) << value;
    const std::string ha1 = hash_hex(DigestAlgorithm::md5, R"(u:a"b\c:p)");
    const std::string ha2 = hash_hex(DigestAlgorithm::md5, "REGISTER:sip:r");
    EXPECT_NE(value.find(hash_joined(DigestAlgorithm::md5, {ha1, "n", ha2})), std::string::npos);
}

// T84: auth-int, of an empty body and of one.
TEST(DigestResponse, CoversTheBodyWithAuthInt) {
    constexpr SipVector vectors[] = {
        {"MD5", "6d1ad46ef568ce78555d65c797e69509", "", ""},
        {"SHA-256", "10515323d263aa1fa2fc66c1f4e687fbc6a4d5879fe2bd3cdaf968c6e3e6bead", "", ""},
        {"SHA-512-256", "edb347513aced75ee4a30f46643306fa380ce748f5d76dd3cbfccc2305e017f6", "", ""},
    };
    const auto response = [](std::string_view algorithm, std::string_view body) {
        const Challenge challenge =
            challenge_of(R"(Digest realm="example.com", nonce="84a4cc6f3082121f32b42a2187831a9e", )"
                         R"(qop="auth-int", algorithm=)" +
                         std::string(algorithm));
        return digest_response(challenge, credentials_of("trunk1", "s3cret"), "REGISTER",
                               "sip:registrar.example.com", "0a4f113b", 1, body);
    };
    for (const SipVector& vector : vectors) {
        EXPECT_EQ(response(vector.algorithm, ""), vector.with_qop) << vector.algorithm;
    }
    EXPECT_EQ(response("MD5", "v=0"), "01d84b847c1e3db52651517bcbbda7cb");
}

// T85: the key of a -sess form stays that of the first nonce when a nextnonce takes its place.
TEST(DigestSession, KeepsTheKeyOfTheFirstRequestInASessForm) {
    struct Vector {
        std::string_view algorithm, first, after_next_nonce;
    };
    constexpr Vector vectors[] = {
        {"MD5-sess", "ce1834443eae5cbdb248c52e92d1588a", "3a5c430cffd7ad04f4e17592aea870a1"},
        {"SHA-256-sess", "d145065514bd4432e0161e73b91ab9151f3f8f8739530b76fadbaeeaceaf0ce8",
         "687abc227864ce91dbe0b6185008f11d7d50a39b9af61334e5cecb05481ff392"},
        {"SHA-512-256-sess", "75903b3ca51767aaef44d5af6e7f570aaf9db3f583c12feeb2bc7046e98e1518",
         "180938cd7eeca7cec9c8ce6ad3afcc20b5ba08457021e15c5cc624dd309ee83d"},
    };
    const Credentials credentials = credentials_of("trunk1", "s3cret");
    for (const Vector& vector : vectors) {
        DigestSession session(
            challenge_of(R"(Digest realm="example.com", nonce="84a4cc6f3082121f32b42a2187831a9e", )"
                         R"(qop="auth", algorithm=)" +
                         std::string(vector.algorithm)),
            "0a4f113b");
        const auto answer = [&] {
            return session.authorize(credentials, "REGISTER", "sip:registrar.example.com");
        };
        const std::string first = answer();
        EXPECT_NE(first.find(vector.first), std::string::npos) << first;
        EXPECT_NE(first.find(", algorithm=" + std::string(vector.algorithm) + ","),
                  std::string::npos);
        session.take_next_nonce("an intermediate one");
        session.take_next_nonce("nextone");
        const std::string next = answer();
        EXPECT_NE(next.find(vector.after_next_nonce), std::string::npos) << next;
        EXPECT_NE(next.find("nc=00000001"), std::string::npos);
        // Likewise after a restart.
        DigestMemory memory = session.memory();
        memory.nonce_count = 0;
        DigestSession restored(memory);
        EXPECT_EQ(restored.authorize(credentials, "REGISTER", "sip:registrar.example.com"), next);
    }
}

// T83, T85: without qop the far side still needs the cnonce that is in the key.
TEST(DigestSession, TellsTheCnonceOfASessFormWithoutQop) {
    DigestSession session(challenge_of(R"(Digest realm="r", nonce="n", algorithm=MD5-sess)"), "c");
    const std::string value = session.authorize(credentials_of("u", "p"), "REGISTER", "sip:r");
    EXPECT_NE(value.find(", cnonce=\"c\""), std::string::npos) << value;
    EXPECT_EQ(value.find("qop"), std::string::npos) << value;
    EXPECT_EQ(value.find("nc="), std::string::npos) << value;
}

// T92, T90
TEST(DigestSession, TakesNoNextNonceThatIsNone) {
    DigestSession session(challenge_of(R"(Digest realm="r", nonce="n", qop="auth")"), "c");
    session.take_next_nonce("");
    session.take_next_nonce(std::string(max_challenge_value + 1, 'n'));
    EXPECT_EQ(session.challenge().nonce, "n");
    session.authorize(credentials_of("u", "p"), "REGISTER", "sip:r");
    session.take_next_nonce("m");
    EXPECT_EQ(session.challenge().nonce, "m");
    EXPECT_EQ(session.uses(), 0U);
}

// T105
TEST(DigestSession, HashesTheUserNameWhereThatIsOffered) {
    const std::string row =
        R"(Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="n")";
    const Credentials credentials = credentials_of("J\xc3\xa4s\xc3\xb8n Doe", "Secret, or not?");
    const std::string hashed = DigestSession(challenge_of(row + ", userhash=true"), "c")
                                   .authorize(credentials, "GET", "/doe.json");
    EXPECT_TRUE(hashed.starts_with(
        R"(Digest username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b",)"))
        << hashed;
    EXPECT_TRUE(hashed.ends_with(", userhash=true")) << hashed;
    const std::string plain =
        DigestSession(challenge_of(row), "c").authorize(credentials, "GET", "/doe.json");
    EXPECT_NE(plain.find("username=\"J\xc3\xa4s\xc3\xb8n Doe\""), std::string::npos) << plain;
    EXPECT_EQ(plain.find("userhash"), std::string::npos);
    const auto response = [](const std::string& value) {
        return value.substr(value.find("response="), 80);
    };
    EXPECT_EQ(response(hashed), response(plain)) << "A1 holds the name itself (RFC 7616 3.4.4)";
}

// T107: test set 19 of TS 35.208 as RAND and AUTN.
constexpr std::string_view aka_row =
    R"(Digest realm="ims.example", nonce="gekrbA7g4S6866jZKpnfpbtS6Rx0esOrKlwj0V7jUdU=", )"
    "algorithm=AKAv1-MD5";

Credentials aka_credentials() {
    Account account;
    account.aka_key = Secret("5122250214c33e723a5dd523fc145fc0");
    account.aka_operator_key = Secret("981d464c7c52eb6e5036234984ad0bcf");
    return credentials_of(account, "user@ims.example");
}

// T107
TEST(DigestSession, AnswersAkaWithResAsThePassword) {
    EXPECT_EQ(digest_response(challenge_of(aka_row), aka_credentials(), "REGISTER",
                              "sip:ims.example", "", 1),
              "5842bf9cfdd516af6162b86f422c35b8");
    DigestSession session(challenge_of(std::string(aka_row) + ", qop=\"auth\""), "0a4f113b");
    const std::string value = session.authorize(aka_credentials(), "REGISTER", "sip:ims.example");
    EXPECT_NE(value.find("response=\"8d947903595f2cd6890682adb0bf4117\", algorithm=AKAv1-MD5"),
              std::string::npos)
        << value;
    session.take_next_nonce("n");
    EXPECT_NE(session.challenge().nonce, "n") << "an AKA nonce is a challenge in itself";
}

// T107
TEST(DigestSession, AnswersASynchronisationFailureWithAutsAndAnEmptyPassword) {
    DigestSession session(challenge_of(aka_row), "c");
    session.resynchronise("wpIP4kiY5RvQoNjzRm8=");
    const std::string value = session.authorize(aka_credentials(), "REGISTER", "sip:ims.example");
    EXPECT_NE(value.find("response=\"93ea541c76f27cb13fdc17b6bcb9584a\""), std::string::npos)
        << value;
    EXPECT_TRUE(value.ends_with(", auts=\"wpIP4kiY5RvQoNjzRm8=\"")) << value;
}

// RFC 7617 2
TEST(DigestSession, AnswersBasicWithNameAndPassword) {
    DigestSession session(challenge_of(R"(Basic realm="WallyWorld")"), "c");
    EXPECT_EQ(session.authorize(credentials_of("Aladdin", "open sesame"), "REGISTER", "sip:r"),
              "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST(EmptyAuthorization, NamesTheUserAndAnswersNothing) {
    EXPECT_EQ(empty_authorization("u\"1", "ims.example", "sip:ims.example"),
              R"(Digest username="u\"1", realm="ims.example", nonce="", uri="sip:ims.example", )"
              R"(response="")");
}

// T100, TA2, TA3: the manual prints an A1 that is the hash of some other text; as an HA1 in place
// of a password it leads to the manual's response.
TEST(DigestResponse, TraceAMediant) {
    const Challenge challenge = challenge_of(
        R"(Digest realm="audiocodes.com", nonce="11432d6bce58ddf02e3b5e1c77c010d2", stale=FALSE, )"
        "algorithm=MD5");
    EXPECT_EQ(hash_hex(DigestAlgorithm::md5, "122:audiocodes.com:AudioCodes"),
              "c2196e6626e438c1e1ccce9d6e59b2e7");
    EXPECT_EQ(hash_hex(DigestAlgorithm::md5, "REGISTER:sip:10.2.2.222"),
              "a9a031cfddcb10d91c8e7b4926086f7e");
    EXPECT_EQ(digest_response(challenge, credentials_of("122", "AudioCodes"), "REGISTER",
                              "sip:10.2.2.222", "", 1),
              "ced1be6f6bee4719894543e3b714aeee");
    Credentials provisioned{.user_name = "122", .password = {}};
    provisioned.ha1 = Secret("a8f17d4b41ab8dab6c95d3c14e34a9e1");
    EXPECT_EQ(digest_response(challenge, provisioned, "REGISTER", "sip:10.2.2.222", "", 1),
              "b9c45d0234a5abf5ddf5c704029b38cf");
}

// TC1, TC2
TEST(DigestResponse, TraceCVocal) {
    const Challenge challenge =
        challenge_of("Digest realm=vovida.com,algorithm=MD5,nonce=966645751");
    EXPECT_EQ(digest_response(challenge, credentials_of("6711", "secret"), "REGISTER",
                              "sip:192.168.26.180", "", 1),
              "9005a6e843b3d992c489c222afbb944d");
    Random random(Random::seed_from(1));
    const std::string value =
        DigestSession(challenge, random)
            .authorize(credentials_of("6711", "secret"), "REGISTER", "sip:192.168.26.180");
    EXPECT_EQ(value,
              "Digest username=\"6711\", realm=\"vovida.com\", nonce=\"966645751\", "
              "uri=\"sip:192.168.26.180\", response=\"9005a6e843b3d992c489c222afbb944d\", "
              "algorithm=MD5");
}

// T100
TEST(Credentials, HashedOnesServeTheirAlgorithmAlone) {
    Credentials credentials{.user_name = "a", .password = {}};
    const Challenge md5 = challenge_of(R"(Digest realm="r", nonce="n")");
    const Challenge sha = challenge_of(R"(Digest realm="r", nonce="n", algorithm=SHA-256)");
    EXPECT_FALSE(credentials.can_answer(md5));
    credentials.ha1 = Secret("00");
    EXPECT_TRUE(credentials.can_answer(md5));
    EXPECT_FALSE(credentials.can_answer(sha));
    credentials.password = Secret("p");
    EXPECT_TRUE(credentials.can_answer(sha));
}

// T100, T107
TEST(Credentials, EachKindOfChallengeNeedsItsOwn) {
    const Challenge aka = challenge_of(R"(Digest realm="r", algorithm=AKAv1-MD5, nonce=")" +
                                       std::string(42, 'A') + "A=\"");
    const Challenge basic = challenge_of(R"(Basic realm="r")");
    Credentials credentials = credentials_of("u", "p");
    EXPECT_FALSE(credentials.can_answer(aka));
    EXPECT_TRUE(credentials.can_answer(basic));
    credentials.user_name = "u:v";
    EXPECT_FALSE(credentials.can_answer(basic)) << "the colon would part it (RFC 7617 2)";
    credentials = aka_credentials();
    EXPECT_TRUE(credentials.can_answer(aka));
    EXPECT_FALSE(credentials.can_answer(basic));
    EXPECT_FALSE(credentials.can_answer(challenge_of(R"(Digest realm="r", nonce="n")")));
}

// T100
TEST(Credentials, OfAnAccount) {
    Account account;
    account.password = Secret("p");
    account.ha1 = Secret("ABCDEF");
    account.ha1_algorithm = DigestAlgorithm::sha256;
    account.aka_key = Secret("no key");
    const Credentials credentials = credentials_of(account, "u");
    EXPECT_EQ(credentials.user_name, "u");
    EXPECT_EQ(credentials.password, Secret("p"));
    EXPECT_EQ(*credentials.ha1, Secret("abcdef"));
    EXPECT_EQ(credentials.ha1_algorithm, DigestAlgorithm::sha256);
    EXPECT_FALSE(credentials.aka);
}

// T79, T80, T97
TEST(DigestSession, QuotesWhatIsQuotedAndEchoesWhatWasGiven) {
    Random random(Random::seed_from(2));
    DigestSession session(
        challenge_of(R"(Digest realm="a\"b", nonce="n", qop="auth-int,auth", opaque="")"), random);
    const std::string value = session.authorize(credentials_of("us\"er", "p"), "REGISTER", "sip:r");
    EXPECT_TRUE(
        value.starts_with(R"(Digest username="us\"er", realm="a\"b", nonce="n", uri="sip:r")"))
        << value;
    EXPECT_NE(value.find(R"(, opaque="", qop=auth, nc=00000001, cnonce=")"), std::string::npos)
        << value;
    EXPECT_EQ(value.find("algorithm"), std::string::npos);
    EXPECT_EQ(session.header_name(), "Authorization");
}

// T70
TEST(DigestSession, ProxyChallengeIsAnsweredInItsOwnHeader) {
    Random random(Random::seed_from(3));
    const auto challenges = parse_challenges(R"(Digest realm="r", nonce="n")", true);
    EXPECT_EQ(DigestSession(challenges.at(0), random).header_name(), "Proxy-Authorization");
}

// T89, T90
TEST(DigestSession, CountsTheUsesOfItsNonce) {
    Random random(Random::seed_from(4));
    const Challenge challenge = challenge_of(R"(Digest realm="r", nonce="n", qop="auth")");
    DigestSession session(challenge, random);
    const Credentials credentials = credentials_of("u", "p");
    std::string value;
    for (int i = 0; i < 26; ++i) {
        value = session.authorize(credentials, "REGISTER", "sip:r");
    }
    EXPECT_EQ(session.uses(), 26U);
    EXPECT_NE(value.find("nc=0000001a"), std::string::npos) << value;
    DigestSession next(challenge, random);
    EXPECT_NE(next.authorize(credentials, "REGISTER", "sip:r").find("nc=00000001"),
              std::string::npos);
}

// T98
TEST(DigestSession, EachHasItsOwnCnonce) {
    Random random(Random::seed_from(5));
    const Challenge challenge = challenge_of(R"(Digest realm="r", nonce="n", qop="auth")");
    const Credentials credentials = credentials_of("u", "p");
    const auto cnonce = [&] {
        const std::string value =
            DigestSession(challenge, random).authorize(credentials, "REGISTER", "sip:r");
        return value.substr(value.find("cnonce="));
    };
    EXPECT_NE(cnonce(), cnonce());
}

// T104
TEST(DigestSession, SecretsAreNotInTheHeader) {
    Random random(Random::seed_from(6));
    DigestSession session(challenge_of(R"(Digest realm="r", nonce="n")"), random);
    const std::string value =
        session.authorize(credentials_of("u", "top-secret"), "REGISTER", "sip:r");
    EXPECT_EQ(value.find("top-secret"), std::string::npos);
    EXPECT_EQ(value.find(hash_hex(DigestAlgorithm::md5, "u:r:top-secret")), std::string::npos);
}

}  // namespace
}  // namespace trunkline::sipstack
