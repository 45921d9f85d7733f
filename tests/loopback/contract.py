"""Discord's published OpenAPI document, used to check the bot's requests (and this server's answers)."""

from __future__ import annotations

import functools
import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

log = logging.getLogger("loopback.contract")

# Places where Discord is known to accept more than its document says. Each widens the schema.
LENIENCIES: dict[str, dict[str, Any]] = {
    # integers are accepted as ids
    "SnowflakeType": {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$"},
}
COMMAND_REQUESTS = (
    "ApplicationCommandCreateRequest",
    "ApplicationCommandUpdateRequest",
    "ApplicationCommandPatchRequestPartial",
)


def document() -> Path | None:
    """The file in LOOPBACK_SPEC, if it exists."""
    named = os.environ.get("LOOPBACK_SPEC")
    if named and Path(named).is_file():
        return Path(named)
    _warn(f"LOOPBACK_SPEC is not a file: {named}" if named else "LOOPBACK_SPEC is not set")
    return None


@functools.cache
def _warn(why: str) -> None:
    """Cached, so that each reason is logged once."""
    log.warning("%s; requests are checked only by limits.py, not against Discord's OpenAPI document", why)


class Contract:
    """The rules of the document. Without one `available` is False, and everything is accepted."""

    def __init__(self, routes: Iterable[str], path: Path | None = None):
        """`routes`: path templates known without a document. `path`: the document, by default that in LOOPBACK_SPEC."""
        path = path or document()
        self.available = path is not None
        self.spec = _widened(json.loads(path.read_text())) if path else {"paths": {}, "components": {"schemas": {}}}
        self.paths = self.spec["paths"]
        self._tree: dict[str, Any] = {}
        for template in {*routes, *self.paths}:
            node = self._tree
            for part in template.strip("/").split("/"):
                node = node.setdefault("{}" if part.startswith("{") else part, {})
            node["/"] = template
        bare = {"components": self.spec["components"]}
        self._fast = jsonschema_rs.Registry([("urn:discord", bare)], draft=jsonschema_rs.Draft202012)
        self._slow = Registry().with_resource("urn:discord", Resource(contents=bare, specification=DRAFT202012))
        self._cache: dict[Any, Any] = {}
        self._known: dict[tuple[str, str], set[str]] = {}

    def match(self, path: str) -> tuple[str, dict[str, str]] | None:
        parts = path.strip("/").split("/")

        def walk(node: dict[str, Any], i: int) -> str | None:
            if i == len(parts):
                return node.get("/")
            for key in (parts[i], "{}"):
                if key in node and key != "/" and (found := walk(node[key], i + 1)):
                    return found
            return None

        template = walk(self._tree, 0)
        if template is None:
            return None
        names = template.strip("/").split("/")
        return template, {n[1:-1]: p for n, p in zip(names, parts, strict=True) if n.startswith("{")}

    def check_request(self, method: str, template: str, query: Any, body: Any) -> tuple[list[str], list[str]]:
        """-> (violations, notices) of one request."""
        if not self.available:
            return [], []
        op = self.paths.get(template, {}).get(method.lower())
        if op is None:
            return [f"{method} {template} is not an operation of the API"], []
        bad, notes = self._check_query(method, template, op, query)
        spec_body = op.get("requestBody")
        if spec_body is None:
            if body not in (None, {}):
                notes.append("a body where the document has none")
        elif body is None:
            if spec_body.get("required"):
                bad.append("the body is missing")
        else:
            media = spec_body["content"].get("application/json") or next(iter(spec_body["content"].values()))
            bad += self._errors((template, method, "body"), media["schema"], body)
            if (template, method) not in self._known:
                self._known[template, method] = self._properties(media["schema"])
            known = self._known[template, method]
            if known and isinstance(body, dict):
                notes += [f"body key {k!r} is not in the document" for k in body if k not in known]
        return bad, notes

    def check_response(self, method: str, template: str, status: int, payload: Any) -> list[str]:
        op = self.paths.get(template, {}).get(method.lower(), {})
        answer = op.get("responses", {}).get(str(status))
        if answer is None:
            return [f"status {status} is not in the document"] if op else []
        media = answer.get("content", {}).get("application/json")
        if media is None:
            return [] if payload is None else ["a body where the document has none"]
        return self._errors((template, method, status), media["schema"], payload)

    def _check_query(self, method: str, template: str, op: dict[str, Any], query: Any) -> tuple[list[str], list[str]]:
        bad, notes = [], []
        listed = self.paths[template].get("parameters", []) + op.get("parameters", [])
        params = {p["name"]: p for p in listed if p["in"] == "query"}
        for name in set(query):
            if name not in params:
                notes.append(f"query {name!r} is not in the document")
                continue
            schema = params[name]["schema"]
            values = [_coerce(self._resolve(schema), v) for v in query.getall(name)]
            value = values if self._resolve(schema).get("type") == "array" else values[0]
            bad += [f"query {name} {e}" for e in self._errors((template, method, "q", name), schema, value)]
        bad += [f"query {n!r} is required" for n, p in params.items() if p.get("required") and n not in query]
        return bad, notes

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def _errors(self, key: Any, schema: dict[str, Any], value: Any) -> list[str]:
        if key not in self._cache:
            full = json.loads(json.dumps(schema).replace('"#/components', '"urn:discord#/components'))
            full["$schema"] = "https://json-schema.org/draft/2020-12/schema"
            self._cache[key] = (jsonschema_rs.Draft202012Validator(full, registry=self._fast), full)
        validator, full = self._cache[key]
        if validator.is_valid(value):
            return []
        slow = jsonschema.Draft202012Validator(full, registry=self._slow)
        return [_explain(error) for error in slow.iter_errors(value)] or ["refused by the schema"]

    def _properties(self, schema: dict[str, Any]) -> set[str]:
        schema = self._resolve(schema)
        keys = set(schema.get("properties", {}))
        for word in ("anyOf", "oneOf", "allOf"):
            for sub in schema.get(word, []):
                keys |= self._properties(sub)
        return keys


def _widened(spec: dict[str, Any]) -> dict[str, Any]:
    schemas = spec["components"]["schemas"]
    schemas |= LENIENCIES
    for name in COMMAND_REQUESTS:
        props = schemas.get(name, {}).get("properties", {})
        if "default_member_permissions" in props:  # the reference documents a string of digits
            props["default_member_permissions"] = {"type": ["integer", "string", "null"], "pattern": r"^\d+$"}
    return spec


def _explain(e: Any) -> str:
    """An error on one line. For a union it is the error of the branch with the value's own `type`."""
    while e.context and e.validator in ("oneOf", "anyOf"):
        branches: dict[Any, list[Any]] = {}
        for c in e.context:
            branches.setdefault(c.schema_path[0], []).append(c)
        fit = [b for b in branches.values() if not any(_of_another_type(c) for c in b)]
        e = (fit or [[best_match(e.context)]])[0][0]
    where = "/".join(map(str, e.absolute_path))
    if e.validator in ("maxLength", "minLength", "maxItems", "minItems"):
        return f"{where}: {e.validator} {e.validator_value} (has {len(e.instance)})"
    return f"{where}: {e.message[-300:]}"


def _of_another_type(e: Any) -> bool:
    return list(e.relative_path) == ["type"] or (e.validator == "type" and not e.relative_path)


def _coerce(schema: dict[str, Any], text: str) -> Any:
    kinds = schema.get("type", "string")
    if "integer" in kinds and text.lstrip("-").isdigit() and "string" not in kinds:
        return int(text)
    if "boolean" in kinds and text.lower() in ("1", "0", "true", "false"):
        return text.lower() in ("1", "true")
    return text
