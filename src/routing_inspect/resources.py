"""Files that come with the package."""

from __future__ import annotations


def read_resource(name: str) -> str:
    """
    Read a text file that comes with the package, such as ``grammar/routing.lark``.

    A wheel carries such files inside the package; a checkout has them at its root, two folders up.

    Raises:
        FileNotFoundError: Nothing of this name comes with the package.
    """
    from pathlib import Path  # noqa: PLC0415  (nobody who reads no text pays for it)

    package = Path(__file__).parent
    packed = package / name
    path = packed if packed.is_file() else package.parents[1] / name
    return path.read_text(encoding="utf-8")
