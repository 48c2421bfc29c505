// Third-party and standard headers that most of sipstack includes, compiled once for its library.
// Each file still includes what it uses. (A guard and no pragma: GCC warns of the latter here.)
#ifndef TRUNKLINE_SIPSTACK_PCH_SIPSTACK_H
#define TRUNKLINE_SIPSTACK_PCH_SIPSTACK_H

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#endif
