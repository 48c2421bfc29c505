"""What the lab has to know of an appliance's configuration file, and a copy of it for one instance.

The file is the appliance's own: `trunkline check` judges it. Here only those keys are read that tie
it to the lab around it.
"""

import copy
import os
import tempfile
from pathlib import Path

import yaml

from .errors import LabError
from .processes import run_tool

# Where the appliance answers `trunkline show` unless it is told otherwise.
DEFAULT_LOCAL_SOCKET = "/run/trunkline/trunkline.sock"
# What names a file, relative to the configuration's folder.
FILE_KEYS = {"file", "certificate_file", "private_key_file", "trusted_roots_file"}


def load(path, program=None):
    """The document of `path`, a mapping; LabError if it cannot be read. An ini file is read by
    `program`, the appliance's own."""
    if is_ini(path):
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "config.yaml"
            run_tool([program, "convert", path, made])
            return load(made)
    try:
        with open(path, encoding="utf-8") as stream:
            document = yaml.safe_load(stream)
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"{path}: {error}") from error
    except yaml.YAMLError as error:
        raise LabError(f"{path}: not YAML: {error}") from error
    if not isinstance(document, dict):
        raise LabError(f"{path}: not a Trunkline configuration")
    return document


def is_ini(path):
    return Path(path).suffix.lower() == ".ini"


def mappings(node):
    """Every mapping in the document, the outermost first."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from mappings(value)
    elif isinstance(node, list):
        for value in node:
            yield from mappings(value)


def digest_users(document, folder):
    """User name -> password of every place in the configuration that has both, operators aside."""
    users = {}
    for mapping in mappings(document):
        if "user_name" in mapping and "password" in mapping and "user_level" not in mapping:
            users[str(mapping["user_name"])] = secret(mapping["password"], Path(folder))
    return users


def secret(value, folder):
    """A secret as the appliance reads it: itself, {file: ...} or {env: ...}."""
    if not isinstance(value, dict):
        return str(value)
    if "env" in value:
        if value["env"] not in os.environ:
            raise LabError(f"the environment has no {value['env']}, which the configuration names")
        return os.environ[value["env"]]
    path = folder / str(value.get("file"))
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"secret: {error}") from error


def management_port(document):
    """Where the appliance answers HTTPS, "127.0.0.1:8443"; "" where it does not."""
    return section(section(document, "administration"), "web_and_cli").get("listen", "")


def section(document, name):
    value = document.get(name)
    return value if isinstance(value, dict) else {}


def for_instance(document, folder, namespace, socket, state=None):
    """A copy that may stand anywhere and runs beside others: files by absolute path, the kernel
    twins in `namespace`, the local socket at `socket`, and what it keeps in the folder `state`, by
    default that of the socket."""
    made = copy.deepcopy(document)
    for mapping in mappings(made):
        for key in FILE_KEYS & mapping.keys():
            if isinstance(mapping[key], str):
                mapping[key] = str(Path(folder).absolute() / mapping[key])
    made.setdefault("ip_network", {})["network_namespace"] = namespace
    made.setdefault("administration", {})["local_socket"] = str(socket)
    state = Path(state or Path(socket).parent).absolute()
    made["administration"]["registration_journal"] = str(state / "registrations.journal")
    made["administration"]["sealing_key"] = str(state / "sealing.key")
    if made["administration"].get("backup_folder"):
        made["administration"]["backup_folder"] = str(state / "sftp" / "configuration")
    if management_port(made):
        made["administration"]["web_and_cli"]["folder"] = str(state / "management")
    return made


def write(document, path, program=None):
    """As YAML, or by `program` as ini where `path` ends so."""
    if is_ini(path):
        made = path.with_suffix(".yaml")
        write(document, made)
        run_tool([program, "convert", made, path])
        return
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    path.chmod(0o600)
