"""Whose certificates are trusted: the public ones, or those that a setting names."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi

from volatility.domain.errors import NetworkSettingError
from volatility.exchange.network import Network


def tls_context(network: Network) -> ssl.SSLContext:
    """TLS 1.2 or newer, certificate and host name checked; the same rules on every version of Python.

    Raises:
        NetworkSettingError: where the setting names no readable certificates.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if network.certificates is None:
        context.load_verify_locations(certifi.where())
        return context
    name, path = network.certificates
    try:
        if Path(path).is_dir():
            _look_into(path)
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise NetworkSettingError(
            name, "must name a file of certificates in PEM form; this one is none", path
        ) from None
    except OSError as error:
        raise NetworkSettingError(name, f"names certificates that can't be read ({error.strerror})", path) from None
    except ValueError:
        raise NetworkSettingError(name, "must name a file of certificates") from None
    return context


def _look_into(folder: str) -> None:
    """OpenSSL finds a certificate in a folder by the hash of its name, and says nothing where there is none."""
    if not any(file.suffix[1:].isdecimal() for file in Path(folder).iterdir()):
        raise NotADirectoryError(20, "a folder without hashed certificates: see openssl rehash")
