"""ETags of documents, and what a caller has seen of one."""

import re
from typing import Annotated, Any

from fastapi import Depends, Header, Response

from shared import editing
from shared.problems import InvalidError, Problem

_IF_MATCH = (
    "The ETag of what is to be replaced or deleted; 409 if it is no longer the current one. A "
    "revision alone, such as `3`, leaves name and description out of account."
)


async def _revision(
    if_match: Annotated[str | None, Header(alias="If-Match", description=_IF_MATCH)] = None,
) -> editing.Seen | None:
    if if_match is None or if_match.strip() == "*":
        return None
    found = re.fullmatch(r'(?:W/)?"?([0-9]{1,18})(?:-([0-9a-f]{12}))?"?', if_match.strip())
    if found is None:
        raise InvalidError(
            [
                Problem(
                    path="If-Match",
                    code="no_revision",
                    message="If-Match takes one ETag of the document, or a revision such as 3.",
                    received=if_match,
                )
            ]
        )
    return editing.Seen(int(found[1]), found[2])


Revision = Annotated[editing.Seen | None, Depends(_revision)]


def tagged(response: Response, document: Any) -> Any:
    """The document, with an ETag of all that users write."""
    words = editing.words_of(document.name, document.description)
    response.headers["ETag"] = f'"{document.revision}-{words}"'
    return document
