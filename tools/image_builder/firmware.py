"""The firmware file: what a slot holds, with a manifest that is signed (Ed25519, RFC 8032). What it
looks like is told by mgmt/firmware/firmware_file.h, which reads it."""

import hashlib
import json
import subprocess
from pathlib import Path

from .commands import run

MAGIC = b"TRUNKLINE FIRMWARE 1\n"


def signing_key(given, folder):
    """The private key's file (PEM). Without one, a key of this folder is made once: good for trying,
    as every image made here has its public half."""
    if given:
        return Path(given)
    path = folder / "firmware-key.pem"
    if not path.exists():
        run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path])
        path.chmod(0o600)
    return path


def public_key(key):
    return run(["openssl", "pkey", "-in", key, "-pubout"]).encode()


def write(slot, version, key, path):
    content = slot.read_bytes()
    manifest = json.dumps({"version": version, "size": len(content),
                           "sha256": hashlib.sha256(content).hexdigest()}).encode() + b"\n"
    unsigned = path.with_suffix(".manifest")
    unsigned.write_bytes(MAGIC + manifest)
    signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(key), "-in",
                                str(unsigned)], capture_output=True, check=True).stdout
    unsigned.unlink()
    path.write_bytes(MAGIC + manifest + signature.hex().encode() + b"\n" + content)
