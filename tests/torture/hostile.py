"""What people with bad intentions call their things, and every place of a document to put it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from shared.documents.base import Document
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTest
from shared.documents.sweep import Sweep

DOCUMENTS: list[type[Document[Any, Any]]] = [Dataset, FeatureConfig, ModelConfig, QuickTest, Sweep]

CODE = [
    '"',
    "'",
    '"""',
    "'''",
    "\\",
    '\\"',
    'x" + __import__("os").system("true") + "',
    "x' or __import__('os').system('true') or '",
    '"""\n__import__("os").system("true")\n"""',
    "'''\nraise SystemExit\n'''",
    "\\x22\\u0022\\N{QUOTATION MARK}",
    "new\nline",
    "carriage\rreturn\r\nboth",
    "next\x85line",
    "line\u2028paragraph\u2029separators",
    "form\x0cfeed\x0bvertical\x1ctab",
    "nu\0ll",
    "\x1b[31mescape\x1b[0m\x07",
    "# comment\nimport subprocess",
    "# type: ignore\n# noqa\n# coding: utf-7",
    "{__import__('os')}",
    "{0.__class__.__mro__} {} {{}} %s %(x)s %n",
    'f"{print(1)}"',
    "{{ 7*7 }} {% import os %} {# #}",
    "${jndi:ldap://127.0.0.1/a} $(true) `true` ; true | true & true",
    "__import__('os').system('true')",
    "lambda: exec('1')",
    "class",
    "preprocessing_fn",
    "run_fn",
    "inputs",
    "_bucket",
    "price_norm",
    "1st",
    "_",
    " ",
    "\t",
    "-",
    "\u202eright to left\u2066 \u2069 overrides\u202c",
    "ℯ𝓋𝒶𝓁 ｅｘｅｃ оѕ",  # letters that look like others
    "e\u0301 \u200b\u200d\ufeff zero width",
    "価格 Größe (cm) 😀\U0010ffff",
    "\ue000\ufffe\ufdd0 no characters",
    "x" * 300,
    '"' * 255,
    "\\" * 255,
    "((((((((((" * 25,
]
SQL = [
    '"; DROP TABLE documents; --',
    "'; DELETE FROM documents WHERE '1'='1",
    "x\") FROM data; COPY (SELECT 1) TO 'let-in.csv'; --",
    "`; DROP TABLE t; --",
    "\\`; DROP TABLE t; --",
    "x` FROM `other.secret.table` --",
    "a' OR 1=1 /*",
    "*/ UNION SELECT * FROM read_text('/etc/passwd') --",
    "\" || (SELECT content FROM read_text('/etc/passwd')) || \"",
    "$1 ?1 :value @p",
    "SELECT",
    "at",
    "label",
    "f0",
    "rows",
    "*",
    "COLUMNS(*)",
    '"quoted"',
    "[a](b){c}<d>",
    "%_\\%",
    "/*+ hint */",
    "\x00",
    "a.b.c",
    "$.x",
]
MARKUP = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)' x='",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    '<a href="javascript:alert(1)">x</a>',
    "javascript:alert(1)//",
    '<!--<img src="--><img src=x onerror=alert(1)//">',
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#x3c;script&#x3e;",
    "{{constructor.constructor('alert(1)')()}}",
    "<base href=//127.0.0.1/><meta http-equiv=refresh content=0;url=//127.0.0.1/>",
    "\x00<scr\x00ipt>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
]
PATHS = [
    *("..", ".", "../..", "../x", "a/../../x", "/etc/passwd", "//etc/passwd", "a//b", "a/./b"),
    *("%2e%2e", "%2e%2e%2fx", "..%2fx", "..%252fx", "%252e%252e/x", "..\\x", "..%5cx", "C:\\x"),
    *("a\0b", "a%00b", "\0", "~", "~root/x", "file:///etc/passwd", "a\nb", "..;/x", "․․/x"),
    *("．．/x", "..%c0%afx", "....//x", "-rf", "$HOME", "x" * 300, "CON", " ", "a/" * 60 + "x"),
]
EVERYTHING = [*CODE, *SQL, *MARKUP, *PATHS]


def strings_of(kind: type[Document[Any, Any]]) -> dict[str, dict[str, Any]]:
    """Every place of a document where any text may stand, with its JSON schema: `a.b[].c`; a
    mapping's keys are `a{}`. Walked through the schema, so that no new field is forgotten."""
    schema = kind.model_json_schema()
    return dict(_walk(schema, "", schema["$defs"], ()))


def _walk(
    schema: dict[str, Any], path: str, defs: dict[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, Any]]]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in above:
            yield from _walk(defs[name], path, defs, (*above, name))
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _walk(option, path, defs, above)
    if schema.get("type") == "string" and not {"enum", "const", "format"} & set(schema):
        yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _walk(inner, f"{path}.{name}".lstrip("."), defs, above)
    for inner in (schema.get("items"), *schema.get("prefixItems", ())):
        if inner:
            yield from _walk(inner, f"{path}[]", defs, above)
    if isinstance(schema.get("additionalProperties"), dict):
        yield f"{path}{{}}", {"type": "string"}
        yield from _walk(schema["additionalProperties"], f"{path}{{}}.", defs, above)


def replaced(data: Any, at: Callable[[str, str], str], path: str = "") -> Any:
    """The same document with other strings: `at(path, string)` gives each."""
    if isinstance(data, dict):
        names = {key: f"{path}.{key}".lstrip(".") for key in data}
        if any(isinstance(key, str) and _is_mapping(path) for key in data):
            return {
                at(f"{path}{{}}", key): replaced(value, at, f"{path}{{}}.")
                for key, value in data.items()
            }
        return {key: replaced(value, at, names[key]) for key, value in data.items()}
    if isinstance(data, list):
        return [replaced(item, at, f"{path}[]") for item in data]
    return at(path, data) if isinstance(data, str) else data


_MAPPINGS = {
    place.rpartition("{}")[0] for kind in DOCUMENTS for place in strings_of(kind) if "{}" in place
}


def _is_mapping(path: str) -> bool:
    return path in _MAPPINGS


def copied(data: Any) -> Any:
    return json.loads(json.dumps(data))
