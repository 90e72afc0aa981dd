"""The boto3 client, and what its model of the service does not know."""

from __future__ import annotations

from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from routing_inspect.aws.calls import listen
from routing_inspect.aws.mends import UPGRADE, way_error
from routing_inspect.findings import Finding

# A boto3 client for Amazon Connect, and a boto3 session; boto3 makes such classes at run time.
Client: TypeAlias = Any
Session: TypeAlias = Any

# Members without which an expression arrives changed; botocore has them all since 1.35.86.
_NEEDED: Final = {
    "Expression": ("AttributeCondition", "AndExpression", "OrExpression", "NotAttributeCondition"),
    "AttributeCondition": (
        "Name",
        "Value",
        "ProficiencyLevel",
        "Range",
        "MatchCriteria",
        "ComparisonOperator",
    ),
}


def connect(
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
    attempts: int = 10,
    session: Session | None = None,
) -> Client:
    """
    Make a boto3 client for Amazon Connect, set up for a service that allows 2 requests a second.

    Args:
        profile: A profile of the AWS configuration; None: the default one.
        region: Such as ``eu-west-2``; None: what the profile or the environment says.
        endpoint_url: Another endpoint than the region's own, such as a local one.
        attempts: How often one request is tried in all; at most 3 times where nobody can be reached.
        session: A boto3 session to take credentials and region from, in place of *profile*.

    Raises:
        ServiceError: There is no such profile, no region, or the endpoint is no URL. Credentials are
            first looked at by the first call.
    """
    import boto3  # noqa: PLC0415  (it costs more than everything else together)

    try:
        session = session or boto3.Session(profile_name=profile, region_name=region)
        client = session.client(
            "connect", region_name=region, endpoint_url=endpoint_url, config=_config(attempts, endpoint_url)
        )
    except Exception as error:
        # Configuration files, credential processes and models fail in ways that botocore has no class for.
        raise way_error(error, None) from error
    listen(client)
    client.meta.events.register_first("needs-retry.connect", _give_up)
    return client


def _config(attempts: int, endpoint_url: str | None) -> Any:
    from botocore.config import Config  # noqa: PLC0415  (it costs more than all else here)

    is_local = urlsplit(endpoint_url or "").hostname in {"127.0.0.1", "localhost", "::1"}
    return Config(
        # No proxy stands between this machine and itself, whatever the environment says.
        proxies={} if is_local else None,
        connect_timeout=5,
        read_timeout=20,
        # Adaptive: it slows down when the service throttles, where the other modes give up.
        # With one attempt there is nothing to adapt: whoever asks for that holds the rate down itself.
        retries={"mode": "adaptive" if attempts > 1 else "standard", "total_max_attempts": attempts},
        max_pool_connections=16,
        user_agent_extra="routing-inspect",
    )


def connect_locally(endpoint_url: str) -> Client:
    """
    Make a client for a local endpoint: no credentials are needed, and no configuration is read.

    Args:
        endpoint_url: Such as a sandbox's own.
    """
    import boto3  # noqa: PLC0415  (as above)
    from botocore.session import Session as CoreSession  # noqa: PLC0415  (as above)

    nothing = (None, None, None, None)
    core = CoreSession(session_vars=dict.fromkeys(("profile", "config_file", "credentials_file"), nothing))
    core.set_credentials("none", "none")
    return connect(
        endpoint_url=endpoint_url, session=boto3.Session(botocore_session=core, region_name="eu-west-2")
    )


def _give_up(attempts: int, caught_exception: Exception | None, **_: Any) -> None:
    """End the tries early where there is nobody to try: a slip in a region is not worth 20 s of waiting."""
    from botocore.exceptions import ConnectionError as NobodyThere  # noqa: PLC0415  (as above)
    from botocore.exceptions import ReadTimeoutError  # noqa: PLC0415  (as above)

    if attempts >= 3 and isinstance(caught_exception, NobodyThere | ReadTimeoutError):
        raise caught_exception


def model_gaps(client: Client) -> tuple[str, ...]:
    """
    Name the members of routing criteria that the client's own model does not know.

    Empty for botocore 1.35.86 or newer, unless an old model on ``AWS_DATA_PATH`` shadows it.
    This package reads the raw body and loses nothing; other code that uses the client does.
    """
    model = client.meta.service_model
    missing = []
    for shape, members in _NEEDED.items():
        known = model.shape_for(shape).members if shape in model.shape_names else {}
        missing += [f"{shape}.{member}" for member in members if member not in known]
    return tuple(missing)


def model_findings(client: Client) -> tuple[Finding, ...]:
    """Say which members the client's model lacks, if any."""
    gaps = model_gaps(client)
    if not gaps:
        return ()
    message = (
        f"the loaded model of Amazon Connect lacks {', '.join(gaps)}; here the raw answer was read instead"
    )
    return (Finding("RI603", message, UPGRADE, "evidence"),)
