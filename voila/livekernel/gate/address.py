"""Whom limits count as one reader."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address


def reader(peer: str, forwarded: str | None) -> str:
    """Give the address of who asks: one of IPv4, or the /64 of IPv6 that a household has.

    ``forwarded`` is X-Forwarded-For, whose last address the proxy nearest to this server has written. It
    is believed from a private address only, where proxies are: a reader who gets at the server without
    one could write anything. (Tornado's own ``xheaders`` believes X-Real-Ip too, which proxies pass on.)
    """
    address = _address(peer)
    if forwarded and (address is None or address.is_private):
        address = _address(forwarded.rpartition(",")[2].strip()) or address
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(IPv6Network((int(address) >> 64 << 64, 64)))
        address = address.ipv4_mapped
    return str(address)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None
