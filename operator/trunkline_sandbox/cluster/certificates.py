"""The control plane's own certificate authority, and what it signs: the server's and users' certificates.

Elliptic keys (P-256): they take no time to make. Everything is PEM. Pure but for randomness and the clock; files are
written by whoever calls.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = dt.timedelta(days=365)
_CLOCK_SKEW = dt.timedelta(hours=1)
_LONGEST_NAME = 64  # ub-common-name and ub-organization-name, RFC 5280 appendix A.1


@dataclass(frozen=True, slots=True)
class Credentials:
    """A certificate and its private key, PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """A certificate authority; `credentials` are its own."""

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self._certificate = x509.load_pem_x509_certificate(credentials.certificate)
        key = serialization.load_pem_private_key(credentials.key, password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    @classmethod
    def create(cls) -> Authority:
        """A new one, with a new key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "trunkline-sandbox")])
        usage = _key_usage(digital_signature=True, key_cert_sign=True, crl_sign=True)
        certificate = (
            _builder(name, name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(_pem(certificate, key))

    def server(self, names: Sequence[str], addresses: Sequence[str]) -> Credentials:
        """A server's certificate for DNS `names` and IP `addresses`."""
        alternatives = [x509.DNSName(name) for name in names]
        alternatives_ip = [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")])
        extension = x509.SubjectAlternativeName([*alternatives, *alternatives_ip])
        return self._sign(subject, ExtendedKeyUsageOID.SERVER_AUTH, [extension])

    def client(self, user: str, groups: Sequence[str] = ()) -> Credentials:
        """A client's certificate: the common name is the user, each organization a group.

        (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates)

        Raises:
            ValueError: a name is empty or longer than the 64 characters that a certificate may hold.
        """
        for name in (user, *groups):
            if not 1 <= len(name) <= _LONGEST_NAME:
                raise ValueError(f"{name!r}: names in a certificate have 1 to {_LONGEST_NAME} characters")
        organizations = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        subject = x509.Name([*organizations, x509.NameAttribute(NameOID.COMMON_NAME, user)])
        return self._sign(subject, ExtendedKeyUsageOID.CLIENT_AUTH, [])

    def _sign(
        self, subject: x509.Name, purpose: x509.ObjectIdentifier, extensions: Sequence[x509.ExtensionType]
    ) -> Credentials:
        key = ec.generate_private_key(ec.SECP256R1())
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            _builder(subject, self._certificate.subject, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(issuer_key, critical=False)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return _pem(builder.sign(self._key, hashes.SHA256()), key)


def signing_key() -> bytes:
    """A private key, PEM, for the API server to sign service account tokens with."""
    key = ec.generate_private_key(ec.SECP256R1())
    # "EC PRIVATE KEY": of a PKCS #8 file the API server would not take the public half.
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _LIFETIME)
    )


def _key_usage(*, digital_signature: bool, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Credentials:
    return Credentials(certificate.public_bytes(serialization.Encoding.PEM), _key_pem(key))


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
