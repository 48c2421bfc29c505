#include "mgmt/configuration/convert.h"

#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/config_file.h"
#include "mgmt/configuration/ini/ini_reader.h"
#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/yaml_writer.h"
#include "mgmt/file_writer.h"

#include <filesystem>
#include <utility>

namespace trunkline::mgmt {

namespace {

int refuse(const RefusedConfiguration& why, std::ostream& messages) {
    for (const ConfigFault& fault : why.faults) {
        messages << fault.to_string() << '\n';
    }
    for (const std::string& note : why.notes) {
        messages << note << '\n';
    }
    return 1;
}

}  // namespace

int convert_configuration(const std::string& from, const std::string& to, std::ostream& messages,
                          const PortDevices& devices) {
    const Catalogue catalogue = built_in_catalogue();
    const auto text = read_configuration_text(from);
    if (!text) {
        return refuse({text.error(), {}}, messages);
    }
    ReadConfiguration read = read_configuration(*text, from, catalogue);
    set_port_devices(read, from, devices);
    place_port_devices(read, from, {});
    const ConfigNodePtr root = read.root;
    const auto judged = judge_configuration(
        std::move(read), from, std::filesystem::path(from).parent_path().string(), catalogue);
    if (!judged) {
        return refuse(judged.error(), messages);
    }
    for (const std::string& note : judged->notes) {
        messages << note << '\n';
    }
    const ConfigNodePtr written = canonical(root, catalogue);
    const bool to_ini = is_ini(to, "");
    const auto done =
        write_file(to, to_ini ? write_ini(written, catalogue, ini_header(written), secret_in_clear)
                              : write_yaml(*written, catalogue));
    if (!done) {
        messages << done.error().message << '\n';
        return 1;
    }
    return 0;
}

}  // namespace trunkline::mgmt
