#include "sipstack/registrant_selector.h"

namespace trunkline::sipstack {

bool RegistrantSelector::matches(const Registrant& registrant) const {
    switch (kind) {
        case Kind::all:
            return true;
        case Kind::device:
            return registrant.kind == RegistrantKind::device ||
                   registrant.kind == RegistrantKind::trunk_group ||
                   registrant.kind == RegistrantKind::endpoint;
        case Kind::trunk_group:
            return registrant.trunk_group == trunk_group;
        case Kind::name:
            return registrant.name == name;
    }
    return false;
}

}  // namespace trunkline::sipstack
