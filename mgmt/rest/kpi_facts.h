// What the KPIs are made of, asked of the control thread by a resource of the REST interface.
#pragma once

#include "mgmt/rest/kpi_tree.h"
#include "mgmt/rest/resources.h"

#include <expected>

namespace trunkline::mgmt {

/// The error is a 503: values of what did not answer would be wrong.
std::expected<KpiFacts, HttpResponse> ask_kpi_facts(const decltype(RestSources::ask)& ask,
                                                    const Caller& caller);

}  // namespace trunkline::mgmt
