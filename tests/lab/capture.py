"""Every frame on an interface of a namespace into a pcap file, and tshark's reading of it.

The socket is open when start() returns and all that it was given is in the file when stop() returns:
nothing has to be waited for.
"""

import os
import select
import struct
import subprocess
import threading
import time

import packet_socket

# Nothing that stands in a SIP message; tshark takes no unprintable ones.
FIELD_SEPARATOR, VALUE_SEPARATOR = "\t", "|"


class Capture:
    def __init__(self, namespace, interface, path):
        self.path = path
        self._socket = packet_socket.open_socket(namespace, interface)
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._copy)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self._thread is not None:
            os.write(self._stop_write, b"!")
            self._thread.join()
            self._thread = None
            self._socket.close()
            os.close(self._stop_read)
            os.close(self._stop_write)

    def _copy(self):
        with open(self.path, "wb") as out:
            out.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            stopping = False
            while True:
                ready, _, _ = select.select([self._socket, self._stop_read], [], [],
                                            0 if stopping else None)
                if self._socket in ready:
                    frame, _ = packet_socket.receive(self._socket)
                    now = time.time()
                    out.write(struct.pack("=IIII", int(now), int(now % 1 * 1e6), len(frame),
                                          len(frame)) + frame)
                elif stopping:
                    return
                stopping = stopping or self._stop_read in ready


def decode(path, display_filter, fields):
    """tshark's fields of the frames that pass the filter: a list of dictionaries, each value the
    list of all that the frame has of it. Checksums are verified."""
    command = ["tshark", "-r", str(path), "-2", "-Y", display_filter, "-T", "fields",
               "-E", f"separator=/t", "-E", f"aggregator={VALUE_SEPARATOR}",
               "-E", "occurrence=a", "-o", "ip.check_checksum:TRUE", "-o",
               "udp.check_checksum:TRUE"]
    for field in fields:
        command += ["-e", field]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    rows = []
    for line in result.stdout.splitlines():
        values = line.split(FIELD_SEPARATOR)
        rows.append({field: value.split(VALUE_SEPARATOR) if value else []
                     for field, value in zip(fields, values, strict=True)})
    return rows
