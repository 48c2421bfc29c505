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
    auto flow = context_.connections.flow_to(
        {transport, registrant_.sip_interface_index, attempt_->target->endpoint,
         attempt_->target->host, registrant_.tls_context_index},
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
    attempt_->awaited_stream = flow.stream;
    attempt_->flow = flow;
    return true;
}

void Registration::connection_opened(StreamId id, Instant now) {
    if (attempt_ && attempt_->awaited_stream == id) {
        ask_for_turn(Pacer::Urgency::normal, now);
    }
}

void Registration::leave_server_aside(Instant now) {
    attempt_->servers.tried(*attempt_->target);
    if (auto next = attempt_->servers.next(now)) {
        line_up(*std::move(next), Pacer::Urgency::normal, now);
    } else {
        no_server(now);
    }
}

void Registration::send(Instant now) {
    Attempt& attempt = *attempt_;
    if (attempt.purpose != Purpose::unbind && attempt.servers.is_aside(*attempt.target, now)) {
        leave_server_aside(now);
        return;
    }
    const auto flow = flow_to(attempt.target->transport, now);
    if (!flow) {
        server_failed(FailureKind::silent,
                      fmt::format("no way to {}", attempt.target->endpoint.to_string()), now);
        return;
    }
    if (waits_for(*flow)) {
        return;
    }
    const bool is_same_flow = attempt.flow == *flow;
    attempt.flow = *flow;
    ++cseq_;
    const std::string branch = make_branch(context_.shard, context_.random);
    std::string text =
        !attempt.challenged.empty() && is_same_flow && attempt.seams.credentials_end != 0
            ? repeat_request(branch)
            : write_request(branch, {});
    if (attempt.flow.transport == Transport::udp && text.size() > largest_datagram &&
        !stays_on_udp_) {
        if (const auto stream = flow_to(Transport::tcp, now)) {
            if (waits_for(*stream)) {
                --cseq_;  // nobody has seen it
                return;
            }
            attempt.flow = *stream;
            text = write_request(branch, text);
        }
    }
    if (attempt.purpose == Purpose::unbind) {
        state_ = RegistrationState::unregistering;
    } else {
        state_ = is_bound(now) ? RegistrationState::refreshing : RegistrationState::registering;
    }
    ++attempts_;
    sent_at_ = now;
    attempt.first_sent_at = attempt.first_sent_at.value_or(now);
    transport_ = attempt.flow.transport;
    trace_message(TraceEvent::Kind::sent, attempt.flow, text, now);
    save(true);
    transaction_ =
        context_.transactions.send_request(std::move(text), branch, method, attempt.flow, *this,
                                           now, attempt.servers.max_transmissions());
    if (transaction_ == 0) {
        on_transport_error(fmt::format("cannot send to {}", attempt.flow.remote.to_string()), now);
    }
}

RegisterRequest Registration::request(std::string_view branch) const {
    const Attempt& attempt = *attempt_;
    RegisterRequest request{
        registrant_,    context_.config, attempt.flow, *attempt.target, attempt.redirected_to,
        contact_user(), call_id_,        from_tag_,    branch,          cseq_};
    request.expires = attempt.purpose == Purpose::bind ? requested_ : Seconds(0);
    request.all_bindings = attempt.purpose == Purpose::clear ||
                           (attempt.purpose == Purpose::unbind &&
                            context_.config.proxy_and_registration.explicit_unregistration);
    request.extensions = extensions_;
    return request;
}

std::string Registration::write_request(std::string_view branch,
                                        std::string_view with_credentials_of) {
    const RegisterRequest form = request(branch);
    MessageWriter writer = form.begin(&attempt_->seams);
    if (!with_credentials_of.empty()) {
        copy_credentials(with_credentials_of, writer);
    } else if (attempt_->servers.is_configured(*attempt_->target)) {
        authenticator_.add_headers(writer, registrant_.credentials, method, form.request_uri());
    }
    attempt_->seams.end_credentials(writer);
    writer.header("User-Agent", context_.config.user_agent);
    return writer.finish();
}

/// What write_request() writes when nothing but the credentials has changed, at an eighth of the
/// price.
std::string Registration::repeat_request(std::string_view branch) {
    const std::string challenged = std::exchange(attempt_->challenged, {});
    const std::string_view rest =
        std::string_view(challenged).substr(attempt_->seams.credentials_end);
    MessageWriter writer = begin_again(challenged, attempt_->seams, branch, cseq_);
    if (attempt_->servers.is_configured(*attempt_->target)) {
        authenticator_.add_headers(writer, registrant_.credentials, method,
                                   request(branch).request_uri());
    }
    attempt_->seams.end_credentials(writer);
    return writer.finish_with(rest);
}

}  // namespace trunkline::sipstack
