"""Certificates of one's own: an issuer, and what it vouches for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


class Issuer:
    """A certificate authority of one's own.

    Attributes:
        file: its certificate in PEM.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name, self._key = folder, _name(name), ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        made = _builder(self._name, self._name, self._key, now - DAY, now + DAY)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def issue(self, host: str, valid: tuple[timedelta, timedelta] = (-DAY, DAY)) -> tuple[Path, Path]:
        """The files of a certificate for a host and of its key, the same for the same; from and until when from now."""
        name = f"{host}_{valid[0].days}_{valid[1].days}"
        files = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        if files[0].exists():
            return files
        now, key = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
        names = [x509.IPAddress(ip_address(host))] if host[0].isdigit() else [x509.DNSName(host)]
        made = _builder(_name(host), self._name, key, now + valid[0], now + valid[1])
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        files[0].write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )
        return files


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, starts: datetime, ends: datetime
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return made.serial_number(x509.random_serial_number()).not_valid_before(starts).not_valid_after(ends)
