# ruff: noqa: PLC0415, PTH123, SIM115, T201 - as short as can be read, on any Python 3, with nothing installed
"""Is a record in the ledger? Checks its proof (RFC 9162) alone: OK or BROKEN.

python3 check_proof.py proof.json [KEY]    KEY: the ledger's public key (base64), as you once noted it
"""

import base64
import hashlib
import json
import sys


def b64(text):
    return base64.b64decode(text, validate=True)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root(leaf, node, last, path):
    """Where the path leads from leaf number `node` of `last` + 1 (RFC 9162, 2.1.3.2)."""
    for step in map(b64, path):
        right = node & 1 or node == last
        leaf = None if last == 0 else sha(b"\x01", step, leaf) if right else sha(b"\x01", leaf, step)
        while right and node and not node & 1:
            node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    return leaf if last == 0 else None


def signed(head):
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return print("signature not checked: pip install cryptography") is None
    text = "{origin}\n{size}\n{root}\nprevious {previous}\nsigned {signed_at}\n".format(**head)
    key = Ed25519PublicKey.from_public_bytes(b64(head["public_key"]))
    return key.verify(b64(head["signature"]), text.encode()) is None  # raises where it does not hold


try:
    proof = json.load(open(sys.argv[1], encoding="utf-8"))
    head, leaf, body = proof["head"], b64(proof["leaf_hash"]), proof["body"]
    holds = {
        "the text is what was hashed": body is None or sha(b"\x00", body.encode()) == leaf,
        "the record is that leaf": proof["record"] == proof["leaf"] and 0 <= proof["leaf"] < head["size"],
        "the path leads to the root": b64(head["root"])
        == root(leaf, proof["leaf"], head["size"] - 1, proof["path"]),
        "the key is yours": sys.argv[2:] in ([], [head["public_key"]]),
        "the root is signed": signed(head),
    }
    wrong = [fact for fact, true in holds.items() if not true]
except Exception as failed:
    wrong = [f"{type(failed).__name__} {failed}"]
if wrong:
    print(f"BROKEN, not so: {'; '.join(wrong)}")
    sys.exit(1)
print("OK" if body is not None else "OK for the hash alone: the text holds what is not public")
