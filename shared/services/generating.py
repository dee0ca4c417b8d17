"""The modules of a test, made and stored under their content hash."""

from __future__ import annotations

import hashlib

from shared.codegen import Plan, generate_preprocessing, generate_trainer
from shared.codegen.check import UnexpectedSourceError
from shared.documents.base import CodeArtifact
from shared.documents.quick_test import GeneratedCode
from shared.errors import AlreadyExistsError
from shared.places import code_key
from shared.ports import Ports


def generated_code(plan: Plan, ports: Ports) -> GeneratedCode:
    """Both modules of a test, made and stored. Raises UnexpectedSourceError."""
    return GeneratedCode(
        preprocessing=store_source(generate_preprocessing(plan), ports),
        trainer=store_source(generate_trainer(plan), ports),
    )


def store_source(source: str, ports: Ports) -> CodeArtifact:
    content = source.encode()
    digest = hashlib.sha256(content).hexdigest()
    key = code_key(digest)
    try:
        uri = ports.artifacts.create(key, content)
    except AlreadyExistsError:
        uri = ports.artifacts.uri(key)
    return CodeArtifact(uri=uri, sha256=digest)


def defective(defect: UnexpectedSourceError) -> str:
    return f"The generated code is not as it should be: it {defect}. Please report this."
