"""tools/image."""

import sys

from .arguments import NOT_HERE, parse
from .build import build
from .commands import ImageError, NotHere


def say(line):
    print(line, file=sys.stderr, flush=True)


def main(arguments):
    options = parse(arguments)
    try:
        if options.command == "build":
            build(options, say)
            return 0
        # What tests needs the lab; who builds does not.
        from .test.run import test  # pylint: disable=import-outside-toplevel
        return test(options, say)
    except NotHere as error:
        say(f"tools/image: {error}")
        return NOT_HERE
    except ImageError as error:
        say(f"tools/image: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
