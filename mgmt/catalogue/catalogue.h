// The parameter catalogue: one row a parameter, read from the embedded mgmt/catalogue/*.yaml. What
// a row's parameter does is not here (binding.h), nor how its text is read (value_reader.h).
#pragma once

#include "board/embedded_file.h"
#include "board/error.h"
#include "mgmt/configuration/yaml_reader.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// mgmt/catalogue/*.yaml, in the order of configurations.
extern const std::span<const board::EmbeddedFile> catalogue_files;

enum class ValueType : uint8_t {
    boolean,
    integer,
    range,        ///< "1-30"
    enumeration,  ///< one of Parameter::values
    text,
    ip,
    prefix,     ///< "192.0.2.10/24"
    mac,        ///< "02:00:00:00:00:01"
    host_port,  ///< "host", "192.0.2.1:5070", "[2001:db8::1]:5060"
    reference,  ///< the key of a row of another table
    secret,
};

/// What the characters of a text may be, beyond the control characters that no text may have.
enum class TextFormat : uint8_t {
    free,
    host,        ///< a DNS name or a numeric address
    path,        ///< a file's path
    interface,   ///< a kernel interface's name
    name_space,  ///< a name for ip-netns(8)
    pci,         ///< "0000:00:04.0"
    file,        ///< a file's path that must be readable; relative to the configuration's folder
    hex,         ///< hexadecimal digits
    urn,         ///< "urn:uuid:..."
};

struct EnumValue {
    std::string name;       ///< in YAML: "per_gateway"
    int number = 0;         ///< in ini files
    std::string label;      ///< on the web page: "Per Gateway"
    bool available = true;  ///< false: the appliance knows it, this version does not act on it
};

/// Values that stand together, and the number that means all of them.
struct ValueSet {
    int number = 0;
    std::vector<std::string> values;  ///< in the order of Parameter::values
};

/// The parameter has a meaning only while another of its row has one of these values.
struct Condition {
    std::string parameter;
    std::vector<std::string> values;
};

struct Parameter {
    std::string name;  ///< last part of the YAML path
    /// Name in ini files; "A + B" for a value that has a column for each of its parts. Of what the
    /// appliance family does not have it is made of the path.
    std::string ini;
    bool is_own = false;  ///< the appliance family does not have it
    std::string cli;      ///< the whole path: "configure voip > ... > user-name"
    std::string web;
    std::string help;
    ValueType type = ValueType::text;
    TextFormat format = TextFormat::free;
    bool list = false;
    bool required = false;
    bool reset = false;                     ///< acts after a restart only
    int64_t minimum = 0, maximum = 0;       ///< of numbers and of both ends of a range
    std::vector<int64_t> also;              ///< numbers outside minimum..maximum that are right too
    std::size_t shortest = 0, longest = 0;  ///< characters of a text, or members of a list
    std::string unit;
    std::vector<EnumValue> values;
    std::string reference;              ///< path of the table that a reference points into
    std::vector<std::string> ini_also;  ///< other names of it that ini files are read with
    /// What ini files write where nothing is configured, as "-1"; empty: nothing.
    std::string ini_absent;
    bool ini_words = false;  ///< ini files have the labels of its values rather than their numbers
    /// Of a list of enumeration values: the number of each set of them in ini files.
    std::vector<ValueSet> ini_sets;
    std::optional<Condition> when;
    ConfigNodePtr default_value;  ///< nullptr = none
    /// What must exist before the parameter acts: "calls". Empty: it acts. Until then its value is
    /// read, judged and kept (ApplianceConfig::stored), and operators are told.
    std::string waits_for;

    const EnumValue* value(std::string_view value_name) const;
    /// Names of the values that this version acts on.
    std::vector<std::string> available_values() const;
    /// What may stand there, for people: "10..2000000 s".
    std::string allowed() const;
};

/// A table of rows (a YAML list) or a group of settings (a YAML map).
struct Table {
    std::string path;  ///< "signaling_and_media.accounts"
    std::string page;  ///< "Accounts"
    std::string ini, cli, web, help;
    /// Of a list inside the rows of another: its columns with the numbers of the row above and of
    /// the row in it.
    std::string ini_parent, ini_position;
    bool is_own = false;  ///< the appliance family does not have it
    bool is_list = false;
    bool required = false;
    std::size_t fewest_rows = 0, most_rows = 0;
    std::string key;                  ///< the parameter that names a row; may be empty
    bool several_rows_a_key = false;  ///< rows with one key belong together
    std::vector<std::string> one_of;  ///< exactly one of these parameters is given
    /// Columns in the order in which ini files have them, without the table's name; the others
    /// follow in the order of `parameters`.
    std::vector<std::string> ini_order;
    std::vector<Parameter> parameters;

    const Parameter* parameter(std::string_view name) const;
    /// "accounts" of "signaling_and_media.accounts".
    std::string_view name() const;
};

class Catalogue {
public:
    /// Reads and checks catalogue files. The error tells all that is wrong with them.
    static board::Expected<Catalogue> load(std::span<const board::EmbeddedFile> files);

    /// In the order of files and of tables in a file.
    std::span<const Table> tables() const { return tables_; }
    const Table* table(std::string_view path) const;
    /// The list that holds `table` in its rows, if any: proxy_sets of proxy_sets.proxy_addresses.
    const Table* list_above(const Table& table) const;
    /// Names of what may stand under `path` beside its own parameters: "ip_network",
    /// "signaling_and_media"... under "". Each once, in the order of the catalogue.
    std::vector<std::string> children(std::string_view path) const;

private:
    std::vector<Table> tables_;
};

/// "IPAddress", "PrefixLength" of "InterfaceTable_IPAddress + InterfaceTable_PrefixLength": names
/// of a parameter's columns or scalars, without the table's name before them.
std::vector<std::string> ini_names(const Parameter& parameter);

/// The catalogue that is built in. It is right, or the build is broken: aborts otherwise.
Catalogue built_in_catalogue();

}  // namespace trunkline::mgmt
