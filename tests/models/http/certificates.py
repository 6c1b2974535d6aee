"""Certificates that a test signs itself, with the command that comes with OpenSSL."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate for localhost and 127.0.0.2, and the key to it."""

    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path) -> Certificate:
        if shutil.which("openssl") is None:
            pytest.skip("needs the openssl command")
        made = cls(folder / "certificate.pem", folder / "key.pem")
        command = "openssl req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
        names = ("-subj", "/CN=test", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.2")
        files = ("-out", str(made.certificate), "-keyout", str(made.key))
        subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
        return made

    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def trust(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have contexts that are made from now on accept it, as OpenSSL lets every user do."""
        monkeypatch.setenv("SSL_CERT_FILE", str(self.certificate))
