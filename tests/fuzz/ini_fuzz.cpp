// An ini file of any bytes; every text of a row is told apart again when it is quoted.
#include "mgmt/configuration/ini/ini_document.h"
#include "tests/fuzz/target.h"

namespace trunkline::fuzz {

using namespace mgmt;

void read(std::string_view bytes) {
    ConfigFaults faults;
    const IniDocument document = read_ini_document(bytes, "device.ini", faults);
    for (const ConfigFault& fault : faults) {
        check(!fault.found.empty() && !fault.allowed.empty(),
              "a fault says what stands against it");
    }
    for (const IniTable& table : document.tables) {
        for (const IniRow& row : table.rows) {
            check(row.values.size() == table.columns.size(), "a row has a value a column");
        }
    }
    for (const IniScalar& scalar : document.scalars) {
        check(!scalar.name.empty(), "a scalar has a name");
        check(scalar.value.line > 0 && scalar.value.column > 0, "a value has its place");
    }
}

}  // namespace trunkline::fuzz
