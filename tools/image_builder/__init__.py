"""tools/image: makes the appliance's disk image and its firmware file, and tries them in a virtual
machine. Nothing here needs root, loop devices or mounts."""
