"""Reading stored documents."""

from __future__ import annotations

import pytest
from scenario import MODEL_SPEC

from shared.documents.base import MAX_DEPTH, parse
from shared.documents.model_config import ModelConfig
from shared.problems import InvalidError


@pytest.mark.parametrize("wrap", [lambda x: [x], lambda x: {"a": x}, lambda x: [1, {}, x]])
@pytest.mark.parametrize(("levels", "accepted"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False)])
def test_a_document_is_nested_so_deep_and_no_deeper(wrap, levels, accepted):
    nested: object = "x"
    for _ in range(levels):
        nested = wrap(nested)
    data = {"name": "Any", "spec": MODEL_SPEC, "extra": nested}
    if accepted:
        assert parse(ModelConfig, "mc-1", data).name == "Any"
        return
    with pytest.raises(InvalidError) as caught:
        parse(ModelConfig, "mc-1", data)
    assert [(p.path, p.code) for p in caught.value.problems] == [("extra", "too_deep")]
