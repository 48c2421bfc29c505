"""The openssl program, for certificates and keys of a test."""

import subprocess


def openssl(*words):
    """What it printed; it must succeed."""
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, timeout=30,
                          check=True).stdout


def make_certificate(folder, name, days="2"):
    """A self-signed certificate for `name` and its key. With negative days it ended before today."""
    certificate, key, wish = folder / "certificate.pem", folder / "key.pem", folder / "request.pem"
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-addext",
            f"subjectAltName=DNS:{name}", "-keyout", key, "-out", wish)
    openssl("x509", "-req", "-in", wish, "-signkey", key, "-days", days, "-copy_extensions", "copy",
            "-out", certificate)
    return certificate, key
