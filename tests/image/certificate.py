"""A certificate for the names by which the tests reach a server, made by the image's own tools."""

from __future__ import annotations

import re

from image.container import once

MAKE = """
import datetime, ipaddress
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "qgraph.example")])
names = [x509.DNSName("qgraph.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
now = datetime.datetime.now(datetime.timezone.utc)
made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    .add_extension(x509.SubjectAlternativeName(names), critical=False).sign(key, hashes.SHA256()))
print(made.public_bytes(serialization.Encoding.PEM).decode() + key.private_bytes(serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode())
"""


def certificate_and_key() -> tuple[str, str]:
    """Both as PEM, valid for a day."""
    made = once("python", "-c", MAKE).stdout
    certificate, key = re.findall(r"-----BEGIN .*?-----END .*?-----\n", made, re.DOTALL)
    return certificate, key
