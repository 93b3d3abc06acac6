"""What a browser is asked and what its answer proves, by the library that speaks WebAuthn.

Importing it takes a fifth of a second, which the first page need not wait for: `passkeys.py` does it late.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from msgspec import Struct
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from botfolk.team.passkeys import Party

_DESCRIBED = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
)


class NotProved(Exception):
    """The answer is none, or proves nothing."""


class NewKey(Struct, frozen=True):
    """What is kept of a passkey a browser made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def ask_for_new(party: Party, account_id: UUID, email: str, name: str, challenge: bytes, known: Sequence[bytes]) -> str:
    """Return the options (JSON) by which a browser makes a passkey; `known`: those it is not to make again."""
    options = generate_registration_options(
        rp_id=party.domain,
        rp_name="Botfolk",
        user_id=account_id.bytes,
        user_name=email,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=_DESCRIBED,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential_id) for credential_id in known],
    )
    return options_to_json(options)


def ask_for_known(party: Party, challenge: bytes) -> str:
    """Return the options (JSON) by which a browser offers the passkeys it has."""
    options = generate_authentication_options(
        rp_id=party.domain, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(options)


def challenge_of(credential: dict[str, Any]) -> bytes:
    """Return the challenge an answer says it is to. Raises NotProved."""
    with _proving():
        told = credential["response"]["clientDataJSON"]
        if not isinstance(told, str):
            raise NotProved
        return parse_client_data_json(base64url_to_bytes(told)).challenge


def id_of(credential: dict[str, Any]) -> bytes:
    """Return which passkey an answer says it is of. Raises NotProved."""
    with _proving():
        return parse_authentication_credential_json(credential).raw_id


def prove_new(party: Party, credential: dict[str, Any], challenge: bytes) -> NewKey:
    """Return the passkey a browser made. Raises NotProved."""
    with _proving():
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.domain,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    return NewKey(verified.credential_id, verified.credential_public_key, verified.sign_count)


def prove_known(party: Party, credential: dict[str, Any], challenge: bytes, public_key: bytes, sign_count: int) -> int:
    """Check that an answer is signed by a passkey; return how often that has signed now. Raises NotProved."""
    with _proving():
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.domain,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    return verified.new_sign_count


@contextmanager
def _proving() -> Iterator[None]:
    try:
        yield
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise NotProved from error
