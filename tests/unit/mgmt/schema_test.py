#!/usr/bin/env python3
"""Checks the files of conf/ and some wrong ones against the schema that `trunkline schema` prints.

usage: schema_test.py PRINT_SCHEMA CONF_FILE...   (exit code 77: python3-jsonschema is missing)
"""
import copy
import json
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"skipped: {error}; install python3-jsonschema and python3-yaml")
    sys.exit(77)


def change(document, path, value):
    changed = copy.deepcopy(document)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


WRONG = {
    "unknown key": (("appliance", "colour"), "red"),
    "wrong enumeration": (("appliance", "topology"), "apart"),
    "number out of range": (("appliance", "shards"), 65),
    "value of a later version": (("signaling_and_media", "proxy_sets", 0, "keep_alive"),
                                 "using_fake_register"),
    "text where a list belongs": (("ip_network", "physical_ports"), "GE_1"),
    "key of another device": (("ip_network", "physical_ports", 0, "device"),
                              {"vdev": "ring", "interface": "eth0"}),
    "device without its interface": (("ip_network", "physical_ports", 0, "device"),
                                     {"vdev": "tap"}),
    "secret from two places": (("signaling_and_media", "accounts", 0, "password"),
                               {"file": "a", "env": "B"}),
    "prefix without length": (("ip_network", "ip_interfaces", 0, "address"), "192.0.2.10"),
    "row without its name": (("signaling_and_media", "ip_groups"), [{"proxy_set": "ITSP"}]),
}

RIGHT = {
    "null device": (("ip_network", "physical_ports", 0, "device"), {"vdev": None}),
    "empty section": (("administration",), None),
    "no of YAML 1.1": (("signaling_and_media", "accounts", 0, "register"), False),
    "list of numbers": (("signaling_and_media", "proxy_sets", 0, "keep_alive_failure_responses"),
                        [486, 503]),
    "secret in clear": (("signaling_and_media", "accounts", 0, "password"), "clear"),
    "zero beside the range": (("signaling_and_media", "sip_definitions", "proxy_and_registration",
                               "proxy_ip_list_refresh_time"), 0),
}


def main(print_schema, *files):
    schema = json.loads(subprocess.run([print_schema], check=True, capture_output=True).stdout)
    checker = jsonschema.Draft202012Validator
    checker.check_schema(schema)
    validator = checker(schema)
    failures = []
    documents = []
    for file in files:
        with open(file, encoding="utf-8") as text:
            documents.append(yaml.safe_load(text))
        for error in validator.iter_errors(documents[-1]):
            failures.append(f"{file}: {error.message}")
    for name, (path, value) in RIGHT.items():
        for error in validator.iter_errors(change(documents[0], path, value)):
            failures.append(f"{name} is refused: {error.message}")
    for name, (path, value) in WRONG.items():
        if validator.is_valid(change(documents[0], path, value)):
            failures.append(f"{name} is accepted")
    print("\n".join(failures) or "all as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
