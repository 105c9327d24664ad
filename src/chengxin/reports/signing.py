"""The electronic signature of a report: PAdES-B-B (ETSI EN 319 142-1) under the home's own certificate.

The certificate is signed by its own key. It follows from the keyring alone, so it needs no file and is the
same each time; who wants to trust it compares its fingerprint with the one on the page of verification.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.conf import settings

from chengxin.kernel.crypto import Keyring, key_id

FIELD = "Signature"
RESERVED = 8192
"""Bytes left free for the signature."""

_FROM, _UNTIL = datetime(2017, 9, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""RFC 5280 §4.1.2.5: this end means that there is none."""


@cache
def _certificate(keyring: Keyring) -> x509.Certificate:
    key = keyring.document_key
    public = key.public_key()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "诚信 Chengxin"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Chengxin credit reports {key_id(keyring.public_key)}"),
        ]
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(int.from_bytes(identifier.digest[:8]) >> 1 | 1)
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, SHA256(), ecdsa_deterministic=True)
    )


def certificate() -> x509.Certificate:
    """The home's certificate for documents."""
    keyring: Keyring = settings.KEYRING
    return _certificate(keyring)


def fingerprint() -> str:
    """SHA-256 of the certificate, in groups of four hexadecimal digits."""
    digits = certificate().fingerprint(SHA256()).hex().upper()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def certificate_pem() -> bytes:
    """The certificate as a file."""
    return certificate().public_bytes(Encoding.PEM)


def signed(document: bytes, name: str, reason: str) -> bytes:
    """A PDF with the signature over all of it. `reason`: why it is signed, as readers of PDF show it."""
    from asn1crypto import keys  # noqa: PLC0415 - an extra, as the following
    from asn1crypto import x509 as asn1  # noqa: PLC0415
    from pyhanko.pdf_utils.extensions import DeveloperExtension  # noqa: PLC0415
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign import fields, signers  # noqa: PLC0415
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415

    class OfPdf17(IncrementalPdfFileWriter):
        """PDF/A-3 is PDF 1.7, where PAdES allows this signature (EN 319 142-1, 5); so it is said to be."""

        def ensure_output_version(self, version: tuple[int, int]) -> None:
            """Leave the file what it is."""

        def register_extension(self, ext: DeveloperExtension) -> None:
            """Name no extension of PDF 2.0."""
            if ext.base_version != "/2.0":
                super().register_extension(ext)

    key = settings.KEYRING.document_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = signers.SimpleSigner(
        signing_cert=asn1.Certificate.load(certificate().public_bytes(Encoding.DER)),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call] # as published
    )
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        name=name,
        reason=reason,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    out = BytesIO()
    signers.PdfSigner(metadata, signer).sign_pdf(
        OfPdf17(BytesIO(document)), bytes_reserved=RESERVED, output=out
    )
    return out.getvalue()
