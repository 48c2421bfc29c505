#include "tools/blast/options_sender.h"

#include "tools/blast/hex.h"

#include <fmt/format.h>

#include <utility>

namespace trunkline::blast {

OptionsSender::OptionsSender(OptionsSettings settings, const Flow& flow, Outlet& outlet)
    : ClientRole("options", flow, settings.pace, settings.timers, outlet),
      settings_(std::move(settings)),
      call_ids_(settings_.run),
      begin_(fmt::format("OPTIONS {} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=", settings_.uri,
                         flow.local.to_string())),
      after_branch_(fmt::format(";rport\r\nMax-Forwards: 70\r\nFrom: <sip:blast@{}>;tag=",
                                flow.local.address.to_uri_host())),
      after_tag_(fmt::format("\r\nTo: <{}>\r\nCall-ID: ", settings_.uri)),
      end_("\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n") {}

bool OptionsSender::assign(Transaction& transaction) {
    transaction.subject = number_++;
    return true;
}

void OptionsSender::write(uint32_t slot, TextBuffer& text) {
    const Transaction& transaction = transactions().at(slot);
    text << begin_ << view(transactions().branch(slot)) << after_branch_
         << view(hex<8>(transaction.subject)) << after_tag_
         << view(call_ids_.of(transaction.subject)) << end_;
}

void OptionsSender::answered(uint32_t slot, const ScannedMessage& answer, uint64_t now) {
    const Transaction& transaction = transactions().at(slot);
    const bool fits = answer.call_id == view(call_ids_.of(transaction.subject)) &&
                      answer.cseq_number == 1 && answer.cseq_method == "OPTIONS" &&
                      parameter(answer.from, "tag") == view(hex<8>(transaction.subject)) &&
                      parameter(answer.to, "tag").has_value();
    if (!fits) {
        fail(slot, mutable_counts().mismatched);
    } else if (answer.status == 200) {
        complete(slot, now);
    } else {
        refuse(slot, answer.status);
    }
}

}  // namespace trunkline::blast
