// Third-party and standard headers that most of mgmt includes, compiled once for its library. Each
// file still includes what it uses. (A guard and no pragma: GCC warns of the latter here.)
#ifndef TRUNKLINE_MGMT_PCH_MGMT_H
#define TRUNKLINE_MGMT_PCH_MGMT_H

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

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
