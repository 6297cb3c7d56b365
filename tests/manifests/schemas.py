"""Checks objects against the schemas of one Istio minor and of Kubernetes, with Python alone.

A cluster prunes a field that a schema does not know, without a word; here it is an error. Only
`x-kubernetes-preserve-unknown-fields` (a plugin's configuration, say) leaves a place open. CEL rules
(`x-kubernetes-validations`) are not evaluated: the API server does that in `test_apiserver.py`.
What a schema may hold: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft4Validator

from tests.env.paths import TOOLS, must_exist

DIRECTORY = TOOLS / "manifest-schemas"
KUBERNETES = ("kubernetes-core.json", "kubernetes-apps.json", "kubernetes-networking.json")
OBJECT_META = {"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
# Draft 4, as OpenAPI 3.0: `exclusiveMinimum` is a boolean there.
Validator = Draft4Validator
Kind = tuple[str, str]


class Schemas:
    """What may be said, by API version and kind."""

    def __init__(self, minor: str):
        self._components = components()
        self._kinds = {**kubernetes_kinds(), **custom_kinds(schema_file(f"istio-{minor}.yaml"))}
        self._kinds |= custom_kinds(schema_file("prometheus-rule.yaml"))

    def problems(self, value: Any, *, patch: bool = False) -> list[str]:
        """What is wrong with an object; a patch may leave out what an object must have."""
        if not isinstance(value, dict):
            return [f"not an object: {value!r}"]
        kind = (value.get("apiVersion"), value.get("kind"))
        if kind not in self._kinds:
            return [f"unknown kind {kind[1]} of {kind[0]}"]
        errors = self._validator(kind, patch).iter_errors(value)
        return [f"{kind[1]} {error.json_path}: {error.message}" for error in errors]

    def _validator(self, kind: Kind, patch: bool) -> Validator:
        schema, shared = self._kinds[kind], self._components
        if patch:
            schema, shared = without_required(schema), without_required(shared)
        return Validator({"allOf": [NAMED, schema], "components": {"schemas": shared}})


NAMED = {
    "required": ["apiVersion", "kind", "metadata"],
    "properties": {"metadata": {"required": ["name"]}},
}


def schema_file(name: str) -> Path:
    """A file that `modules.py` fetched."""
    return must_exist(DIRECTORY / name, "make tools-manifest-schemas")


@cache
def components() -> dict[str, dict]:
    """The named schemas of Kubernetes, closed."""
    result = {}
    for name in KUBERNETES:
        document = json.loads(schema_file(name).read_text())
        result |= {key: closed(schema) for key, schema in document["components"]["schemas"].items()}
    return result


@cache
def kubernetes_kinds() -> dict[Kind, dict]:
    """Kubernetes' own kinds."""
    result = {}
    for name, schema in components().items():
        for kind in schema.get("x-kubernetes-group-version-kind", []):
            version = "/".join(filter(None, (kind["group"], kind["version"])))
            result[version, kind["kind"]] = {"$ref": f"#/components/schemas/{name}"}
    return result


@cache
def custom_kinds(path: Path) -> dict[Kind, dict]:
    """The kinds that a file of CustomResourceDefinitions serves."""
    return dict(served(path))


def served(path: Path) -> Iterator[tuple[Kind, dict]]:
    for definition in yaml.load_all(path.read_text(), yaml.CSafeLoader):
        spec = definition["spec"]
        for version in spec["versions"]:
            if version["served"]:
                kind = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
                yield kind, closed_root(version["schema"]["openAPIV3Schema"])


def closed_root(schema: dict) -> dict:
    """A definition need not say what every object has."""
    text = {"type": "string"}
    common = {"apiVersion": text, "kind": text, "metadata": OBJECT_META}
    return closed({**schema, "properties": {**schema.get("properties", {}), **common}})


def closed(schema: dict) -> dict:
    """The schema with every object closed against fields that it does not name.

    Only the structural part is followed: below anyOf, oneOf, allOf and not there are conditions on
    values, which name a few fields and mean no others to be refused.
    """
    result = dict(schema)
    if "properties" in schema:
        result["properties"] = {name: closed(part) for name, part in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            result[key] = closed(schema[key])
    if schema.get("type") == "object" and not schema.get("x-kubernetes-preserve-unknown-fields"):
        result.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        result["type"] = ["integer", "string"]
    return nullable(result) if schema.get("nullable") else result


def nullable(schema: dict) -> dict:
    """OpenAPI's `nullable` in JSON Schema's terms."""
    return {"anyOf": [{"type": "null"}, schema]}


def without_required(schema: Any) -> Any:
    """The schema of a strategic merge patch. A property may itself be called `required`."""
    if isinstance(schema, list):
        return [without_required(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: without_required(part)
        for key, part in schema.items()
        if not (key == "required" and isinstance(part, list))
    }
