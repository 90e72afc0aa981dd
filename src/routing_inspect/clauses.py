"""
Whether clauses about a few finite choices can all hold, and how cheaply.

A *variable* takes one of a few values, numbered from 0, the cheapest first. A set of values is an
integer with these bits. A *clause* says that of some variables at least one has a value out of a
set. The search is Davis and Putnam's, Logemann and Loveland's, over sets of values instead of truth
values: what a clause leaves no choice about is settled at once, and a branch is tried where the
cheapest values left do not hold a clause up. So the first answer of a branch is its cheapest, and
what is dearer than the best known is left out.

Which clause to branch on decides between an instant and an age, and neither of two good rules is
always right. So both have a go in turn, each time for longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

# A variable and a set of its values.
Literal: TypeAlias = tuple[int, int]

# How many clauses and variables each rule looks at before the other has its turn: after the last,
# the search is given up. All in all some seconds' worth.
TURNS: Final = (30_000, 300_000, 5_000_000)


class OverLimitError(Exception):
    """The search was given up: nobody can tell."""


class Found(NamedTuple):
    """
    An answer.

    Attributes:
        cost: What the values cost together.
        values: One of each variable.
        is_cheapest: Whether there is certainly none that costs less.
    """

    cost: int
    values: list[int]
    is_cheapest: bool


class Branch(NamedTuple):
    """
    A part of the search.

    Attributes:
        domains: For each variable the values that it may still have; none is empty.
        left: For each clause how many of its literals can still hold.
        dearer: Variables that lost their cheapest value since the branch was last looked at.
        down: The clauses that the cheapest values did not hold up then, among others.
    """

    domains: list[int]
    left: list[int]
    dearer: list[int]
    down: list[int]

    def copy(self) -> Branch:
        return Branch(self.domains.copy(), self.left.copy(), self.dearer.copy(), self.down.copy())


class Clauses:
    """
    Clauses that are to hold.

    Args:
        sizes: How many values each variable has.
        clauses: For each clause the variables that it is about, and the values that hold it up.
        switches: The first variable that is a switch, as are all after it: with its value 1 on, a
            whole group of clauses has to hold.
        most: How much to look at in all, beyond the first turns; None: as much as all turns take.
    """

    def __init__(
        self,
        sizes: Iterable[int],
        clauses: Iterable[Mapping[int, int]],
        *,
        switches: int,
        most: int | None = None,
    ) -> None:
        self._most = most
        domains = [(1 << size) - 1 for size in sizes]
        longer = []
        for clause in clauses:
            if len(clause) == 1:
                for variable, values in clause.items():
                    domains[variable] &= values
            else:
                longer.append(clause)
        self._clauses: list[list[Literal]] = []
        # What to add to a clause's number of literals for those with a switch to come first.
        self._switches_first: list[int] = []
        self._about: list[list[Literal]] = [[] for _ in domains]
        # Of each value of each variable; none at all where the cost is no matter.
        self._costs: Sequence[Sequence[int]] = ()
        self._work = 0
        self._beyond = 0
        certain = self._certain_of(longer, domains, switches) if all(domains) else None
        self._root = Branch(domains, [*map(len, self._clauses)], [], [*range(len(self._clauses))])
        self._is_refuted = certain is None or not self._settle(self._root, certain)

    def _certain_of(
        self, clauses: Iterable[Mapping[int, int]], domains: list[int], switches: int
    ) -> list[Literal] | None:
        """
        Keep of *clauses* what *domains* leave open.

        Returns:
            The literals that are the only ones left of a clause; None where none is left of one.
        """
        certain: list[Literal] = []
        for clause in clauses:
            literals = []
            for variable, values in clause.items():
                domain = domains[variable]
                kept = values & domain
                if kept == domain:
                    break
                if kept:
                    literals.append((variable, kept))
            else:
                if not literals:
                    return None
                if len(literals) == 1:
                    certain += literals
                    continue
                for variable, values in literals:
                    self._about[variable].append((len(self._clauses), values))
                self._clauses.append(literals)
                self._switches_first.append(len(domains) if max(literals)[0] < switches else 0)
        return certain

    @property
    def beyond(self) -> int:
        """How much was looked at beyond what a first turn may take, in all turns."""
        return self._beyond + max(self._work - TURNS[0], 0)

    @property
    def was_cut(self) -> bool:
        """Whether more would have been looked at without a bound of one's own."""
        return self._most is not None and self._most - self.beyond <= TURNS[0]

    def can_hold(self) -> bool:
        """
        Say whether all clauses can hold at once.

        Raises:
            OverLimitError: The limit was not enough to tell.
        """
        self._costs = ()
        for later, limit in self._turns():
            try:
                return next(self._answers(later, limit, None), None) is not None
            except OverLimitError:
                continue
        raise OverLimitError

    def cheapest(self, costs: Sequence[Sequence[int]]) -> Found | None:
        """
        Find the cheapest values for which all clauses hold; of several, always the same.

        Args:
            costs: What each value of each variable costs, never less than the one before it; none for
                switches, which cost nothing.

        Returns:
            None where there are none. Once there is an answer, reaching the limit only means that a
            cheaper one may have been missed.

        Raises:
            OverLimitError: The limit was not enough to tell.
        """
        best: Found | None = None
        self._costs = [*costs, *[(0, 0)] * (len(self._root.domains) - len(costs))]
        for later, limit in self._turns():
            try:
                for found in self._answers(later, limit, best):
                    best = found
            except OverLimitError:
                continue
            return None if best is None else best._replace(is_cheapest=True)
        if best is None:
            raise OverLimitError
        return best

    def _turns(self) -> Iterator[tuple[list[int], int]]:
        """
        Give in turn the two rules by which clauses are branched on, each with its limit.

        Those with a switch first, since a switch settles much, or just those with the fewest literals
        left. A rule is what to add to each clause's number of literals before the least is chosen.
        """
        rules = [self._switches_first]
        if any(self._switches_first):
            rules.append([0] * len(self._clauses))
        for turn, most in enumerate(TURNS):
            for rule in rules:
                limit = most
                if turn and self._most is not None:
                    limit = min(most, self._most - self.beyond)
                    if limit <= TURNS[0]:
                        return
                yield rule, limit

    def _answers(self, later: list[int], limit: int, known: Found | None) -> Iterator[Found]:
        """Go through answers, each cheaper than the one before and than what is *known*."""
        self._beyond, self._work = self.beyond, 0
        if self._is_refuted:
            return
        best = None if known is None else known.cost
        # Branches to be looked at, the next ones last, each with what is to be settled there first.
        waiting: list[Iterator[tuple[Branch, list[Literal]]]] = [iter([(self._root.copy(), [])])]
        while waiting:
            branch, literals = next(waiting[-1], (None, []))
            if branch is None:
                waiting.pop()
                continue
            if not self._settle(branch, literals):
                continue
            if self._work > limit:
                raise OverLimitError
            cost, tries = self._look(branch, best, later)
            if tries is None:
                best = cost
                values = [(domain & -domain).bit_length() - 1 for domain in branch.domains]
                yield Found(cost, values, is_cheapest=False)
            elif tries:
                waiting.append(self._apart(branch, tries))

    def _apart(self, branch: Branch, tries: list[Literal]) -> Iterator[tuple[Branch, list[Literal]]]:
        """Divide *branch* by which of the literals *tries* is the first to hold, each when its turn comes."""
        for variable, values in tries[:-1]:
            # To copy is quick, but not free.
            self._work += (len(branch.domains) + len(branch.left)) // 8
            yield branch.copy(), [(variable, values)]
            if not self._settle(branch, [(variable, ~values)]):
                return
        yield branch, tries[-1:]

    def _settle(self, branch: Branch, literals: list[Literal]) -> bool:
        """
        Have *literals* hold, and all that follows where a clause has one literal left.

        Returns:
            Whether every clause can still hold by itself. Where not, *branch* is of no more use.
        """
        domains, left, dearer, _ = branch
        while literals:
            variable, values = literals.pop()
            before = domains[variable]
            after = before & values
            if after == before:
                continue
            if not after:
                return False
            domains[variable] = after
            if not before & -before & after:
                dearer.append(variable)
            about = self._about[variable]
            self._work += len(about)
            for clause, wanted in about:
                if before & wanted and not after & wanted:
                    left[clause] -= 1
                    if left[clause] == 1:
                        literals.append(self._last(clause, domains))
                    elif not left[clause]:
                        return False
        return True

    def _last(self, clause: int, domains: list[int]) -> Literal:
        """Give the only literal of a clause that can still hold."""
        literals = ((v, values & domains[v]) for v, values in self._clauses[clause])
        return next(literal for literal in literals if literal[1])

    def _open(self, clause: int, domains: list[int]) -> list[Literal]:
        return [(v, kept) for v, values in self._clauses[clause] if (kept := values & domains[v])]

    def _look(self, branch: Branch, best: int | None, later: list[int]) -> tuple[int, list[Literal] | None]:
        """
        Say what the cheapest values of *branch* cost, and what to try since they do not hold all up.

        Returns:
            The literals of one clause that they do not hold up; none at all where nothing in this
            branch is cheaper than *best*; None where every clause holds.
        """
        domains, left, *_ = branch
        self._work += len(domains) + len(left)
        cheapest = [domain & -domain for domain in domains]
        cost = 0
        if self._costs:
            cost = sum(
                [costs[bit.bit_length() - 1] for costs, bit in zip(self._costs, cheapest, strict=True)]
            )
        down = self._down(branch, cheapest)
        if best is not None and cost + self._at_least(down, branch, cheapest) >= best:
            return cost, []
        if not down:
            return cost, None
        chosen = self._open(min(down, key=lambda clause: left[clause] + later[clause]), domains)
        if self._costs:
            chosen.sort(key=lambda literal: self._dearer(literal, cheapest))
        return cost, chosen

    def _down(self, branch: Branch, cheapest: list[int]) -> list[int]:
        """Give the clauses that the *cheapest* values of *branch* do not hold up, and note them there."""
        # A clause that was held up still is, unless a variable that it is about has become dearer.
        suspects = branch.down
        if branch.dearer:
            suspects = sorted({*suspects, *(c for v in branch.dearer for c, _ in self._about[v])})
        down = []
        for clause in suspects:
            for variable, values in self._clauses[clause]:
                if cheapest[variable] & values:
                    break
            else:
                down.append(clause)
        branch.dearer.clear()
        branch.down[:] = down
        return down

    def _at_least(self, down: list[int], branch: Branch, cheapest: list[int]) -> int:
        """Say by how much at least the cost must grow until the clauses that are down hold."""
        grown = 0
        counted: set[int] = set()
        for clause in sorted(down, key=branch.left.__getitem__):
            literals = self._open(clause, branch.domains)
            # Clauses that share a variable may be held up together, so only one of them counts.
            if counted.isdisjoint(variable for variable, _ in literals):
                counted.update(variable for variable, _ in literals)
                grown += min(self._dearer(literal, cheapest) for literal in literals)
        return grown

    def _dearer(self, literal: Literal, cheapest: list[int]) -> int:
        """Say by how much the cost grows at least if *literal* is to hold."""
        variable, values = literal
        costs = self._costs[variable]
        return costs[(values & -values).bit_length() - 1] - costs[cheapest[variable].bit_length() - 1]
