package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// What is being looked at is in a file that has no name, and comes back whole.
func TestBody(t *testing.T) {
	folder := t.TempDir()
	db := open(t, filepath.Join(folder, "a.db"), nil)
	names := func() string {
		in, err := os.ReadDir(folder)
		must(t, err)
		return fmt.Sprint(in)
	}
	before := names()
	text := make([]byte, 2*chunk+chunk/2) // the first of its chunks cannot be compressed
	_, _ = rand.NewChaCha8([32]byte{}).Read(text[:chunk])
	for _, size := range []int{0, 1, chunk - 1, chunk, chunk + 1, len(text)} {
		b := db.NewBody()
		for rest := text[:size]; len(rest) > 0; rest = rest[min(len(rest), 70_001):] {
			_, err := b.Write(rest[:min(len(rest), 70_001)])
			must(t, err)
		}
		if now := names(); runtime.GOOS != "windows" && now != before {
			t.Errorf("in work: %s, before %s", now, before)
		}
		for range 2 {
			must(t, b.Close())
			r, err := b.Open()
			must(t, err)
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, text[:size]) || b.Size() != int64(size) {
				t.Errorf("%d bytes of %d, %v", len(got), size, err)
			}
			must(t, r.Close())
		}
		b.Drop()
		if _, err := b.Write(text[:1]); !errors.Is(err, os.ErrClosed) {
			t.Errorf("written after it was dropped: %v", err)
		}
	}
}

// That no look can be kept is found out before one is begun, and says in which
// folder, and how to mend it.
func TestNoRoom(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"), nil)
	must(t, db.Room())
	db.folder = filepath.Join(t.TempDir(), "away")
	err := db.Room()
	var f *Fault
	if !errors.As(err, &f) || !strings.Contains(f.Vi, db.folder) || !strings.Contains(f.En, db.folder) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
