package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// syncEvery bounds what a power failure may cost; a killed process costs
// nothing, since every line is one write.
const syncEvery = time.Second

// Writer appends to an assessment file. Its methods may be called from several
// goroutines. After the first error every call returns that error: a record
// with a hole must not go on.
type Writer struct {
	mu     sync.Mutex
	out    io.Writer
	file   *os.File // nil when not writing to a file
	seq    int
	prev   string
	synced time.Time
	seen   int
	err    error
}

// lines are the buffers of lines, for all writers: the plan is a long line, and
// a look that goes on for minutes is not to keep room for it.
var lines = sync.Pool{New: func() any { return &bytes.Buffer{} }}

// Create makes a new assessment file and writes its header. A file that is
// already there is never overwritten.
func Create(path string, h Header) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	w := &Writer{out: f, file: f, synced: time.Now()}
	if err := w.header(h); err != nil {
		_ = f.Close()
		_ = os.Remove(path) // holds nothing, and would stand in the way of the next try
		return nil, err
	}
	return w, nil
}

// NewWriter writes an assessment to a stream.
func NewWriter(out io.Writer, h Header) (*Writer, error) {
	w := &Writer{out: out}
	return w, w.header(h)
}

func (w *Writer) header(h Header) error {
	if h.Format = Format; len(h.Joined) > 0 {
		h.Format = JoinedFormat
	}
	return w.write(line{Header: &h})
}

// Observe appends one observation.
func (w *Writer) Observe(o fact.Observation) error {
	if err := o.Validate(); err != nil {
		return err
	}
	return w.write(line{Observation: &o})
}

// Happened appends an event.
func (w *Writer) Happened(e Event) error { return w.write(line{Event: &e}) }

// Finish appends the end and makes everything durable.
func (w *Writer) Finish(e End) error {
	w.mu.Lock()
	e.Observations = w.seen
	w.mu.Unlock()
	err := w.write(line{End: &e})
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	return err
}

// Close syncs and closes the file without writing an end.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return w.err
	}
	err := w.file.Sync()
	if cerr := w.file.Close(); err == nil {
		err = cerr
	}
	w.file = nil
	if w.err != nil {
		return w.err
	}
	w.err = os.ErrClosed
	return err
}

func (w *Writer) write(l line) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	l.Seq, l.Prev = w.seq, w.prev
	b := lines.Get().(*bytes.Buffer)
	defer lines.Put(b)
	b.Reset()
	if err := json.NewEncoder(b).Encode(l); err != nil {
		w.err = fmt.Errorf("encode line %d: %w", w.seq, err)
		return w.err
	}
	if _, err := w.out.Write(b.Bytes()); err != nil {
		w.err = err
		return err
	}
	w.seq++
	w.prev = digest(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	if l.Observation != nil {
		w.seen++
	}
	if w.file != nil && time.Since(w.synced) > syncEvery {
		if err := w.file.Sync(); err != nil {
			w.err = err
			return err
		}
		w.synced = time.Now()
	}
	return nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
