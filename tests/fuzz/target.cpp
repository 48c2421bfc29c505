// The entry point that libFuzzer looks for (llvm.org/docs/LibFuzzer.html), the same for every
// target.
#include "tests/fuzz/target.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
    trunkline::fuzz::read({reinterpret_cast<const char*>(data), size});
    return 0;
}
