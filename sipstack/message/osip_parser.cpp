// osip makes some seventy small allocations for a message. Its tree lives for one call here, so a
// thread's arena serves them all and forgets them at the end; what does not fit comes from the
// heap.
#include "sipstack/message/osip_parser.h"

#include "sipstack/message/lexical.h"

#include <osipparser2/osip_parser.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>

namespace trunkline::sipstack {

namespace {

/// A block remembers its size in front, for realloc.
class Arena {
public:
    void* allocate(std::size_t size) {
        const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
        if (rounded < size || rounded + alignment > memory_.size() - used_) {
            overflowed_ = true;
            return nullptr;
        }
        std::memcpy(memory_.data() + used_, &size, sizeof(size));
        void* block = memory_.data() + used_ + alignment;
        used_ += rounded + alignment;
        return block;
    }
    bool owns(const void* block) const {
        const auto* byte = static_cast<const std::byte*>(block);
        return byte >= memory_.data() && byte < memory_.data() + memory_.size();
    }
    static std::size_t size_of(const void* block) {
        std::size_t size = 0;
        std::memcpy(&size, static_cast<const std::byte*>(block) - alignment, sizeof(size));
        return size;
    }
    /// Whether something had to come from the heap since the last reset.
    bool overflowed() const { return overflowed_; }
    void reset() {
        used_ = 0;
        overflowed_ = false;
    }

private:
    static constexpr std::size_t alignment = alignof(std::max_align_t);
    alignas(alignment) std::array<std::byte, 32768> memory_{};
    std::size_t used_ = 0;
    bool overflowed_ = false;
};

// osip's allocators have no context argument, so the arena of a call is found by its thread.
thread_local Arena arena;

extern "C" {
static void* arena_malloc(size_t size) {
    void* block = arena.allocate(size);
    return block != nullptr ? block : std::malloc(size);
}

static void* arena_realloc(void* block, size_t size) {
    if (block == nullptr || !arena.owns(block)) {
        return std::realloc(block, size);
    }
    void* larger = arena_malloc(size);
    if (larger != nullptr) {
        std::memcpy(larger, block, std::min(size, Arena::size_of(block)));
    }
    return larger;
}

static void drop_trace(const char*, int, osip_trace_level_t, const char*, va_list) {}

static void arena_free(void* block) {
    if (!arena.owns(block)) {
        std::free(block);
    }
}
}

/// A sanitizer sees every allocation of osip on its own.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool use_arena = false;
#else
constexpr bool use_arena = true;
#endif

void start_osip() {
    static std::once_flag started;
    std::call_once(started, [] {
        // It prints to stdout unless told otherwise; what is wrong with a message, the strict pass
        // and the counters tell.
        osip_trace_initialize_func(TRACE_LEVEL0, drop_trace);
        parser_init();  // before the arena: what it keeps must outlive a call
        if (use_arena) {
            osip_set_allocators(arena_malloc, arena_realloc, arena_free);
        }
    });
}

struct MessageDeleter {
    void operator()(osip_message_t* message) const {
        if (!use_arena || arena.overflowed()) {
            osip_message_free(message);
        }
        arena.reset();
    }
};
using Tree = std::unique_ptr<osip_message_t, MessageDeleter>;

Tree make_tree() {
    osip_message_t* message = nullptr;
    return Tree(osip_message_init(&message) == OSIP_SUCCESS ? message : nullptr);
}

std::string text_of_routing_headers(const Anatomy& anatomy) {
    std::string text;
    text.reserve(1024);
    text += "OPTIONS sip:x SIP/2.0\r\n";
    for (const HeaderRow& row : anatomy.rows) {
        const bool wanted = row.id <= HeaderId::contact && !row.value.empty();
        if (wanted) {
            text += row.name;
            text += ": ";
            text += row.value;
            if (has_control(row.value)) {
                // Left in quoted-pairs alone; a C string cannot hold all of them.
                std::replace_if(
                    text.end() - static_cast<std::ptrdiff_t>(row.value.size()), text.end(),
                    [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
            }
            text += "\r\n";
        }
    }
    text += "\r\n";
    return text;
}

std::string text_of(const char* text) {
    return text == nullptr ? std::string{} : std::string(trim(text));
}

std::optional<uint16_t> port_of(const char* text) {
    const auto port = parse_number(text_of(text));
    return port && *port <= 65535 ? std::optional(static_cast<uint16_t>(*port)) : std::nullopt;
}

std::string without_brackets(std::string text) {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
        return text.substr(1, text.size() - 2);
    }
    return text;
}

void read_parameter(const osip_generic_param_t& parameter, Via& via, RoutingHeaders& routing) {
    const std::string_view name(parameter.gname);
    if (equal_nocase(name, "branch")) {
        via.branch = routing.keep(text_of(parameter.gvalue));
    } else if (equal_nocase(name, "received")) {
        via.received = routing.keep(without_brackets(text_of(parameter.gvalue)));
    } else if (equal_nocase(name, "rport")) {
        via.has_rport = true;
        via.rport = port_of(parameter.gvalue);
    }
}

std::optional<Via> read_via(const osip_via_t& source, RoutingHeaders& routing) {
    Via via;
    via.transport = routing.keep(upper(text_of(source.protocol)));
    via.host = routing.keep(without_brackets(text_of(source.host)));
    via.port = port_of(source.port);
    const bool bad_port = source.port != nullptr && !via.port;
    if (via.host.empty() || !is_token(via.transport) || bad_port) {
        return std::nullopt;
    }
    for (int i = 0; i < osip_list_size(&source.via_params); ++i) {
        const auto* parameter =
            static_cast<const osip_generic_param_t*>(osip_list_get(&source.via_params, i));
        if (parameter->gname != nullptr) {
            read_parameter(*parameter, via, routing);
        }
    }
    return via;
}

}  // namespace

std::optional<RoutingHeaders> parse_routing_headers(const Anatomy& anatomy) {
    start_osip();
    const std::string text = text_of_routing_headers(anatomy);
    const Tree tree = make_tree();
    if (tree == nullptr || osip_message_parse(tree.get(), text.data(), text.size()) != 0) {
        return std::nullopt;
    }
    RoutingHeaders routing;
    routing.vias.reserve(static_cast<std::size_t>(osip_list_size(&tree->vias)));
    for (int i = 0; i < osip_list_size(&tree->vias); ++i) {
        auto via =
            read_via(*static_cast<const osip_via_t*>(osip_list_get(&tree->vias, i)), routing);
        if (!via) {
            return std::nullopt;
        }
        routing.vias.push_back(*via);
    }
    routing.from_tag = header_parameter(anatomy.from, "tag").value_or(std::string_view{});
    routing.to_tag = header_parameter(anatomy.to, "tag").value_or(std::string_view{});
    return routing.vias.empty() ? std::nullopt : std::optional(std::move(routing));
}

}  // namespace trunkline::sipstack
