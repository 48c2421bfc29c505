#include "mgmt/configuration/yaml_reader.h"

#include "mgmt/configuration/plain_text.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>

namespace trunkline::mgmt {

namespace {

/// Leaves yaml-cpp's parser early; caught in read_yaml().
struct Refusal {
    int line, column;
    std::string found, allowed;
};

struct Place {
    int line = 0, column = 0;
};

Place place_of(const YAML::Mark& mark) {
    return {mark.line + 1, mark.column + 1};
}

/// yaml-cpp says that a value is null, not whether the word stood there; the text does.
class Lines {
public:
    explicit Lines(std::string_view text) : text_(text) {
        starts_.push_back(0);
        for (std::size_t at = text.find('\n'); at != std::string_view::npos;
             at = text.find('\n', at + 1)) {
            starts_.push_back(at + 1);
        }
    }
    std::string_view at(Place place) const {
        const auto line = static_cast<std::size_t>(place.line - 1);
        if (line >= starts_.size()) {
            return {};
        }
        const std::size_t offset = starts_[line] + static_cast<std::size_t>(place.column - 1);
        return offset < text_.size() ? text_.substr(offset) : std::string_view{};
    }

private:
    std::string_view text_;
    std::vector<std::size_t> starts_;
};

/// Whether a plain scalar null begins `text`, and no longer word and no key.
bool is_word_null(std::string_view text) {
    if (!text.starts_with("null") && !text.starts_with("Null") && !text.starts_with("NULL")) {
        return false;
    }
    const std::size_t end = text.find_first_not_of(" ", 4);
    return end == text.npos || (end > 4 && text[end] == '#') ||
           std::string_view("\r\n,]}").find(text[end]) != std::string_view::npos;
}

class TreeBuilder : public YAML::EventHandler {
public:
    TreeBuilder(const Lines& lines, const std::string& origin, ConfigFaults& faults)
        : lines_(lines), origin_(origin), faults_(faults) {}

    ConfigNodePtr take_root() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ > 1) {
            const Place place = place_of(mark);
            throw Refusal{place.line, place.column, "a second YAML document", "one document"};
        }
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        auto node = make(ConfigNode::Kind::nothing, mark);
        if (is_word_null(lines_.at(place_of(mark)))) {
            node->text = "null";
        } else if (!frames_.empty() && frames_.back().pending) {
            // The mark of a value that is missing is that of whatever comes next.
            node->line = frames_.back().pending->line;
            node->column = frames_.back().pending->column;
        }
        finish(std::move(node), anchor);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  const std::string& value) override {
        auto node = make(ConfigNode::Kind::scalar, mark);
        node->text = value;
        finish(std::move(node), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto known = anchors_.find(anchor);
        if (known == anchors_.end()) {
            const Place place = place_of(mark);
            throw Refusal{place.line, place.column, "an alias (*) of a node that holds it",
                          "an alias of a node that ended before"};
        }
        add(known->second, place_of(mark));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(ConfigNode::Kind::sequence, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(ConfigNode::Kind::map, mark, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Frame {
        std::shared_ptr<ConfigNode> node;
        YAML::anchor_t anchor = YAML::NullAnchor;
        /// Of a map, while its value is awaited.
        std::optional<ConfigNode::Entry> pending;
        std::unordered_map<std::string, int> lines_of_keys;
    };

    static std::shared_ptr<ConfigNode> make(ConfigNode::Kind kind, const YAML::Mark& mark) {
        auto node = std::make_shared<ConfigNode>();
        const Place place = place_of(mark);
        node->kind = kind;
        node->line = place.line;
        node->column = place.column;
        return node;
    }

    void open(ConfigNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
        const Place place = place_of(mark);
        if (frames_.size() >= deepest_yaml) {
            throw Refusal{place.line, place.column, "nesting deeper than anything here needs",
                          fmt::format("at most {} levels", deepest_yaml)};
        }
        if (!frames_.empty() && frames_.back().node->kind == ConfigNode::Kind::map &&
            !frames_.back().pending) {
            throw Refusal{place.line, place.column, "a list or map as a key", "a plain name"};
        }
        frames_.push_back({make(kind, mark), anchor, std::nullopt, {}});
    }

    void close() {
        Frame frame = std::move(frames_.back());
        frames_.pop_back();
        finish(std::move(frame.node), frame.anchor);
    }

    void finish(std::shared_ptr<ConfigNode> node, YAML::anchor_t anchor) {
        const Place place{node->line, node->column};
        const ConfigNodePtr done = std::move(node);
        if (anchor != YAML::NullAnchor) {
            anchors_[anchor] = done;
        }
        add(done, place);
    }

    void add(const ConfigNodePtr& node, Place place) {
        if (frames_.empty()) {
            root_ = node;
            return;
        }
        Frame& frame = frames_.back();
        if (frame.node->kind == ConfigNode::Kind::map && !frame.pending) {
            add_key(frame, *node, place);
            return;
        }
        frame.node->nodes += node->nodes;
        if (frame.node->nodes > most_yaml_nodes) {
            throw Refusal{place.line, place.column, "more values than can be read",
                          fmt::format("at most {}, aliases counted as often as they are used",
                                      most_yaml_nodes)};
        }
        if (frame.node->kind == ConfigNode::Kind::sequence) {
            frame.node->items.push_back(node);
            return;
        }
        frame.pending->value = node;
        add_entry(frame);
    }

    void add_key(Frame& frame, const ConfigNode& key, Place place) {
        if (key.kind == ConfigNode::Kind::sequence || key.kind == ConfigNode::Kind::map) {
            throw Refusal{place.line, place.column, "a list or map as a key", "a plain name"};
        }
        frame.pending = ConfigNode::Entry{key.text, place.line, place.column, nullptr};
    }

    void add_entry(Frame& frame) {
        ConfigNode::Entry entry = std::move(*frame.pending);
        frame.pending.reset();
        const auto [known, is_new] = frame.lines_of_keys.emplace(entry.key, entry.line);
        if (!is_new) {
            faults_.push_back({origin_, entry.line, entry.column, "",
                               "key " + in_quotes(entry.key) + " a second time", "each key once",
                               fmt::format("it stands in line {} already", known->second)});
            return;
        }
        frame.node->entries.push_back(std::move(entry));
    }

    const Lines& lines_;
    const std::string& origin_;
    ConfigFaults& faults_;
    ConfigNodePtr root_;
    std::vector<Frame> frames_;
    std::unordered_map<YAML::anchor_t, ConfigNodePtr> anchors_;
    int documents_ = 0;
};

}  // namespace

ConfigNodePtr read_yaml(std::string_view text, const std::string& origin, ConfigFaults& faults) {
    if (text.size() > largest_yaml_text) {
        faults.push_back({origin, 0, 0, "", fmt::format("{} bytes", text.size()),
                          fmt::format("at most {} bytes", largest_yaml_text), ""});
        return nullptr;
    }
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    if (!is_plain_text(text, origin, faults)) {
        return nullptr;
    }
    const Lines lines(text);
    TreeBuilder builder(lines, origin, faults);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Refusal& refusal) {
        faults.push_back(
            {origin, refusal.line, refusal.column, "", refusal.found, refusal.allowed, ""});
        return nullptr;
    } catch (const YAML::Exception& error) {
        const Place place = place_of(error.mark);
        faults.push_back({origin, place.line, place.column, "", "a YAML syntax error: " + error.msg,
                          "", "check indentation, quotes and brackets here and just above"});
        return nullptr;
    }
    ConfigNodePtr root = builder.take_root();
    if (!root) {
        auto empty = std::make_shared<ConfigNode>();
        empty->line = 1;
        empty->column = 1;
        root = std::move(empty);
    }
    return root;
}

}  // namespace trunkline::mgmt
