// What almost every unit test includes, compiled once a test executable. Each test still includes
// what it uses. (A guard and no pragma: GCC warns of the latter in a header compiled by itself.)
#ifndef TRUNKLINE_TESTS_UNIT_PCH_TEST_H
#define TRUNKLINE_TESTS_UNIT_PCH_TEST_H

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#endif
