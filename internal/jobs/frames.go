package jobs

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
)

// FolderPrefix begins the name of every private folder: what does not bear it
// is not removed.
const FolderPrefix = "sansang-nuclei-"

// Dial is the first line on a connection to the socket of Start.Dial: what
// the worker wants to be connected with. The worker's bytes follow as they are,
// before the Dialed if it likes; those of the target come in frames after one
// without a cause, so that the worker can tell an end from a cut. A question of
// the DNS follows as one frame, and so does its answer.
type Dial struct {
	Targets  []int  `json:"targets,omitempty"`  // that are at the address; the first that is still open will do
	Question string `json:"question,omitempty"` // the name asked for: this is a question for the resolver
	Network  string `json:"network,omitempty"`  // of a question: udp or tcp
}

// Dialed is the one line that the worker is given back.
type Dialed struct {
	Cause  string `json:"cause,omitempty"` // set: there is no connection, or no answer
	Detail string `json:"detail,omitempty"`
}

// MostFrame is how much one frame may hold.
const MostFrame = 1<<16 - 1

// mostLine bounds the two lines.
const mostLine = 4 << 10

// FrameHead is how many bytes a frame has before those that it holds.
const FrameHead = 2

// WriteFrame writes at most MostFrame bytes with their length before them
// (RFC 1035 §4.2.2 has the same form). None is the end.
func WriteFrame(w io.Writer, b []byte) error {
	return WriteFramed(w, append(make([]byte, FrameHead, FrameHead+len(b)), b...))
}

// WriteFramed writes what follows the first FrameHead bytes of frame, which are
// for the length, as WriteFrame does and without a copy.
func WriteFramed(w io.Writer, frame []byte) error {
	n := len(frame) - FrameHead
	if n > MostFrame {
		return errors.New("a frame holds at most 65535 bytes")
	}
	binary.BigEndian.PutUint16(frame, uint16(n))
	_, err := w.Write(frame)
	return err
}

// ReadFrame reads one frame into buf, which holds MostFrame bytes. A stream
// that stops without the empty frame was cut: io.ErrUnexpectedEOF.
func ReadFrame(r io.Reader, buf []byte) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, cut(err)
	}
	b := buf[:binary.BigEndian.Uint16(head[:])]
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, cut(err)
	}
	return b, nil
}

func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// ReadLine reads one line of JSON, of a bounded length.
func ReadLine(r *bufio.Reader, into any) error {
	line := make([]byte, 0, 128)
	for {
		b, err := r.ReadByte()
		if err != nil {
			return cut(err)
		}
		if b == '\n' {
			return json.Unmarshal(line, into)
		}
		if line = append(line, b); len(line) > mostLine {
			return errors.New("the line is too long")
		}
	}
}
