// Checks boards with the transparency log code of Go's module mirror, golang.org/x/mod/sumdb,
// which was written long before and by others: notes, tiles, proofs and cosignatures.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const usage = `usage:
  interop record RECORD               check the checkpoint, every tile and every entry of a record or
                                      board, and that the proofs made from its tiles hold
  interop receipt RECORD FILE         check the inclusion proof of a receipt of that board
  interop beginning RECORD SIZE       check that hashes on stdin prove the root of the first SIZE
                                      entries (RFC 6962, section 2.1.2), and print that root
  interop request RECORD SIZE         print an add-checkpoint request (C2SP tlog-witness) from SIZE
  interop cosignature RECORD KEY FILE check a checkpoint with a cosignature, and print its time
`

// tileHeight is that of C2SP tlog-tiles.
const tileHeight = 8

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "REFUSED:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("%s", usage)
	}
	log, err := open(args[1])
	if err != nil {
		return err
	}
	switch rest := args[2:]; {
	case args[0] == "record" && len(rest) == 0:
		return log.check()
	case args[0] == "receipt" && len(rest) == 1:
		return log.receipt(rest[0])
	case args[0] == "beginning" && len(rest) == 1:
		return log.beginning(rest[0])
	case args[0] == "request" && len(rest) == 1:
		return log.request(rest[0])
	case args[0] == "cosignature" && len(rest) == 2:
		return log.cosignature(rest[0], rest[1])
	}
	return fmt.Errorf("%s", usage)
}

// A board is a log of which the checkpoint is already verified.
type board struct {
	place    string
	verifier note.Verifier
	signed   []byte
	tree     tlog.Tree
	// The witnesses that the manifest names, and how many of them cosigned the checkpoint.
	witnesses []note.Verifier
	cosigned  int
}

// open reads the board's key from its first entry, which is the manifest, and the checkpoint.
func open(place string) (*board, error) {
	b := &board{place: strings.TrimSuffix(place, "/")}
	var err error
	if b.signed, err = b.read("checkpoint"); err != nil {
		return nil, err
	}
	// The size says where the first entry is; nothing else of it is believed yet.
	size, err := strconv.ParseInt(strings.Split(string(b.signed)+"\n\n", "\n")[1], 10, 64)
	if err != nil || size < 1 {
		return nil, fmt.Errorf("the checkpoint has no size")
	}
	entries, err := b.bundle(0, size)
	if err != nil {
		return nil, err
	}
	first := entries[0]
	var manifest struct {
		Board     struct{ Key, Origin string }
		Witnesses []struct{ Name, Key string }
	}
	if len(first) < 98 || json.Unmarshal(first[34:len(first)-64], &manifest) != nil {
		return nil, fmt.Errorf("the first entry is no manifest")
	}
	var key []byte
	if _, err := fmt.Sscanf(manifest.Board.Key, "%x", &key); err != nil {
		return nil, err
	}
	verifierKey, err := note.NewEd25519VerifierKey(manifest.Board.Origin, key)
	if err != nil {
		return nil, err
	}
	if b.verifier, err = note.NewVerifier(verifierKey); err != nil {
		return nil, err
	}
	for _, named := range manifest.Witnesses {
		var key []byte
		if _, err := fmt.Sscanf(named.Key, "%x", &key); err != nil {
			return nil, err
		}
		b.witnesses = append(b.witnesses, ofKey(named.Name, append([]byte{4}, key...)))
	}
	b.tree, err = b.open(b.signed, b.witnesses, b.verifier)
	return b, err
}

// open verifies a note and reads the three lines of a checkpoint of this board. All verifiers must
// have signed it, and nobody else but the others named.
func (b *board) open(signed []byte, others []note.Verifier, verifiers ...note.Verifier) (tlog.Tree, error) {
	var tree tlog.Tree
	all := append(append([]note.Verifier{}, verifiers...), others...)
	opened, err := note.Open(signed, note.VerifierList(all...))
	if err != nil {
		return tree, err
	}
	must := 0
	for _, signature := range opened.Sigs {
		for _, verifier := range verifiers {
			if signature.Name == verifier.Name() && signature.Hash == verifier.KeyHash() {
				must++
			}
		}
	}
	if must != len(verifiers) || len(opened.UnverifiedSigs) != 0 {
		return tree, fmt.Errorf("%d signatures hold and %d are of others", len(opened.Sigs), len(opened.UnverifiedSigs))
	}
	b.cosigned = len(opened.Sigs) - must
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != b.verifier.Name() {
		return tree, fmt.Errorf("the checkpoint is not origin, size and root")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// read gives a file of a record, or of a board under an address.
func (b *board) read(path string) ([]byte, error) {
	if !strings.HasPrefix(b.place, "http://") {
		return os.ReadFile(filepath.Join(b.place, filepath.FromSlash(path)))
	}
	answer, err := http.Get(b.place + "/" + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// bundle gives the entries of a bundle in a log of this size.
func (b *board) bundle(number, size int64) ([][]byte, error) {
	width := size - number<<tileHeight
	if width > 1<<tileHeight {
		width = 1 << tileHeight
	}
	tile := tlog.Tile{H: tileHeight, L: 0, N: number, W: int(width)}
	bytes, err := b.read(strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1))
	if err != nil {
		return nil, err
	}
	entries := make([][]byte, 0, width)
	for ; width > 0; width-- {
		if len(bytes) < 2 || len(bytes)-2 < int(binary.BigEndian.Uint16(bytes)) {
			return nil, fmt.Errorf("bundle %d is too short", number)
		}
		end := 2 + int(binary.BigEndian.Uint16(bytes))
		entries = append(entries, bytes[2:end])
		bytes = bytes[end:]
	}
	if len(bytes) != 0 {
		return nil, fmt.Errorf("bundle %d is too long", number)
	}
	return entries, nil
}

// Height, ReadTiles and SaveTiles make the board a tlog.TileReader: it hands tiles out as they
// are, and tlog.TileHashReader checks them against the signed root.
func (b *board) Height() int { return tileHeight }

func (b *board) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		bytes, err := b.read(strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		if len(bytes) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", tile.Path(), len(bytes))
		}
		all = append(all, bytes)
	}
	return all, nil
}

func (b *board) SaveTiles([]tlog.Tile, [][]byte) {}

func (b *board) hashes() tlog.HashReader { return tlog.TileHashReader(b.tree, b) }

// check goes through everything: all tiles, all entries, and proofs between all sizes.
func (b *board) check() error {
	size, root := b.tree.N, b.tree.Hash
	tiles := 0
	for level := 0; size>>(tileHeight*level) > 0; level++ {
		hashes := size >> (tileHeight * level)
		for number := int64(0); number<<tileHeight < hashes; number++ {
			// TileHashReader checks the whole tile that holds a hash against the signed root.
			index := tlog.StoredHashIndex(tileHeight*level, number<<tileHeight)
			if _, err := b.hashes().ReadHashes([]int64{index}); err != nil {
				return fmt.Errorf("tile %d of level %d: %v", number, level, err)
			}
			tiles++
		}
	}
	for number := int64(0); number<<tileHeight < size; number++ {
		entries, err := b.bundle(number, size)
		if err != nil {
			return err
		}
		for i, entry := range entries {
			index := number<<tileHeight + int64(i)
			proof, err := tlog.ProveRecord(size, index, b.hashes())
			if err != nil {
				return err
			}
			if err := tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry)); err != nil {
				return fmt.Errorf("entry %d: %v", index, err)
			}
		}
	}
	for n := int64(1); n <= size; n++ {
		beginning, err := tlog.TreeHash(n, b.hashes())
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(size, n, b.hashes())
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, size, root, n, beginning); err != nil {
			return fmt.Errorf("from size %d: %v", n, err)
		}
	}
	fmt.Printf("OK: %d entries, %d tiles of hashes, %d cosignatures\n", size, tiles, b.cosigned)
	return nil
}

func (b *board) receipt(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var receipt struct {
		Index      int64
		Proof      []tlog.Hash
		Checkpoint string
	}
	if err := json.Unmarshal(text, &receipt); err != nil {
		return err
	}
	tree, err := b.open([]byte(receipt.Checkpoint), b.witnesses, b.verifier)
	if err != nil {
		return err
	}
	entries, err := b.bundle(receipt.Index>>tileHeight, b.tree.N)
	if err != nil {
		return err
	}
	leaf := tlog.RecordHash(entries[receipt.Index&(1<<tileHeight-1)])
	if err := tlog.CheckRecord(receipt.Proof, tree.N, tree.Hash, receipt.Index, leaf); err != nil {
		return err
	}
	fmt.Printf("OK: entry %d is one of %d\n", receipt.Index, tree.N)
	return nil
}

func (b *board) beginning(text string) error {
	size, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return err
	}
	lines, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	var proof tlog.TreeProof
	for _, line := range strings.Fields(string(lines)) {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	root, err := tlog.TreeHash(size, b.hashes())
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, b.tree.N, b.tree.Hash, size, root); err != nil {
		return err
	}
	fmt.Println(root)
	return nil
}

func (b *board) request(text string) error {
	old, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return err
	}
	fmt.Printf("old %d\n", old)
	if old > 0 {
		proof, err := tlog.ProveTree(b.tree.N, old, b.hashes())
		if err != nil {
			return err
		}
		for _, hash := range proof {
			fmt.Println(hash)
		}
	}
	fmt.Printf("\n%s", b.signed)
	return nil
}

func (b *board) cosignature(verifierKey, file string) error {
	signed, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	witness, err := newWitness(verifierKey)
	if err != nil {
		return err
	}
	tree, err := b.open(signed, nil, b.verifier, witness)
	if err != nil {
		return err
	}
	fmt.Printf("OK: %d entries, cosigned at %d\n", tree.N, witness.time)
	return nil
}

// A witness verifies cosignature/v1 (C2SP tlog-cosignature) and keeps the time.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	time uint64
}

func newWitness(verifierKey string) (*witness, error) {
	// The key itself is in base64, which may hold a plus.
	parts := strings.SplitN(verifierKey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("the witness's key is not name+id+key")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return nil, fmt.Errorf("the witness's key is not of type 4")
	}
	w := ofKey(parts[0], key)
	if fmt.Sprintf("%08x", w.hash) != parts[1] {
		return nil, fmt.Errorf("the witness's key has another id")
	}
	return w, nil
}

// ofKey makes a witness of its name and its key, which begins with the type.
func ofKey(name string, key []byte) *witness {
	id := sha256.Sum256(bytes.Join([][]byte{[]byte(name), key}, []byte("\n")))
	return &witness{name: name, hash: binary.BigEndian.Uint32(id[:]), key: key[1:]}
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }

func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	w.time = binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", w.time, text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}
