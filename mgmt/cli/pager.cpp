#include "mgmt/cli/pager.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace trunkline::mgmt {

namespace {

constexpr std::size_t most_at_once = 4096;
constexpr std::string_view more = "--MORE--";
constexpr std::string_view without_more = "\r        \r";

}  // namespace

/// After Ctrl-C too, where nothing else is put.
void Pager::erase_more() {
    const ssize_t size = ::write(options_.output, without_more.data(), without_more.size());
    is_gone_ = is_gone_ || size < 0;
}

/// As it is pressed, without its picture; 0: none can be had, or Ctrl-C.
char Pager::key() const {
    termios before{};
    if (::tcgetattr(options_.keys, &before) != 0) {
        return 0;
    }
    termios single = before;
    single.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    single.c_cc[VMIN] = 1;
    single.c_cc[VTIME] = 0;
    ::tcsetattr(options_.keys, TCSADRAIN, &single);
    std::array<pollfd, 2> wanted{{{options_.keys, POLLIN, 0}, {options_.interrupts, POLLIN, 0}}};
    char pressed = 0;
    if (::poll(wanted.data(), wanted.size(), -1) <= 0 || wanted[1].revents != 0 ||
        ::read(options_.keys, &pressed, 1) != 1) {
        pressed = 0;
    }
    ::tcsetattr(options_.keys, TCSADRAIN, &before);
    return pressed;
}

bool Pager::put(std::string_view text) {
    while (!text.empty()) {
        std::array<pollfd, 2> wanted{
            {{options_.output, POLLOUT, 0}, {options_.interrupts, POLLIN, 0}}};
        if (::poll(wanted.data(), wanted.size(), -1) > 0 && wanted[1].revents != 0) {
            has_ended_ = true;  // a terminal that was halted does not hold us
            return false;
        }
        const ssize_t size =
            ::write(options_.output, text.data(), std::min(text.size(), most_at_once));
        if (size > 0) {
            text.remove_prefix(static_cast<std::size_t>(size));
        } else if (errno != EINTR) {
            is_gone_ = true;
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
        const char pressed = key();
        if (pressed == ' ' || pressed == '\r' || pressed == '\n') {
            rows_ = pressed == ' ' ? 0 : options_.height - 2;
            return put(without_more);
        }
        if (pressed == 'q' || pressed == 'Q' || pressed == '\0') {
            erase_more();
            has_ended_ = true;
            return false;
        }
    }
}

bool Pager::write(std::string_view text) {
    const bool has_pages = options_.keys >= 0 && options_.height > 1;
    while (!text.empty() && !has_ended_) {
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
