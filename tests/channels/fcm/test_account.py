"""The file by which Google knows this server: what is taken for one, and how little it shows."""

from __future__ import annotations

import pytest

from inbox_app.channels import registry
from inbox_app.channels.fcm.account import service_account as read
from inbox_app.domain.errors import InvalidInput
from tests.channels.parcels import CANARY
from tests.standins.keys import ec_key, pem, rsa_key, service_account


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ("", "Invalid JSON"),
        (CANARY, "Invalid JSON"),
        ("[" * 100_000, "Invalid JSON"),
        ("[]", "object"),
        (service_account(type="authorized_user"), "type: Input should be 'service_account'"),
        (service_account(type=None), "type: Field required"),
        (service_account(project_id=None), "project_id: Field required"),
        (service_account(project_id="a/../b"), "project_id: String should match"),
        (service_account(client_email=CANARY), "client_email: String should match"),
        (service_account(client_email=None), "client_email: Field required"),
        (service_account(private_key=None), "private_key: Field required"),
        (service_account(private_key=CANARY), "private_key: there is no private key in PEM"),
        (
            service_account(private_key=f"-----BEGIN PRIVATE KEY-----{CANARY}-----END"),
            "private_key: its private key cannot be read",
        ),
        (
            service_account(private_key=pem(rsa_key(), b"pw")),
            "private_key: its private key cannot be read",
        ),
        (service_account(private_key=pem(ec_key())), "private_key: it is no RSA key"),
    ],
)
def test_what_is_no_service_account_is_not_saved(account: str, words: str):
    with pytest.raises(InvalidInput, match="Service account: ") as caught:
        registry.settings_of("fcm", {"service_account": account})
    assert words in caught.value.message
    assert CANARY not in caught.value.message
    assert "PRIVATE KEY" not in caught.value.message


def test_a_service_account_shows_nothing_of_its_key():
    account = read(service_account(private_key_id=CANARY))
    assert "shop-1f2e" in repr(account)
    assert CANARY not in f"{account!r} {account}"
    assert "PRIVATE KEY" not in f"{account!r} {account}"
