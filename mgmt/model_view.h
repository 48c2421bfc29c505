// A hardware model as text for people: `trunkline model show`.
#pragma once

#include "board/model.h"

#include <string>

namespace trunkline::mgmt {

/// Many lines, the last one ended: what the box has, what it takes, and when its sensors alarm.
std::string model_text(const board::Model& model);

}  // namespace trunkline::mgmt
