"""Secrets at rest: unreadable without the key, and a wrong key says so."""

import pytest

from botfolk.db.secrets import SecretBox, SecretError

KEY, OTHER = "first-key-" * 4, "other-key-" * 4


def test_what_is_sealed_comes_back_and_is_not_to_be_read_before() -> None:
    sealed = SecretBox(KEY).seal({"token": "12345:abc", "secret": "später"})
    assert b"abc" not in sealed
    assert SecretBox(KEY).open(sealed) == {"token": "12345:abc", "secret": "später"}


def test_the_same_secrets_look_different_each_time() -> None:
    box = SecretBox(KEY)
    assert box.seal({"token": "a"}) != box.seal({"token": "a"})


def test_another_key_does_not_open_it_and_names_what_to_check() -> None:
    sealed = SecretBox(KEY).seal({"token": "12345:abc"})
    with pytest.raises(SecretError, match="BOTFOLK_SECRET_KEY"):
        SecretBox(OTHER).open(sealed)


def test_a_changed_byte_is_noticed() -> None:
    sealed = bytearray(SecretBox(KEY).seal({"token": "12345:abc"}))
    sealed[20] ^= 1
    with pytest.raises(SecretError):
        SecretBox(KEY).open(bytes(sealed))


def test_an_older_key_still_opens_what_it_sealed_and_the_new_one_seals() -> None:
    before = SecretBox(KEY).seal({"token": "a"})
    rotated = SecretBox(OTHER, KEY)
    assert rotated.open(before) == {"token": "a"}
    assert SecretBox(OTHER).open(rotated.seal({"token": "b"})) == {"token": "b"}
