"""What a request says of where it comes from and whom it was meant for is not believed: no proxy stands before us."""

import pytest
from flask.testing import FlaskClient

from config.policy import HouseRules


def test_the_host_that_a_request_names_is_in_no_answer(client: FlaskClient) -> None:
    for path in ("/", "//", "/stories//1", "/account/", "/queue", "/nowhere", "/api/v1//me"):
        answer = client.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert "evil.example" not in f"{answer.text} {answer.headers}"


@pytest.mark.usefixtures("no_window_ends")
def test_an_address_that_a_client_claims_for_itself_is_not_counted(client: FlaskClient, house: HouseRules) -> None:
    answers = [
        client.post(
            "/api/v1/tokens",
            # somebody else each time: attempts on one account are counted too
            json={"email": f"nobody{number}@example.org", "password": "a wrong password"},
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        ).status_code
        for number in range(house.limits.log_ins_per_minute + 1)
    ]
    assert answers[-2:] == [401, 429]
