"""Which addresses of the network anybody's URL may lead us to."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast (224/4) and reserved (240/4) space.
_NOT_PUBLIC_4 = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Only this block is handed out as global unicast: https://www.iana.org/assignments/ipv6-address-space
_GLOBAL_6 = ip_network("2000::/3")
# https://www.iana.org/assignments/iana-ipv6-special-registry: protocol assignments with Teredo and ORCHID,
# documentation, and 6to4, which carries an IPv4 address of its own.
_NOT_PUBLIC_6 = tuple(ip_network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# An IPv4 address in IPv6 clothes: mapped (RFC 4291) and by the well-known prefix of NAT64 (RFC 6052).
_CARRIES_4 = (ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96"))


def is_public(address: str) -> bool:
    """Say whether a textual IP address is one of the public internet; what is not an address is not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return _public_4(parsed) if isinstance(parsed, IPv4Address) else _public_6(parsed)


def _public_4(address: IPv4Address) -> bool:
    return not any(address in block for block in _NOT_PUBLIC_4)


def _public_6(address: IPv6Address) -> bool:
    if any(address in block for block in _CARRIES_4):
        return _public_4(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _GLOBAL_6 and not any(address in block for block in _NOT_PUBLIC_6)
