// Prints the schema for schema_test.py.
#include "mgmt/command_line.h"

int main() {
    trunkline::mgmt::CommandLine command_line;
    command_line.command = trunkline::mgmt::CommandLine::Command::schema;
    return trunkline::mgmt::run_command(command_line);
}
