"""Shows what a vault of a station holds, written from crates/vault/README.md alone.

open_vault.py VAULT IDENTITY > contents.json      needs PyPI `cryptography` and the program `age`
"""
import hashlib, json, subprocess, sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

text = open(sys.argv[1], "rb").read()
vault = json.loads(text)
assert vault["vault"] == 2
whole = text[:text.rindex(b',"check":"')] + b"}"
assert hashlib.sha256(whole).hexdigest() == vault["check"], "damaged"
line = subprocess.run(["age", "-d", "-i", sys.argv[2]], input=bytes.fromhex(vault["recovery"]),
                      stdout=subprocess.PIPE, check=True).stdout.decode()
assert line.startswith("uitlezen/1 vault-key ") and line.endswith("\n")
head = text[:text.rindex(b',"nonce":"')] + b"}"
bound = b"uitlezen vault body 2" + hashlib.sha256(head).digest()
key, nonce, body = (bytes.fromhex(digits) for digits in (line.split()[2], vault["nonce"], vault["body"]))
sys.stdout.buffer.write(AESGCM(key).decrypt(nonce, body, bound))
