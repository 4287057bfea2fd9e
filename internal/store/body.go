package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
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

// Body takes an assessment as it is written, and keeps it compressed.
type Body struct {
	raw    []byte // not compressed yet
	packed []byte
	sum    hash.Hash
	size   int64
	err    error
}

// NewBody makes an empty body.
func NewBody() *Body { return &Body{sum: sha256.New()} }

// Write appends bytes of the assessment.
func (b *Body) Write(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	_, _ = b.sum.Write(p) // never fails
	b.size += int64(len(p))
	for rest := p; len(rest) > 0; {
		n := min(len(rest), chunk-len(b.raw))
		b.raw = append(b.raw, rest[:n]...)
		if rest = rest[n:]; len(b.raw) == chunk {
			b.pack()
		}
	}
	if len(b.packed) > maxBody || b.size > maxSize {
		b.err = errors.New("the assessment is longer than is kept")
		return 0, b.err
	}
	return len(p), nil
}

func (b *Body) pack() {
	b.packed = compressor().EncodeAll(b.raw, b.packed)
	b.raw = b.raw[:0]
}

// Close ends the assessment. It may be called again.
func (b *Body) Close() error {
	if b.err == nil && len(b.raw) > 0 {
		b.pack()
	}
	b.raw = nil
	return b.err
}

// Size is how many bytes were written.
func (b *Body) Size() int64 { return b.size }

// SHA256 is over the bytes that were written.
func (b *Body) SHA256() string { return hex.EncodeToString(b.sum.Sum(nil)) }

// Open reads back what was written before Close.
func (b *Body) Open() (io.ReadCloser, error) { return unpack(b.packed) }

// unpack reads a compressed body.
func unpack(packed []byte) (io.ReadCloser, error) {
	d, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}
