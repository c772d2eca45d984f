"""Settings of an SMTP integration."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, SecretStr, model_validator

from inbox_app.channels.mail.settings import (
    REPLY_DOMAIN_HELP,
    FromAddress,
    FromName,
    ReplyDomain,
)
from inbox_app.channels.spec import ProviderSettings


class Security(StrEnum):
    """How the line is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class SmtpSettings(ProviderSettings):
    """Which server takes our mail, and who we are to it."""

    host: str = Field(title="Server", pattern=r"^[A-Za-z0-9.:_-]+$", max_length=253)
    port: int = Field(
        587, title="Port", description="587 for STARTTLS, 465 for TLS.", ge=1, le=65535
    )
    security: Security = Field(Security.STARTTLS, title="Security")
    username: str = Field("", title="User name", description="Empty: no sign-in.", max_length=320)
    password: SecretStr = Field(SecretStr(""), title="Password")
    from_address: FromAddress = Field(
        title="From address",
        description="The sender of every message that does not say another; gets the bounces.",
    )
    from_name: FromName = Field("", title="From name", max_length=200)
    reply_domain: ReplyDomain = Field(
        "", title="Domain for answers", description=REPLY_DOMAIN_HELP, max_length=253
    )
    timeout: float = Field(30, title="Seconds to wait for each answer", gt=0, le=300)
    verify_certificates: bool = Field(True, title="Verify certificates")
    helo_name: str = Field(
        "",
        title="Name in HELO",
        description="Empty: the domain of the from address.",
        pattern=r"^[A-Za-z0-9.:\[\]-]*$",
        max_length=253,
    )

    @model_validator(mode="after")
    def _has_both_or_none(self) -> Self:
        if self.password.get_secret_value() and not self.username:
            raise ValueError("a password needs a user name")
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must appear in no error: the password, and the pair as AUTH PLAIN carries it."""
        password = self.password.get_secret_value()
        return (password, f"\0{self.username}\0{password}") if password else ()
