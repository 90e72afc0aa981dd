"""What to do about it: botocore's errors as ours, each with what is wrong and the mend."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from routing_inspect.errors import ServiceError
from routing_inspect.visible import visible

UPGRADE: Final = "install botocore 1.35.86 or newer, and look for an old model on AWS_DATA_PATH"

_RENEW: Final = "renew the credentials (`aws sso login`, `aws configure`), or choose others with --profile"
_CLOCK: Final = f"check this machine's clock; if it is right, {_RENEW}"
_QUOTA: Final = "wait a little: the quota is 2 requests a second for the whole account and region"
_LATER: Final = "the fault is the service's: try again in a minute"
_IDS: Final = "check the instance id and the other ids: they are UUIDs, or end in one"
# What may be gone that was there, by the parameter that names it.
_DELETED: Final = {
    "UserId": "; or the agent has been deleted",
    "QueueId": "; or the queue has been deleted",
    "RoutingProfileId": "; or the routing profile has been deleted",
}
_SIGN_IN: Final = "sign in again: `aws sso login`, with the --profile in use"

# The mends of the service's errors, by code.
_BY_CODE: Final = {
    "ExpiredToken": _RENEW,
    "ExpiredTokenException": _RENEW,
    "InvalidClientTokenId": _RENEW,
    "MissingAuthenticationTokenException": _RENEW,
    "UnrecognizedClientException": _RENEW,
    "InvalidSignatureException": _CLOCK,
    "RequestExpired": _CLOCK,
    "RequestTimeTooSkewed": _CLOCK,
    "SignatureDoesNotMatch": _CLOCK,
    "InternalServiceException": _LATER,
    "InvalidParameterException": _IDS,
    "InvalidRequestException": _IDS,
    "ThrottlingException": _QUOTA,
    "TooManyRequestsException": _QUOTA,
}

# The same for an answer without an error of the service's, by HTTP status; the first that fits.
_BY_STATUS: Final = (
    (404, 404, "check the endpoint: it does not know Amazon Connect"),
    (407, 407, "the proxy wants to know who you are: put user and password into HTTPS_PROXY"),
    (300, 399, "something on the way redirects, such as a proxy's sign-in page"),
    (400, 499, "check the endpoint, and any proxy"),
    (500, 599, "the fault is the service's, or a proxy's: try again in a minute"),
)

# What happened before there was any answer, and the mend, by the name of botocore's class.
# Braces hold what the error knows; without a message its own words are used.
_BY_CLASS: Final[Mapping[str, tuple[str | None, str | None]]] = {
    "NoCredentialsError": (
        "no AWS credentials are found",
        "choose a --profile, set AWS_ACCESS_KEY_ID and its kin, or run `aws configure`",
    ),
    "PartialCredentialsError": (
        "the AWS credentials are incomplete: {cred_var} is missing",
        "set both the access key id and the secret access key",
    ),
    "CredentialRetrievalError": (
        "the AWS credentials cannot be had from {provider}: {error_msg}",
        "check what the profile says about it, or choose another with --profile",
    ),
    "SSOError": (None, _SIGN_IN),
    "TokenRetrievalError": (None, _SIGN_IN),
    "LoginError": (None, "sign in again: `aws login`, with the --profile in use"),
    "ProfileNotFound": (
        "the AWS configuration has no profile `{profile}`",
        "`aws configure list-profiles` lists those it has",
    ),
    "ConfigParseError": ("the AWS configuration cannot be read: {path}", "mend that file"),
    "InvalidConfigError": (None, "mend the AWS configuration, or choose another --profile"),
    "NoRegionError": ("no AWS region is given", "give --region, or set AWS_DEFAULT_REGION"),
    "InvalidRegionError": ("`{region_name}` is no AWS region", "a region is written like `eu-west-2`"),
    "DataNotFoundError": ("botocore has no model of Amazon Connect", UPGRADE),
    "InvalidRetryConfigurationError": (None, "give at least 1 attempt"),
    "EndpointConnectionError": (
        "nobody can be reached at {host}: {cause}",
        "check the network and the endpoint: it may not listen there",
    ),
    "ConnectTimeoutError": ("{host} does not take the connection", "check the network, and any proxy"),
    "ReadTimeoutError": ("{host} did not answer in {read_timeout} s", "try again in a minute"),
    "ConnectionClosedError": (
        "{host} ended the connection before it had answered",
        "try again; if it stays so, check the network, and any proxy",
    ),
    "ProxyConnectionError": ("the proxy {proxy_url} cannot be reached: {cause}", "check HTTPS_PROXY"),
    "InvalidProxiesConfigError": (None, "check HTTPS_PROXY"),
    "SSLError": (
        "no secure connection to {host}: {cause}",
        "check the endpoint; a proxy that opens TLS needs its certificate in AWS_CA_BUNDLE",
    ),
    "HTTPClientError": (None, "check the endpoint, the network, and any proxy"),
    "ValueError": (None, "check the endpoint: it is written like `http://127.0.0.1:5077`"),
    "OSError": ("{cause}: {filename}", "check the files that the AWS configuration names"),
}

_UNKNOWN_HOST: Final = "check --region and --endpoint-url for a slip, and the network"


def service_error(
    error: Any, operation: str, parameters: Mapping[str, str], region: str | None
) -> ServiceError:
    """Say what an error means that a service answered with: botocore's ClientError."""
    if error.operation_name != operation:
        return _credentials_error(error, operation)
    code, said, status = _told(error)
    instance = parameters["InstanceId"]
    match code:
        case "AccessDeniedException" | "AccessDenied":
            message = f"not allowed to call {operation}: {said}"
            hint = f"the IAM policy needs connect:{operation} on instance {instance}"
            if "explicit deny" in said:
                hint = "an explicit deny overrules every permission: ask whoever set it"
        case "ResourceNotFoundException":
            what = next((v for k, v in parameters.items() if k not in {"InstanceId", "NextToken"}), instance)
            message = f"{operation} finds no {what} in instance {instance}, region {region}"
            hint = "check the ids, the --region and the --profile"
            if operation == "DescribeContact":
                hint += "; contacts are kept for 24 months from their initiation"
            hint += next((more for name, more in _DELETED.items() if name in parameters), "")
        case "":
            message = f"{operation} was answered with an HTTP status of {status}, and no error of the service"
            hint = next((mend for low, high, mend in _BY_STATUS if low <= status <= high), _LATER)
        case _:
            message = f"{operation} failed with {code}: {said}"
            hint = _BY_CODE.get(code, "try again in a minute")
    return ServiceError(message + _tries(error), hint=hint, operation=operation, code=code or None)


def way_error(error: Exception, operation: str | None, read_timeout: float | None = None) -> ServiceError:
    """Say what went wrong before there was any answer: no credentials, no network, no endpoint."""
    known = dict(getattr(error, "kwargs", {}))
    cause = _cause(known.get("error", error))
    said = visible(" ".join(str(error).split())) or type(error).__name__
    facts = {name: visible(str(value)) for name, value in known.items()} | {
        "host": visible(urlsplit(str(known.get("endpoint_url", ""))).netloc.rpartition("@")[2]),
        "cause": _reason(cause),
        "filename": visible(str(getattr(error, "filename", ""))),
        "read_timeout": str(read_timeout),
    }
    names = [cls.__name__ for cls in type(error).__mro__]
    template, hint = next((_BY_CLASS[name] for name in names if name in _BY_CLASS), (None, None))
    message = _lower(said) if template is None else template.format_map(facts).rstrip(": ")
    if isinstance(cause, socket.gaierror):
        hint = _UNKNOWN_HOST
    return ServiceError(
        message if operation is None else f"{operation} got no answer: {message}",
        hint=hint,
        operation=operation,
    )


def _credentials_error(error: Any, operation: str) -> ServiceError:
    """Say that credentials were refused, which botocore asks another service for."""
    code, said, status = _told(error)
    return ServiceError(
        f"{operation} was not called, since {error.operation_name} failed with {code or status}: {said}",
        hint="check the role that the profile names, and who may assume it",
        operation=operation,
        code=code or None,
    )


def _told(error: Any) -> tuple[str, str, int]:
    """Give an error's code, its message and the HTTP status; no code where there is a status in its place."""
    told, metadata = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    code = str(told.get("Code") or "")
    said = visible(" ".join(str(told.get("Message") or "no reason given").split()))
    # A whole web page may stand in the message.
    said = said if len(said) <= 500 else f"{said[:500]}…"
    is_code = re.fullmatch("[A-Za-z][A-Za-z0-9.]*", code)
    return code if is_code else "", said, int(metadata.get("HTTPStatusCode", 0))


def _tries(error: Any) -> str:
    tries = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) + 1
    return f" (tried {tries} times)" if tries > 1 else ""


def _cause(error: Any) -> Any:
    """Find the error of the operating system, or of TLS, behind urllib3's."""
    seen = []
    while isinstance(error, BaseException) and error not in seen:
        if isinstance(error, OSError) and error.strerror:
            return error
        seen.append(error)
        error = error.__cause__ or error.__context__ or next(iter(error.args), None)
    return seen[-1] if seen else None


def _reason(cause: Any) -> str:
    """Give an error's own words without its number, its module and its source file."""
    words = getattr(cause, "verify_message", None) or getattr(cause, "strerror", None) or str(cause)
    return _lower(re.sub(r"^\[.*?\] | \(_ssl\.c:.*\)$", "", visible(words)))


def _lower(text: str) -> str:
    """Begin in lower case, unless the first word is a name or an abbreviation."""
    first = text.split(" ", 1)[0]
    return text if first[1:] != first[1:].lower() else text[:1].lower() + text[1:].rstrip(".")
