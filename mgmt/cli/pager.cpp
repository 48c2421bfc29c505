#include "mgmt/cli/pager.h"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view more = "--MORE--";
constexpr std::string_view without_more = "\r        \r";

/// A key as it is pressed, without its picture; 0: none can be had, or Ctrl-C.
char key_from(int terminal) {
    termios before{};
    if (::tcgetattr(terminal, &before) != 0) {
        return 0;
    }
    termios single = before;
    single.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    single.c_cc[VMIN] = 1;
    single.c_cc[VTIME] = 0;
    ::tcsetattr(terminal, TCSADRAIN, &single);
    char key = 0;
    const ssize_t size = ::read(terminal, &key, 1);
    ::tcsetattr(terminal, TCSADRAIN, &before);
    return size == 1 ? key : '\0';
}

}  // namespace

bool Pager::put(std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(options_.output, text.data(), text.size());
        if (size > 0) {
            text.remove_prefix(static_cast<std::size_t>(size));
        } else if (errno != EINTR) {
            is_gone_ = true;
            has_ended_ = true;
            return false;
        } else if (options_.is_interrupted && options_.is_interrupted()) {
            has_ended_ = true;
            return false;
        }
    }
    return true;
}

std::size_t Pager::rows_of(std::string_view line) const {
    return options_.width == 0 || line.empty()
               ? 1
               : (line.size() + options_.width - 1) / options_.width;
}

bool Pager::ask_for_more() {
    if (!put(more)) {
        return false;
    }
    for (;;) {
        const char key = key_from(options_.keys);
        if (key == ' ' || key == '\r' || key == '\n') {
            rows_ = key == ' ' ? 0 : options_.height - 2;
            return put(without_more);
        }
        if (key == 'q' || key == 'Q' || key == '\0') {
            put(without_more);
            has_ended_ = true;
            return false;
        }
    }
}

bool Pager::write(std::string_view text) {
    const bool has_pages = options_.keys >= 0 && options_.height > 1;
    while (!text.empty() && !has_ended_) {
        if (options_.is_interrupted && options_.is_interrupted()) {
            has_ended_ = true;
            break;
        }
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        const std::size_t rows = rows_of(line);
        // A page is never so low that a single long line could not be shown.
        if (has_pages && columns_ == 0 && rows_ > 0 && rows_ + rows > options_.height - 1 &&
            !ask_for_more()) {
            break;
        }
        if (!put(text.substr(0, end == text.npos ? end : end + 1))) {
            break;
        }
        columns_ = end == text.npos ? columns_ + line.size() : 0;
        rows_ += end == text.npos ? 0 : rows;
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return !has_ended_;
}

}  // namespace trunkline::mgmt
