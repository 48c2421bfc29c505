"""The packages that the program needs in a container, a line each: its libraries' and DPDK's drivers
that need no PCI."""

import sys

from .debian import chosen_packages, library_packages

# What the image has because it is a whole machine.
OF_A_CONTAINER = ("librte-bus-vdev", "librte-mempool", "librte-net-af-packet", "librte-net-tap",
                  "librte-net-memif", "librte-net-ring", "librte-net-null", "libjs-")


def container_packages(program):
    drivers = {name for name in chosen_packages() if name.startswith(OF_A_CONTAINER)}
    return sorted(drivers | library_packages(program))


if __name__ == "__main__":
    print("\n".join(container_packages(sys.argv[1])))
