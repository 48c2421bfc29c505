// A line of the command line of any bytes; its words come back from their quotes.
#include "mgmt/cli/words.h"
#include "tests/fuzz/target.h"

#include <string>

namespace trunkline::fuzz {

using namespace mgmt;

void read(std::string_view bytes) {
    const auto words = cli_words(bytes);
    if (!words) {
        check(!words.error().empty(), "what is wrong is told");
        return;
    }
    std::string line;
    for (const CliWord& word : *words) {
        check(word.column >= 1 && word.column <= bytes.size(), "a word has its place");
        line += in_cli_quotes(word.text) + " ";
    }
    const auto again = cli_words(line);
    check(again && again->size() == words->size(), "as many words come back");
    for (std::size_t at = 0; at < words->size(); ++at) {
        check((*again)[at].text == (*words)[at].text, "each word comes back as it was");
    }
}

}  // namespace trunkline::fuzz
