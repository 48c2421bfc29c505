#include "mgmt/control_gate.h"

#include "board/file_descriptor.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

const std::string stopping = "the appliance stops; ask again when it has started";

/// Of no fault of the request's: it may be asked again.
json unavailable(const std::string& why) {
    json reply = refusal(why);
    reply["unavailable"] = true;
    return reply;
}

/// One request and where its asker waits. Its fields belong to State::mutex.
struct Question {
    json request;
    Caller caller;
    std::condition_variable answered;
    std::optional<json> reply;
    bool begun = false;
    bool given_up = false;
};

}  // namespace

struct ControlGate::State : std::enable_shared_from_this<ControlGate::State> {
    State(const CommandTable& command_table, board::EventLoop& event_loop)
        : commands(command_table),
          loop(event_loop),
          bell(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        if (!bell) {
            std::perror("eventfd");
            std::abort();
        }
        loop.watch(bell.get(), EPOLLIN, [this](uint32_t) { take_up(); });
    }

    void ring() const {
        const uint64_t one = 1;
        // Fails only where the counter is full, and then it rings already.
        [[maybe_unused]] const auto written = ::write(bell.get(), &one, sizeof one);
    }

    /// On the control thread: begins what waited when the bell rang. What comes meanwhile rings
    /// again, so that the loop's other work has its turn.
    void take_up() {
        uint64_t rings = 0;
        [[maybe_unused]] const auto size = ::read(bell.get(), &rings, sizeof rings);
        std::deque<std::shared_ptr<Question>> now;
        {
            const std::lock_guard lock(mutex);
            now.swap(waiting);
        }
        for (const auto& question : now) {
            begin(question);
        }
    }

    void begin(const std::shared_ptr<Question>& question) {
        {
            const std::lock_guard lock(mutex);
            if (question->given_up) {
                return;
            }
            if (stopped) {
                answer(*question, unavailable(stopping));
                return;
            }
            question->begun = true;
            open.push_back(question);
        }
        commands.answer(question->request, question->caller,
                        [weak = weak_from_this(), question](const json& reply) {
                            if (const auto self = weak.lock()) {
                                self->finish(question, reply);
                            }
                        });
    }

    void finish(const std::shared_ptr<Question>& question, const json& reply) {
        const std::lock_guard lock(mutex);
        answer(*question, reply);
        std::erase(open, question);
    }

    /// The first answer is the one. With the mutex held.
    static void answer(Question& question, const json& reply) {
        if (!question.reply) {
            question.reply = reply;
            question.answered.notify_all();
        }
    }

    void refuse_all() {
        const std::lock_guard lock(mutex);
        stopped = true;
        for (auto* questions : {&waiting, &open}) {
            for (const auto& question : *questions) {
                answer(*question, unavailable(stopping));
            }
            questions->clear();
        }
    }

    const CommandTable& commands;
    board::EventLoop& loop;
    const board::FileDescriptor bell;
    const std::thread::id control_thread = std::this_thread::get_id();
    std::mutex mutex;
    bool stopped = false;
    std::deque<std::shared_ptr<Question>> waiting;
    std::deque<std::shared_ptr<Question>> open;  ///< begun and not answered
};

ControlGate::ControlGate(const CommandTable& commands, board::EventLoop& loop)
    : state_(std::make_shared<State>(commands, loop)) {}

ControlGate::~ControlGate() {
    stop();
    state_->loop.unwatch(state_->bell.get());
}

void ControlGate::stop() {
    state_->refuse_all();
}

json ControlGate::ask(const json& request, const Caller& caller,
                      std::chrono::milliseconds patience) const {
    if (std::this_thread::get_id() == state_->control_thread) {
        return refusal("the control thread cannot wait for itself");
    }
    const auto question = std::make_shared<Question>();
    question->request = request;
    question->caller = caller;
    std::unique_lock lock(state_->mutex);
    if (state_->stopped) {
        return unavailable(stopping);
    }
    if (state_->waiting.size() + state_->open.size() >= most_waiting) {
        return unavailable(fmt::format("{} requests wait already; try again later", most_waiting));
    }
    state_->waiting.push_back(question);
    state_->ring();
    question->answered.wait_for(lock, patience, [&] { return question->reply.has_value(); });
    if (question->reply) {
        return std::move(*question->reply);
    }
    question->given_up = true;
    std::erase(state_->waiting, question);
    std::erase(state_->open, question);
    return unavailable(fmt::format("no answer within {} ms; {}", patience.count(),
                                   question->begun
                                       ? "it was begun and may still act, look before you "
                                         "ask again"
                                       : "it was not begun, nothing was done"));
}

}  // namespace trunkline::mgmt
