#!/usr/bin/env python3
"""Verify what Orgwarden's audit log says, without Orgwarden: Python 3.10 or later and nothing else.

    python verify_audit.py export  EXPORT.jsonl --public-key KEY [--checkpoints FOLDER]
    python verify_audit.py entry   PROOF.json   --public-key KEY
    python verify_audit.py growth  PROOF.json   --public-key KEY
    python verify_audit.py bundle  CHANGE.zip   --public-key KEY

`export`: a file of `manage.py export_audit` or of the page Audit. Every entry is hashed, the tree
is grown, and at each checkpoint its root, its place in the chain and the signatures of the first
and the last checkpoint are verified (each names the one before it by its hash, so that the last
signature covers all of them; `--every-signature` verifies each). `--checkpoints`: copies of
checkpoints that were kept elsewhere must be checkpoints of the same log.
`entry`: the answer of `/api/v1/audit-events/{id}/proof`, which proves one entry and shows no other.
`growth`: the answer of `/api/v1/audit-checkpoints/{checkpoint_number}/consistency`, which proves
that a later checkpoint holds everything that an earlier one does.

KEY is the public key as `manage.py audit_key` prints it, name+id+base64. Take it from where you
keep it, not from the file that is to be verified.

The tree is that of RFC 6962 and RFC 9162 over SHA-256, checkpoints are signed notes
(https://c2sp.org/tlog-checkpoint), signatures are Ed25519 (RFC 8032).
Exit status: 0 verified, 1 not verified, 2 the arguments or files cannot be used.
"""

import argparse
import base64
import hashlib
import json
import sys
import time
import zipfile
from pathlib import Path

EXPORT_FORMAT = "orgwarden-audit-export/1"
PROOF_FORMAT = "orgwarden-audit-proof/1"
GROWTH_FORMAT = "orgwarden-audit-growth/1"
BUNDLE_FORMAT = "orgwarden-change-bundle/1"
LARGEST_BUNDLE = 500_000_000
NO_PREVIOUS = "0" * 64
sha256 = hashlib.sha256


class NotVerified(Exception):
    """Something does not hold; the message says what and where."""


class Unusable(Exception):
    """A file or argument cannot be read as what it should be."""


# Ed25519, verification only (RFC 8032, section 5.1.7). Nothing here is secret, so nothing needs to
# take constant time.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def _add(a, b):
    """Add two points in extended coordinates (X, Y, Z, T)."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    x, y, z, t = f - e, h - g, h + g, f + e
    return (x * y % P, z * t % P, y * z % P, x * t % P)


def _multiply(number, point):
    product = (0, 1, 1, 0)
    while number:
        if number & 1:
            product = _add(product, point)
        point = _add(point, point)
        number >>= 1
    return product


def _decompress(encoded):
    """Return the point that 32 bytes stand for, None if there is none."""
    y = int.from_bytes(encoded, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    if x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = _decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_verifies(public, signature, message):
    """Tell whether `signature` (64 bytes) of `message` was made by the owner of `public`."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = _decompress(public), _decompress(signature[:32])
    if key is None or commitment is None:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % L
    left = _multiply(scalar, BASE)
    right = _add(commitment, _multiply(challenge, key))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % P == 0


# The tree.


def leaf_hash(data):
    """Return the hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left, right):
    """Return the hash of a node."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows leaf by leaf; it keeps one hash for each bit of its size."""

    def __init__(self, size=0, frontier=()):
        if len(frontier) != bin(size).count("1"):
            raise NotVerified("the frontier does not fit the start of the export")
        self.size = size
        self.frontier = list(frontier)

    def append(self, data):
        """Add a leaf."""
        found = sha256(b"\x00" + data).digest()
        position = self.size
        frontier = self.frontier
        while position & 1:
            found = sha256(b"\x01" + frontier.pop() + found).digest()
            position >>= 1
        frontier.append(found)
        self.size += 1

    def root(self):
        """Return the root."""
        if not self.frontier:
            return sha256(b"").digest()
        found = self.frontier[-1]
        for left in reversed(self.frontier[:-1]):
            found = node_hash(left, found)
        return found


def _sides(index, last, count):
    """Return, from a node upward, whether each sibling of a proof stands to the left."""
    sides = []
    for _ in range(count):
        if last == 0:
            raise NotVerified("the proof is too long")
        is_left = bool(index & 1) or index == last
        sides.append(is_left)
        while is_left and index and not index & 1:
            index >>= 1
            last >>= 1
        index >>= 1
        last >>= 1
    if last:
        raise NotVerified("the proof is too short")
    return sides


def verify_inclusion(leaf, position, size, proof, root):
    """Check that a leaf stands at a position of a tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= position < size:
        raise NotVerified(f"a tree of {size} entries has no position {position}")
    found = leaf
    for is_left, sibling in zip(_sides(position, size - 1, len(proof)), proof, strict=True):
        found = node_hash(sibling, found) if is_left else node_hash(found, sibling)
    if found != root:
        raise NotVerified("the proof does not lead to the root that the checkpoint signs")


def verify_growth(old_size, old_root, size, root, proof):
    """Check that a tree begins with an earlier one (RFC 9162, 2.1.4.2)."""
    if not 0 < old_size <= size:
        raise NotVerified(f"a tree of {old_size} entries cannot have grown to {size}")
    if old_size == size:
        if proof or old_root != root:
            raise NotVerified("two checkpoints of one size sign different entries")
        return
    hashes = list(proof)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        raise NotVerified("the proof is too short")
    index, last = old_size - 1, size - 1
    while index & 1:
        index >>= 1
        last >>= 1
    old_found = found = hashes[0]
    for is_left, sibling in zip(_sides(index, last, len(hashes) - 1), hashes[1:], strict=True):
        if is_left:
            old_found = node_hash(sibling, old_found)
            found = node_hash(sibling, found)
        else:
            found = node_hash(found, sibling)
    if old_found != old_root or found != root:
        raise NotVerified("the later checkpoint does not hold what the earlier one signs")


# Keys and checkpoints.


class PublicKey:
    """A public key: name+id+base64."""

    def __init__(self, text):
        try:
            name, key_id, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise Unusable(f"{text!r} is no public key: give name+id+base64") from None
        if raw[:1] != b"\x01" or len(raw) != 33:
            raise Unusable(f"{text!r} is no Ed25519 key")
        self.name, self.raw = name, raw[1:]
        self.key_id = sha256(name.encode() + b"\n" + raw).digest()[:4]
        if self.key_id.hex() != key_id:
            raise Unusable(f"{text!r}: the id is not that of the key")


class Checkpoint:
    """A checkpoint, read from its note."""

    def __init__(self, note):
        self.note = note
        body, found, signatures = note.partition("\n\n")
        try:
            self.origin, size, root, number, made, previous = body.split("\n")
            self.size = int(size)
            self.root = base64.b64decode(root, validate=True)
            self.number = int(_value("number", number))
            self.made = _value("made", made)
            self.previous = _value("previous", previous)
        except ValueError:
            raise NotVerified("a text is no checkpoint of Orgwarden") from None
        if not found or str(self.size) != size or f"number {self.number}" != number:
            raise NotVerified("a checkpoint is not written as checkpoints are")
        self.body = f"{body}\n".encode()
        self.signatures = signatures.splitlines()

    @property
    def digest(self):
        """Return the hash by which the next checkpoint names this one."""
        return sha256(self.note.encode()).hexdigest()

    def verify(self, keys):
        """Check that one of the keys signed it."""
        for line in self.signatures:
            words = line.split(" ")
            if len(words) != 3 or words[0] != "\u2014":
                continue
            try:
                signature = base64.b64decode(words[2], validate=True)
            except ValueError:
                continue
            for key in keys:
                if (
                    words[1] == key.name
                    and signature[:4] == key.key_id
                    and ed25519_verifies(key.raw, signature[4:], self.body)
                ):
                    return
        raise NotVerified(f"checkpoint {self.number} is not signed by a key that you trust")


def _value(name, line):
    before, _, value = line.partition(" ")
    if before != name:
        raise ValueError(name)
    return value


# What is asked for on the command line.


def verify_export(lines, keys, copies=(), every_signature=False):
    """Verify the lines of an export; return how many entries and checkpoints it has."""
    lines = iter(lines)
    header = _json(next(lines, b""), "the first line")
    if header.get("format") != EXPORT_FORMAT:
        raise Unusable(f"the first line does not say that this is {EXPORT_FORMAT}")
    start = header["start"]
    tree = Tree(start, [bytes.fromhex(text) for text in header["frontier"]])
    chain = []
    begins = b'{"checkpoint":'
    append = tree.append
    for line in lines:
        line = line.rstrip(b"\n")
        if not line.startswith(begins):
            append(line)
            continue
        checkpoint = Checkpoint(_json(line, "a checkpoint")["checkpoint"])
        _follow(checkpoint, chain[-1] if chain else None, tree, start)
        if every_signature:
            checkpoint.verify(keys)
        chain.append(checkpoint)
    if not chain:
        raise NotVerified("the export holds no checkpoint")
    if tree.size != chain[-1].size:
        raise NotVerified(f"{tree.size - chain[-1].size} entries follow the last checkpoint")
    chain[0].verify(keys)
    chain[-1].verify(keys)
    _compare(copies, chain, keys)
    return tree.size - start, chain


def _follow(checkpoint, before, tree, start):
    name = f"checkpoint {checkpoint.number}"
    if checkpoint.size != tree.size:
        raise NotVerified(
            f"{name} signs {checkpoint.size} entries; the export has {tree.size} up to there"
        )
    if checkpoint.root != tree.root():
        raise NotVerified(f"the entries up to {name} are not those it signs")
    if before is None:
        if start == 0 and (checkpoint.number != 1 or checkpoint.previous != NO_PREVIOUS):
            raise NotVerified("the export does not begin with the first checkpoint")
    elif checkpoint.number != before.number + 1 or checkpoint.previous != before.digest:
        raise NotVerified(f"{name} does not follow the checkpoint before it")
    elif checkpoint.made < before.made:
        raise NotVerified(f"{name} is older than the checkpoint before it")


def _compare(copies, chain, keys):
    by_number = {one.number: one for one in chain}
    for note in copies:
        copy = Checkpoint(note)
        copy.verify(keys)
        if copy.number > chain[-1].number:
            raise NotVerified(
                f"a copy of checkpoint {copy.number} exists; the export ends with "
                f"{chain[-1].number}: export again, or its end was cut off"
            )
        if copy.number in by_number and by_number[copy.number].note != note:
            raise NotVerified(f"the copy of checkpoint {copy.number} is another one")


def verify_entry(proof, keys):
    """Verify the proof of one entry; return the entry and the checkpoint."""
    if proof.get("format") != PROOF_FORMAT:
        raise Unusable(f"this is not {PROOF_FORMAT}")
    checkpoint = Checkpoint(proof["checkpoint"])
    checkpoint.verify(keys)
    verify_inclusion(
        leaf_hash(proof["entry"].encode()),
        proof["position"],
        checkpoint.size,
        [bytes.fromhex(text) for text in proof["hashes"]],
        checkpoint.root,
    )
    return json.loads(proof["entry"]), checkpoint


def verify_consistency(proof, keys):
    """Verify that a later checkpoint holds all of an earlier one; return both."""
    if proof.get("format") != GROWTH_FORMAT:
        raise Unusable(f"this is not {GROWTH_FORMAT}")
    earlier, later = Checkpoint(proof["earlier"]), Checkpoint(proof["later"])
    earlier.verify(keys)
    later.verify(keys)
    hashes = [bytes.fromhex(text) for text in proof["hashes"]]
    verify_growth(earlier.size, earlier.root, later.size, later.root, hashes)
    return earlier, later


# A change request.


def verify_bundle(bundle, keys):
    """Verify a change request's bundle; return its entries by id and the notes on what is open."""
    if bundle.get("format") != BUNDLE_FORMAT:
        raise Unusable(f"this is not {BUNDLE_FORMAT}")
    request, proofs = bundle["request"], bundle["audit"]["proofs"]
    entries = {}
    verified = {}
    for proof in proofs:
        note = proof["checkpoint"]
        if note not in verified:
            verified[note] = Checkpoint(note)
            verified[note].verify(keys)
        _prove_entry(proof, verified[note])
        entry = json.loads(proof["entry"])
        entries[entry["id"]] = entry
    notes = [f"entry {one} is not covered by a checkpoint" for one in bundle["audit"]["not_proven"]]
    _verify_about(entries, bundle)
    _verify_evidence(bundle, entries)
    _verify_reviews(bundle, entries, notes)
    _verify_journal(bundle, entries, notes)
    if not notes:
        _verify_states(request, entries)
    return entries, notes


def _prove_entry(proof, checkpoint):
    if proof.get("format") != PROOF_FORMAT:
        raise Unusable(f"a proof is not {PROOF_FORMAT}")
    verify_inclusion(
        leaf_hash(proof["entry"].encode()),
        proof["position"],
        checkpoint.size,
        [bytes.fromhex(text) for text in proof["hashes"]],
        checkpoint.root,
    )


def _verify_about(entries, bundle):
    number = str(bundle["request"]["number"])
    connection_id = bundle["organization"]["connection_id"]
    for entry in entries.values():
        about = (entry["object_kind"], entry["object_id"], entry["connection_id"])
        if about != ("change_request", number, connection_id):
            raise NotVerified(f"entry {entry['id']} is not about change request {number}")


def canonical_digest(value):
    """Return the SHA-256 of a JSON value with sorted keys and no spaces, in hex."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _verify_evidence(bundle, entries):
    request = bundle["request"]
    by_digest = {}
    for one in bundle["evidence"]:
        name = f"evidence {one['sha256'][:12]}"
        if canonical_digest(one["content"]) != one["sha256"]:
            raise NotVerified(f"{name} was changed: its content has another digest")
        if canonical_digest(one["conclusions"]) != one["conclusions_sha256"]:
            raise NotVerified(f"{name} was changed: its conclusions have another digest")
        by_digest[one["sha256"]] = one
    if not request["plan_sha256"]:
        return
    current = by_digest.get(request["evidence_sha256"])
    if current is None:
        raise NotVerified("the request's evidence is not in the bundle")
    computed = canonical_digest(
        {
            "operations": request["operations"],
            "targets": sorted(current["base"]["targets"]),
            "rings": current["plan"]["rings"],
            "conclusions": current["conclusions"],
        }
    )
    if computed != request["plan_sha256"] or current["plan_sha256"] != computed:
        raise NotVerified("the plan's digest is not that of its operations, targets and rings")
    known = {
        (entry.get("after") or {}).get("evidence_sha256")
        for entry in entries.values()
        if entry["action"] in ("change_request.check", "change_request.rebase")
    }
    if request["evidence_sha256"] not in known and not bundle["audit"]["not_proven"]:
        raise NotVerified("no audit entry names the request's evidence")


def _entry_of(record, entries, notes, what):
    """Return the proven entry that a record names; None: it is not covered yet, which is noted."""
    key = record["audit_entry"]
    if key is None:
        raise NotVerified(f"{what} has no audit entry")
    if key not in entries:
        if not any(note.startswith(f"entry {key} ") for note in notes):
            raise NotVerified(f"the audit entry of {what} is not in the bundle")
        return None
    return entries[key]


def _verify_reviews(bundle, entries, notes):
    for review in bundle["reviews"]:
        what = f"the review by {review['reviewer']}"
        entry = _entry_of(review, entries, notes, what)
        if entry is None:
            continue
        after = entry.get("after") or {}
        if review["carried_from"] is not None:
            carried = {one["review"] for one in after.get("reviews", ())}
            if after.get("digest") != review["digest"] or review["carried_from"] not in carried:
                raise NotVerified(f"{what} was carried over otherwise than the audit log says")
            continue
        said = (entry["actor_id"], after.get("verdict"), after.get("digest"))
        if said != (review["reviewer_id"], review["verdict"], review["digest"]):
            raise NotVerified(f"{what} is another in the audit log")
    request = bundle["request"]
    excluded = {request["author_id"], *request["contributor_ids"]}
    for review in bundle["reviews"]:
        counts = review["voided_at"] is None and review["verdict"] == "approve"
        if counts and review["reviewer_id"] in excluded:
            raise NotVerified(f"{review['reviewer']} approved what they had a part in")


def _verify_journal(bundle, entries, notes):
    for rollout in bundle["rollouts"]:
        open_calls = {}
        for line in rollout["journal"]:
            what = f"{line['call']} of step {line['step']}"
            if line["phase"] == "intent":
                entry = _entry_of(line, entries, notes, what)
                after = {} if entry is None else entry.get("after") or {}
                if entry is not None and (after.get("call"), after.get("step")) != (
                    line["call"],
                    line["step"],
                ):
                    raise NotVerified(f"{what} is another call in the audit log")
                open_calls[line["step"], line["attempt"]] = what
            elif (
                line["phase"] == "answer"
                and open_calls.pop((line["step"], line["attempt"]), None) is None
            ):
                raise NotVerified(f"{what} has an answer, but nobody noted the call before it")
        notes.extend(f"{what}: the journal has no answer" for what in open_calls.values())


def _verify_states(request, entries):
    """Check that each state follows from the one before it, up to the request's."""
    state = None
    for key in sorted(entries):
        before, after = entries[key].get("before") or {}, entries[key].get("after") or {}
        if "state" not in after or "state" not in before:
            continue
        if state is not None and before["state"] != state:
            raise NotVerified(f"entry {key} begins with {before['state']}, it was {state}")
        state = after["state"]
    if state is not None and state != request["state"]:
        raise NotVerified(f"the request is {request['state']}, the audit log says {state}")


def read_bundle(path):
    """Return a bundle from a zip or a JSON file."""
    if not zipfile.is_zipfile(path):
        return _json(Path(path).read_bytes(), path)
    try:
        with zipfile.ZipFile(path) as archive, archive.open("bundle.json") as file:
            text = file.read(LARGEST_BUNDLE + 1)
    except (KeyError, zipfile.BadZipFile) as error:
        raise Unusable(f"{path} holds no bundle.json: {error}") from None
    if len(text) > LARGEST_BUNDLE:
        raise Unusable(f"{path} is too large")
    return _json(text, "bundle.json")


def _json(text, what):
    try:
        found = json.loads(text)
    except ValueError:
        raise Unusable(f"{what} is no JSON") from None
    if not isinstance(found, dict):
        raise Unusable(f"{what} is no JSON object")
    return found


def _arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("what", choices=("export", "entry", "growth", "bundle"))
    parser.add_argument("file")
    parser.add_argument("--public-key", action="append", required=True, metavar="KEY")
    parser.add_argument("--checkpoints", metavar="FOLDER")
    parser.add_argument("--every-signature", action="store_true")
    return parser.parse_args(arguments)


def _verify(given):
    keys = [PublicKey(text) for text in given.public_key]
    if given.what == "export":
        copies = []
        if given.checkpoints:
            paths = sorted(Path(given.checkpoints).glob("*.txt"))
            copies = [path.read_text(encoding="utf-8") for path in paths]
            if not copies:
                raise Unusable(f"{given.checkpoints} holds no copies of checkpoints (*.txt)")
        began = time.perf_counter()
        with open(given.file, "rb") as file:
            entries, chain = verify_export(file, keys, copies, given.every_signature)
        seconds = time.perf_counter() - began
        return (
            f"Verified: {entries:,} entries and {len(chain):,} checkpoints in {seconds:.1f} s; "
            f"the last, {chain[-1].number}, was signed {chain[-1].made}. "
            f"{len(copies)} copies compared."
        )
    if given.what == "bundle":
        bundle = read_bundle(given.file)
        entries, notes = verify_bundle(bundle, keys)
        request = bundle["request"]
        lines = [
            f"Verified: change request {request['number']}, {request['title']!r}, is "
            f"{request['state']}; {len(entries):,} audit entries, {len(bundle['evidence'])} "
            f"evidences, {len(bundle['reviews'])} reviews and "
            f"{sum(len(one['journal']) for one in bundle['rollouts']):,} lines of the journal.",
            *(f"Open: {note}." for note in notes),
        ]
        return "\n".join(lines)
    with open(given.file, "rb") as file:
        proof = _json(file.read(), given.file)
    if given.what == "entry":
        entry, checkpoint = verify_entry(proof, keys)
        return (
            f"Verified: entry {entry['id']}, {entry['action']} by {entry['actor_name']} at "
            f"{entry['recorded_at']}, stands in the log that checkpoint {checkpoint.number} "
            f"signed {checkpoint.made}."
        )
    earlier, later = verify_consistency(proof, keys)
    return f"Verified: checkpoint {later.number} holds everything that {earlier.number} does."


def main(arguments=None):
    """Verify what the command line names; return the exit status."""
    given = _arguments(arguments)
    try:
        print(_verify(given))
    except NotVerified as error:
        print(f"NOT VERIFIED: {error}", file=sys.stderr)
        return 1
    except (Unusable, OSError, KeyError, TypeError, ValueError) as error:
        print(f"Cannot verify: {error or type(error).__name__}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
