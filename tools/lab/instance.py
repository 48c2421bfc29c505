"""One copy of the lab on this machine: its names, its lock, and the record from which a later start
or `tools/run --stop` ends what a dead owner left."""

import fcntl
import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path

from .configuration import DEFAULT_LOCAL_SOCKET
from .errors import LabError
from .namespaces import Namespace, folder_is_mounted, unmount_folder
from .processes import ProcessId

DEFAULT_NAME = "trunkline"
FOLDER = Path("/run/trunkline-lab")
LOGS = Path("/var/log/trunkline-lab")


class InUse(LabError):
    """Another process runs this instance."""


class Instance:
    """Names alone; nothing is made before lock()."""

    def __init__(self, name=DEFAULT_NAME, logs=None):
        self.name = name
        self.folder = FOLDER / name
        self.logs = Path(logs) if logs else LOGS / name
        self.lab = Namespace(f"{name}-lab")
        self.port = Namespace(f"{name}-port")
        self.appliance = Namespace(f"{name}-appliance")
        self._lock = None
        self._mounted_folder = False  # by us, so that we undo it

    @property
    def namespaces(self):
        return [self.lab, self.port, self.appliance]

    @property
    def socket(self):
        """The appliance's local socket: the usual one in the default instance, so that `trunkline
        show` needs no option."""
        if self.name == DEFAULT_NAME:
            return Path(DEFAULT_LOCAL_SOCKET)
        return self.folder / "trunkline.sock"

    @property
    def locked(self):
        """True while this process has the instance."""
        return self._lock is not None

    @property
    def _state_file(self):
        return self.folder / "state.json"

    def lock(self):
        """Takes the instance for this process. LabError if another one has it."""
        while self._lock is None:
            # Between any two steps the last owner may still be removing its files.
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                self.folder.chmod(0o700)
                self._try_lock()
            except FileNotFoundError:
                pass

    def _try_lock(self):
        lock = open(self.folder / "lock", "ab")  # pylint: disable=consider-using-with
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise InUse(f"the lab '{self.name}' runs already; end it with Ctrl-C there, or with "
                        "tools/run --stop") from error
        if os.stat(self.folder / "lock").st_ino == os.fstat(lock.fileno()).st_ino:
            self._lock = lock
        else:
            lock.close()

    def record(self, processes, *, detached=False):
        """Writes down what runs, so that somebody else can end it."""
        facts = {"mounted_folder": self._mounted_folder,
                 "owner": asdict(ProcessId.of_this_process()), "detached": detached,
                 "processes": [asdict(process) for process in processes]}
        scratch = self.folder / "state.json.new"
        scratch.write_text(json.dumps(facts), encoding="utf-8")
        scratch.rename(self._state_file)

    def _state(self):
        try:
            return json.loads(self._state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def owner(self):
        """The process that runs this instance in the foreground now; None if there is none."""
        recorded = self._state().get("owner")
        owner = ProcessId(**recorded) if recorded else None
        return owner if owner and owner.alive() and not self._state()["detached"] else None

    def recorded_processes(self):
        """Those of the record that still run."""
        recorded = [ProcessId(**entry) for entry in self._state().get("processes", [])]
        return [process for process in recorded if process.alive()]

    def runs_detached(self):
        """True while an appliance that was left running on purpose lives."""
        return (self._state().get("detached", False)
                and any(p.name == "trunkline" for p in self.recorded_processes()))

    def leftovers(self):
        """True if anything of an earlier run is there. Only with the lock."""
        return bool(self.recorded_processes()) or any(n.exists() for n in self.namespaces)

    def end_recorded(self, grace):
        """Ends the processes of the record, the last started first, so that the appliance
        un-registers while its registrar still answers. Only with the lock."""
        for process in reversed(self.recorded_processes()):
            process.end(grace if process.name == "trunkline" else 10)

    def add_namespaces(self):
        self._mounted_folder = not folder_is_mounted()
        for namespace in self.namespaces:
            namespace.add()

    def delete_namespaces(self):
        for namespace in self.namespaces:
            namespace.delete()

    def remove(self):
        """Removes namespaces and files. Only with the lock, when the processes are gone."""
        self.delete_namespaces()
        if self._mounted_folder or self._state().get("mounted_folder"):
            unmount_folder()
        self._remove_socket()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        try:
            FOLDER.rmdir()
        except OSError:
            pass  # another instance lives there

    def release(self):
        """Gives the lock away and leaves all else."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _remove_socket(self):
        self.socket.unlink(missing_ok=True)
        if self.name == DEFAULT_NAME:
            try:
                self.socket.parent.rmdir()
            except OSError:
                pass
