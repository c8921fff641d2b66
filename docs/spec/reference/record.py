"""The record (board.md): folder or archive, checkpoint, bundles, tiles, Merkle hashes."""

import base64
import binascii
import hashlib
import re

import ed25519
from ristretto import Refused

WIDTH = 256


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_hash(leaves):
    """RFC 6962, section 2.1, from leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    while len(leaves) > 1:
        pairs = [node_hash(a, b) for a, b in zip(leaves[::2], leaves[1::2])]
        leaves = pairs + leaves[len(pairs) * 2:]  # a last one without a pair goes up as it is
    return leaves[0]


# Files


def read_folder(root):
    """All files of a folder by path, and what is there but is neither a file nor a folder on the way."""
    files, odd = {}, []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            odd.append(f"{name[:200]!r} is not a file")
        elif path.is_file():
            files[name] = path.read_bytes()
        elif not any(path.iterdir()):
            odd.append(f"{name[:200]!r} is an empty folder")
    return files, odd


def archive_header(name, size):
    """The only header of a file of this name and size."""
    fields = [name.ljust(100, b"\0"), b"0000644\0", b"0000000\0", b"0000000\0", b"%011o\0" % size, b"00000000000\0",
              b" " * 8, b"0", bytes(100), b"ustar\0", b"00", bytes(247)]
    fields[6] = b"%06o\0 " % sum(b"".join(fields))
    return b"".join(fields)


def read_archive(data):
    """All files of an archive by path, and what is wrong with it. Reading goes on while the next header can be found."""
    files, faults, last, at = {}, [], b"", 0
    while data[at:at + 512] != bytes(512):
        header = data[at:at + 512]
        name = header[:100].split(b"\0")[0]
        size_field = header[124:135]
        if len(header) < 512 or not re.fullmatch(rb"[0-7]{11}", size_field):
            return files, faults + [f"byte {at} begins no file header"]
        size = int(size_field, 8)
        if header != archive_header(name, size):
            faults.append(f"the file header at byte {at} is not in the exact form")
        if not name > last:
            faults.append(f"the file at byte {at} is out of order")
        content, padded = data[at + 512:at + 512 + size], (size + 511) // 512 * 512
        end = at + 512 + padded
        if len(content) < size or len(data) < end:
            return files, faults + [f"the file at byte {at} is cut short"]
        if any(data[at + 512 + size:end]):
            faults.append(f"the file at byte {at} is not padded with zeros")
        files.setdefault(name.decode("utf-8", "replace"), content)
        last, at = name, end
    if data[at:] != bytes(1024):
        faults.append("the archive does not end in exactly two zero blocks")
    return files, faults


def tile_path(index):
    """C2SP tlog-tiles: groups of three digits, all but the last preceded by x."""
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return "/".join(groups)


def layer_files(kind, count):
    """Paths and widths of the full tiles and the partial one that hold `count` things."""
    out = [(f"tile/{kind}/{tile_path(i)}", WIDTH) for i in range(count // WIDTH)]
    if count % WIDTH:
        out.append((f"tile/{kind}/{tile_path(count // WIDTH)}.p/{count % WIDTH}", count % WIDTH))
    return out


def tile_levels(size):
    """The number of hashes in each level that has any."""
    levels = []
    while size:
        levels.append(size)
        size //= WIDTH
    return levels


# Checkpoint


def decode_base64(text, what):
    """Standard base64 with padding, in its only form."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise Refused(f"{what} is not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Refused(f"{what} is not canonical base64")
    return data


WHITE_SPACE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")  # Unicode White_Space
MOST_COSIGNATURES = 16


def is_key_name(name):
    """Whether this may be the name of a key of a signed note."""
    return bool(name) and "+" not in name and not WHITE_SPACE.search(name)


def read_signature_line(line, length):
    """Name and bytes of a signature line of a note."""
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "\u2014":
        raise Refused("a signature line has the wrong form")
    blob = decode_base64(parts[2], "a signature")
    if len(blob) != length:
        raise Refused(f"a signature has {len(blob)} bytes instead of {length}")
    return parts[1], blob


def check_cosignature(name, key, text, blob):
    """board.md, "Cosignatures": refuses unless id, time and signature are this witness's for the text of a note."""
    if blob[:4] != hashlib.sha256(name.encode() + b"\n\x04" + key).digest()[:4]:
        raise Refused("it names another key")
    time = int.from_bytes(blob[4:12], "big")
    ed25519.verify(key, f"cosignature/v1\ntime {time}\n".encode() + text, blob[12:])


def checkpoint_text(origin, size, root):
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


class Checkpoint:
    """A signed note: the three lines of a checkpoint, the board's signature, and at most 16 cosignatures."""

    def __init__(self, data):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("the checkpoint is not UTF-8") from None
        if any(ord(c) < 0x20 and c != "\n" for c in text):
            raise Refused("the checkpoint holds a control character")
        lines = text.split("\n")
        if not 6 <= len(lines) <= 6 + MOST_COSIGNATURES or lines[3] or lines[-1]:
            raise Refused("the checkpoint is not three lines, an empty one, a signature and at most 16 cosignatures")
        self.origin, size, root = lines[:3]
        if not re.fullmatch(r"0|[1-9][0-9]{0,19}", size, re.ASCII):
            raise Refused("the checkpoint's size is not a number")
        self.size, self.root = int(size), decode_base64(root, "the root")
        if len(self.root) != 32:
            raise Refused("the root has not 32 bytes")
        self.text = "".join(line + "\n" for line in lines[:3]).encode()
        self.name, self.blob = read_signature_line(lines[4], 4 + 64)
        self.cosignatures = [read_signature_line(line, 4 + 8 + 64) for line in lines[5:-1]]
        if not all(is_key_name(name) for name, _ in self.cosignatures):
            raise Refused("the name of a cosignature has the wrong form")

    def check_origin(self, origin):
        """Refuses unless it is of the log of this origin, signed under its name."""
        if self.origin != origin or self.name != origin:
            raise Refused("the checkpoint is of another origin")

    def check_signature(self, key):
        """Refuses unless it is signed with this key, under whatever name it says."""
        key_id = hashlib.sha256(self.name.encode() + b"\n\x01" + key).digest()[:4]
        if self.blob[:4] != key_id:
            raise Refused("the checkpoint names another key")
        ed25519.verify(key, self.text, self.blob[4:])

    def check_witnesses(self, manifest):
        """Refuses unless all cosignatures are of the manifest's witnesses, in their order, and enough of them."""
        names = [name for name, _ in manifest.witnesses]
        last = -1
        for name, blob in self.cosignatures:
            if name not in names:
                raise Refused(f"{name!r} is not a witness of this election")
            number = names.index(name)
            if number <= last:
                raise Refused(f"the cosignature of {name!r} is there twice or out of order")
            try:
                check_cosignature(name, manifest.witnesses[number][1], self.text, blob)
            except Refused as reason:
                raise Refused(f"the cosignature of {name!r}: {reason}") from None
            last = number
        if len(self.cosignatures) < manifest.witness_quorum:
            raise Refused(f"{len(self.cosignatures)} witnesses cosigned, {manifest.witness_quorum} must")


# Checks


def check_files(report, files, size):
    """`record.files`: whether these are the files of a record of this size."""
    if size > WIDTH * len(files):
        report.fail("record.files", f"too few files for {size} entries")
        return
    expected = {"checkpoint": None}
    for path, width in layer_files("entries", size):
        expected[path] = None
    for level, count in enumerate(tile_levels(size)):
        for path, width in layer_files(level, count):
            expected[path] = 32 * width
    for path in sorted(expected.keys() - files.keys()):
        report.fail("record.files", f"{path} is missing")
    for path in sorted(files.keys() - expected.keys()):
        report.fail("record.files", f"{path[:200]!r} is no file of this record")
    for path in sorted(expected.keys() & files.keys()):
        if expected[path] is not None and len(files[path]) != expected[path]:
            report.fail("record.files", f"{path} has {len(files[path])} bytes instead of {expected[path]}")
    report.ran("record.files", files=len(files))


def read_entries(report, files, size):
    """`board.entries`: the entries, or None when the bundles do not hold exactly `size` of them."""
    entries = []
    if size > WIDTH * len(files):
        report.fail("board.entries", "bundles are missing")
        return None
    for path, width in layer_files("entries", size):
        data, at, count = files.get(path), 0, 0
        if data is None:
            report.fail("board.entries", f"{path} is missing")
            return None
        while count < width and at < len(data):
            length = int.from_bytes(data[at:at + 2], "big")
            if at + 2 + length > len(data):
                report.fail("board.entries", f"{path} ends within an entry")
                return None
            entries.append(data[at + 2:at + 2 + length])
            at, count = at + 2 + length, count + 1
        if at < len(data):
            report.fail("board.entries", f"{path} holds more than its entries")
        if count != width:
            report.fail("board.entries", f"{path} holds {count} entries instead of {width}")
            return None
    report.ran("board.entries", entries=len(entries), bytes=sum(map(len, entries)))
    return entries


def check_tiles(report, files, leaves):
    """`board.tiles`: every hash tile, recomputed from the leaf hashes."""
    hashes, number = leaves, 0
    for level, count in enumerate(tile_levels(len(leaves))):
        for i, (path, width) in enumerate(layer_files(level, count)):
            if files.get(path) != b"".join(hashes[i * WIDTH:i * WIDTH + width]):
                report.fail("board.tiles", f"{path} is missing or differs from the entries")
            number += 1
        hashes = [root_hash(hashes[i:i + WIDTH]) for i in range(0, count - WIDTH + 1, WIDTH)]
    report.ran("board.tiles", tiles=number)
