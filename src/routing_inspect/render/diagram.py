"""
Boxes and arrows as Mermaid and as DOT, whatever their labels say.

Neither language can be written with text as it stands: a quote ends a label, a `#` or an `&` begins
an entity, `style a:#f` makes Mermaid drop a semicolon further on, and a name is free to hold any of
these. So ids are numbers, and a label keeps only what has no meaning of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from routing_inspect.visible import visible


@frozen
class Box:
    """
    A node of a diagram.

    Attributes:
        key: What arrows name it by; no two boxes have one key. It is not shown.
        lines: Its label, line by line, as they stand: drawing escapes them.
        kind: ``plain``, ``strong`` (what it is all about), ``faint`` (what is not there) or ``alarm``.
    """

    key: str
    lines: tuple[str, ...]
    kind: str = "plain"


@frozen
class Arrow:
    """
    An edge of a diagram.

    Attributes:
        source: The key of the box it leaves.
        target: The key of the box it comes to.
        label: What it says, as it stands; empty: nothing.
        kind: ``plain``, ``faint`` or ``alarm``.
    """

    source: str
    target: str
    label: str = ""
    kind: str = "plain"


@frozen(kw_only=True)
class Diagram:
    """
    Boxes and the arrows between them, in the order in which they are written.

    Attributes:
        title: What it shows, for a reader who sees nothing else; empty: nothing.

    Raises:
        ValueError: Two boxes have one key, or an arrow names a box that is not there.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...] = ()
    title: str = ""
    _ids: Mapping[str, str] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        ids = {box.key: f"n{number}" for number, box in enumerate(self.boxes, 1)}
        if len(ids) < len(self.boxes):
            raise ValueError("two boxes of a diagram have one key")
        for arrow in self.arrows:
            for key in (arrow.source, arrow.target):
                if key not in ids:
                    raise ValueError(f"an arrow of a diagram names `{visible(key)}`, and no box has this key")
        object.__setattr__(self, "_ids", ids)

    def id_of(self, key: str) -> str:
        """Give the name that a box has in what is written: ``n1`` for the first."""
        return self._ids[key]


# ---------------------------------------------------------------------------- Mermaid

# What means something to Mermaid, or to the Markdown it takes a label for: all of ASCII but these few,
# and a blank or a hyphen where it begins a list or a code block. An entity means itself to both.
_MERMAID_SYNTAX: Final = re.compile(r"(?:^|(?<=[ -]))[ -]|[^A-Za-z0-9 ,/\x80-\U0010ffff-]")
# It looks for formulas (`$$x$$`) and icons (`fa:fa-car`) only once it has decoded the entities, so
# a blank of no width, the one character that is not the text's own, keeps these apart.
_MERMAID_LATE: Final = re.compile(r"(?<=\$)(?=\$)|(?<=:)(?=fa-)")
_MERMAID_ARROWS: Final = {"plain": "-->", "faint": "-.->", "alarm": "==>"}
_MERMAID_CLASSES: Final = {
    "strong": "stroke-width:3px",
    "faint": "stroke-dasharray:4 3",
    "alarm": "stroke:#b00020,stroke-width:3px",
}


def mermaid(diagram: Diagram) -> str:
    """Write a diagram as a Mermaid flowchart from top to bottom, with a line end at its end."""
    lines = [f"    accTitle: {_mermaid_text(diagram.title)}"] if diagram.title.strip() else []
    for box in diagram.boxes:
        label = "<br/>".join(map(_mermaid_text, box.lines))
        kind = "" if box.kind == "plain" else f":::{box.kind}"
        lines.append(f'    {diagram.id_of(box.key)}["{label or " "}"]{kind}')
    for arrow in diagram.arrows:
        label = f'|"{_mermaid_text(arrow.label)}"|' if arrow.label.strip() else ""
        drawn = f"{_MERMAID_ARROWS[arrow.kind]}{label}"
        lines.append(f"    {diagram.id_of(arrow.source)} {drawn} {diagram.id_of(arrow.target)}")
    used = {box.kind for box in diagram.boxes}
    lines += [f"    classDef {kind} {style}" for kind, style in _MERMAID_CLASSES.items() if kind in used]
    return "\n".join(["flowchart TB", *lines]) + "\n"


def _mermaid_text(text: str) -> str:
    parts = _MERMAID_LATE.split(visible(text))
    return "#8203;".join(_MERMAID_SYNTAX.sub(lambda found: f"#{ord(found[0])};", part) for part in parts)


# ---------------------------------------------------------------------------- DOT

# A backslash begins an escape, a quote ends the label, and `&lt;` would be shown as `<`.
_DOT_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;"})
_DOT_BOXES: Final = {
    "plain": "",
    "strong": ", penwidth=3",
    "faint": ", style=dashed",
    "alarm": ', penwidth=3, color="#b00020"',
}
_DOT_ARROWS: Final = {"plain": "", "faint": "style=dashed", "alarm": 'penwidth=3, color="#b00020"'}


def dot(diagram: Diagram) -> str:
    """Write a diagram as a DOT digraph from top to bottom, for Graphviz, with a line end at its end."""
    lines = ["digraph {", '    node [shape=box, fontname="sans-serif"]', '    edge [fontname="sans-serif"]']
    lines += [f'    label="{_dot_text(diagram.title)}"', "    labelloc=t"] if diagram.title.strip() else []
    for box in diagram.boxes:
        label = "\\n".join(map(_dot_text, box.lines))
        lines.append(f'    {diagram.id_of(box.key)} [label="{label}"{_DOT_BOXES[box.kind]}]')
    for arrow in diagram.arrows:
        label = f'label="{_dot_text(arrow.label)}"' if arrow.label.strip() else ""
        said = ", ".join(filter(None, (label, _DOT_ARROWS[arrow.kind])))
        ends = f"{diagram.id_of(arrow.source)} -> {diagram.id_of(arrow.target)}"
        lines.append(f"    {ends} [{said}]" if said else f"    {ends}")
    return "\n".join([*lines, "}"]) + "\n"


def _dot_text(text: str) -> str:
    return visible(text).translate(_DOT_ESCAPES)
