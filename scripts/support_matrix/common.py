# SPDX-License-Identifier: GPL-2.0-only
"""What all parts share: places, running programs, progress, hashes."""

import functools
import hashlib
import json
import os
import subprocess
import threading
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("RACE_CACHE", Path.home() / ".cache/race"))
RACE = TOP / "build/race"

_started = time.monotonic()
_lock = threading.Lock()
_running = set()
_stopping = threading.Event()


class Failure(Exception):
    """Something that the matrix cannot be made without."""


def say(text):
    with _lock:
        print(f"matrix: [{time.monotonic() - _started:4.0f} s] {text}", flush=True)


def run(*command, check=True):
    """Runs a program; its output is text.  A failure is a Failure, with its words."""
    command = [str(word) for word in command]
    with _lock:
        if _stopping.is_set():
            raise Failure("stopped")
        program = subprocess.Popen(command, text=True, errors="replace", stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _running.add(program)
    try:
        stdout, stderr = program.communicate()
    finally:
        _running.discard(program)
    if check and program.returncode != 0:
        raise Failure(f"{' '.join(command)}: exit status {program.returncode}\n{stderr or stdout}")
    return subprocess.CompletedProcess(command, program.returncode, stdout, stderr)


def stop_programs():
    """Those that other threads run: no guest is left behind."""
    with _lock:
        _stopping.set()
        for program in list(_running):
            program.terminate()


@functools.lru_cache(maxsize=None)
def _hash_of_file(path):
    return hashlib.sha256(path.read_bytes()).digest()


def hash_of(*parts):
    """Of files (Path) and of text, 16 digits of it.  A file is read once in a run."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(_hash_of_file(part) if isinstance(part, Path) else str(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]


def write_beside(path, text):
    """So that a file of this name is always a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    beside.write_text(text)
    beside.replace(path)


def load_json(path):
    """What is there, or None: a record that cannot be read is made again."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def save_json(path, value):
    write_beside(path, json.dumps(value, indent=1, sort_keys=True) + "\n")
