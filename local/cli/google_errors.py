"""What Google Cloud says, as errors of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from local.cli.client import UserError
from shared.errors import NotFoundError, RefusedError, UnavailableError
from shared.problems import InvalidError
from shared.wording import sentence


@contextmanager
def google_errors(again: str) -> Iterator[None]:
    """What Google refuses, does not have, or does not answer is a UserError.

    Args:
        again: what to do where it did not answer in time.
    """
    try:
        from google.api_core.exceptions import Forbidden, GoogleAPICallError, GoogleAPIError
        from google.auth.exceptions import GoogleAuthError
    except ImportError as error:
        raise UserError(
            f"{error.name} is not installed. This needs the libraries of Google Cloud: install "
            "recsmith with its extra `gcp`."
        ) from None
    try:
        yield
    except InvalidError as invalid:
        raise UserError(" ".join(problem.message for problem in invalid.problems)) from None
    except (NotFoundError, RefusedError, UnavailableError) as error:
        raise UserError(str(error)) from None
    except GoogleAuthError as error:
        raise UserError(
            f"Google does not know who asks: {error} `gcloud auth application-default login` "
            "tells it."
        ) from None
    except Forbidden as error:
        raise UserError(f"Google Cloud does not let you: {error.message}") from None
    except GoogleAPICallError as error:
        raise UserError(f"Google Cloud did not answer as it should: {error.message}") from None
    except BrokenPipeError:  # of whoever reads what is printed
        raise
    except TimeoutError:
        raise UserError(f"Vertex AI takes longer than this command waits. {again}") from None
    except (GoogleAPIError, OSError) as error:
        told = sentence(str(error))
        raise UserError(f"Google Cloud could not be asked: {told} {again}") from None
