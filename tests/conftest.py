"""What every test shares: how hypothesis searches, no AWS in the environment, the command line in-process."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from unittest.mock import patch

import botocore.session
import pytest
from hypothesis import HealthCheck, settings

from records import Run
from routing_inspect import cli
from routing_inspect.aws import calls
from routing_inspect.sandbox import Sandbox

SCENARIO = Path(__file__).resolve().parents[1] / "examples" / "demo.json"

# Examples are drawn anew on every run; a failure prints how to repeat it. EXAMPLES=10000 is the long run.
_EXAMPLES = int(os.environ.get("EXAMPLES", "100"))
settings.register_profile(
    "project", max_examples=_EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")
# For the laws that everything else rests on: 100,000 of each in the long run.
settings.register_profile("tenfold", settings.get_profile("project"), max_examples=10 * _EXAMPLES)

# A shell starts what it runs in the background with interrupts ignored, and whatever the tests start
# would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _models_read_once() -> Iterator[None]:
    """Let every boto3 session read botocore's models from one loader: parsing them is most of its cost."""
    with patch.object(botocore.session, "create_loader", cache(botocore.session.create_loader)):
        yield


@pytest.fixture(autouse=True)
def _no_aws_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep a developer's own AWS configuration out of every test."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    nowhere = tmp_path_factory.getbasetemp() / "no-such-file"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(nowhere))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
def _no_width_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the width of a developer's terminal out of every test."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in this process: exit code, standard output, standard error."""

    def run_main(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["routing-inspect", *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        assert isinstance(stopped.value.code, int)
        return stopped.value.code, out, err

    return run_main


@pytest.fixture
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give boto3 credentials that nobody checks, and a region."""
    for name, value in (("ACCESS_KEY_ID", "none"), ("SECRET_ACCESS_KEY", "none"), ("REGION", "eu-west-2")):
        monkeypatch.setenv(f"AWS_{name}", value)


@pytest.fixture
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no time between the tries of a call."""
    monkeypatch.setattr(calls, "PAUSES", (timedelta(0),) * len(calls.PAUSES))


@pytest.fixture
def endpoint(_credentials: None) -> Iterator[Sandbox]:
    """Serve the demo's scenario to whoever comes with credentials."""
    with Sandbox(json.loads(SCENARIO.read_text(encoding="utf-8"))) as sandbox:
        yield sandbox
