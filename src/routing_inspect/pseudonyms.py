"""Names and ids put in place of real ones: the same for the same, everywhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from routing_inspect.contact import is_user_id
from routing_inspect.document import JSON, read_value, show
from routing_inspect.errors import DocumentError, Problem

SCHEMA: Final = "routing-inspect/pseudonyms/1"

# What a pseudonym begins with: one for ids, which stay UUIDs, and one for every other text.
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "agents": ("a", "agent"),
    "queues": ("b", "queue"),
    "contacts": ("c", "contact"),
    "instances": ("d", "instance"),
}
_MADE: Final = re.compile(
    r"[a-d]0000000-0000-4000-8000-[0-9]{12}|(?:agent|queue|contact|instance)-[0-9]{1,12}", re.ASCII
)
# What stands before the agent's id may be kept as it is, so nothing but an ARN's own letters counts as one.
_ARN: Final = re.compile(
    r"arn:[\w-]*:connect:[\w-]*:[0-9]*:instance/([\w-]*)/agent/(.*)", re.ASCII | re.DOTALL
)


class Pseudonyms:
    """
    A table of pseudonyms, which grows by what it is asked for.

    A text that is no id (a username, a queue's name) always gets one, such as ``agent-3``. An id gets
    one, again an id, only where *ids* asks for it. The numbers say in what order they were asked for,
    and nothing of what they stand for: only the table does, so keep it apart from what is passed on.

    Args:
        ids: Whether ids are replaced too.
        table: An earlier table, as `to_dict` gave it, to go on with; parsed, or JSON text.

    Raises:
        DocumentError: *table* is no such table.
    """

    def __init__(self, *, ids: bool = False, table: Mapping[str, Any] | str | bytes | None = None) -> None:
        self.ids = ids
        self._of: dict[str, dict[str, str]] = {kind: {} for kind in _KINDS}
        # The highest number that a pseudonym has, by kind and by whether it is an id.
        self._last: dict[tuple[str, bool], int] = {}
        if table is not None:
            self._read(read_value(table))

    def agent(self, text: str) -> str:
        """Give the pseudonym of a user id, a username or an agent's ARN."""
        arn = _ARN.fullmatch(text)
        if arn is None:
            return self._pseudonym("agents", text)
        agent = self._pseudonym("agents", arn[2])
        if not self.ids:
            return text[: arn.start(2)] + agent
        # The account and the region tell whose it is, so an example's stand in their place.
        return f"arn:aws:connect:eu-west-2:111122223333:instance/{self.instance(arn[1])}/agent/{agent}"

    def queue(self, text: str) -> str:
        """Give the pseudonym of a queue's id or name; an agent's own queue is named by the agent."""
        return self._of["agents"].get(text) or self._pseudonym("queues", text)

    def contact(self, text: str) -> str:
        """Give the pseudonym of a contact's id."""
        return self._pseudonym("contacts", text)

    def instance(self, text: str) -> str:
        """Give the pseudonym of an instance's id."""
        return self._pseudonym("instances", text)

    def known(self, text: str) -> str:
        """Give the pseudonym that *text* has already got, of whatever kind; else the text."""
        return next((table[text] for table in self._of.values() if text in table), text)

    def to_dict(self) -> dict[str, JSON]:
        """Give the table as plain JSON values, for the next time; it says what every pseudonym stands for."""
        return {"schema": SCHEMA, **{kind: dict(table) for kind, table in self._of.items()}}

    def _pseudonym(self, kind: str, text: str) -> str:
        is_id = is_user_id(text)
        if is_id and not self.ids:
            return text
        table = self._of[kind]
        if text not in table:
            letter, word = _KINDS[kind]
            # Ids and names are numbered apart: the first agent's id ends in 1, and the name is agent-1.
            number = self._last.get((kind, is_id), 0) + 1
            self._last[kind, is_id] = number
            table[text] = f"{letter}0000000-0000-4000-8000-{number:012d}" if is_id else f"{word}-{number}"
        return table[text]

    def _read(self, document: JSON) -> None:
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            found = document.get("schema") if isinstance(document, dict) else document
            hint = "it is made by the command that asks for it; name a new file to begin one"
            raise DocumentError(
                (Problem("$.schema", f"expected a table of pseudonyms, found {show(found)}", hint),)
            )
        for kind, table in self._of.items():
            given = document.get(kind)
            texts = given if isinstance(given, dict) else {}
            if texts is not given or not all(isinstance(made, str) for made in texts.values()):
                raise DocumentError((Problem(f"$.{kind}", f"expected texts by text, found {show(given)}"),))
            # Pseudonyms become names of files and words of YAML as they stand.
            counts = Counter(map(str, texts.values()))
            odd = next((made for made, n in counts.items() if n > 1 or not _MADE.fullmatch(made)), None)
            if odd is not None:
                hint = "it is made by the command that asks for it: change nothing in it"
                raise DocumentError(
                    (Problem(f"$.{kind}", f"no pseudonym of one text alone: {show(odd)}", hint),)
                )
            for text, made in texts.items():
                table[text] = str(made)
                place = kind, is_user_id(str(made))
                self._last[place] = max(self._last.get(place, 0), int(str(made).rpartition("-")[2]))
