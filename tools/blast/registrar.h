// The registrar: challenges every REGISTER with MD5 digest, verifies the answer, grants, and counts
// for each AOR what a client does right and wrong. Answers OPTIONS with 200, all else with 405.
#pragma once

#include "tools/blast/aor_table.h"
#include "tools/blast/role.h"
#include "tools/blast/scan.h"
#include "tools/blast/text_buffer.h"

#include <map>
#include <string>
#include <vector>

namespace trunkline::blast {

struct RegistrarSettings {
    uint32_t aors = 1'000'000;  ///< the most it takes; further ones get a 503
    std::string realm = "blast";
    std::string password;  ///< of every user; "%s" in it stands for the user's name
    bool challenge = true;
    bool verify = true;            ///< look at the response; else any credentials do
    uint32_t nonce_uses = 1;       ///< requests that a nonce is good for; 0: without end
    uint32_t expires = 3600;       ///< granted where the client asks for more, or for nothing
    uint64_t answer_delay = 0;     ///< nanoseconds
    double drop_share = 0;         ///< of the requests, as if the wire had lost them
    double unavailable_share = 0;  ///< of the requests; they get a 503
    uint32_t retry_after = 0;      ///< seconds, in the 503; 0: not in it
    uint64_t seed = 1;             ///< of nonces and shares
};

/// All from the start of the run.
struct RegistrarCounts {
    uint64_t requests = 0;    ///< REGISTER that reached it, retransmissions too
    uint64_t registered = 0;  ///< bindings made
    uint64_t refreshed = 0;
    uint64_t unregistered = 0;
    uint64_t challenged = 0;       ///< 401 without stale
    uint64_t stale = 0;            ///< 401 with stale=true: a nonce used up, or not the last one
    uint64_t retransmissions = 0;  ///< answered as before
    uint64_t dropped = 0;
    uint64_t unavailable = 0;      ///< 503
    uint64_t table_full = 0;       ///< 503, too
    uint64_t call_id_changes = 0;  ///< while the binding stood
    uint64_t options = 0;
    uint64_t other_methods = 0;  ///< 405
    uint64_t unverified = 0;     ///< credentials that were taken without a look
    uint64_t unsent = 0;         ///< answers for which the port had no room
    // Wrong:
    uint64_t malformed = 0;   ///< no request, or without what a REGISTER must have
    uint64_t wrong_cseq = 0;  ///< not above the last of its Call-ID
    uint64_t wrong_nc = 0;    ///< not one above the last with its nonce
    uint64_t bad_digest = 0;  ///< response, realm, uri, qop or algorithm
};

class Registrar : public Role {
public:
    Registrar(RegistrarSettings settings, Outlet& outlet);

    void start(uint64_t now) override;
    void receive(std::span<const Datagram> batch, uint64_t now) override;
    bool poll(uint64_t now) override;
    void stop() override { stopped_ = true; }
    bool done(uint64_t) const override { return stopped_; }
    uint64_t completed() const override { return counts_.registered + counts_.refreshed; }
    uint64_t wrong() const override;
    std::string progress(uint64_t now) const override;
    nlohmann::ordered_json report(uint64_t now) const override;

    const RegistrarCounts& counts() const { return counts_; }
    const AorTable& aors() const { return aors_; }
    /// AORs whose binding stood at the last poll().
    uint64_t bound() const { return bound_; }

private:
    struct Request {
        const Datagram* datagram = nullptr;
        ScannedMessage message;
        std::string_view aor;
        uint64_t key = 0;
        const char* wrong = nullptr;
    };
    /// What an answer has beside the request's own lines.
    struct Answer {
        uint16_t status = 200;
        uint64_t nonce = 0;
        bool stale = false;
        uint32_t expires = 0;
        bool contact = false;  ///< echo the Contact with `expires`
    };

    static void look(const Datagram& datagram, Request& request);
    void handle(const Request& request, uint64_t now);
    void handle_register(const Request& request, uint64_t now);
    void register_aor(const Request& request, Aor& aor, uint64_t now);
    /// What the credentials are worth.
    enum class Verdict : uint8_t { good, stale, bad };
    Verdict judge(const Request& request, Aor& aor);
    bool verify(const Request& request, const ScannedDigest& digest, Aor& aor);
    void challenge(const Request& request, Aor& aor, bool stale, uint64_t now);
    void grant(const Request& request, Aor& aor, uint64_t now);
    void bind_until(Aor& aor, uint32_t second);
    void answer(const Request& request, const Answer& answer, uint64_t now);
    void write_via(const Request& request, TextBuffer& text);
    std::string_view text_of(const dataplane::IpAddress& address);
    /// Of the run, from 1 on.
    uint32_t second_of(uint64_t now) const;
    /// True for a share of the calls.
    bool falls_into(double share);
    uint64_t next_random();

    RegistrarSettings settings_;
    Outlet& outlet_;
    AorTable aors_;
    DigestMaker digests_;
    RegistrarCounts counts_;
    std::map<std::string_view, uint64_t> malformed_;  ///< by reason
    std::vector<Request> batch_;
    std::string challenge_head_;
    uint64_t start_ = 0;
    uint64_t random_ = 0;
    std::vector<uint32_t> ends_;  ///< bindings that end in each second of the run
    uint64_t bound_ = 0;
    uint32_t swept_ = 0;  ///< the second up to which ended bindings were taken off
    dataplane::IpAddress last_peer_;
    std::string last_peer_text_;
    bool stopped_ = false;
};

}  // namespace trunkline::blast
