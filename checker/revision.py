"""The files of a repository of campaigns as a revision of git has them, written to a folder of our own.

Git is asked for names and contents only: nothing is checked out, so no filter and no hook runs, and nothing is fetched.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tactful.engine.messages import Message, say

from .console import Refused, clean
from .reading.repository import MAX_FILES, MAX_TABLE
from .work_tree import below_work_tree, work_tree

ENDINGS = (".yaml", ".yml", ".json", ".csv")
MOST = 500_000_000
"""Bytes of all files together."""
SECONDS = 120


def written_to(folder: Path, root: Path, revision: str) -> None:
    """Writes the documents and tables that the revision has below the root. Raises Refused, with why it cannot be had."""
    if not os.path.lexists(work_tree(root) / ".git"):
        raise Refused(say("this folder is in no work tree of git", "该文件夹不在 git 工作区内"))
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise Refused(
            say("git knows no revision '{name}' here", "此处的 git 没有修订版本“{name}”", name=clean(revision))
        )
    listed = list(_blobs(root, commit.decode("ascii").strip()))
    if len(listed) > MAX_FILES or sum(size for _, _, size in listed) > MOST:
        raise Refused(say("the revision '{name}' is too large", "修订版本“{name}”过大", name=clean(revision)))
    contents = _git(root, "cat-file", "--batch", stdin="".join(f"{name}\n" for name, _, _ in listed).encode())
    if contents is None:
        raise Refused(_refused())
    at = 0
    for _, path, size in listed:
        start = contents.index(b"\n", at) + 1
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(contents[start : start + size])
        at = start + size + 1


def _blobs(root: Path, commit: str) -> Iterator[tuple[str, str, int]]:
    """Object, path below the root and size of each plain file that can be read; links and other repositories are none."""
    below = below_work_tree(root)
    tree = _git(root, "ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", *([below] if below else []))
    if tree is None:
        raise Refused(_refused())
    for entry in filter(None, tree.split(b"\0")):
        about, _, name = entry.partition(b"\t")
        mode, kind, thing, size = about.decode("ascii").split()
        path = os.fsdecode(name).removeprefix(below)
        plain = kind == "blob" and mode in ("100644", "100755") and ".." not in path.split("/")
        if plain and path.lower().endswith(ENDINGS) and int(size) <= MAX_TABLE:
            yield thing, path, int(size)


def _git(root: Path, *arguments: str, stdin: bytes = b"") -> bytes | None:
    """What git prints; None where it refuses."""
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(  # noqa: S603  # git itself, and what is given to it is an object or stands after --
            ["git", "-C", os.fspath(work_tree(root)), *arguments],  # noqa: S607  # the one that people use
            input=stdin, capture_output=True, env=environment, timeout=SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _refused() -> Message:
    return say("git could not tell what is in this revision", "git 无法给出该修订版本的内容")
