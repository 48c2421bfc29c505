"""tools/run: boots the appliance in a lab of its own and shows its registrations come up."""

import json
import os
import signal
import sys
import time

from .appliance import STOP_GRACE
from .arguments import parse
from .errors import LabError
from .instance import Instance, InUse
from .lab import CONFIG, Lab
from .progress import Progress
from .signals import StopRequest

POLL_SECONDS = 0.1


class Interrupted(Exception):
    """A stop was asked for before the lab was up."""


def main(arguments):
    options = parse(arguments)
    out = sys.stderr if options.json or options.detach else sys.stdout
    progress = Progress(out, out.isatty())
    if os.geteuid() != 0:
        print("tools/run: network namespaces need root", file=sys.stderr)
        return 1
    try:
        if options.stop:
            return stop(Instance(options.name), progress)
        return run(options, progress)
    except LabError as error:
        print(f"tools/run: {error}", file=sys.stderr)
        return 1


def stop(instance, progress):
    """Ends a detached lab, one in another terminal, or what a crash left."""
    try:
        instance.lock()
    except InUse:
        owner = instance.owner()
        if owner is None:
            raise
        owner.signal(signal.SIGTERM)
        if not owner.wait_gone(STOP_GRACE + 20):
            raise
        progress.say("the lab has ended")
        return 0
    was_there = instance.leftovers()
    instance.end_recorded(STOP_GRACE)
    instance.remove()
    progress.say("the lab has ended" if was_there else "no lab runs here")
    return 0


def run(options, progress):
    stopping = StopRequest()
    lab = Lab(Instance(options.name), config=options.config or CONFIG)
    try:
        boot(lab, stopping, progress)
        if options.detach:
            detach(lab, options, stopping)
            return 0
        code = watch_until_registered(lab, options, stopping, progress)
        if not options.once:
            code = watch(lab, stopping, progress)
        return code
    except Interrupted:
        return 1
    finally:
        if lab.instance.locked:
            progress.say("un-registering and removing the lab")
            lab.close()


def boot(lab, stopping, progress):
    progress.say(f"lab: kamailio, dnsmasq and the wire of {lab.given_config}")
    lab.up()
    if stopping.requested:
        raise Interrupted
    progress.say(f"appliance: {lab.program} run {lab.config}")
    progress.say(f"logs: {lab.instance.logs}")
    if lab.management_port:
        progress.say(f"REST: ip netns exec {lab.instance.port.name} "
                     f"curl -k -u USER https://{lab.management_port}/api/v1/status")
    lab.start_appliance()


def watch_until_registered(lab, options, stopping, progress):
    """0 when every row is registered; else 1 and the reasons after the timeout, or when stopped."""
    deadline = time.monotonic() + options.timeout
    rows = []
    while not stopping.wait(POLL_SECONDS):
        lab.appliance.check_alive()
        rows = lab.appliance.registrations() or rows
        progress.show(rows)
        if rows and all(row["registered"] for row in rows):
            progress.say(f"all {len(rows)} are registered")
            print_json(options, rows)
            return 0
        if time.monotonic() > deadline:
            missing = [row for row in rows if not row["registered"]]
            progress.say(f"not registered within {options.timeout:g} s:"
                         if rows else f"no answer from the appliance within {options.timeout:g} s")
            for row in missing:
                progress.say(f"  {row['name']} ({row['aor']}): {row['state']}: {row['reason']}")
            print_json(options, rows)
            return 1
    return 1


def watch(lab, stopping, progress):
    """Shows every change until a stop is asked for."""
    progress.say(f"running; {lab.program} show registration tells more; Ctrl-C ends it")
    while not stopping.wait(0.5):
        lab.appliance.check_alive()
        progress.show(lab.appliance.registrations() or [])
    return 0


def detach(lab, options, stopping):
    """Waits until the appliance answers, says where things are, and lets go."""
    deadline = time.monotonic() + options.timeout
    while lab.appliance.registrations() is None:
        lab.appliance.check_alive()
        if time.monotonic() > deadline:
            raise LabError(f"no answer from the appliance within {options.timeout:g} s")
        if stopping.wait(POLL_SECONDS):
            raise Interrupted
    facts = lab.facts()
    lab.leave_running()
    print(json.dumps(facts), flush=True)


def print_json(options, rows):
    if options.json:
        print(json.dumps(rows, indent=2), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
