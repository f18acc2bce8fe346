"""Opens one item of a sealed extraction, written from FORMAT.md alone.

open_from_format.py CONTAINER IDENTITY ROLE ITEM [IDENTITY_B] > item      needs PyPI `cryptography` and the program `age`
"""
import hashlib, json, struct, subprocess, sys, zipfile

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ROLES = ["verantwoording", "gesprekken", "scheiding", "bronnen"]


def hkdf(key, salt, info, length):
    return HKDF(SHA256(), length, salt, info).derive(key)


def open_part(part, key, number):
    header = part[:64]
    magic, version, log2, zeros, found, salt, reserved = struct.unpack(">8sBB2sI32s16s", header)
    assert (magic, version, zeros, reserved, found) == (b"UITLSEG1", 1, bytes(2), bytes(16), number)
    assert 12 <= log2 <= 20
    okm = hkdf(key, salt, b"uitlezing/1 segment", 39)
    step, plain, i, at = (1 << log2) + 16, [], 0, 64
    while True:
        chunk = part[at:at + step]
        last = at + step >= len(part)
        nonce = okm[32:] + struct.pack(">IB", i, last)
        plain.append(AESGCM(okm[:32]).decrypt(nonce, chunk, header))
        if last:
            return b"".join(plain)
        i, at = i + 1, at + step


def secret(container, identity, name, start):
    line = subprocess.run(["age", "-d", "-i", identity], input=container.read(f"sleutels/{name}.1.age"),
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    assert line.startswith(start) and line.endswith("\n")
    return bytes.fromhex(line[len(start):])


def role_key(container, role, identity, identity_b=None):
    entry = next(entry for entry in json.loads(container.read("zegel.json"))["roles"] if entry["role"] == role)
    if len(entry["key_files"]) == 2:
        half_a = secret(container, identity, f"{role}.a", "uitlezing/1 role-key-half a ")
        half_b = secret(container, identity_b, f"{role}.b", "uitlezing/1 role-key-half b ")
        key = bytes(a ^ b for a, b in zip(half_a, half_b))
    else:
        key = secret(container, identity, role, "uitlezing/1 role-key ")
    assert hkdf(key, b"", b"uitlezing/1 role key commitment", 32).hex() == entry["commitment"]
    return key


container, (identity, role, name, *identity_b) = zipfile.ZipFile(sys.argv[1]), sys.argv[2:]
key = role_key(container, role, identity, *identity_b)
index_key = hkdf(key, b"", b"uitlezing/1 index", 32)
index = json.loads(open_part(container.read(f"index/{role}"), index_key, 0xFFFFFF00 + ROLES.index(role)))
parts = {part["number"]: part for part in index["parts"]}
item = next(item for item in index["items"] if item["name"] == name)
content = b""
for extent in item["extents"]:
    part = parts[extent["part"]]
    sealed = container.read(f"deel/{part['number']:06}")
    assert hashlib.sha256(sealed).hexdigest() == part["sha256"]
    plain = open_part(sealed, bytes.fromhex(part["key"]), part["number"])
    content += plain[extent["offset"]:extent["offset"] + extent["bytes"]]
assert len(content) == item["bytes"]
sys.stdout.buffer.write(content)
