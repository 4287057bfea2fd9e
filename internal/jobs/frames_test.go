package jobs

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestFrames(t *testing.T) {
	var b bytes.Buffer
	for _, s := range []string{"a", strings.Repeat("b", MostFrame), ""} {
		if err := WriteFrame(&b, []byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	if WriteFrame(&b, make([]byte, MostFrame+1)) == nil {
		t.Error("too much was written")
	}
	whole, buf := b.Bytes(), make([]byte, MostFrame)
	for _, n := range []int{1, MostFrame, 0} {
		if got, err := ReadFrame(&b, buf); err != nil || len(got) != n {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
	for cut := range 4 { // wherever it is cut, it does not look like an end
		if got, err := ReadFrame(bytes.NewReader(whole[:min(cut, 2)]), buf); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut after %d: %q, %v", cut, got, err)
		}
	}
}

func TestReadLine(t *testing.T) {
	for in, ok := range map[string]bool{
		"{\"targets\":[3]}\n": true, "{}\nrest": true, "{\"targets\":[3]}": false, "": false, "x\n": false,
		"{\"question\":\"" + strings.Repeat("x", 8<<10) + "\"}\n": false,
	} {
		var d Dial
		if err := ReadLine(bufio.NewReader(strings.NewReader(in)), &d); (err == nil) != ok {
			t.Errorf("%.40q: %v", in, err)
		}
	}
}

func FuzzReadLineAndFrames(f *testing.F) {
	f.Add([]byte("{\"targets\":[3]}\n\x00\x01a\x00\x00"))
	f.Add([]byte("{\"question\":\"a.\",\"network\":\"udp\"}\n\x00\x05abc"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		var d Dial
		if ReadLine(r, &d) != nil {
			return
		}
		buf := make([]byte, MostFrame)
		for total := 0; ; {
			got, err := ReadFrame(r, buf)
			if total += len(got); total > len(b) {
				t.Fatal("more came out than went in")
			}
			if err != nil || len(got) == 0 {
				return
			}
		}
	})
}
