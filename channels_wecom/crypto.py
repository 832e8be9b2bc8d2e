"""WeCom's callback cryptography: signature, AES envelope, receive id.

Source: WeCom documentation 90930 and 90968 (message encryption and decryption), checked against its published sample.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class CallbackRejected(Exception):
    """A callback that is not WeCom's, or is damaged. `status` is the HTTP status, `reason` a code without content."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def aes_key(encoding_aes_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey (43 characters).

    :raises ValueError: when it is not one.
    """
    key = base64.b64decode(encoding_aes_key + "=")
    if len(key) != 32:
        raise ValueError("an EncodingAESKey has 43 characters")
    return key


def sign(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """The signature of a callback: SHA-1 over the four values, sorted and joined."""
    return hashlib.sha1("".join(sorted([token, timestamp, nonce, encrypted])).encode()).hexdigest()


def check_signature(token: str, signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
    """Compare a signature in constant time.

    :raises CallbackRejected: (403) when it is not ours.
    """
    if not hmac.compare_digest(sign(token, timestamp, nonce, encrypted).encode(), signature.encode()):
        raise CallbackRejected(403, "signature")


def decrypt(key: bytes, encrypted: str, receive_id: str) -> str:
    """The plaintext of an envelope.

    :param key: see :func:`aes_key`.
    :param receive_id: the corp id that must stand at its end.
    :raises CallbackRejected: 400 when it is malformed, 403 when it is for somebody else.
    """
    try:
        data = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CallbackRejected(400, "base64") from error
    if not data or len(data) % 16:
        raise CallbackRejected(400, "length")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = decryptor.update(data) + decryptor.finalize()
    pad = plain[-1]
    if not 1 <= pad <= BLOCK or len(plain) < pad or plain[-pad:] != bytes([pad]) * pad:
        raise CallbackRejected(400, "padding")
    plain = plain[:-pad]
    if len(plain) < 20:
        raise CallbackRejected(400, "short")
    (size,) = struct.unpack(">I", plain[16:20])
    if len(plain) < 20 + size:
        raise CallbackRejected(400, "size")
    if not hmac.compare_digest(plain[20 + size :], receive_id.encode()):
        raise CallbackRejected(403, "receive_id")
    try:
        return plain[20 : 20 + size].decode()
    except UnicodeDecodeError as error:
        raise CallbackRejected(400, "utf8") from error


def encrypt(key: bytes, text: str, receive_id: str, *, random16: bytes | None = None) -> str:
    """An envelope around a text, as WeCom makes it and expects it. `random16` is for test vectors only."""
    message = text.encode()
    plain = (random16 or os.urandom(16)) + struct.pack(">I", len(message)) + message + receive_id.encode()
    pad = BLOCK - len(plain) % BLOCK
    plain += bytes([pad]) * pad
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()
