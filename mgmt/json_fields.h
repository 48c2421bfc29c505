// Fields of JSON that came from another process: what is missing or of another type reads as
// nothing.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace trunkline::mgmt {

std::string text_in(const nlohmann::json& row, const char* key);
int64_t number_in(const nlohmann::json& row, const char* key);
bool flag_in(const nlohmann::json& row, const char* key);
/// The array of that name; an empty one when there is none.
nlohmann::json list_in(const nlohmann::json& row, const char* key);
/// "90 s" of a number of seconds, "-" of anything else.
std::string time_in(const nlohmann::json& row, const char* key);

}  // namespace trunkline::mgmt
