"""The address to listen on: taken before anything is started, or one clear word why not."""

import socket

import pytest

from botfolk.listening import CannotListen, bind, close


def test_a_free_address_is_taken_and_given_back() -> None:
    sockets = bind("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]
    close(sockets)
    again = bind("127.0.0.1", port)
    assert [each.getsockname() for each in again] == [("127.0.0.1", port)]
    close(again)


@pytest.mark.parametrize("host", ["nosuch.invalid", "203.0.113.5", "a..b", "not an address"])
def test_a_host_that_is_not_this_machines_is_named_with_the_setting(host: str) -> None:
    with pytest.raises(CannotListen) as told:
        bind(host, 8000)
    assert f"{host}:8000" in str(told.value)
    assert "BOTFOLK_HOST" in str(told.value)


def test_a_port_in_use_is_named_with_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match="in use") as told:
            bind("127.0.0.1", port)
    assert "BOTFOLK_PORT" in str(told.value)
