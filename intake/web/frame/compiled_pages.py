"""Pages are compiled once in a process: both doors, and each application made in it, have most of them in common."""

from __future__ import annotations

from jinja2.bccache import Bucket, BytecodeCache


class CompiledPages(BytecodeCache):
    """Jinja's own check of the source's hash decides whether what is kept still serves."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills ``bucket`` where its page was compiled before."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps what ``bucket`` holds."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED_PAGES = CompiledPages()
