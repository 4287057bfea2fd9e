package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const (
	// chunk is how much of an assessment is compressed at once. Each chunk is a
	// frame of its own (RFC 8878 allows several), so that a look under way holds
	// no state of the compressor, which would be more than what it writes.
	chunk = 1 << 18

	// maxBody bounds an assessment, compressed and not. PostgreSQL takes 1 GB.
	maxBody = 256 << 20
	maxSize = 2 << 30
)

// compressor is the one encoder of the process. It looks no further back than a
// chunk, and so keeps 2 MB a core.
var compressor = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithWindowSize(chunk), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are constants
	}
	return e
})

// Body takes an assessment as it is written, and keeps it compressed, in a file
// that has no name: of a look under way nothing is in memory, and of one that
// was killed nothing is left. The file begins with whole chunks, compressed;
// what follows is as it was written.
type Body struct {
	folder string
	file   *os.File // nil: nothing was written yet, or it was dropped
	packed int64    // bytes of chunks
	raw    int      // bytes after them
	sum    hash.Hash
	size   int64
	err    error
}

// NewBody makes an empty body. Whoever makes it drops it.
func (db *DB) NewBody() *Body { return &Body{folder: db.folder, sum: sha256.New()} }

// Write appends bytes of the assessment.
func (b *Body) Write(p []byte) (int, error) {
	if b.err == nil {
		b.err = b.add(p)
	}
	if b.err != nil {
		return 0, b.err
	}
	return len(p), nil
}

func (b *Body) add(p []byte) error {
	if b.file == nil {
		f, err := nameless(b.folder)
		if err != nil {
			return b.told(err)
		}
		b.file = f
	}
	_, _ = b.sum.Write(p) // never fails
	b.size += int64(len(p))
	for len(p) > 0 {
		n := min(len(p), chunk-b.raw)
		if _, err := b.file.WriteAt(p[:n], b.packed+int64(b.raw)); err != nil {
			return b.told(err)
		}
		b.raw, p = b.raw+n, p[n:]
		if b.raw < chunk {
			continue
		}
		if err := b.pack(); err != nil {
			return err
		}
	}
	if b.packed > maxBody || b.size > maxSize {
		return errors.New("the assessment is longer than is kept")
	}
	return nil
}

// room is what packing takes.
type room struct{ raw, packed []byte }

var rooms = make(spare[*room], runtime.GOMAXPROCS(0))

// pack compresses what is not, in its place.
func (b *Body) pack() error {
	r, ok := rooms.get()
	if !ok {
		r = &room{raw: make([]byte, chunk)}
	}
	defer rooms.put(r)
	if _, err := b.file.ReadAt(r.raw[:b.raw], b.packed); err != nil {
		return b.told(err)
	}
	r.packed = compressor().EncodeAll(r.raw[:b.raw], r.packed[:0])
	if _, err := b.file.WriteAt(r.packed, b.packed); err != nil {
		return b.told(err)
	}
	b.packed, b.raw = b.packed+int64(len(r.packed)), 0
	return nil
}

// Close ends the assessment. It may be called again.
func (b *Body) Close() error {
	if b.err == nil && b.raw > 0 {
		b.err = b.pack()
	}
	return b.err
}

// Drop gives up what was written.
func (b *Body) Drop() {
	if b.err = os.ErrClosed; b.file != nil {
		_ = b.file.Close()
		b.file = nil
	}
}

// Room tells why no look can be kept under way; nil: one can.
func (db *DB) Room() error {
	b := db.NewBody()
	defer b.Drop()
	_, err := b.Write([]byte{'\n'})
	return err
}

// told puts an error into words where the user can do something about it.
func (b *Body) told(err error) error {
	if Full(err) {
		return fault(err, "ổ đĩa của thư mục %s đã đầy, không giữ được điều đang xem; việc đã xong không mất; giải phóng dung lượng rồi chạy lại", "the disk of the folder %s is full, what is being looked at cannot be kept; what is done is not lost; free some space and run again", b.folder)
	}
	return fault(err, "không giữ được điều đang xem trong thư mục %s (%v); xem thư mục ấy có đó không và quyền của nó", "what is being looked at cannot be kept in the folder %s (%v); see that the folder is there, and its permissions", b.folder, err)
}

// Size is how many bytes were written.
func (b *Body) Size() int64 { return b.size }

// SHA256 is over the bytes that were written.
func (b *Body) SHA256() string { return hex.EncodeToString(b.sum.Sum(nil)) }

// Open reads back what was written before Close.
func (b *Body) Open() (io.ReadCloser, error) {
	return unpack(io.NewSectionReader(b.file, 0, b.packed)) // of no file: nothing is asked
}

// bytes gives the assessment, compressed.
func (b *Body) bytes() ([]byte, error) {
	out := make([]byte, b.packed)
	if b.packed == 0 {
		return out, nil
	}
	_, err := b.file.ReadAt(out, 0)
	return out, err
}
