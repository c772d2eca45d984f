"""The OpenAPI page for bodies that pydantic reads without FastAPI's help."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema


def body(name: str) -> dict[str, Any]:
    """The ``openapi_extra`` of a route whose body `describe` is told of."""
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def describe(app: FastAPI, *bodies: type[BaseModel]) -> None:
    """Adds the schemas of ``bodies`` and the error shape to the app's OpenAPI description."""
    generate = app.openapi

    def with_bodies() -> dict[str, Any]:
        schema = generate()
        _, found = models_json_schema(
            [(body, "validation") for body in bodies],
            ref_template="#/components/schemas/{model}",
        )
        components = schema.setdefault("components", {})
        components["schemas"] = {**found["$defs"], **components.get("schemas", {})}
        components["securitySchemes"] = {
            "apiKey": {"type": "http", "scheme": "bearer"},
            "endUser": {"type": "http", "scheme": "basic"},
        }
        schema["security"] = [{"apiKey": []}, {"endUser": []}]
        return schema

    app.openapi = with_bodies  # pyright: ignore[reportAttributeAccessIssue]
