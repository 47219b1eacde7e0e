"""The API's own description: complete, and true under generated requests."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ari_app.model.account import Role
from ari_app.web.server import PREFIX, all_routes
from tests.api.house import House
from tests.api.test_roles import given_everything

DESCRIBED: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
CHECKS: Any = {GenerationMode.POSITIVE: DESCRIBED, GenerationMode.NEGATIVE: [not_a_server_error]}
"""What is no sound HTTP (a line of over 8 kB) is refused before a route is asked, in the library's words."""


async def described(house: House) -> Any:
    answer = await house.ask("GET", "/openapi.json")
    assert answer.status == 200
    return answer.json


async def test_X10_the_document_describes_every_route_and_nothing_else(house: House) -> None:
    document = await described(house)
    told = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    served = {(route.method, PREFIX + route.path) for route in all_routes(house.resources)}
    assert told == served
    ids = [op["operationId"] for item in document["paths"].values() for op in item.values()]
    assert len(ids) == len(set(ids))


async def test_X10_every_reference_leads_somewhere_and_every_schema_is_one(house: House) -> None:
    document = await described(house)
    for reference in set(re.findall(r'"\$ref":\s*"#/([^"]+)"', str(document).replace("'", '"'))):
        place = document
        for part in reference.split("/"):
            place = place[part]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    call = document["components"]["schemas"]["CallOut"]
    assert call["properties"]["started_at"]["format"] == "date-time"
    assert "from" in call["properties"]
    assert "DigitPressed" in document["components"]["schemas"]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.timeout(3600)
async def test_X8_generated_requests_valid_and_not_get_no_500_and_what_the_document_says(
    house: House, mode: GenerationMode
) -> None:
    """As admin, a few of each operation, and as many as `RAMAL_REQUESTS` says in `make chaos`."""
    await given_everything(house)
    document = await described(house)
    role: Role = "admin"
    headers = {"Authorization": f"Bearer {await house.token(role)}"}
    schema = schemathesis.openapi.from_dict(document)
    asked = 0

    def run() -> None:
        nonlocal asked
        for result in schema.get_all_operations():
            assert isinstance(result, Ok), result
            operation = result.ok()

            @settings(
                max_examples=int(os.environ.get("RAMAL_REQUESTS", "2")),
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def check(case: Any) -> None:
                nonlocal asked
                asked += 1
                case.call_and_validate(base_url=house.url, headers=headers, checks=CHECKS[mode], timeout=60)

            with contextlib.suppress(Unsatisfiable):  # nothing of it can be wrong: it takes no input
                check()

    await asyncio.to_thread(run)
    assert asked > 100
