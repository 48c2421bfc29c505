// Third-party and standard headers that most of dataplane includes, compiled once for its library.
// Each file still includes what it uses. (A guard and no pragma: GCC warns of the latter here.)
#ifndef TRUNKLINE_DATAPLANE_PCH_DATAPLANE_H
#define TRUNKLINE_DATAPLANE_PCH_DATAPLANE_H

#include <fmt/format.h>
#include <rte_ethdev.h>
#include <rte_graph.h>
#include <rte_graph_worker.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#endif
