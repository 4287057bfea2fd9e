package store

import (
	"io"
	"os"
	"runtime"

	"github.com/klauspost/compress/zstd"
)

// spare keeps some of what is dear to make, for the next who needs one.
type spare[T any] chan T

func (s spare[T]) get() (v T, ok bool) {
	select {
	case v = <-s:
		return v, true
	default:
		return v, false
	}
}

func (s spare[T]) put(v T) {
	select {
	case s <- v:
	default:
	}
}

var decoders = make(spare[*zstd.Decoder], runtime.GOMAXPROCS(0))

// unpacked is a compressed body that is read.
type unpacked struct{ d *zstd.Decoder }

// unpack reads a compressed body.
func unpack(packed io.Reader) (io.ReadCloser, error) {
	d, ok := decoders.get()
	if !ok {
		var err error
		d, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
		if err != nil {
			return nil, err
		}
	}
	if err := d.Reset(packed); err != nil {
		return nil, err
	}
	return &unpacked{d}, nil
}

func (u *unpacked) Read(p []byte) (int, error) {
	if u.d == nil {
		return 0, os.ErrClosed
	}
	return u.d.Read(p)
}

// Close leaves the decoder to the next; it may be called again.
func (u *unpacked) Close() error {
	d := u.d
	if u.d = nil; d == nil {
		return nil
	}
	err := d.Reset(nil)
	if err == nil {
		decoders.put(d)
	}
	return err
}
