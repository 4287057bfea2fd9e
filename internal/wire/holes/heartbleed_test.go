package holes

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/wire/hello"
)

var errAlert error = alertError{2, alertUnexpectedMessage}

// TestJudgeBeats holds that neither answer is given without the exchange that
// shows it.
func TestJudgeBeats(t *testing.T) {
	for name, c := range map[string]struct {
		answers []int
		end     error
		want    string // vulnerable, sound, or of the error
	}{
		"all three":                        {[]int{16, 33, 16}, nil, "vulnerable"},
		"the false one, and then nothing":  {[]int{16, 33}, os.ErrDeadlineExceeded, "vulnerable"},
		"the proper ones":                  {[]int{16, 16}, errAlert, "sound"},
		"the proper ones, and then cut":    {[]int{16, 16}, io.EOF, "sound"},
		"the first, and an alert":          {[]int{16}, errAlert, "sound"},
		"the first, and then nothing":      {[]int{16}, os.ErrDeadlineExceeded, "heartbeats"},
		"the first, and then cut":          {[]int{16}, io.EOF, "heartbeats"},
		"none":                             {nil, errAlert, "does not answer a proper one"},
		"silence":                          {nil, os.ErrDeadlineExceeded, "does not answer a proper one"},
		"the false one only":               {[]int{33}, errAlert, "does not answer a proper one"},
		"another length":                   {[]int{16, 20, 16}, nil, "heartbeats"},
		"proper answers without any false": {[]int{16, 16, 16}, nil, "heartbeats"},
	} {
		h, err := judgeBeats(c.answers, c.end)
		got := map[bool]string{true: "vulnerable", false: "sound"}[h.Vulnerable]
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) || err == nil && (h.Excess == 1) != h.Vulnerable {
			t.Errorf("%s: %q, excess %d; want %s", name, got, h.Excess, c.want)
		}
		if c.end != nil && err != nil && !errors.Is(err, c.end) {
			t.Errorf("%s: the error hides its cause", name)
		}
	}
}

// TestReadBeat holds that what a response claims is there.
func TestReadBeat(t *testing.T) {
	response := func(kind, claim byte, n int) []byte {
		return appendRecord(nil, recordHeartbeat, hello.TLS12, append([]byte{kind, 0, claim}, make([]byte, n)...))
	}
	for name, c := range map[string]struct {
		sent []byte
		want int
		err  string
	}{
		"proper":          {response(beatResponse, 16, 32), 16, ""},
		"without so many": {response(beatResponse, 33, 32), 0, "claims 33"},
		"a request":       {response(beatRequest, 16, 32), 0, "heartbeat of type 1"},
		"cut short":       {response(beatResponse, 16, 32)[:20], 0, "EOF"},
		"an alert":        {appendRecord(nil, recordAlert, hello.TLS12, []byte{2, 10}), 0, "unexpected_message"},
		"something else":  {appendRecord(nil, recordHandshake, hello.TLS12, []byte{0, 0, 0, 0}), 0, "type 22"},
	} {
		got, err := readBeat(bytes.NewReader(c.sent))
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %d, %v", name, got, err)
		}
	}
}

// TestBeatClaimsLittle holds the bound on what is asked of another's memory.
func TestBeatClaimsLittle(t *testing.T) {
	_, msg, err := readRecord(bytes.NewReader(beat(hello.TLS12, beatClaim)))
	if err != nil || beatClaim-(len(msg)-beatHeader) != 1 {
		t.Errorf("claims %d of %d bytes, %v", beatClaim, len(msg)-beatHeader, err)
	}
}

func FuzzRecords(f *testing.F) {
	f.Add(appendRecord(nil, recordHeartbeat, hello.TLS12, []byte{2, 0, 1, 0}))
	f.Add(appendRecord(nil, recordAlert, hello.TLS12, []byte{2, 86}))
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, err := readBeat(bytes.NewReader(b)); err == nil && n > len(b) {
			t.Errorf("%d bytes out of %d", n, len(b))
		}
		saysAlert(bytes.NewReader(b), alertInappropriateFallback)
	})
}
