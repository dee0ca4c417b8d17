"""The quick tests of a config, and the older form of starting one."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Body, Response, status
from pydantic import ValidationError

from functions.api.older_forms import quick_test_body
from functions.api.pages import DEFAULT_LIMIT, Limit, PagesOf, PageToken
from functions.api.quick_tests import QuickTestCreate, QuickTestPage, create_quick_test
from functions.api.resource import ERRORS, EmailOf, OnceOf, PortsOf
from functions.api.rights import needs
from shared import editing
from shared.documents.base import Collection
from shared.documents.quick_test import QuickTest
from shared.ports import Filter
from shared.problems import InvalidError, from_pydantic

router = APIRouter(prefix="/api", responses=ERRORS)


@router.get(
    "/feature-configs/{feature_config_id}/quick-tests/",
    response_model=QuickTestPage,
    tags=["feature configs"],
)
@needs("viewer")
def list_feature_config_quick_tests(
    feature_config_id: str,
    ports: PortsOf,
    pages: PagesOf,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Any:
    """The quick tests of a feature config, latest change first."""
    editing.get(ports, Collection.FEATURE_CONFIGS, feature_config_id)
    where = [Filter("spec.feature_config_id", "==", feature_config_id)]
    return pages.page(Collection.QUICK_TESTS, where, limit, page_token)


@router.get(
    "/model-configs/{model_config_id}/quick-tests/",
    response_model=QuickTestPage,
    tags=["model configs"],
)
@needs("viewer")
def list_model_config_quick_tests(
    model_config_id: str,
    ports: PortsOf,
    pages: PagesOf,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Any:
    """The quick tests of a model config, latest change first."""
    editing.get(ports, Collection.MODEL_CONFIGS, model_config_id)
    where = [Filter("spec.model_config_id", "==", model_config_id)]
    return pages.page(Collection.QUICK_TESTS, where, limit, page_token)


@router.post(
    "/feature-configs/{feature_config_id}/quick-test/",
    status_code=status.HTTP_201_CREATED,
    response_model=QuickTest,
    include_in_schema=False,
)
@needs("editor")
def create_feature_config_quick_test(
    feature_config_id: str,
    response: Response,
    ports: PortsOf,
    email: EmailOf,
    once: OnceOf,
    body: dict[str, Any] = Body(),  # noqa: B008 - FastAPI's way to take any object
) -> Any:
    """Older form of `POST /api/quick-tests/`: a quick test's fields, side by side."""
    editing.get(ports, Collection.FEATURE_CONFIGS, feature_config_id)
    test = quick_test_body({**body, "feature_config_id": feature_config_id})
    try:
        create = QuickTestCreate.model_validate(test)
    except ValidationError as error:
        raise InvalidError(from_pydantic(error, "", frozenset())) from None
    return create_quick_test(create, response, ports, email, once)
