"""Each role may write what the access matrix says, on every kind of record."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.pages.fictional import Site
from tests.pages.test_routes import ROLES, address, expected, standings

from threshold.pages.routes import ROUTES


@pytest.mark.parametrize("name", [*ROLES])
def test_each_role_writes_what_the_matrix_says(
    name: str, site: Site, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in(name)
    for route in ROUTES:
        if route.kind != "write" or route.name == "sign-out":
            continue
        for standing in standings(route):
            answer = client.post(address(route, site, standing))
            hoped = expected(name, route, standing)
            if hoped == 200:
                # An empty form is refused on the page itself, and taking on or letting go says who has it.
                assert answer.status_code in (303, 409, 422), (route.name, standing, answer.status_code)
            else:
                assert answer.status_code == hoped, (route.name, standing, answer.status_code)
