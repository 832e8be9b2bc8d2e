"""What the description of the API (OpenAPI) says beside the addresses: how callers prove who they are, and what refusals look like."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

PROBLEMS = {
    "400": "Malformed: the body, a filter or the cursor (`errors` says where).",
    "401": "No token, or one that is unknown, revoked or expired.",
    "403": "Not one of our people, a scope or right that is missing, or not allowed in this case.",
    "404": "Not there, or not visible to the caller.",
    "409": "Wrong state, or changed since the caller looked.",
    "422": "Against a rule of the house, or a key that was used for another call.",
    "429": "Too often; `Retry-After` says when.",
}
PROBLEM = {
    "type": "object",
    "description": "A refusal (RFC 9457). `code` is stable, `detail` is in the caller's language.",
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:aijia:problem:wrong_state"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "examples": ["wrong_state", "stale", "scope_missing", "invalid"]},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "code", "detail")},
                "required": ["field", "code", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "code", "detail"],
}


class TokenScheme(OpenApiAuthenticationExtension):
    """The token in the header."""

    target_class = "aijia.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """As OpenAPI calls it."""
        return {"type": "http", "scheme": "bearer", "description": "Made by administrators in the admin; shown once."}


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: Any) -> dict[str, Any]:
    """Every operation says which refusals it knows: conflicts and rules only where something is written."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    reference = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {
        f"Problem{code}": {"description": words, "content": reference} for code, words in PROBLEMS.items()
    }
    for path, methods in result.get("paths", {}).items():
        if path.endswith("/schema/"):
            continue
        for method, operation in methods.items():
            for code in PROBLEMS:
                if (code in ("409", "422") and method != "post") or (
                    code == "404" and "{" not in path and method != "post"
                ):
                    continue
                operation["responses"].setdefault(code, {"$ref": f"#/components/responses/Problem{code}"})
    return result
