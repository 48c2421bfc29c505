"""The firmware file: what a slot holds, with a manifest that is signed (Ed25519, RFC 8032). What it
looks like is told by mgmt/firmware/firmware_file.h, which reads it."""

import hashlib
import json
from pathlib import Path

from .commands import ImageError, run

MAGIC = b"TRUNKLINE FIRMWARE 1\n"


def signing_key(given, folder):
    """The private key's file (PEM). Without one, a key of this folder is made once: good for trying,
    as every image made here has its public half. ImageError: what is there is no such key."""
    path = Path(given) if given else folder / "firmware-key.pem"
    if not given and not path.exists():
        run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path])
        path.chmod(0o600)
    check_key(path)
    return path


def check_key(path):
    """openssl signs with other keys, too, and the appliance refuses what they signed."""
    found = kind_of_key(path)
    if found != "ED25519 Public-Key":
        raise ImageError(f"{path} cannot sign firmware; allowed: an Ed25519 private key (PEM) without a password, "
                         f"as made by 'openssl genpkey -algorithm ed25519 -out FILE'; found: {found}")


def kind_of_key(path):
    """Of a private key, as openssl calls its public half; else why there is none."""
    if not path.is_file():
        return "no such file"
    try:
        # With a password, so that it asks nobody for one.
        return run(["openssl", "pkey", "-in", path, "-passin", "pass:", "-noout",
                    "-text_pub"]).splitlines()[0].rstrip(":")
    except ImageError as error:
        return str(error).splitlines()[0]


def public_key(key):
    return run(["openssl", "pkey", "-in", key, "-pubout"]).encode()


def write(slot, version, key, path):
    content = slot.read_bytes()
    manifest = json.dumps({"version": version, "size": len(content),
                           "sha256": hashlib.sha256(content).hexdigest()}).encode() + b"\n"
    unsigned = path.with_suffix(".manifest")
    unsigned.write_bytes(MAGIC + manifest)
    signature = path.with_suffix(".signature")
    run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", unsigned, "-out", signature])
    path.write_bytes(MAGIC + manifest + signature.read_bytes().hex().encode() + b"\n" + content)
    unsigned.unlink()
    signature.unlink()
