#include "sipstack/unregister_watch.h"

namespace trunkline::sipstack {

UnregisterWatch::Verdict UnregisterWatch::judge(const UnregisterProgress& progress, Instant now) {
    if (progress.unfinished == 0) {
        return Verdict::done;
    }
    if (now - began_ >= longest) {
        return Verdict::too_long;
    }
    if (progress.unfinished < unfinished_ || progress.out == 0) {
        unfinished_ = progress.unfinished;
        moved_at_ = now;
    }
    return now - moved_at_ >= longest_standstill ? Verdict::at_stand : Verdict::wait;
}

}  // namespace trunkline::sipstack
