package record

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// varied is an assessment with all that a line may hold.
func varied(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, header(3))
	if err != nil {
		t.Fatal(err)
	}
	at := moment.Add(123456789)
	for i, o := range []fact.Observation{
		{Value: json.RawMessage(`{"open":true,"names":["a\u0026b","đ",""],"n":-1.5e+3,"deep":{"x":[[],{}]},"none":null}`), Known: fact.Observed, Vantage: "here", Zone: "wan"},
		{Unknown: fact.Because(fact.Timeout, `no "answer"`), Peers: []string{"127.0.0.1:1", "[::1]:2"}, Made: 7},
		{Unknown: fact.Because(fact.Timeout, "no answer"), At: at.In(time.FixedZone("", 7*3600))},
		{Value: json.RawMessage(`{"open":false}`), Evidence: []fact.Evidence{{Label: "http \"x\" đ", Peer: "127.0.0.1:1", At: at, Sent: []byte("GET / HTTP/1.1\r\n"), SentTotal: 16, Received: make([]byte, 300), ReceivedTotal: 1 << 40, Ended: "reset"},
			{Label: "tcp", At: at.In(time.FixedZone("", -3600)), Received: []byte("ab")}}},
		{Value: json.RawMessage(`[1]`)}, {Value: json.RawMessage(`true`)},
	} {
		if o.Check, o.Endpoint = "tcp.open", string(rune('a'+i)); o.At.IsZero() {
			o.At = at
		}
		if err := w.Observe(o); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Happened(Event{At: moment, Endpoint: "e0", What: LookedAt, Connections: 3}); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(End{At: moment.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// alike wants Reader to give what Read gives but for the evidence, or the same
// error.
func alike(t testing.TB, r *Reader, in []byte) {
	t.Helper()
	want, err := Read("a", bytes.NewReader(in))
	got, err2 := r.Read("a", bytes.NewReader(in))
	if (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
		t.Fatalf("Read says %v, Reader %v of\n%s", err, err2, in)
	}
	if err != nil {
		return
	}
	for i := range want.Observations {
		want.Observations[i].Evidence = nil
	}
	x, _ := json.Marshal(want)
	y, _ := json.Marshal(got)
	if got.Observations != nil && want.Observations == nil {
		y = bytes.Replace(y, []byte(`"Observations":[]`), []byte(`"Observations":null`), 1)
	}
	if !bytes.Equal(x, y) {
		t.Fatalf("Read gives\n%s\nReader\n%s", x, y)
	}
}

// Whatever Read makes of a file, whole, cut or edited, so does Reader.
func TestReaderReadsAlike(t *testing.T) {
	r := &Reader{}
	for _, whole := range [][]byte{varied(t), written(t, 3)} {
		alike(t, r, whole)
		for n := range whole {
			alike(t, r, whole[:n])
			for _, by := range []byte{0x15, 0x01, 0x80} {
				edited := bytes.Clone(whole)
				edited[n] ^= by
				alike(t, r, edited)
			}
		}
	}
}

// rechained makes a file of edited lines with a chain that holds, as somebody
// would who forges one.
func rechained(lines [][]byte) []byte {
	var out []byte
	prev := ""
	for _, l := range lines {
		if i := bytes.Index(l, []byte(`"prev":"`)); i >= 0 && prev != "" {
			l = append(append(bytes.Clone(l[:i+8]), prev...), l[min(i+8+64, len(l)):]...)
		}
		prev = digest(l)
		out = append(append(out, l...), '\n')
	}
	return out
}

// A forged file is read alike as well, wherever it was forged.
func TestReaderReadsForgeriesAlike(t *testing.T) {
	r := &Reader{}
	whole := varied(t)
	lines := bytes.Split(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	for i := range lines {
		for n := range lines[i] {
			for _, by := range []string{"", "=", "\\", "\"", "{", "}", "0", " ", "é", "null", "\\u0041", ","} {
				forged := make([][]byte, len(lines))
				copy(forged, lines)
				forged[i] = append(append(bytes.Clone(lines[i][:n]), by...), lines[i][n+1:]...)
				alike(t, r, rechained(forged))
			}
		}
	}
	for _, l := range []string{
		`{"seq":0,"header":{"format":"sansang.assessment/1","started":"2026-11-24T02:00:00Z"},"event":{"plan":[{"endpoint":"a","check":"b"}]}}`,
		`{"seq":0,"header":{"format":"sansang.assessment/1","Plan":[],"started":"2026-11-24T02:00:00Z"},"x":{"plan":[{"endpoint":"a","check":"b"}]}}`,
		`{"seq":0,"header":{"format":"sansang.assessment/1","unit":{"plan":[{"endpoint":"a","check":"b"}]}}}`,
		`{"seq":0,"header":{"format":"sansang.assessment/1","plan":[{"endpoint":"a","check":"b"}]}}`,
		`{"seq":0,"header":{"format":"sansang.assessment/2","plan":[{"endpoint":"a","check":"b"}]}}`,
		`{"seq":0,"header":{"format":"sansang.assessment/1","plan":[{"endpoint":"a","check":"b"},]}}`,
	} {
		alike(t, r, []byte(l+"\n"))
	}
}

func FuzzReader(f *testing.F) {
	f.Add(varied(f))
	f.Add([]byte("{}\n"))
	r := &Reader{}
	f.Fuzz(func(t *testing.T, in []byte) {
		alike(t, r, in)
		alike(t, r, rechained(bytes.Split(in, []byte("\n"))))
	})
}

// TestReaderIsFast guards that files as the program writes them go the short
// way: a change of the form would silently lose it.
func TestReaderIsFast(t *testing.T) {
	r := &Reader{}
	if _, err := r.Read("a", bytes.NewReader(written(t, 1))); err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(written(t, 2), []byte("\n"))
	a := &Assessment{}
	if !r.header(a, 0, lines[0]) || !r.observation(a, 1, lines[1], []byte(digest(lines[0]))) || len(a.Header.Plan) == 0 || len(a.Observations) != 1 {
		t.Error("lines of the form that is written are not read by hand")
	}
}

// BenchmarkReader reads a stored assessment; the ratio is against reading its
// bytes and their SHA-256 alone, without which no reader can do.
func BenchmarkReader(b *testing.B) {
	path := filepath.Join(b.TempDir(), "a.jsonl")
	w, err := Create(path, header(500))
	if err != nil {
		b.Fatal(err)
	}
	for i := range 500 {
		o := observation(i)
		o.Evidence[0].Received, o.Evidence[0].ReceivedTotal = bytes.Repeat([]byte("HTTP/1.1 200 OK\r\n"), 150), 2550
		if err := w.Observe(o); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Finish(End{At: moment}); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	r := &Reader{}
	for b.Loop() {
		if _, err := r.Open(path); err != nil {
			b.Fatal(err)
		}
	}
	ours := b.Elapsed().Seconds() / float64(b.N)
	begun := time.Now()
	for range 20 {
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		digest(text)
	}
	b.ReportMetric(ours/(time.Since(begun).Seconds()/20), "of-sha256-alone")
}
