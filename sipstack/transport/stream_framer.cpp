#include "sipstack/transport/stream_framer.h"

#include "sipstack/message/header_rows.h"
#include "sipstack/message/lexical.h"

#include <optional>

namespace trunkline::sipstack {

namespace {

/// Room that an idle connection may keep.
constexpr std::size_t idle_capacity = 4096;

}  // namespace

void StreamFramer::append(std::string_view bytes) {
    if (begin_ != 0) {
        // Whole messages are gone; what moves here is a part of one, and moves once.
        buffer_.erase(0, begin_);
        line_ -= begin_;
        scanned_ -= begin_;
        end_ -= end_ == 0 ? 0 : begin_;
        begin_ = 0;
    }
    if (fault_.empty()) {
        buffer_ += bytes;
    }
}

StreamFramer::Item StreamFramer::next() {
    if (!fault_.empty()) {
        return {Item::Kind::fault, fault_};
    }
    if (line_ == begin_ && end_ == 0) {  // between messages: line ends are skipped (7.5)
        while (begin_ < buffer_.size() && (buffer_[begin_] == '\r' || buffer_[begin_] == '\n')) {
            const bool is_line_end = buffer_[begin_] == '\n';
            line_ = scanned_ = ++begin_;
            if (is_line_end) {
                return {Item::Kind::line_end, {}};
            }
        }
    }
    if (end_ == 0 && !find_header_end()) {
        if (buffer_.size() - begin_ > max_header_bytes) {
            return fault("a header section of more than 64 KiB");
        }
        if (begin_ == buffer_.size() && buffer_.capacity() > idle_capacity) {
            *this = StreamFramer();
        }
        return {};
    }
    if (!fault_.empty()) {
        return {Item::Kind::fault, fault_};
    }
    if (buffer_.size() < end_) {
        return {};
    }
    const std::string_view message = std::string_view(buffer_).substr(begin_, end_ - begin_);
    begin_ = line_ = scanned_ = end_;
    end_ = 0;
    return {Item::Kind::message, message};
}

/// Lines end as HeaderRows reads them: a message must end where its parser sees it end.
bool StreamFramer::find_header_end() {
    const std::string_view text = buffer_;
    for (std::size_t feed = text.find('\n', scanned_); feed != std::string_view::npos;
         feed = text.find('\n', line_)) {
        std::string_view line = text.substr(line_, feed - line_);
        line_ = scanned_ = feed + 1;
        if (line.empty() || line == "\r") {
            const std::string_view header = text.substr(begin_, line_ - begin_);
            if (header.size() > max_header_bytes) {
                fault("a header section of more than 64 KiB");
            } else {
                read_length(header);
            }
            return true;
        }
    }
    scanned_ = text.size();
    return false;
}

void StreamFramer::read_length(std::string_view header) {
    HeaderRows rows(header);
    std::optional<std::string_view> value;
    while (const auto row = rows.next()) {
        if (row->id != HeaderId::content_length) {
            continue;
        }
        if (value && *value != row->value) {
            fault("two values of Content-Length");
            return;
        }
        value = row->value;
    }
    if (!value) {
        fault("no Content-Length");
        return;
    }
    const auto length = parse_number(*value);
    if (!length) {
        fault("Content-Length malformed");
    } else if (*length > max_body_bytes) {
        fault("a body of more than 64 KiB");
    } else {
        end_ = begin_ + header.size() + static_cast<std::size_t>(*length);
    }
}

StreamFramer::Item StreamFramer::fault(std::string_view what) {
    fault_ = what;
    buffer_ = std::string();
    begin_ = line_ = scanned_ = end_ = 0;
    return {Item::Kind::fault, fault_};
}

}  // namespace trunkline::sipstack
