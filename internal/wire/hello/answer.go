package hello

import (
	"fmt"
	"io"
)

// Answer is an explicit answer to an offer: the server accepted it, or said
// that it does not.
type Answer struct {
	Accepted bool
	// AboutVersion tells of a refusal that it can only be due to the version.
	// Any other may mean that no suite of this offer suits the server.
	AboutVersion bool
	// Doubtful tells of a refusal by an alert that names neither version nor
	// suites, such as internal_error: the server may have failed at something
	// else.
	Doubtful bool
	// Said is what the server said: "ServerHello TLS 1.2", "alert
	// protocol_version(70)".
	Said string

	Hello ServerHello // what it chose, if it accepted and speaks SSL 3.0 or later
	Kinds []uint32    // SSL 2.0: the cipher kinds that it has in common with us
}

func (a Answer) String() string {
	if a.Accepted {
		return "accepted: " + a.Said
	}
	return "refused: " + a.Said
}

// Ask sends the offer and reads the answer to it. An error means that there
// was none: either an error of the connection, or one that tells in what the
// bytes that came are no answer. It is never a refusal.
func Ask(rw io.ReadWriter, o Offer) (Answer, error) {
	if _, err := rw.Write(o.Bytes()); err != nil {
		return Answer{}, err
	}
	return Read(rw, o)
}

// Read reads the answer to o: at most some records, of which it never holds
// more than has arrived.
func Read(r io.Reader, o Offer) (Answer, error) {
	if o.Version == SSL2 {
		return readSSL2(r)
	}
	_, a, err := readHello(&stream{r: r, left: maxRecords * fullRecord}, o)
	return a, err
}

// readHello reads the answer to o, and gives also the message that it is.
func readHello(s *stream, o Offer) (message, Answer, error) {
	m, refused, err := s.next()
	switch {
	case err != nil:
		return m, Answer{}, err
	case refused != nil:
		return m, *refused, nil
	case m.kind != msgServerHello:
		return m, Answer{}, fmt.Errorf("handshake message %d where ServerHello belongs", m.kind)
	}
	a, err := o.judge(m.body)
	return m, a, err
}
