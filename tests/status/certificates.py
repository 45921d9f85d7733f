"""Valid and invalid certificates for local TLS servers."""

import ssl
from datetime import UTC, datetime, timedelta

import trustme


def with_certificate(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


def self_signed() -> ssl.SSLContext:
    ca = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with ca.cert_pem.tempfile() as certificate, ca.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    return context


def outdated(ca: trustme.CA) -> ssl.SSLContext:
    end = datetime.now(UTC) - timedelta(days=1)
    return with_certificate(ca.issue_cert("127.0.0.1", not_before=end - timedelta(days=30), not_after=end))


def not_yet_valid(ca: trustme.CA) -> ssl.SSLContext:
    begin = datetime.now(UTC) + timedelta(days=1)
    return with_certificate(ca.issue_cert("127.0.0.1", not_before=begin, not_after=begin + timedelta(days=30)))


def of_another_host(ca: trustme.CA) -> ssl.SSLContext:
    return with_certificate(ca.issue_cert("status.example.org"))


def whole_chain(ca: trustme.CA) -> ssl.SSLContext:
    return with_certificate(ca.create_child_ca().issue_cert("127.0.0.1"))


def with_the_root(ca: trustme.CA) -> ssl.SSLContext:
    """With the root certificate, which a client that does not know it cannot trust."""
    certificate = ca.issue_cert("127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    chain = trustme.Blob(b"".join(one.bytes() for one in (*certificate.cert_chain_pems, ca.cert_pem)))
    with chain.tempfile() as whole, certificate.private_key_pem.tempfile() as key:
        context.load_cert_chain(whole, key)
    return context


def without_the_intermediate(ca: trustme.CA) -> ssl.SSLContext:
    """Without the intermediate certificate: a common mistake, not noticed because browsers fetch or remember it."""
    certificate = ca.create_child_ca().issue_cert("127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with certificate.cert_chain_pems[0].tempfile() as leaf, certificate.private_key_pem.tempfile() as key:
        context.load_cert_chain(leaf, key)
    return context
