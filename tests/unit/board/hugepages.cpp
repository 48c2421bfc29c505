#include "tests/unit/board/hugepages.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace trunkline::test {

namespace {

const std::string folder = "/sys/kernel/mm/hugepages/";
const std::string pool = folder + "hugepages-2048kB/nr_hugepages";

uint64_t number_in(const std::string& file) {
    uint64_t number = 0;
    std::ifstream(file) >> number;
    return number;
}

void resize_pool(uint64_t pages) {
    std::ofstream(pool) << pages;
}

}  // namespace

uint64_t free_hugepages() {
    return number_in(folder + "hugepages-2048kB/free_hugepages");
}

unsigned more_than_the_free_hugepages() {
    uint64_t megabytes = 32;
    std::error_code none;
    for (const auto& size : std::filesystem::directory_iterator(folder, none)) {
        const bool giant = size.path().filename() == "hugepages-1048576kB";
        megabytes += number_in(size.path() / "free_hugepages") * (giant ? 1024 : 2);
    }
    return static_cast<unsigned>(megabytes);
}

SpareHugepages::SpareHugepages(uint64_t count) {
    lock_ = open(pool.c_str(), O_RDONLY | O_CLOEXEC);
    if (lock_ < 0 || flock(lock_, LOCK_EX) != 0) {
        return;
    }
    const uint64_t before = number_in(pool);
    resize_pool(before + count);
    added_ = number_in(pool) - std::min(before, number_in(pool));
    available_ = added_ == count;
}

SpareHugepages::~SpareHugepages() {
    if (lock_ >= 0) {
        const uint64_t now = number_in(pool);
        resize_pool(now - std::min(now, added_));
        close(lock_);
    }
}

}  // namespace trunkline::test
