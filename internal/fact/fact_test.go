package fact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

type inner struct {
	Size int `json:"size" vi:"cỡ" en:"size"`
}

type sample struct {
	On    Maybe[bool]       `json:"on" vi:"bật" en:"on"`
	Names Maybe[[]string]   `json:"names" vi:"tên" en:"names"`
	Parts []inner           `json:"parts" vi:"phần" en:"parts"`
	Tags  map[string]string `json:"tags" vi:"nhãn" en:"tags"`
	At    time.Time         `json:"at" vi:"lúc" en:"at"`
	Skew  float64           `json:"skew" vi:"lệch" en:"skew"`
}

func TestReadGivesBackWhatWasSeen(t *testing.T) {
	ty, err := TypeOf[sample]()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(sample{On: Known(true), Names: Not[[]string](Because(Timeout, "x")), Parts: []inner{{3}}, Tags: map[string]string{"a": "b"}, At: time.Unix(1e9, 0).UTC(), Skew: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	v, gaps := ty.Read(raw)
	m := v.(map[string]any)
	if m["on"] != true || m["skew"] != 0.5 || m["parts"].([]any)[0].(map[string]any)["size"] != int64(3) || !m["at"].(time.Time).Equal(time.Unix(1e9, 0)) {
		t.Errorf("read %v", m)
	}
	if len(gaps) != 1 || gaps[0].Path[0] != "names" || gaps[0].Unknown.Cause != Timeout {
		t.Errorf("gaps %v", gaps)
	}
}

// A record that is damaged, older or newer never reads as false or empty.
func TestReadFindsGaps(t *testing.T) {
	ty, _ := TypeOf[sample]()
	const whole = `{"on":true,"names":["a"],"parts":[{"size":1}],"tags":{},"at":"2026-01-01T00:00:00Z","skew":1}`
	for _, c := range []struct{ old, new, path string }{
		{`"on":true,`, ``, "on"},
		{`"on":true`, `"on":null`, "on"},
		{`"on":true`, `"on":"true"`, "on"},
		{`"on":true`, `"on":{"unknown":{"cause":"made up"}}`, "on"},
		{`"names":["a"]`, `"names":null`, "names"},
		{`["a"]`, `["a",3]`, "names"},
		{`[{"size":1}]`, `null`, "parts"},
		{`{"size":1}`, `{}`, "parts"},
		{`{"size":1}`, `{"size":1.5}`, "parts"},
		{`[{"size":1}]`, `{"unknown":{"cause":"timeout"}}`, "parts"},
		{`"tags":{}`, `"tags":null`, "tags"},
		{`2026-01-01T`, `2026-13-01T`, "at"},
		{whole, `[]`, ""},
		{whole, `{`, ""},
	} {
		if !strings.Contains(whole, c.old) {
			t.Fatalf("the whole fact does not hold %s", c.old)
		}
		_, gaps := ty.Read(json.RawMessage(strings.Replace(whole, c.old, c.new, 1)))
		if len(gaps) != 1 || strings.Join(gaps[0].Path, ".") != c.path || gaps[0].Unknown.Cause != Broken {
			t.Errorf("%s → %s: gaps %v, want %q broken", c.old, c.new, gaps, c.path)
		}
	}
}

func TestTypeOfRefusesWhatHidesGaps(t *testing.T) {
	refuse := func(name string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	_, err := TypeOf[struct {
		A *int `json:"a" vi:"a" en:"a"`
	}]()
	refuse("a pointer", err)
	_, err = TypeOf[struct {
		A int `json:"a,omitempty" vi:"a" en:"a"`
	}]()
	refuse("omitempty", err)
	_, err = TypeOf[struct {
		A int `json:"a" en:"a"`
	}]()
	refuse("a label in one language", err)
	_, err = TypeOf[struct {
		A []struct {
			B Maybe[int] `json:"b" vi:"b" en:"b"`
		} `json:"a" vi:"a" en:"a"`
	}]()
	refuse("a Maybe inside a list", err)
	_, err = TypeOf[struct {
		A Maybe[inner] `json:"a" vi:"a" en:"a"`
	}]()
	refuse("a Maybe of a struct", err)
	_, err = TypeOf[struct {
		A any `json:"a" vi:"a" en:"a"`
	}]()
	refuse("an interface", err)
	_, err = TypeOf[struct{}]()
	refuse("an empty fact", err)
}

func TestForgottenMaybeIsUnknown(t *testing.T) {
	var m Maybe[bool]
	if _, u := m.Get(); u == nil || u.Cause != Broken || Is(m, false) {
		t.Errorf("a Maybe nobody filled reads as %v", m)
	}
	b, _ := json.Marshal(m)
	var back Maybe[bool]
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if _, u := back.Get(); u == nil {
		t.Errorf("%s reads back as known", b)
	}
}

func TestFromError(t *testing.T) {
	op := func(e error) error { return &net.OpError{Op: "read", Err: os.NewSyscallError("x", e)} }
	for _, c := range []struct {
		err  error
		want Cause
	}{
		{op(syscall.ECONNREFUSED), Unreachable},
		{op(syscall.EHOSTUNREACH), Unreachable},
		{&net.DNSError{Name: "x", IsNotFound: true}, Unreachable},
		{&net.DNSError{Name: "x", IsTimeout: true}, Timeout},
		{op(syscall.ECONNRESET), Reset},
		{io.EOF, Reset},
		{fmt.Errorf("reading: %w", io.ErrUnexpectedEOF), Reset},
		{os.ErrDeadlineExceeded, Timeout},
		{context.DeadlineExceeded, Timeout},
		{context.Canceled, Skipped},
		{op(syscall.EPERM), Denied},
		{fmt.Errorf("dial: %w", Because(OutOfScope, "y")), OutOfScope},
		{errors.New("never heard of"), Broken},
	} {
		if got := FromError(c.err); got.Cause != c.want {
			t.Errorf("%v: %s, want %s", c.err, got.Cause, c.want)
		}
	}
	if FromError(nil) != nil {
		t.Error("no error has a cause")
	}
}

func TestCausesAreSaidInBothLanguages(t *testing.T) {
	for _, c := range Causes() {
		if !c.Text().Whole() {
			t.Errorf("%s lacks a language", c)
		}
	}
}

func TestObservationIsOneThing(t *testing.T) {
	for name, o := range map[string]Observation{
		"neither":          {Check: "a"},
		"both":             {Check: "a", Value: json.RawMessage("1"), Unknown: Because(Timeout, "")},
		"no check":         {Value: json.RawMessage("1")},
		"other way":        {Check: "a", Value: json.RawMessage("1"), Known: "guessed"},
		"reported by none": {Check: "a", Value: json.RawMessage("1"), Known: Reported},
		"seen, yet told":   {Check: "a", Value: json.RawMessage("1"), Known: Observed, ToldBy: &Teller{Tool: "t", File: "f"}},
		"told by no file":  {Check: "a", Value: json.RawMessage("1"), Known: Reported, ToldBy: &Teller{Tool: "t"}},
		"other cause":      {Check: "a", Unknown: Because("weather", "")},
	} {
		if o.Validate() == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// What another tool reports may leave any field open, and says why; what we saw
// ourselves may not.
func TestReportedFactsMayBeOpen(t *testing.T) {
	ty, _ := TypeOf[sample]()
	raw := json.RawMessage(`{"on":true,"names":["a"],"parts":{"unknown":{"cause":"skipped","detail":"x"}},"tags":{},"at":{"unknown":{"cause":"skipped"}},"skew":1}`)
	v, gaps := ty.ReadReported(raw)
	if len(gaps) != 2 || gaps[0].Unknown.Cause != Skipped || gaps[1].Unknown.Cause != Skipped || v.(map[string]any)["on"] != true {
		t.Errorf("reads %v with the gaps %v", v, gaps)
	}
	if _, gaps := ty.Read(raw); len(gaps) != 2 || gaps[0].Unknown.Cause != Broken {
		t.Errorf("of a fact of ours the gaps are %v", gaps)
	}
}
