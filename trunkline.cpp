// The power-on sequence: the only file that knows all four parts.
#include <cstdio>

int main() {
    std::puts("trunkline 0.1.0");
    return 0;
}
