// How a registration's REGISTER gets on the wire (registration.h).
#include "sipstack/message/header_rows.h"
#include "sipstack/registration/registration.h"
#include "sipstack/shard_key.h"

#include <fmt/format.h>

#include <utility>

namespace trunkline::sipstack {
namespace {

constexpr std::string_view method = "REGISTER";

/// The credentials of a request that was written already: its nonce count is used up.
void copy_credentials(std::string_view text, MessageWriter& writer) {
    HeaderRows rows(text);
    while (const auto row = rows.next()) {
        if (row->name == "Authorization" || row->name == "Proxy-Authorization") {
            writer.header(row->name, row->value);
        }
    }
}

}  // namespace

std::optional<Flow> Registration::flow_to(Transport transport, Instant now) {
    auto flow =
        context_.connections.flow_to({transport, registrant_.sip_interface_index, target_->endpoint,
                                      target_->host, registrant_.tls_context_index},
                                     now);
    if (flow && transport == Transport::udp && registrant_.local_udp_port != 0) {
        flow->local.port = registrant_.local_udp_port;
    }
    return flow;
}

/// A connection that is being opened takes one request: else all whose turn comes meanwhile would
/// leave in a burst when it opens, past the rate. They have another turn then.
bool Registration::waits_for(const Flow& flow) {
    if (!context_.connections.is_awaited(flow.stream)) {
        return false;
    }
    awaited_stream_ = flow.stream;
    flow_ = flow;
    return true;
}

void Registration::connection_opened(StreamId id, Instant now) {
    if (awaited_stream_ == id) {
        ask_for_turn(Pacer::Urgency::normal, now);
    }
}

void Registration::send(Instant now) {
    const auto flow = flow_to(target_->transport, now);
    if (!flow) {
        server_failed(FailureKind::silent,
                      fmt::format("no way to {}", target_->endpoint.to_string()), now);
        return;
    }
    if (waits_for(*flow)) {
        return;
    }
    const bool is_same_flow = flow_ == *flow;
    flow_ = *flow;
    ++cseq_;
    const std::string branch = make_branch(context_.shard, context_.random);
    std::string text = !challenged_.empty() && is_same_flow && seams_.credentials_end != 0
                           ? repeat_request(branch)
                           : write_request(branch, {});
    if (flow_.transport == Transport::udp && text.size() > largest_datagram && !stays_on_udp_) {
        if (const auto stream = flow_to(Transport::tcp, now)) {
            if (waits_for(*stream)) {
                --cseq_;  // nobody has seen it
                return;
            }
            flow_ = *stream;
            text = write_request(branch, text);
        }
    }
    if (purpose_ == Purpose::unbind) {
        state_ = RegistrationState::unregistering;
    } else {
        state_ = is_bound(now) ? RegistrationState::refreshing : RegistrationState::registering;
    }
    ++attempts_;
    sent_at_ = now;
    trace_message(TraceEvent::Kind::sent, flow_, text, now);
    save(true);
    transaction_ = context_.transactions.send_request(std::move(text), branch, method, flow_, *this,
                                                      now, servers_.max_transmissions());
    if (transaction_ == 0) {
        on_transport_error(fmt::format("cannot send to {}", flow_.remote.to_string()), now);
    }
}

RegisterRequest Registration::request(std::string_view branch) const {
    RegisterRequest request{registrant_,   context_.config, flow_,     *target_, redirected_to_,
                            contact_user_, call_id_,        from_tag_, branch,   cseq_};
    request.expires = purpose_ == Purpose::bind ? requested_ : Seconds(0);
    request.all_bindings = purpose_ == Purpose::clear ||
                           (purpose_ == Purpose::unbind &&
                            context_.config.proxy_and_registration.explicit_unregistration);
    request.extensions = extensions_;
    return request;
}

std::string Registration::write_request(std::string_view branch,
                                        std::string_view with_credentials_of) {
    const RegisterRequest form = request(branch);
    MessageWriter writer = form.begin(&seams_);
    if (!with_credentials_of.empty()) {
        copy_credentials(with_credentials_of, writer);
    } else if (servers_.is_configured(*target_)) {
        authenticator_.add_headers(writer, registrant_.credentials, method, form.request_uri());
    }
    seams_.end_credentials(writer);
    writer.header("User-Agent", context_.config.user_agent);
    return writer.finish();
}

/// What write_request() writes when nothing but the credentials has changed, at an eighth of the
/// price.
std::string Registration::repeat_request(std::string_view branch) {
    const std::string challenged = std::exchange(challenged_, {});
    const std::string_view rest = std::string_view(challenged).substr(seams_.credentials_end);
    MessageWriter writer = begin_again(challenged, seams_, branch, cseq_);
    if (servers_.is_configured(*target_)) {
        authenticator_.add_headers(writer, registrant_.credentials, method,
                                   request(branch).request_uri());
    }
    seams_.end_credentials(writer);
    return writer.finish_with(rest);
}

}  // namespace trunkline::sipstack
