"""
The pytest plugin: case files, fixtures, readable comparisons and condition coverage.

Every pytest run of an environment loads this module, so it imports nothing of the package
before it is needed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from routing_inspect.cases import Case
    from routing_inspect.contact import Criteria, Roster
    from routing_inspect.gaps import CriteriaCoverage
    from routing_inspect.observed import Observations
    from routing_inspect.sandbox import Sandbox, Scenario

_KEY: Final = "routing_inspect"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options for condition coverage."""
    group = parser.getgroup("routing_inspect", "routing criteria")
    group.addoption(
        "--routing-cov",
        action="store_true",
        help="report which conditions of routing criteria the tests show to decide the outcome alone",
    )
    group.addoption(
        "--routing-cov-json",
        metavar="FILE",
        type=Path,
        help="write that report as JSON; implies --routing-cov",
    )
    group.addoption(
        "--routing-cov-min",
        metavar="PERCENT",
        type=_percent,
        help="fail where a smaller share of the conditions is shown to; implies --routing-cov",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Listen to what tests state, if anybody wants to know."""
    file: Path | None = config.getoption("--routing-cov-json")
    if file is not None and not file.absolute().parent.is_dir():
        raise pytest.UsageError(f"--routing-cov-json: there is no folder {file.parent}")
    if (
        file is not None
        or config.getoption("--routing-cov")
        or config.getoption("--routing-cov-min") is not None
    ):
        config.pluginmanager.register(_Coverage(config), "routing_inspect_coverage")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect ``test_*.routing.yaml``."""
    if file_path.name.startswith("test_") and file_path.name.endswith(".routing.yaml"):
        return RoutingFile.from_parent(parent, path=file_path)
    return None


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Show expressions, steps or criteria that are not equal by what differs, and for whom."""
    # By name: where no test has imported the package, nothing can be one of its records.
    if op != "==" or not (_is_record(left) and _is_record(right)):
        return None
    from routing_inspect.render.unequal import unequal_lines  # noqa: PLC0415  (this module is light)

    return unequal_lines(left, right)


def _is_record(side: object) -> bool:
    """Say whether something is one of the package's records, or a list that begins with one, or nothing."""
    first = next(iter(side), None) if isinstance(side, list | tuple) else side
    return type(first).__module__.partition(".")[0] == _KEY or (first is None and side is not None)


class RoutingFile(pytest.File):
    """A case file."""

    def collect(self) -> Iterator[pytest.Item]:
        try:
            from routing_inspect.cases import read_cases  # noqa: PLC0415  (this module is light)
        except ModuleNotFoundError as error:
            hint = "pip install 'routing-inspect[testing]'"
            raise self.CollectError(f"case files need {error.name}: {hint}") from error
        from routing_inspect.errors import CriteriaSyntaxError  # noqa: PLC0415  (as above)

        root = self.config.rootpath
        try:
            file = read_cases(self.path, tree=root if self.path.is_relative_to(root) else self.path.parent)
        except CriteriaSyntaxError as error:
            error.file = _seen_from_here(self)
            raise self.CollectError(str(error)) from error
        for case in file.cases:
            yield RoutingCase.from_parent(self, name=case.name, case=case, source=file.source)


class RoutingCase(pytest.Item):
    """One case of a case file."""

    def __init__(self, *, case: Case, source: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.case = case
        self.source = source

    def runtest(self) -> None:
        from routing_inspect.outcomes import check, draw  # noqa: PLC0415  (this module is light)

        failures = check(self.case)
        if failures:
            raise CaseFailedError(draw(failures, self.source, _seen_from_here(self)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        if isinstance(excinfo.value, CaseFailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.line - 1, self.name


class CaseFailedError(AssertionError):
    """A case of a case file does not hold; the message says where and why."""


class _Coverage:
    """What one pytest process gathers, and what the one that the user started makes of it."""

    def __init__(self, config: pytest.Config) -> None:
        from routing_inspect.observed import listening  # noqa: PLC0415  (this module is light)

        self._ends = ExitStack()
        self._observations: Observations = self._ends.enter_context(listening())
        self._file: Path | None = config.getoption("--routing-cov-json")
        self._minimum: float | None = config.getoption("--routing-cov-min")
        self._covered: tuple[CriteriaCoverage, ...] = ()
        self._lost = 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker of pytest-xdist has gathered."""
        dumped = getattr(node, "workeroutput", {}).get(_KEY)
        if dumped is None:
            self._lost += 1
        else:
            self._observations.merge(dumped)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_KEY] = self._observations.dump()
            return
        from routing_inspect.document import dumps  # noqa: PLC0415  (this module is light)
        from routing_inspect.gaps import cover, totals  # noqa: PLC0415  (as above)
        from routing_inspect.render.conditions import to_dict  # noqa: PLC0415  (as above)

        self._covered = cover(self._observations)
        if self._file is not None:
            from routing_inspect import files  # noqa: PLC0415  (as above)

            files.write(dumps(to_dict(self._covered)) + "\n", str(self._file))
        if self._is_short(totals(self._covered).percent) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        from routing_inspect.gaps import totals  # noqa: PLC0415  (this module is light)
        from routing_inspect.render.conditions import lines  # noqa: PLC0415  (as above)

        terminalreporter.section("routing condition coverage", sep="-")
        for line in lines(self._covered):
            terminalreporter.write_line(line)
        if self._lost:
            terminalreporter.write_line(f"what {self._lost} crashed workers had seen is lost", yellow=True)
        percent = totals(self._covered).percent
        if self._is_short(percent):
            text = f"routing condition coverage: {percent:g} % is less than {self._minimum:g} %"
            terminalreporter.write_line(text, red=True)

    def pytest_unconfigure(self) -> None:
        self._ends.close()

    def _is_short(self, percent: float) -> bool:
        return self._minimum is not None and percent < self._minimum


@pytest.fixture
def routing_roster(request: pytest.FixtureRequest) -> Callable[[str], Roster]:
    """
    Read a roster, JSON or text, out of a file beside the test.

    ``routing_roster("team.json")`` gives a `routing_inspect.Roster`.
    """
    from routing_inspect.files import read_roster  # noqa: PLC0415  (this module is light)

    return lambda file: read_roster(str(request.path.parent / file))


@pytest.fixture
def routing_criteria(request: pytest.FixtureRequest) -> Callable[..., Criteria]:
    """
    Read a criteria, any JSON form or text, out of a file beside the test.

    ``routing_criteria("flow.json", action="set criteria")`` gives a `routing_inspect.Criteria`;
    *action* is needed where a flow sets several.
    """
    from routing_inspect.contact import Criteria  # noqa: PLC0415  (this module is light)
    from routing_inspect.files import read_contact  # noqa: PLC0415  (as above)

    def read(file: str, *, action: str | None = None) -> Criteria:
        return read_contact(str(request.path.parent / file), action=action).criteria or Criteria()

    return read


@pytest.fixture
def connect_sandbox(request: pytest.FixtureRequest) -> Iterator[Callable[..., Sandbox]]:
    """
    Start local Connect endpoints, which are closed when the test ends.

    ``connect_sandbox(scenario)`` gives a running `routing_inspect.sandbox.Sandbox`; *scenario*
    is a dict, a `Scenario`, or a JSON file beside the test.
    """
    from routing_inspect.sandbox import Sandbox  # noqa: PLC0415  (this module is light)

    with ExitStack() as running:

        def start(scenario: Scenario | Mapping[str, Any] | str | os.PathLike[str]) -> Sandbox:
            if isinstance(scenario, str | os.PathLike):
                scenario = request.path.parent / scenario
            return running.enter_context(Sandbox(scenario))

        yield start


def _percent(text: str) -> float:
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        raise argparse.ArgumentTypeError(f"expected a percentage from 0 to 100, found {text}")
    return percent


def _seen_from_here(node: pytest.Item | pytest.Collector) -> str:
    """Name a file as pytest does: as seen from where it was started."""
    here = node.config.invocation_params.dir
    return str(node.path.relative_to(here)) if node.path.is_relative_to(here) else str(node.path)
