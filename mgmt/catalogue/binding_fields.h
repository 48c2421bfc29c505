// Setters made from members: `set_member<row, &Row::member>` puts a value into that member of the
// row that was opened last. What needs more is a function of its own beside its table.
#pragma once

#include "mgmt/catalogue/value.h"
#include "mgmt/configuration/appliance_config.h"

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

namespace trunkline::mgmt {

/// A word of an enumeration in the catalogue and what it stands for.
template <typename Enum>
struct Choice {
    std::string_view name;
    Enum value;
};

/// The words of an enumeration: `static constexpr Choice<Enum> all[]` (sip_choices.h).
template <typename Enum>
struct Choices;

/// The catalogue's word for `value`.
template <typename Enum>
std::string_view name_of(Enum value) {
    for (const Choice<Enum>& choice : Choices<Enum>::all) {
        if (choice.value == value) {
            return choice.name;
        }
    }
    std::abort();
}

template <typename Enum>
void assign_choice(Enum& field, const EnumChoice& chosen) {
    for (const Choice<Enum>& choice : Choices<Enum>::all) {
        if (choice.name == chosen.name) {
            field = choice.value;
            return;
        }
    }
    std::abort();  // catalogue and choices are built together and tested to agree
}

/// A reference to another table is the position of its row.
template <typename Number>
void assign_number(Number& field, const Value& value) {
    const auto* row = std::get_if<RowReference>(&value.data);
    field =
        static_cast<Number>(row == nullptr ? value.as<int64_t>() : static_cast<int64_t>(row->row));
}

/// Of an enumeration with two values, the one with the number 0 is false.
inline void assign(bool& field, const Value& value) {
    const auto* choice = std::get_if<EnumChoice>(&value.data);
    field = choice == nullptr ? value.as<bool>() : choice->number != 0;
}

template <typename Rep, typename Period>
void assign(std::chrono::duration<Rep, Period>& field, const Value& value) {
    field = std::chrono::duration<Rep, Period>(value.as<int64_t>());
}

template <typename Field>
void assign(Field& field, const Value& value) {
    if constexpr (std::is_enum_v<Field>) {
        assign_choice(field, value.as<EnumChoice>());
    } else if constexpr (std::is_integral_v<Field>) {
        assign_number(field, value);
    } else {
        field = value.as<Field>();
    }
}

template <typename Field>
void assign(std::optional<Field>& field, const Value& value) {
    assign(field.emplace(), value);
}

template <typename Field>
void assign(std::vector<Field>& field, const Value& value) {
    field.clear();
    for (const Value& member : value.as<std::vector<Value>>()) {
        assign(field.emplace_back(), member);
    }
}

template <auto Row, auto Member>
void set_member(ApplianceConfig& config, const Value& value) {
    assign(Row(config).*Member, value);
}

}  // namespace trunkline::mgmt
