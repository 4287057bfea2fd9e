package record

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
)

// Reader reads assessments one after the other, for judging: the exchanges kept
// as evidence are checked and left out. What it refuses, and with what words, is
// what Read refuses. An assessment that it gives is good until the next one.
//
// Lines of the very form that Writer writes are read by hand; every other line
// goes the way of Read.
type Reader struct {
	in     *bufio.Reader
	long   []byte // a line that is longer than the buffer of in
	values []byte // the facts of the assessment
	seen   []fact.Observation
	plan   []Pair
	names  map[string]string // strings that recur: checks, endpoints
}

const (
	readBuffer = 1 << 18 // holds most lines whole
	maxKept    = 8 << 20 // of what one assessment took, for the next
)

// Open reads an assessment file.
func (r *Reader) Open(path string) (*Assessment, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return r.Read(path, f)
}

// Read reads an assessment, as the function of that name does.
func (r *Reader) Read(name string, src io.Reader) (*Assessment, error) {
	if r.in == nil {
		r.in, r.names = bufio.NewReaderSize(nil, readBuffer), map[string]string{}
	}
	if len(r.names) > 1<<16 {
		clear(r.names)
	}
	if cap(r.long) > maxKept {
		r.long = nil
	}
	if cap(r.values) > maxKept {
		r.values = nil
	}
	r.in.Reset(src)
	r.values, r.seen, r.plan = r.values[:0], r.seen[:0], r.plan[:0]
	a := &Assessment{Observations: r.seen}
	var prev []byte
	var hash [2 * sha256.Size]byte
	for n := 0; ; n++ {
		b, err := r.line()
		if errors.Is(err, io.EOF) {
			if n == 0 {
				return nil, &Damage{name, 1, lang.T("không phải hồ sơ đánh giá của sansang", "this is no assessment file of sansang")}
			}
			a.SHA256, r.seen = string(prev), a.Observations
			return a, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
		}
		if !r.observation(a, n, b, prev) && !r.header(a, n, b) {
			if what := a.take(n, b, string(prev)); !what.Empty() {
				return nil, &Damage{name, n + 1, what}
			}
			if last := len(a.Observations) - 1; last >= 0 {
				a.Observations[last].Evidence = nil
			}
		}
		sum := sha256.Sum256(b)
		prev = hash[:hex.Encode(hash[:], sum[:])]
	}
}

// line gives a whole line without its newline, good until the next; a torn one
// is io.EOF.
func (r *Reader) line() ([]byte, error) {
	part, err := r.in.ReadSlice('\n')
	if err == nil {
		return part[:len(part)-1], nil
	}
	r.long = r.long[:0]
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(r.long)+len(part) > maxLine {
			return nil, fmt.Errorf("line longer than %d MB", maxLine>>20)
		}
		r.long = append(r.long, part...)
		part, err = r.in.ReadSlice('\n')
	}
	if err != nil {
		return nil, err
	}
	if len(r.long)+len(part) > maxLine {
		return nil, fmt.Errorf("line longer than %d MB", maxLine>>20)
	}
	r.long = append(r.long, part...)
	return r.long[:len(r.long)-1], nil
}

// observation reads a line of an observation by hand. It takes the line whole,
// with all that Read would check, or leaves everything as it was.
func (r *Reader) observation(a *Assessment, n int, b, prev []byte) bool {
	if n == 0 || a.End != nil {
		return false
	}
	c := cursor{b: b}
	var o fact.Observation
	var value []byte
	ok := c.lit(`{"seq":`) && c.is(n) && c.lit(`,"prev":"`) && c.lit(string(prev)) && c.lit(`","observation":{"check":`) && c.name(r, &o.Check) &&
		(!c.lit(`,"endpoint":`) || c.name(r, &o.Endpoint)) && (!c.lit(`,"vantage":`) || c.name(r, &o.Vantage)) && (!c.lit(`,"zone":`) || c.name(r, &o.Zone)) &&
		c.lit(`,"at":`) && c.time(&o.At) && (!c.lit(`,"known":`) || c.way(r, &o)) &&
		(!c.lit(`,"value":`) || c.value(&value)) && (!c.lit(`,"unknown":`) || c.unknown(r, &o)) &&
		(!c.lit(`,"peers":`) || c.peers(r, &o)) && (!c.lit(`,"connections":`) || c.number(&o.Made)) &&
		(!c.lit(`,"evidence":`) || c.evidence()) && c.lit(`}}`) && len(c.b) == c.at
	if !ok {
		return false
	}
	if value != nil {
		from := len(r.values)
		r.values = append(r.values, value...)
		o.Value = r.values[from:len(r.values):len(r.values)]
	}
	if o.Validate() != nil || !a.knows(o.Vantage, o.Zone) {
		return false
	}
	a.Observations = append(a.Observations, o)
	return true
}

// header reads the first line, its plan by hand: that is most of it. The plan is
// the last field of the header, which is known by the ends of both behind it;
// nothing else in the line may be called so, in whatever spelling.
func (r *Reader) header(a *Assessment, n int, b []byte) bool {
	const plan = `"plan":`
	if n != 0 || bytes.Contains(b, []byte(`\u`)) || !bytes.HasSuffix(b, []byte("]}}")) || !bytes.HasPrefix(b, []byte(`{"seq":0,"header":{`)) {
		return false
	}
	i := bytes.Index(b, []byte(plan))
	if i < 0 || bytes.Count(bytes.ToLower(b), []byte(plan[:len(plan)-1])) != 1 {
		return false
	}
	c := cursor{b: b, at: i + len(plan)}
	if !c.pairs(r) || !c.lit("}}") || c.at != len(b) {
		return false
	}
	less := append(append(append([]byte{}, b[:i+len(plan)]...), "[]"...), "}}"...)
	var probe Assessment
	if what := probe.take(0, less, ""); !what.Empty() || probe.Header.Plan == nil || len(probe.Header.Joined) > 0 {
		return false
	}
	a.Header = probe.Header
	a.Header.Plan = r.plan
	return true
}
